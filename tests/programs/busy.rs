//! Works on a named map until its standard input ends, or for ever: something to watch, and to kill.

use mapwatch::SharedMap;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

fn main() {
    let map: SharedMap<u64, u64> = SharedMap::new().named("busy");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut key = 0u64;
            while !stop.load(Ordering::Relaxed) {
                key += 1;
                map.insert(key % 5000, key);
                if key == 5000 {
                    println!("ready");
                    let _ = std::io::stdout().flush();
                }
            }
        });
        let _ = std::io::stdin().read(&mut [0]);
        stop.store(true, Ordering::Relaxed);
    });
}
