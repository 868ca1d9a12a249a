//! An expiry loop removes the entry it stands on: iteration and write by one thread.
//!
//! Prints `concurrent map iteration and map write`, naming the loop and the `remove`, and exits with 101.

use mapwatch::SharedMap;

fn main() {
    let sessions: SharedMap<u32, u32> = SharedMap::new().named("sessions");
    for id in 0..32 {
        sessions.insert(id, id % 4);
    }
    for session in sessions.iter() {
        if *session.value() == 0 {
            sessions.remove(session.key());
        }
    }
    println!("{} sessions left", sessions.len());
}
