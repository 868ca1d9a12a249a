//! CASE: 75
//! CLASS: d   MAP: DashMap 6   DETERMINISTIC: yes (barriers)
//! SOURCE: written for this project
//! PATTERN: a sweeper sees that a session is expired and removes it; meanwhile a request renewed it in place.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: SITE-A (the look) + SITE-B (the remove); SITE-C came between
use dashmap::DashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};

struct Session {
    user: u32,
    expires_at: u64,
}

fn main() {
    let sessions: Arc<DashMap<String, Session>> = Arc::new(DashMap::new());
    sessions.insert("s-1".into(), Session { user: 7, expires_at: 100 });
    let step = Arc::new(Barrier::new(2));

    let sweeper = {
        let (sessions, step) = (sessions.clone(), step.clone());
        std::thread::spawn(move || {
            let now = 150;
            let expired = match sessions.get("s-1") { // SITE-A
                Some(session) => session.expires_at < now,
                None => false,
            };
            step.wait();
            step.wait();
            if expired {
                sessions.remove("s-1"); // SITE-B
            }
        })
    };
    let request = {
        let (sessions, step) = (sessions.clone(), step.clone());
        std::thread::spawn(move || {
            step.wait();
            if let Some(mut session) = sessions.get_mut("s-1") { // SITE-C
                session.expires_at = 400;
                println!("user {} goes on", session.user);
            }
            step.wait();
        })
    };
    sweeper.join().unwrap();
    request.join().unwrap();
    println!("{} sessions", sessions.len());
}
