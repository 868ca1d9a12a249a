//! CASE: 67
//! CLASS: h   MAP: DashMap 6   DETERMINISTIC: yes (the walk waits for each move)
//! SOURCE: written for this project
//! PATTERN: a user logs in: the session goes from an anonymous key to a named one, in before out, so that it always is in the
//!   map; a report that counts sessions meanwhile can miss it. Many sessions move, each after a step of the walk.
//! EXPECT-CATEGORY: weak-iteration
//! EXPECT-SITES: SITE-A (the walk) + SITE-B (in under the new key) + SITE-C (out under the old one)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::mpsc;

struct Sessions {
    by_key: DashMap<String, u32>,
}

impl Sessions {
    fn log_in(&self, from: &str, to: String) {
        if let Some(user) = self.by_key.view(from, |_, user| *user) {
            self.by_key.insert(to, user); // SITE-B
            self.by_key.remove(from); // SITE-C
        }
    }
}

pub fn case() -> usize {
    let sessions = Sessions { by_key: DashMap::with_shard_amount(16) };
    for user in 0..400 {
        sessions.by_key.insert(format!("anonymous-{user}"), user);
    }
    let shard = |key: &str| sessions.by_key.determine_map(key);
    let (step, steps) = mpsc::channel();
    let (done, dones) = mpsc::channel();
    std::thread::scope(|s| {
        let sessions = &sessions;
        s.spawn(move || {
            // Which sessions log in while the report stands in this shard: one that lies ahead, to a name that lies behind.
            for at in steps {
                let old = (0..400).map(|user| format!("anonymous-{user}")).find(|key| shard(key) > at);
                let new = (0..400).map(|user| format!("user-{user}")).find(|key| shard(key) < at);
                if let (Some(old), Some(new)) = (old, new) {
                    sessions.log_in(&old, new);
                }
                done.send(()).unwrap();
            }
        });
        let mut count = 0;
        let mut asked = false;
        for entry in sessions.by_key.iter() { // SITE-A
            count += 1;
            if !asked && shard(entry.key()) == 8 {
                asked = true;
                step.send(8).unwrap();
                dones.recv().unwrap();
            }
        }
        drop(step);
        count
    })
}

fn main() {
    let count = case();
    if count != 400 {
        println!("SYMPTOM inconsistent: {count} of 400 sessions were counted");
        std::process::exit(7);
    }
    println!("NO-SYMPTOM");
}
