//! Every watched lock, cell and map under 64 threads and 1,000 tasks that use them correctly, for as many seconds as
//! the first argument says (600).
//!
//! Prints one line every ten seconds: steps done since the last line, resident memory, findings. Ends with 1 where
//! anything was found; memory and speed are for the reader to judge: the last line has the first quarter against the
//! last.
//!
//! `cargo run --release -p mapwatch-tests --bin soak -- 600`

use mapwatch::arc_swap::ArcSwap;
use mapwatch::cell::RefCell;
use mapwatch::dashmap::{DashMap, DashSet};
use mapwatch::{parking_lot, sync, tokio as watched};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::time::{Duration, Instant};

const THREADS: u64 = 64;
const TASKS: u64 = 1_000;

static STEPS: AtomicU64 = AtomicU64::new(0);
static FOUND: AtomicU64 = AtomicU64::new(0);
static OVER: AtomicBool = AtomicBool::new(false);

/// One of each kind. Whoever takes several takes them in the order in which they stand here.
struct World {
    totals: sync::Mutex<u64>,
    ready: sync::Condvar,
    table: sync::RwLock<Vec<u64>>,
    queue: parking_lot::Mutex<Vec<u64>>,
    rates: parking_lot::RwLock<Vec<u64>>,
    maps: [DashMap<u64, u64>; 2],
    seen: DashSet<u64>,
    limits: ArcSwap<Vec<u64>>,
    /// Several, so that a thousand tasks do not stand in one queue.
    async_totals: [Arc<watched::sync::Mutex<u64>>; 16],
    async_tables: [Arc<watched::sync::RwLock<Vec<u64>>>; 16],
}

impl World {
    fn new() -> World {
        World {
            totals: sync::Mutex::new(0),
            ready: sync::Condvar::new(),
            table: sync::RwLock::new(vec![0; 64]),
            queue: parking_lot::Mutex::new(Vec::new()),
            rates: parking_lot::RwLock::new(vec![0; 64]),
            maps: [DashMap::new(), DashMap::new()],
            seen: DashSet::new(),
            limits: ArcSwap::from_pointee(vec![0; 8]),
            async_totals: Default::default(),
            async_tables: Default::default(),
        }
    }

    /// What threads do, and tasks between two awaits.
    fn step(&self, number: u64) {
        let index = (number % 64) as usize;
        match number % 11 {
            0 => {
                let total = self.totals.lock().unwrap();
                let (mut total, _) = self.ready.wait_timeout(total, Duration::from_micros(50)).unwrap();
                *total += self.table.read().unwrap()[index];
            }
            1 => {
                self.table.write().unwrap()[index] += 1;
                self.ready.notify_all();
            }
            2 => {
                let mut queue = self.queue.lock();
                queue.push(self.rates.read()[index]);
                if queue.len() > 100 {
                    queue.clear();
                }
            }
            3 => {
                let rates = self.rates.upgradable_read();
                if rates[index].is_multiple_of(3) {
                    parking_lot::RwLockUpgradableReadGuard::upgrade(rates)[index] += 1;
                }
            }
            4 => *self.maps[0].entry(number % 1_000).or_insert(0) += 1,
            5 => {
                if let Some(one) = self.maps[0].get(&(number % 1_000)) {
                    *self.maps[1].entry(*one % 100).or_insert(0) += 1;
                }
            }
            6 => {
                let keys: Vec<u64> = self.maps[1].iter().take(5).map(|item| *item.key()).collect();
                for key in keys {
                    self.maps[1].remove(&key);
                }
            }
            7 => drop(self.seen.insert(number % 500)),
            8 => drop(self.seen.remove(&(number % 500))),
            9 => {
                self.limits.rcu(|limits| limits.iter().map(|limit| limit + 1).collect::<Vec<_>>());
            }
            _ => OWN.with(|own| {
                own.borrow_mut().push(number);
                if own.borrow().len() > 64 {
                    own.take();
                }
            }),
        }
        STEPS.fetch_add(1, Relaxed);
    }

    /// What tasks do: guards of tokio's locks go over awaits, and to other tasks.
    async fn step_async(&self, number: u64) {
        let place = (number / 5 % 16) as usize;
        let (totals, table) = (&self.async_totals[place], &self.async_tables[place]);
        match number % 5 {
            0 => {
                let mut total = totals.lock().await;
                tokio::task::yield_now().await;
                *total += table.read().await.len() as u64;
            }
            1 => {
                let mut table = table.write().await;
                table.push(number);
                if table.len() > 100 {
                    table.clear();
                }
                tokio::task::yield_now().await;
            }
            2 => {
                let guard = Arc::clone(totals).lock_owned().await;
                let _ = tokio::spawn(async move { drop(guard) }).await;
            }
            3 => {
                let _ = tokio::time::timeout(Duration::from_micros(100), totals.lock()).await;
            }
            _ => self.step(number),
        }
        STEPS.fetch_add(1, Relaxed);
    }
}

thread_local! {
    static OWN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Resident memory in KiB, where the system tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn watch(span: Duration) {
    let start = Instant::now();
    let pause = Duration::from_secs(10).min(span / 4);
    // Steps done and memory at the end of each line.
    let mut lines = vec![(0, resident())];
    while start.elapsed() < span {
        std::thread::sleep(pause);
        let (steps, memory) = (STEPS.load(Relaxed), resident());
        let before = lines.last().map_or(0, |(steps, _)| *steps);
        println!(
            "{:>4} s {:>10} steps {:>8} KiB {} findings",
            start.elapsed().as_secs(),
            steps - before,
            memory,
            FOUND.load(Relaxed)
        );
        lines.push((steps, memory));
    }
    OVER.store(true, Relaxed);
    let (last, quarter) = (lines.len() - 1, (lines.len() - 1) / 4);
    let done = |from: usize, to: usize| (lines[to].0 - lines[from].0) as f64;
    let per_second = |from: usize, to: usize| done(from, to) / ((to - from) as f64 * pause.as_secs_f64());
    println!(
        "first quarter: {:.0} steps/s, {} KiB at its end; last quarter: {:.0} steps/s, {} KiB at its end",
        per_second(0, quarter),
        lines[quarter].1,
        per_second(last - quarter, last),
        lines[last].1
    );
}

fn main() {
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(600);
    mapwatch::on_conflict(|_| {
        FOUND.fetch_add(1, Relaxed);
    });
    let world = World::new();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
    let world: &'static World = Box::leak(Box::new(world));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                let mut number = thread;
                while !OVER.load(Relaxed) {
                    world.step(number);
                    // Not all at once: waits shall be short, and the machine is not for this program alone.
                    if number.is_multiple_of(8) {
                        std::thread::sleep(Duration::from_micros(500));
                    }
                    number = number
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407)
                        >> 1;
                }
            });
        }
        scope.spawn(|| {
            runtime.block_on(async {
                let tasks = (0..TASKS).map(|task| {
                    tokio::spawn(async move {
                        let mut number = task;
                        while !OVER.load(Relaxed) {
                            world.step_async(number).await;
                            tokio::task::yield_now().await;
                            number = number.wrapping_add(task + 1);
                        }
                    })
                });
                for task in tasks.collect::<Vec<_>>() {
                    task.await.unwrap();
                }
            });
        });
        watch(Duration::from_secs(seconds));
    });
    std::process::exit(i32::from(FOUND.load(Relaxed) > 0));
}
