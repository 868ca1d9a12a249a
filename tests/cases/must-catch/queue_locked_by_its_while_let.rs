//! CLASS: c   MAP: parking_lot Mutex   DETERMINISTIC: yes
//! PATTERN: the guard of a `while let` lives through its body, which puts work back.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (the temporary) + SITE-B (the push)
use parking_lot::Mutex; // MAP-IMPORT

struct Job {
    tries: u32,
}

fn work_off(queue: &Mutex<Vec<Job>>) -> u32 {
    let mut done = 0;
    while let Some(job) = queue.lock().pop() { // SITE-A
        if job.tries < 3 {
            queue.lock().push(Job { tries: job.tries + 1 }); // SITE-B
        } else {
            done += 1;
        }
    }
    done
}

fn main() {
    let queue = Mutex::new(vec![Job { tries: 3 }, Job { tries: 0 }]);
    println!("{}", work_off(&queue));
    println!("NO-SYMPTOM");
}
