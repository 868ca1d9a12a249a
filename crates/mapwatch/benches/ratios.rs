//! What watching costs, as ratios: every map beside its raw original, in one run, turn and turn about.
//!
//! `cargo bench -p mapwatch --bench ratios` prints the tables of the crate page. Each figure is the median over
//! the rounds; a round measures every map once, so that a busy machine burdens all of them alike. Recording is
//! switched on by the environment, so each measurement is a process of its own.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

use atomic_refcell::AtomicRefCell;
use mapwatch::collections::{checked, original};
use std::hint::black_box;
use std::process::Command;
use std::sync::{Barrier, Mutex, RwLock};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const SPAN: Duration = Duration::from_millis(40);
/// Calls between two looks at the clock.
const BATCH: u64 = 1024;

/// What is measured of a map.
trait Subject: Default {
    fn get(&self, key: u64) -> u64;
    fn insert(&mut self, key: u64, value: u64);
    fn remove(&mut self, key: u64);
    fn sum(&self) -> u64;
}

macro_rules! owned {
    ($($map:ty),+) => {$(
        impl Subject for $map {
            fn get(&self, key: u64) -> u64 {
                <$map>::get(self, &key).copied().unwrap_or(0)
            }

            fn insert(&mut self, key: u64, value: u64) {
                <$map>::insert(self, key, value);
            }

            fn remove(&mut self, key: u64) {
                <$map>::remove(self, &key);
            }

            fn sum(&self) -> u64 {
                self.iter().fold(0, |sum, (_, value)| sum.wrapping_add(*value))
            }
        }
    )+};
}

owned!(
    original::HashMap<u64, u64>,
    checked::HashMap<u64, u64>,
    original::BTreeMap<u64, u64>,
    checked::BTreeMap<u64, u64>
);

type Raw = original::HashMap<u64, u64>;

macro_rules! locked {
    ($($name:ident($map:ty): [$($read:tt)+], [$($write:tt)+];)+) => {$(
        #[derive(Default)]
        struct $name($map);

        impl Subject for $name {
            fn get(&self, key: u64) -> u64 {
                self.0.$($read)+.get(&key).copied().unwrap_or(0)
            }

            fn insert(&mut self, key: u64, value: u64) {
                self.0.$($write)+.insert(key, value);
            }

            fn remove(&mut self, key: u64) {
                self.0.$($write)+.remove(&key);
            }

            fn sum(&self) -> u64 {
                self.0.$($read)+.values().fold(0, |sum, value| sum.wrapping_add(*value))
            }
        }
    )+};
}

locked! {
    InAtomicRefCell(AtomicRefCell<Raw>): [borrow()], [borrow_mut()];
    InMutex(Mutex<Raw>): [lock().expect("nobody panics")], [lock().expect("nobody panics")];
    InRwLock(RwLock<Raw>): [read().expect("nobody panics")], [write().expect("nobody panics")];
    InParkingLot(parking_lot::RwLock<Raw>): [read()], [write()];
}

#[derive(Default)]
struct InDashMap(dashmap::DashMap<u64, u64>);

impl Subject for InDashMap {
    fn get(&self, key: u64) -> u64 {
        self.0.get(&key).map_or(0, |value| *value)
    }

    fn insert(&mut self, key: u64, value: u64) {
        self.0.insert(key, value);
    }

    fn remove(&mut self, key: u64) {
        self.0.remove(&key);
    }

    fn sum(&self) -> u64 {
        self.0.iter().fold(0, |sum, item| sum.wrapping_add(*item.value()))
    }
}

#[derive(Default)]
struct Shared(mapwatch::SharedMap<u64, u64>);

impl Subject for Shared {
    fn get(&self, key: u64) -> u64 {
        self.0.get_cloned(&key).unwrap_or(0)
    }

    fn insert(&mut self, key: u64, value: u64) {
        self.0.insert(key, value);
    }

    fn remove(&mut self, key: u64) {
        self.0.remove(&key);
    }

    fn sum(&self) -> u64 {
        self.0.iter().fold(0, |sum, item| sum.wrapping_add(*item.value()))
    }
}

/// Keys spread over the table, none of them twice.
fn key(index: u64) -> u64 {
    index.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Nanoseconds per call of `turn`, which makes [`BATCH`] of them.
fn time(mut turn: impl FnMut()) -> f64 {
    turn();
    let (start, mut batches) = (Instant::now(), 0);
    while start.elapsed() < SPAN {
        turn();
        batches += 1;
    }
    start.elapsed().as_secs_f64() * 1e9 / (f64::from(batches) * BATCH as f64)
}

fn filled<M: Subject>(size: u64) -> M {
    let mut map = M::default();
    (0..size).for_each(|index| map.insert(key(index), index));
    map
}

fn gets(map: &impl Subject, size: u64) -> f64 {
    let mut next = 0;
    time(|| {
        for _ in 0..BATCH {
            next = (next + 1) % size;
            black_box(map.get(key(next)));
        }
    })
}

fn measure<M: Subject>(work: &str, size: u64) -> f64 {
    let mut map: M = filled(size);
    let mut next = 0;
    match work {
        "get" => gets(&map, size),
        "insert" => time(|| {
            for _ in 0..BATCH {
                next = (next + 1) % size;
                map.insert(key(next), 1);
            }
        }),
        "insert new, remove" => time(|| {
            for _ in 0..BATCH / 2 {
                next += 1;
                map.insert(key(size + next), 1);
                map.remove(key(size + next));
            }
        }),
        "grow" => time(|| {
            let mut fresh = M::default();
            (0..BATCH).for_each(|index| fresh.insert(key(index), index));
            black_box(fresh.get(key(0)));
        }),
        "iterate" => time(|| _ = black_box(map.sum())) * BATCH as f64 / size as f64,
        other => panic!("no such work: {other}"),
    }
}

/// Two threads read one map at once; the mean of the two.
fn two_readers<M: Subject + Sync>(size: u64) -> f64 {
    let (map, start): (M, _) = (filled(size), Barrier::new(2));
    let reader = || {
        start.wait();
        gets(&map, size)
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(reader);
        f64::midpoint(reader(), other.join().expect("readers do not collide"))
    })
}

fn one(subject: &str, work: &str, size: u64) -> f64 {
    macro_rules! both {
        ($map:ty) => {
            if work == "get, two threads" { two_readers::<$map>(size) } else { measure::<$map>(work, size) }
        };
    }
    match subject {
        "raw" => both!(std::collections::HashMap<u64, u64>),
        "off" => both!(mapwatch::HashMap<u64, u64>),
        "on" | "recording" => both!(checked::HashMap<u64, u64>),
        "tree raw" => both!(std::collections::BTreeMap<u64, u64>),
        "tree off" => both!(mapwatch::BTreeMap<u64, u64>),
        "tree on" | "tree recording" => both!(checked::BTreeMap<u64, u64>),
        "SharedMap" | "SharedMap, recording" => both!(Shared),
        "AtomicRefCell" => both!(InAtomicRefCell),
        "Mutex" => both!(InMutex),
        "RwLock" => both!(InRwLock),
        "parking_lot" => both!(InParkingLot),
        "DashMap" => both!(InDashMap),
        other => panic!("no such map: {other}"),
    }
}

/// Measures one in a process of its own.
fn apart(subject: &str, work: &str, size: u64) -> f64 {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["measure", subject, work, &size.to_string()]);
    command.env_remove("MAPWATCH").env_remove("MAPWATCH_OUT");
    if subject.ends_with("recording") {
        command.env("MAPWATCH_OUT", "/dev/null");
    }
    let output = command.output().expect("it can run itself");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a measurement prints a number")
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// One table: a row for each work and size, a column for each map; the first map is the measure of the others.
fn table(subjects: &[&str], works: &[&str]) {
    println!("\n| work | entries | {} (ns) | {} |", subjects[0], subjects[1..].join(" | "));
    println!("|---|---|{}", "---|".repeat(subjects.len()));
    for work in works {
        for size in [1_000, 1_000_000] {
            let rounds: Vec<Vec<f64>> = (0..ROUNDS)
                .map(|_| subjects.iter().map(|subject| apart(subject, work, size)).collect())
                .collect();
            let column = |index: usize| median(rounds.iter().map(|round| round[index]).collect());
            let raw = column(0);
            let ratios: Vec<String> =
                (1..subjects.len()).map(|index| format!("{:.2}", column(index) / raw)).collect();
            println!("| {work} | {size} | {raw:.1} | {} |", ratios.join(" | "));
        }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [first, subject, work, size] = args.as_slice()
        && first == "measure"
    {
        println!("{}", one(subject, work, size.parse().expect("a size")));
        return;
    }
    let works = ["get", "insert", "insert new, remove", "grow", "iterate", "get, two threads"];
    table(&["raw", "off", "on", "recording"], &works);
    table(&["tree raw", "tree off", "tree on", "tree recording"], &works);
    let peers = [
        "raw",
        "SharedMap",
        "SharedMap, recording",
        "AtomicRefCell",
        "Mutex",
        "RwLock",
        "parking_lot",
        "DashMap",
    ];
    table(&peers, &works);
}
