//! PATTERN: a connection is taken out of its slot for a query and put back after it; a query that loses a race takes
//!   the connection with it, and the slot stays empty.
//! EXPECT-CATEGORY: cancelled-mid-update
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

struct Connection {
    queries: u32,
}

#[derive(Default)]
struct Slot {
    connection: Option<Connection>,
    taken: u32,
}

async fn query(slots: &DashMap<u8, Slot>, slot: u8, wait: Duration) -> Option<u32> {
    let mut connection = slots.get_mut(&slot)?.connection.take()?; // SITE-A
    connection.queries += 1;
    tokio::time::sleep(wait).await;
    let queries = connection.queries;
    slots.get_mut(&slot).unwrap().connection = Some(connection); // SITE-B
    Some(queries)
}

#[tokio::main]
async fn main() {
    let slots = Arc::new(DashMap::new());
    for slot in 0..2 {
        slots.insert(slot, Slot { connection: Some(Connection { queries: 0 }), taken: 0 });
    }
    query(&slots, 0, Duration::ZERO).await;
    tokio::select! {
        _ = query(&slots, 1, Duration::from_secs(40)) => {}
        _ = tokio::time::sleep(Duration::from_millis(4)) => println!("no answer"),
    }
    let free = slots.iter().filter(|slot| slot.connection.is_some()).count();
    println!("{free} of {} slots are free", slots.len());
}
