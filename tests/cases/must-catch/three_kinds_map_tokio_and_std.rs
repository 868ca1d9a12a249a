//! CLASS: c   MAP: DashMap shard, std Mutex, tokio Mutex   DETERMINISTIC: yes (a barrier)
//! PATTERN: three threads; one blocks on a tokio lock, one on a std lock, one on a shard, in a ring.
//! EXPECT-CATEGORY: deadlock
//! EXPECT-SITES: SITE-A SITE-B SITE-C (what each has)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};
use std::sync::Mutex; // MAP-IMPORT
use tokio::sync::Mutex as AsyncMutex; // MAP-IMPORT

struct Office {
    desks: DashMap<u32, u32>,
    books: Mutex<Vec<u32>>,
    post: AsyncMutex<Vec<u32>>,
}

fn main() {
    let office = Arc::new(Office { desks: DashMap::new(), books: Mutex::default(), post: AsyncMutex::default() });
    office.desks.insert(1, 0);
    let meet = Arc::new(Barrier::new(3));
    let (o, m) = (office.clone(), meet.clone());
    let one = std::thread::spawn(move || {
        let mut desk = o.desks.get_mut(&1).unwrap(); // SITE-A
        m.wait();
        *desk += o.books.lock().unwrap().len() as u32;
    });
    let (o, m) = (office.clone(), meet.clone());
    let two = std::thread::spawn(move || {
        let mut books = o.books.lock().unwrap(); // SITE-B
        m.wait();
        books.push(o.post.blocking_lock().len() as u32);
    });
    let (o, m) = (office, meet);
    let three = std::thread::spawn(move || {
        let mut post = o.post.blocking_lock(); // SITE-C
        m.wait();
        post.push(o.desks.remove(&1).map_or(0, |(_, desk)| desk));
    });
    let ended = [one, two, three].map(std::thread::JoinHandle::join);
    println!("NO-SYMPTOM {}", ended.len());
}
