//! CASE: 74
//! CLASS: d   MAP: std Mutex<HashMap>   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: the number so far, or zero, is read under one lock and stored under the next: both first votes are vote one.
//! EXPECT-CATEGORY: lost-update
//! EXPECT-SITES: SITE-A (the read) + SITE-B (the insert over the other vote)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};
use std::sync::Mutex; // MAP-IMPORT

struct Poll {
    votes: Mutex<HashMap<String, u32>>,
    counted: Barrier,
}

impl Poll {
    fn votes_for(&self, name: &str) -> u32 {
        self.votes.lock().unwrap().get(name).copied().unwrap_or_default() // SITE-A
    }

    fn vote(&self, name: &str) {
        let so_far = self.votes_for(name);
        self.counted.wait();
        self.votes.lock().unwrap().insert(name.to_string(), so_far + 1); // SITE-B
    }
}

fn main() {
    let poll = Arc::new(Poll { votes: Mutex::new(HashMap::new()), counted: Barrier::new(2) });
    std::thread::scope(|scope| {
        scope.spawn(|| poll.vote("ada"));
        scope.spawn(|| poll.vote("ada"));
    });
    println!("{} votes", poll.votes_for("ada"));
}
