//! TRAP: memoisation that calls itself between two short locks; a work-list that is locked anew for each job.
use parking_lot::Mutex; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT

fn paths(memo: &Mutex<HashMap<u64, u64>>, steps: u64) -> u64 {
    if steps < 2 {
        return 1;
    }
    let known = memo.lock().get(&steps).copied();
    if let Some(known) = known {
        return known;
    }
    let sum = paths(memo, steps - 1) + paths(memo, steps - 2);
    memo.lock().insert(steps, sum);
    sum
}

fn work_off(queue: &Mutex<Vec<u32>>) -> u32 {
    let mut done = 0;
    loop {
        let Some(tries) = queue.lock().pop() else { return done };
        if tries < 3 {
            queue.lock().push(tries + 1);
        } else {
            done += 1;
        }
    }
}

fn main() {
    println!("{}", paths(&Mutex::default(), 40));
    let queue = Mutex::new((0..40).map(|job| job % 4).collect());
    let done: u32 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| work_off(&queue))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(done, 40);
    println!("NO-SYMPTOM");
}
