//! CLASS: d   MAP: std HashMap in a Mutex   DETERMINISTIC: yes here
//! PATTERN: a look and a removal with the lock let go in between. That others touch the entry meanwhile matters to
//!   nobody, and happens often; that one puts another in its place happens once, and that one is lost.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: SITE-A (read) + SITE-B (removed) ; SITE-C is the replacement
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Barrier;
use std::sync::Mutex; // MAP-IMPORT

#[derive(Clone, Copy)]
struct Session {
    user: u32,
    hits: u32,
}

const ROUNDS: u32 = 40;

fn reap(sessions: &Mutex<HashMap<u32, Session>>, step: &Barrier) {
    for round in 0..ROUNDS {
        let user = sessions.lock().unwrap().get(&round).map(|session| session.user); // SITE-A
        step.wait();
        step.wait();
        if user == Some(7) {
            sessions.lock().unwrap().remove(&round); // SITE-B
        }
    }
}

fn serve(sessions: &Mutex<HashMap<u32, Session>>, step: &Barrier) {
    for round in 0..ROUNDS {
        step.wait();
        if round < ROUNDS - 1 {
            if let Some(session) = sessions.lock().unwrap().get_mut(&round) {
                session.hits += 1;
            }
        } else {
            sessions.lock().unwrap().insert(round, Session { user: 8, hits: 0 }); // SITE-C
        }
        step.wait();
    }
}

fn main() {
    let sessions = Mutex::new(HashMap::new());
    let step = Barrier::new(2);
    std::thread::scope(|scope| {
        // Entries come from another thread than those that are at work.
        scope.spawn(|| {
            for id in 0..ROUNDS {
                sessions.lock().unwrap().insert(id, Session { user: 7, hits: 0 });
            }
        });
    });
    std::thread::scope(|scope| {
        scope.spawn(|| reap(&sessions, &step));
        scope.spawn(|| serve(&sessions, &step));
    });
    let hits: u32 = sessions.lock().unwrap().values().map(|session| session.hits).sum();
    println!("SYMPTOM {} left, {hits} hits", sessions.lock().unwrap().len());
}
