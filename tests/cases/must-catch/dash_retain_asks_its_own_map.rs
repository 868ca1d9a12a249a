//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: the closure of `retain` asks a method of the same service whether the session is still wanted.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (retain) + SITE-B (get)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;

#[derive(Default)]
struct Sessions {
    by_id: DashMap<u64, u32>,
}

impl Sessions {
    fn age(&self, id: &u64) -> Option<u32> {
        Some(*self.by_id.get(id)?) // SITE-B
    }

    fn sweep(self: &Arc<Self>) {
        self.by_id.retain(|id, _| self.age(id).is_some_and(|age| age < 10)); // SITE-A
    }
}

fn main() {
    let sessions = Arc::new(Sessions::default());
    for id in 0..4 {
        sessions.by_id.insert(id, id as u32 * 5);
    }
    sessions.sweep();
    println!("NO-SYMPTOM");
}
