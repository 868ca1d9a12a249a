//! A thousand threads at once and ten thousand maps: nothing is lost that is not counted.

use mapwatch::{HashMap, SharedMap};
use std::sync::Barrier;

const THREADS: u64 = 1000;

fn main() {
    let maps: Vec<SharedMap<u64, u64>> = (0..10_000).map(|_| SharedMap::new()).collect();
    for (index, map) in maps.iter().enumerate() {
        map.insert(index as u64, 1);
    }
    let all = Barrier::new(THREADS as usize);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (maps, all) = (&maps, &all);
            let work = move || {
                all.wait();
                let mut own = HashMap::from([(thread, 0)]);
                for map in maps.iter().step_by(100) {
                    assert!(map.get_cloned(&thread).is_none_or(|value| value == 1));
                    own.insert(map.len() as u64, thread);
                }
                all.wait();
            };
            std::thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, work).expect("a thread");
        }
    });
    println!("done");
}
