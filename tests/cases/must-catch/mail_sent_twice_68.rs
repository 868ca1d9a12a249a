//! CASE: 68
//! CLASS: d   MAP: Mutex<HashSet>   DETERMINISTIC: yes (rendezvous in the window)
//! SOURCE: written for this project
//! PATTERN: is it in the set? (lock released) then put it in (lock taken again) and send: both saw that it was not.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: SITE-A (the check that went stale) + SITE-B (the insert that found it there, and did not ask)
use std::collections::HashSet; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Barrier;
use std::sync::Mutex; // MAP-IMPORT

pub fn case() -> usize {
    let sent: Mutex<HashSet<String>> = Mutex::new(HashSet::new());
    let (mails, both) = (AtomicUsize::new(0), Barrier::new(2));
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                let known = sent.lock().unwrap().contains("order-17"); // SITE-A
                both.wait();
                if !known {
                    sent.lock().unwrap().insert("order-17".to_owned()); // SITE-B
                    mails.fetch_add(1, SeqCst);
                }
            });
        }
    });
    mails.load(SeqCst)
}

fn main() {
    let mails = case();
    if mails != 1 {
        println!("SYMPTOM lost: {mails} mails for one order");
        std::process::exit(3);
    }
    println!("NO-SYMPTOM");
}
