//! How often one run of a racy program is caught, as a table.
//!
//! `cargo run --release --example detection [RUNS]`: for 2, 4, 8 and 16 threads, the share of runs (200 unless
//! told) in which a collision panics, and the mean time to the panic, for writers beside writers (1,000 inserts
//! of distinct keys each) and for one iterating thread beside writers.
//! The same table is in the README, with the machine it was made on.

use mapwatch::SharedMap;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Inserts per writer: what Go's table was made with.
const INSERTS: u64 = 1000;

fn main() {
    // The panics are the result here; their reports would only slow the table down.
    std::panic::set_hook(Box::new(|_| {}));
    let mut config = mapwatch::Config::from_env();
    config.stderr = false;
    config.install().expect("nobody used a map yet");
    let runs: u32 = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(200);
    println!(
        "| threads | writers ∥ writers | mean time to panic | iteration ∥ writes | mean time to panic |"
    );
    println!("|---|---|---|---|---|");
    for threads in [2, 4, 8, 16] {
        let writers = measure(runs, || write_only(threads));
        let iteration = measure(runs, || iterate_beside(threads));
        println!("| {threads} | {writers} | {iteration} |");
    }
}

/// Share of runs caught, and the mean time of those.
fn measure(runs: u32, run: impl Fn() -> Option<Duration>) -> String {
    let caught: Vec<Duration> = (0..runs).filter_map(|_| run()).collect();
    let share = caught.len() as f64 / f64::from(runs);
    let mean = caught.iter().sum::<Duration>().checked_div(caught.len() as u32).unwrap_or_default();
    format!("{share:.3} | {} µs", mean.as_micros())
}

fn write_only(threads: u64) -> Option<Duration> {
    let map: SharedMap<u64, u64> = SharedMap::new();
    together(threads, |thread| fill(&map, thread))
}

fn iterate_beside(threads: u64) -> Option<Duration> {
    let map: SharedMap<u64, u64> = (0..INSERTS).map(|key| (key, key)).collect();
    together(threads, |thread| {
        if thread == 0 {
            (0..10).for_each(|_| assert!(map.iter().count() >= 1000));
        } else {
            fill(&map, thread);
        }
    })
}

/// One writer's part.
fn fill(map: &SharedMap<u64, u64>, thread: u64) {
    for key in 0..INSERTS {
        map.insert(thread * INSERTS + key, key);
    }
}

/// Runs `body` on so many threads at once; the time of the first panic, if there was one.
fn together(threads: u64, body: impl Fn(u64) + Sync) -> Option<Duration> {
    let start = Barrier::new(threads as usize);
    let run = |thread| {
        start.wait();
        let began = Instant::now();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(thread)));
        outcome.is_err().then(|| began.elapsed())
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|thread| {
                let run = &run;
                scope.spawn(move || run(thread))
            })
            .collect();
        handles.into_iter().filter_map(|handle| handle.join().ok().flatten()).min()
    })
}
