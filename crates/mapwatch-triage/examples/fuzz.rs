//! Feeds mutated and spliced real logs to the triage for a while; ends at once with the seed where one panics or
//! takes too long for its size.
//!
//! ```text
//! cargo run -p mapwatch-triage --example fuzz -- 600
//! ```
#![allow(clippy::print_stdout, reason = "it is a command")]

use mapwatch_triage::Triage;
use mapwatch_triage::source::expand;
use std::panic::catch_unwind;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Seconds that a kilobyte may take: hundreds of times what it takes.
const SLOW: f64 = 0.01;

/// A generator of its own, so that a seed gives the same input on every machine (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0)
    }

    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { self.next() % end }
    }
}

fn main() -> ExitCode {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(60);
    let only = std::env::args().nth(2).and_then(|text| text.parse::<u64>().ok());
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs");
    let files = expand(&logs.display().to_string());
    let seeds: Vec<Vec<u8>> = files.iter().filter_map(|file| std::fs::read(file.name()).ok()).collect();
    let (began, mut runs, mut bytes) = (Instant::now(), 0_u64, 0_u64);
    while began.elapsed() < Duration::from_secs(seconds) {
        let seed = only.unwrap_or(runs);
        let input = input(seed, &seeds);
        // On a processor, where that is told: a machine that is busy elsewhere is no hang.
        let (start, before) = (Instant::now(), on_cpu());
        let done = catch_unwind(|| {
            let mut triage = Triage::new().workers(1);
            triage.read_bytes("x", &input);
            triage.finish().lines
        });
        let worked = before.zip(on_cpu()).map(|(before, after)| after - before);
        let took = worked.unwrap_or_else(|| start.elapsed().as_secs_f64());
        if done.is_err() || took > 0.5 + SLOW * input.len() as f64 / 1024.0 {
            println!("seed {seed}: {} bytes, {took:.2} s, {done:?}", input.len());
            return ExitCode::FAILURE;
        }
        runs += 1;
        bytes += input.len() as u64;
        if only.is_some() {
            break;
        }
    }
    println!("{runs} inputs, {} MiB, {:.0} s: no panic, no hang", bytes >> 20, began.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}

/// Seconds that this thread was on a processor; `None` where nobody tells.
fn on_cpu() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1.0e9)
}

/// Pieces of one to four logs, cut at lines or anywhere, repeated, with bytes changed.
fn input(seed: u64, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut out = Vec::new();
    for _ in 0..=random.below(4) {
        let log = &seeds[random.below(seeds.len())];
        let from = random.below(log.len());
        let piece = &log[from..from + random.below(8192.min(log.len() - from) + 1)];
        let times = if random.below(8) == 0 { random.below(40) } else { 1 };
        (0..times).for_each(|_| out.extend_from_slice(piece));
    }
    for _ in 0..random.below(60) {
        let at = random.below(out.len());
        match random.below(6) {
            0 if !out.is_empty() => out[at] = u8::try_from(random.below(256)).unwrap_or(0),
            1 if !out.is_empty() => drop(out.drain(at..(at + random.below(40)).min(out.len()))),
            2 => out.insert(at, *b"\n'\":[]{}|\\\x1b \t\0".get(random.below(14)).unwrap_or(&b'\xff')),
            3 => {
                let word = mapwatch_triage::literal::LITERALS
                    [random.below(mapwatch_triage::literal::LITERALS.len())];
                out.splice(at..at, word.bytes());
            }
            4 => {
                let piece: Vec<u8> = out[at..(at + random.below(300)).min(out.len())].to_vec();
                let to = random.below(out.len());
                out.splice(to..to, piece);
            }
            _ => {}
        }
    }
    out
}
