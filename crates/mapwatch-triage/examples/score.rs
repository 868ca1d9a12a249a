//! How well the triage reads a labelled folder: recall, categories, groups, with a confusion table.
//!
//! ```text
//! cargo run -p mapwatch-triage --example score -- crates/mapwatch-triage/tests/logs
//! ```
//!
//! The folder holds `labels.tsv` (scenario, category), `rust/<build>/<scenario>.<setting>.txt`, `go/*.log` and
//! `wrapped/*` with `truth.jsonl`. Exit code 0 where every target is met, 1 where one is not.
#![allow(clippy::print_stdout, reason = "it is a command")]

#[path = "../tests/suite/scoring.rs"]
mod scoring;

fn main() -> std::process::ExitCode {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "crates/mapwatch-triage/tests/logs".to_owned());
    let verbose = std::env::args().any(|argument| argument == "-v");
    let score = scoring::score(std::path::Path::new(&folder));
    print!("{}", score.text(verbose));
    std::process::ExitCode::from(u8::from(!score.is_met()))
}
