//! What each further manner of watching costs: checks alone, a recorded session (key histories, accesses, holds), and
//! delays where races may hide.
//!
//! `cargo bench -p mapwatch --bench manners --features dashmap`. A process has one manner from its first access on, so
//! each column but the first two is a process of its own; they take turns, and each figure is the least of all rounds.
//! `raw` is the original (for `SharedMap` std's map, for one thread), `off` the family's face: where checking is off, the
//! original itself.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]
#![allow(clippy::unwrap_used, reason = "nobody panics with a lock here")]

use mapwatch::dashmap::{self, checked, original};
use mapwatch::{SharedMap, collections, sync};
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

const SIZE: u64 = 1_000;
const ROUNDS: usize = 5;
const SPAN: Duration = Duration::from_millis(40);

/// Variables of a process.
type Told = &'static [(&'static str, &'static str)];

/// Column, which type it uses, and what its process is told.
const MANNERS: [(&str, &str, Told); 5] = [
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

/// What one process of a manner measured: work and figure.
fn run(kind: &str, told: Told) -> Vec<(String, f64)> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--measure", kind]).env_remove("MAPWATCH").env_remove("MAPWATCH_PROVOKE");
    command.envs(told.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{kind}: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let figures = lines.lines().filter_map(|line| line.split_once('\t'));
    figures.map(|(work, figure)| (work.to_owned(), figure.parse().unwrap())).collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, kind, ..] = &arguments[..]
        && word == "--measure"
    {
        return measure(kind);
    }
    let mut works: Vec<(String, [f64; MANNERS.len()])> = Vec::new();
    for _ in 0..ROUNDS {
        for (column, (_, kind, told)) in MANNERS.iter().enumerate() {
            for (work, figure) in run(kind, told) {
                let at = works.iter().position(|(known, _)| *known == work).unwrap_or_else(|| {
                    works.push((work, [f64::INFINITY; MANNERS.len()]));
                    works.len() - 1
                });
                let least = &mut works[at].1[column];
                *least = least.min(figure);
            }
        }
    }
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
