//! Four in five accesses of a map with sixteen shards name one key.

use mapwatch::dashmap::DashMap;
use mapwatch::Named;

fn main() {
    let orders: DashMap<u64, u64> = DashMap::with_shard_amount(16).named("orders");
    for turn in 0..5_000u64 {
        let order = if turn % 5 == 0 { turn } else { 7 };
        orders.insert(order, turn);
    }
}
