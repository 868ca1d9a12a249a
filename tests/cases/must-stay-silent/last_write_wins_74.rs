//! NEGATIVE: 74
//! Things whose last writer is right by design: heartbeats, presence, a configuration that is pushed, gauges.
//! MAP: DashMap 6, std RwLock<HashMap>
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};
use std::sync::RwLock; // MAP-IMPORT
use std::time::Instant;

struct Cluster {
    last_seen: DashMap<u32, Instant>,
    config: RwLock<HashMap<String, String>>,
    gauges: DashMap<&'static str, usize>,
}

impl Cluster {
    fn heartbeat(&self, node: u32) -> bool {
        let is_new = !self.last_seen.contains_key(&node);
        self.last_seen.insert(node, Instant::now());
        is_new
    }

    fn push(&self, key: &str, value: &str) {
        self.config.write().unwrap().insert(key.to_string(), value.to_string());
    }

    fn pull(&self, key: &str) -> String {
        self.config.read().unwrap().get(key).cloned().unwrap_or_else(|| "default".to_string())
    }

    fn measure(&self) {
        self.gauges.insert("nodes", self.last_seen.len());
        self.gauges.insert("settings", self.config.read().unwrap().len());
    }

    fn leave(&self, node: u32) {
        self.last_seen.remove(&node);
    }
}

fn main() {
    let cluster = Arc::new(Cluster { last_seen: DashMap::new(), config: RwLock::default(), gauges: DashMap::new() });
    cluster.heartbeat(0);
    cluster.heartbeat(0);
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4u32)
        .map(|who| {
            let (cluster, start) = (cluster.clone(), start.clone());
            std::thread::spawn(move || {
                start.wait();
                for n in 0..300u32 {
                    cluster.heartbeat(n % 5);
                    cluster.push("level", if n % 2 == 0 { "info" } else { "debug" });
                    let _ = cluster.pull("level");
                    cluster.measure();
                    if n % 50 == 49 {
                        cluster.leave((n + who) % 5);
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    println!("OK {}", cluster.gauges.len());
}
