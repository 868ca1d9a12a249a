//! A map that was declared, but never made: reads find nothing, the first write panics.
//!
//! Prints `assignment to entry in nil map`, Go's words for it, and exits with 101.

use mapwatch::SharedMap;

static SESSIONS: SharedMap<u32, &str> = SharedMap::uninitialised();

fn main() {
    println!("session 1: {:?}", SESSIONS.get_cloned(&1));
    SESSIONS.insert(1, "kim");
}
