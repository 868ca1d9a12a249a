//! How fast the triage is, against ripgrep looking for the same literals, and whether its counts are exact.
//!
//! ```text
//! cargo run --release -p mapwatch-triage --example speed -- 1024 200
//! ```
//!
//! Makes a mixed file (real reports in ordinary service logs, about one a megabyte), a dense one (reports only)
//! and a varied one (a quarter as large, no two reports alike: nothing that was read once helps to read the
//! next), of as many megabytes as the arguments say, in the temporary folder; reads each, compares the counts
//! with what was planted, prints the times, and removes the files. `rg` is asked where it is installed.
#![allow(clippy::print_stdout, reason = "it is a command")]

use mapwatch_triage::literal::LITERALS;
use mapwatch_triage::source::{Source, expand};
use mapwatch_triage::{Summary, Triage};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// One bug's report, and what one copy of it comes to when it is read on its own.
struct Plant {
    text: Vec<u8>,
    count: u64,
}

fn main() -> ExitCode {
    let megabytes = |at: usize, otherwise| {
        std::env::args().nth(at).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    let plants = plants(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs"));
    let mut exact = true;
    let (large, small) = (megabytes(1, 1024), megabytes(2, 200));
    let files = [("mixed", large, None), ("dense", small, Some(1)), ("varied", small / 4, Some(1))];
    for (name, size, threads) in files {
        let path = std::env::temp_dir().join(format!("mapwatch-triage-{name}-{}.log", std::process::id()));
        exact &= measure(name, size << 20, threads, &plants, &path).unwrap_or_else(|error| {
            println!("{name}: {error}");
            false
        });
        let _ = fs::remove_file(path);
    }
    ExitCode::from(u8::from(!exact))
}

/// Reports of the newest toolchains that print exactly one group each.
fn plants(logs: &Path) -> Vec<Plant> {
    let files = ["rust/std-1.95/*.bt1.txt", "go/*go1.27.3.log"];
    let sources = files.iter().flat_map(|files| expand(&logs.join(files).display().to_string()));
    let texts = sources.filter_map(|source| fs::read(source.name()).ok());
    let read = texts.filter_map(|text| {
        let mut triage = Triage::new().workers(1);
        triage.read_bytes("x", &text);
        let summary = triage.finish();
        let one =
            summary.groups.len() == 1 && summary.groups[0].secondary == 0 && summary.groups[0].endings == 0;
        one.then(|| Plant { count: summary.count(), text })
    });
    read.collect()
}

fn measure(name: &str, size: u64, threads: Option<usize>, plants: &[Plant], path: &Path) -> io::Result<bool> {
    let planted = match name {
        "mixed" => mixed(path, size, plants)?,
        "dense" => dense(path, size, plants)?,
        _ => varied(path, size)?,
    };
    let mut triage = Triage::new();
    if let Some(threads) = threads {
        triage = triage.workers(threads);
    }
    let (began, before) = (Instant::now(), on_cpu());
    triage.read(&Source::File(PathBuf::from(path)), &mut |_| ());
    let summary: Summary = triage.finish();
    let seconds = began.elapsed().as_secs_f64();
    let megabytes = size as f64 / 1_048_576.0;
    let rate = megabytes / seconds;
    // On one thread its time on the processor tells the speed of a core, whatever else the machine does.
    if let Some((before, after)) = before.zip(on_cpu()).filter(|_| threads == Some(1)) {
        println!("{name}: {:.0} MiB/s of a core", megabytes / (after - before));
    }
    let groups = summary.groups.len();
    println!(
        "{name}: {} reports for {planted} planted, {groups} groups, {seconds:.2} s, {rate:.0} MiB/s",
        summary.count()
    );
    if let Some(other) = ripgrep(path) {
        println!("{name}: ripgrep {other:.2} s; ours is {:.2} times that", seconds / other);
    }
    Ok(summary.count() == planted)
}

/// Seconds that this thread was on a processor; `None` where nobody tells.
fn on_cpu() -> Option<f64> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1.0e9)
}

/// Time that ripgrep takes to count the lines with one of the literals.
fn ripgrep(path: &Path) -> Option<f64> {
    let mut command = Command::new("rg");
    command.args(["--fixed-strings", "--count", "--text", "--no-config"]);
    for literal in LITERALS {
        command.args(["-e", literal]);
    }
    let began = Instant::now();
    let status = command.arg(path).stdout(Stdio::null()).status().ok()?;
    status.success().then(|| began.elapsed().as_secs_f64())
}

/// Ordinary lines, and a report about once a megabyte; returns the reports planted.
fn mixed(path: &Path, size: u64, plants: &[Plant]) -> io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let (mut written, mut planted, mut next, mut at) = (0, 0, 1 << 19, 0_u64);
    while written < size {
        if written >= next {
            let plant = &plants[usize::try_from(planted).unwrap_or(0) % plants.len()];
            out.write_all(b"\n")?;
            out.write_all(&plant.text)?;
            written += plant.text.len() as u64 + 1;
            planted += plant.count;
            next += 1 << 20;
        }
        let line = ordinary(at);
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        at += 1;
    }
    out.flush().map(|()| planted)
}

fn ordinary(at: u64) -> String {
    let (second, milli) = (at / 1000 % 60, at % 1000);
    let stamp = format!("2026-11-23T15:{:02}:{second:02}.{milli:03}Z", at / 60_000 % 60);
    // A cheap mix, so that lines differ.
    let number = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    match number % 5 {
        0 => format!(
            "{stamp}  INFO shop::http: GET /orders/{number} 200 {}us peer=10.0.3.{}\n",
            number % 9000,
            number % 255
        ),
        1 => format!(
            "{stamp} DEBUG shop::db: query took {}ms rows={} statement=\"select * from orders where id = $1\"\n",
            number % 90,
            number % 7
        ),
        2 => format!(
            "{stamp}  WARN shop::queue: lag {number} on partition {}, will retry in {}ms\n",
            number % 16,
            number % 500
        ),
        3 => format!("{stamp}  INFO shop::cache: evicted {} entries, {number} bytes left\n", number % 100),
        _ => format!(
            "{stamp} TRACE shop::net: frame {number} from peer {} window={} stream={}\n",
            number % 255,
            number % 65_536,
            number % 1000
        ),
    }
}

/// Reports only.
fn dense(path: &Path, size: u64, plants: &[Plant]) -> io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let (mut written, mut planted) = (0, 0);
    for plant in plants.iter().cycle() {
        if written >= size || plants.is_empty() {
            break;
        }
        out.write_all(&plant.text)?;
        out.write_all(b"\n")?;
        written += plant.text.len() as u64 + 1;
        planted += plant.count;
    }
    out.flush().map(|()| planted)
}

/// Reports of one bug, each with numbers of its own.
fn varied(path: &Path, size: u64) -> io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let (mut written, mut planted) = (0, 0);
    while written < size {
        let report = format!(
            "thread 'worker' ({planted}) panicked at src/orders.rs:88:14:\n\
             index out of bounds: the len is {planted} but the index is {}\n\
             stack backtrace:\n\
             \x20  0: __rustc::rust_begin_unwind\n\
             \x20            at /rustc/0123456789abcdef0123456789abcdef01234567/library/std/src/panicking.rs:689:5\n\
             \x20  1: core::panicking::panic_bounds_check\n\
             \x20            at /rustc/0123456789abcdef0123456789abcdef01234567/library/core/src/panicking.rs:271:5\n\
             \x20  2: shop::orders::settle\n\
             \x20            at ./src/orders.rs:88:14\n\
             \x20  3: shop::main\n\
             \x20            at ./src/main.rs:9:5\n\
             note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.\n",
            planted * 7 + 3
        );
        out.write_all(report.as_bytes())?;
        written += report.len() as u64;
        planted += 1;
    }
    out.flush().map(|()| planted)
}
