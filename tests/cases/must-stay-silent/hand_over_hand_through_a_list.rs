//! TRAP: lock coupling: a thread takes the next node's lock before it lets go of the last one's; all walk one way.
use std::sync::{Arc, Mutex, MutexGuard}; // MAP-IMPORT

struct Node {
    value: u64,
    next: Option<Arc<Mutex<Node>>>,
}

fn walk(first: &Arc<Mutex<Node>>) -> u64 {
    let mut sum = 0;
    let mut here = first.clone();
    let mut guard: MutexGuard<'_, Node> = unsafe { std::mem::transmute(here.lock().unwrap()) };
    loop {
        guard.value += 1;
        sum += guard.value;
        let Some(next) = guard.next.clone() else { break sum };
        let next_guard: MutexGuard<'_, Node> = unsafe { std::mem::transmute(next.lock().unwrap()) };
        drop(std::mem::replace(&mut guard, next_guard));
        here = next;
    }
}

fn main() {
    let mut first = None;
    for value in 0..8 {
        first = Some(Arc::new(Mutex::new(Node { value, next: first.take() })));
    }
    let first = first.unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50).map(|_| walk(&first)).sum::<u64>());
        }
    });
}
