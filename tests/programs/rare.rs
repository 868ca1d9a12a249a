//! Races that hardly ever happen, and their correct twins: `rare STORY`. Prints how many delays there were.
//!
//! | story | two threads, one piece of work each about every millisecond for half a second |
//! |---|---|
//! | `writes` | write to one `SharedMap`, each in a moment of its own |
//! | `writes-in-a-mutex` | the same, under a lock |
//! | `writes-by-turns` | the same, each after the other's word |
//! | `check-then-act` | look under a lock, and store under it, with nothing between |
//! | `entry` | the same in one step |
//! | `walks` | one writes under a lock, the other begins to walk under it, and goes on without |
//! | `awaits`, `never-awaits` | look and act in two tasks of a runtime with one thread, under a lock that is awaited, or not |
//! | `dashmap-check-then-act`, `dashmap-entry` | the same two on a map that locks by itself |

use mapwatch::collections::HashMap;
use mapwatch::dashmap::DashMap;
use mapwatch::sync::Mutex;
use mapwatch::SharedMap;
use std::cell::UnsafeCell;
use std::future::Future;
use std::sync::mpsc::channel;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SPAN: Duration = Duration::from_millis(500);

/// Does `work` about every millisecond; the two threads are half a step apart.
fn paced(who: u32, mut work: impl FnMut(u32)) {
    let began = Instant::now() + Duration::from_micros(u64::from(who) * 500);
    for step in 0_u32.. {
        let next = began + Duration::from_millis(1) * step;
        if next >= began + SPAN {
            break;
        }
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        work(step);
    }
}

fn two(work: impl Fn(u32) + Sync) {
    std::thread::scope(|scope| {
        for who in 0..2 {
            let work = &work;
            scope.spawn(move || work(who));
        }
    });
}

fn writes() {
    let map = SharedMap::new();
    two(|who| {
        paced(who, |step| {
            map.insert(who, step);
        })
    });
}

fn writes_in_a_mutex() {
    let (map, lock) = (SharedMap::new(), std::sync::Mutex::new(()));
    two(|who| {
        paced(who, |step| {
            let _turn = lock.lock().unwrap();
            map.insert(who, step);
        })
    });
}

fn writes_by_turns() {
    let map = SharedMap::new();
    let (ping, pinged) = channel();
    let (pong, ponged) = channel();
    std::thread::scope(|scope| {
        let map = &map;
        scope.spawn(move || {
            paced(0, |step| {
                map.insert("turn", step);
                ping.send(()).unwrap();
                ponged.recv().unwrap();
            });
        });
        scope.spawn(move || {
            while pinged.recv().is_ok() {
                map.insert("turn", 0);
                pong.send(()).unwrap();
            }
        });
    });
}

fn check_then_act() {
    let jobs: Mutex<HashMap<u32, u32>> = Mutex::new(HashMap::new());
    two(|who| {
        paced(who, |step| {
            if !jobs.lock().unwrap().contains_key(&step) {
                jobs.lock().unwrap().insert(step, who);
            }
        })
    });
}

fn entry() {
    let jobs: Mutex<HashMap<u32, u32>> = Mutex::new(HashMap::new());
    two(|who| {
        paced(who, |step| {
            jobs.lock().unwrap().entry(step).or_insert(who);
        })
    });
}

fn dashmap_check_then_act() {
    let jobs = DashMap::new();
    two(|who| {
        paced(who, |step| {
            if !jobs.contains_key(&step) {
                jobs.insert(step, who);
            }
        })
    });
}

fn dashmap_entry() {
    let jobs = DashMap::new();
    two(|who| {
        paced(who, |step| {
            jobs.entry(step).or_insert(who);
        })
    });
}

/// A map that is shared by a wish, as `unsafe` code does it.
struct Wished(UnsafeCell<HashMap<u32, u32>>);

// SAFETY: none. This is the bug: the steps of the walk below are not under the lock.
unsafe impl Sync for Wished {}

impl Wished {
    #[allow(clippy::mut_from_ref)]
    fn map(&self) -> &mut HashMap<u32, u32> {
        // SAFETY: none, as above.
        unsafe { &mut *self.0.get() }
    }
}

fn walks() {
    let (map, lock) =
        (Wished(UnsafeCell::new((0..8).map(|key| (key, 0)).collect())), std::sync::Mutex::new(()));
    two(|who| {
        paced(who, |step| {
            let turn = lock.lock().unwrap();
            if who == 0 {
                map.map().insert(step % 8, step);
            } else {
                let walk = map.map().iter();
                drop(turn);
                walk.for_each(|_| ());
            }
        })
    });
}

/// Two tasks on a runtime of one thread.
fn as_two_tasks<F: Future<Output = ()> + Send + 'static>(work: impl Fn(u32) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (one, other) = (tokio::spawn(work(0)), tokio::spawn(work(1)));
        one.await.unwrap();
        other.await.unwrap();
    });
}

fn awaits() {
    use mapwatch::tokio::sync::Mutex;
    let jobs: Arc<Mutex<HashMap<u32, u32>>> = Arc::default();
    let work = |who: u32| {
        let jobs = Arc::clone(&jobs);
        async move {
            for step in 0..100 {
                if !jobs.lock().await.contains_key(&step) {
                    jobs.lock().await.insert(step, who);
                }
                tokio::task::yield_now().await;
            }
        }
    };
    as_two_tasks(work);
}

fn never_awaits() {
    let jobs: Arc<Mutex<HashMap<u32, u32>>> = Arc::default();
    let work = |who: u32| {
        let jobs = Arc::clone(&jobs);
        async move {
            for step in 0..100 {
                if !jobs.lock().unwrap().contains_key(&step) {
                    jobs.lock().unwrap().insert(step, who);
                }
                tokio::task::yield_now().await;
            }
        }
    };
    as_two_tasks(work);
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("writes") => writes(),
        Some("writes-in-a-mutex") => writes_in_a_mutex(),
        Some("writes-by-turns") => writes_by_turns(),
        Some("check-then-act") => check_then_act(),
        Some("entry") => entry(),
        Some("walks") => walks(),
        Some("awaits") => awaits(),
        Some("never-awaits") => never_awaits(),
        Some("dashmap-check-then-act") => dashmap_check_then_act(),
        Some("dashmap-entry") => dashmap_entry(),
        other => panic!("no story {other:?}"),
    }
    println!("delays {}", mapwatch::delays().count);
}
