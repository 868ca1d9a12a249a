//! TRAP: the order of two locks turns round, but a barrier stands between the two phases: they cannot meet.
//! Written with one lock in each phase's inner place, as a ping-pong buffer does, so that no order is turned within one.
use std::sync::Barrier;
use std::sync::{Mutex, RwLock}; // MAP-IMPORT

fn main() {
    let buffers = [RwLock::new(vec![0_u32; 8]), RwLock::new(vec![0_u32; 8])];
    let barrier = Barrier::new(4);
    let log = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (buffers, barrier, log) = (&buffers, &barrier, &log);
            scope.spawn(move || {
                for round in 0..20 {
                    let sum: u32 = buffers[round % 2].read().unwrap().iter().sum();
                    barrier.wait();
                    buffers[(round + 1) % 2].write().unwrap()[thread] = sum % 7 + 1;
                    if barrier.wait().is_leader() {
                        log.lock().unwrap().push(sum);
                    }
                    barrier.wait();
                }
            });
        }
    });
}
