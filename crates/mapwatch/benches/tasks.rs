//! What a million short tasks cost when they are watched: from spawn to join, per poll, and in memory once they are
//! over.
//!
//! `cargo bench -p mapwatch --bench tasks --features tokio`. A process has one manner from its first task on, so each
//! column is processes of its own; they take turns, and each figure is the least of all rounds. `raw` is tokio's,
//! `off` the family's face: where checking is off, tokio's itself. `recorded` has a collector that keeps every life.
//! Memory is what the process has grown by over the million, by the kernel's count: 0 where nobody counts.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]
#![allow(clippy::unwrap_used, reason = "no task of these panics")]

#[path = "side_by_side/processes.rs"]
mod processes;

use processes::{Manner, compare};
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};

const TASKS: usize = 1_000_000;
/// Tasks that are alive at a time.
const BATCH: usize = 1_000;
const POLLS: usize = 1_000;
const ROUNDS: usize = 3;

/// Column, which `spawn` it uses, and what its process is told.
const MANNERS: [Manner; 4] = [
    ("raw", "raw", &[]),
    ("off", "off", &[]),
    ("on", "on", &[]),
    ("recorded", "on", &[("MAPWATCH", "report"), ("MAPWATCH_OUT", "/dev/null")]),
];

/// Bytes that the process has in memory.
fn resident() -> f64 {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = told.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0.0);
    pages * 4096.0
}

macro_rules! measure {
    ($runtime:expr, $spawn:path) => {{
        let runtime: &Runtime = $runtime;
        let batch = || async {
            let tasks: Vec<_> = (0..BATCH).map(|_| $spawn(async {})).collect();
            for task in tasks {
                task.await.unwrap();
            }
        };
        // What is made once is there before anything is counted.
        runtime.block_on(async {
            for _ in 0..10 {
                batch().await;
            }
        });
        let (before, start) = (resident(), Instant::now());
        runtime.block_on(async {
            for _ in 0..TASKS / BATCH {
                batch().await;
            }
        });
        println!("spawn to join (ns)\t{}", start.elapsed().as_secs_f64() * 1e9 / TASKS as f64);
        println!("memory left of a task (bytes)\t{}", (resident() - before).max(0.0) / TASKS as f64);
        let start = Instant::now();
        runtime.block_on(async {
            let polled = |_| {
                $spawn(async {
                    for _ in 0..POLLS {
                        tokio::task::yield_now().await;
                    }
                })
            };
            let tasks: Vec<_> = (0..BATCH).map(polled).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        println!("poll (ns)\t{}", start.elapsed().as_secs_f64() * 1e9 / (BATCH * POLLS) as f64);
    }};
}

/// Measures in this process, and tells a line for each figure.
fn measure(manner: &str) {
    let runtime = &Builder::new_current_thread().build().unwrap();
    match manner {
        "raw" => measure!(runtime, tokio::spawn),
        "off" => measure!(runtime, mapwatch::task::spawn),
        _ => measure!(runtime, mapwatch::task::checked::spawn),
    }
}

fn main() {
    let Some(works) = compare(&MANNERS, ROUNDS, measure) else { return };
    let heads: Vec<&str> = MANNERS.iter().map(|(name, ..)| *name).collect();
    println!("| of one task | {} |\n|---|---|---|---|---|", heads.join(" | "));
    for (work, figures) in works {
        let shown: Vec<String> = figures.iter().map(|figure| format!("{figure:.0}")).collect();
        println!("| {work} | {} |", shown.join(" | "));
    }
}
