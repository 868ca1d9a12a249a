//! What each further manner of watching costs: checks alone, a recorded session (key histories, accesses, holds), and
//! delays where races may hide.
//!
//! `cargo bench -p mapwatch --bench manners --features dashmap`. A process has one manner from its first access on, so
//! each column but the first two is a process of its own; they take turns, and each figure is the least of all rounds.
//! `raw` is the original (for `SharedMap` std's map, for one thread), `off` the family's face: where checking is off, the
//! original itself.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]
#![allow(clippy::unwrap_used, reason = "nobody panics with a lock here")]

#[path = "side_by_side/processes.rs"]
mod processes;

use mapwatch::dashmap::{self, checked, original};
use mapwatch::{SharedMap, collections, sync};
use processes::{Manner, compare};
use std::hint::black_box;
use std::time::{Duration, Instant};

const SIZE: u64 = 1_000;
const ROUNDS: usize = 5;
const SPAN: Duration = Duration::from_millis(40);

/// Column, which type it uses, and what its process is told.
const MANNERS: [Manner; 5] = [
    ("raw", "raw", &[]),
    ("off", "off", &[]),
    ("on", "on", &[]),
    ("recorded", "on", &[("MAPWATCH", "report")]),
    ("provoking", "on", &[("MAPWATCH", "report"), ("MAPWATCH_PROVOKE", "1")]),
];

fn key(number: u64) -> u64 {
    number % SIZE * 7
}

/// Nanoseconds per call.
fn time(mut call: impl FnMut(u64)) -> f64 {
    (0..SIZE).for_each(&mut call);
    let (start, mut calls) = (Instant::now(), 0);
    while start.elapsed() < SPAN {
        (0..SIZE).for_each(&mut call);
        calls += SIZE;
    }
    start.elapsed().as_secs_f64() * 1e9 / calls as f64
}

macro_rules! dashmap {
    ($map:ty) => {{
        let map: $map = (0..SIZE).map(|number| (key(number), number)).collect();
        println!("DashMap: get\t{}", time(|n| _ = black_box(map.get(&key(n)).map(|value| *value))));
        println!("DashMap: insert\t{}", time(|n| _ = black_box(map.insert(key(n), n))));
        println!("DashMap: entry\t{}", time(|n| *map.entry(key(n)).or_insert(0) += 1));
    }};
}

macro_rules! locked {
    ($lock:ident, $map:ty) => {{
        let map: $lock<$map> = $lock::new((0..SIZE).map(|number| (key(number), number)).collect());
        println!(
            "Mutex<HashMap>: get\t{}",
            time(|n| _ = black_box(map.lock().unwrap().get(&key(n)).copied()))
        );
        println!(
            "Mutex<HashMap>: insert\t{}",
            time(|n| _ = black_box(map.lock().unwrap().insert(key(n), n)))
        );
    }};
}

/// Measures in this process, and tells a line for each work.
fn measure(manner: &str) {
    match manner {
        "raw" => {
            use std::collections::HashMap;
            use std::sync::Mutex;
            dashmap!(original::DashMap<u64, u64>);
            locked!(Mutex, HashMap<u64, u64>);
            let mut map: HashMap<u64, u64> = (0..SIZE).map(|number| (key(number), number)).collect();
            println!("SharedMap: get_cloned\t{}", time(|n| _ = black_box(map.get(&key(n)).copied())));
            println!("SharedMap: insert\t{}", time(|n| _ = black_box(map.insert(key(n), n))));
        }
        "off" => {
            use sync::Mutex;
            dashmap!(dashmap::DashMap<u64, u64>);
            locked!(Mutex, collections::HashMap<u64, u64>);
        }
        _ => {
            use sync::checked::Mutex;
            dashmap!(checked::DashMap<u64, u64>);
            locked!(Mutex, collections::checked::HashMap<u64, u64>);
            let map: SharedMap<u64, u64> = (0..SIZE).map(|number| (key(number), number)).collect();
            println!("SharedMap: get_cloned\t{}", time(|n| _ = black_box(map.get_cloned(&key(n)))));
            println!("SharedMap: insert\t{}", time(|n| _ = black_box(map.insert(key(n), n))));
        }
    }
}

fn main() {
    let Some(works) = compare(&MANNERS, ROUNDS, measure) else { return };
    let heads: Vec<&str> = MANNERS.iter().skip(1).map(|(name, ..)| *name).collect();
    println!("| work | raw (ns) | {} |\n|---|---|---|---|---|---|", heads.join(" | "));
    for (work, figures) in works {
        let raw = figures[0];
        let ratio =
            |figure: &f64| if figure.is_finite() { format!("{:.2}", figure / raw) } else { "–".into() };
        let ratios: Vec<String> = figures[1..].iter().map(ratio).collect();
        println!("| {work} | {raw:.1} | {} |", ratios.join(" | "));
    }
}
