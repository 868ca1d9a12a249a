//! `mapview stress -- CMD…`: many runs, provoked and plain by turns, and how often each finding was found.

mod progress;
mod turn;

use super::{Verdict, complain};
use crate::model::moment;
use crate::os::{self, Asked};
use crate::report;
use crate::source::child::{Program, Streams};
use crate::source::directory::{self, Make};
use crate::stress::tally::Tally;
use crate::stress::{Manner, Stop, json, text};
use anyhow::Context as _;
use clap::Args;
use crossbeam_channel::{Receiver, unbounded};
use mapwatch_event::Nanos;
use progress::Progress;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use turn::{Outcome, Turn};

/// The end of the help.
pub const AFTER_HELP: &str = "\
Provoked runs get MAPWATCH_PROVOKE=1, a MAPWATCH_SEED each, and one file of traps (MAPWATCH_TRAPS) in which each
begins where the last one ended; plain runs get none of them. A run has its own process group, which is ended with
it. Ctrl-C ends the run and prints the table so far.
Exit codes: 0 nothing found; 1 something found, or a run hung, or crashed, or only some runs failed; 2 could not look.";

/// Arguments.
#[derive(Debug, Args)]
pub struct Stress {
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    pub command: Vec<OsString>,
    /// How many runs with provocation, and as many without
    #[arg(long, default_value = "20", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub runs: u32,
    /// Stop after this time (`90s`, `10m`); the run that is broken off does not count
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub time: Option<Duration>,
    /// A run that takes longer hangs: it is ended, with all that it started
    #[arg(long, default_value = "60s", value_name = "SPAN", value_parser = span)]
    pub limit: Duration,
    /// Stop after the first run that finds something, hangs or crashes
    #[arg(long)]
    pub until_found: bool,
    /// Make runs of one manner alone
    #[arg(long, value_enum, value_name = "MANNER")]
    pub only: Option<Manner>,
    /// The dice of the first provoked run; each further run has the next number
    #[arg(long, default_value = "1", value_name = "N")]
    pub seed: u64,
    /// Learn from this file of traps, and into it, instead of one that is gone afterwards
    #[arg(long, value_name = "FILE")]
    pub traps: Option<PathBuf>,
    /// Let every run begin without traps: runs are then independent of each other
    #[arg(long, conflicts_with = "traps")]
    pub fresh: bool,
    /// Print the table as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Write the table to a file
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn span(text: &str) -> Result<Duration, String> {
    match moment::duration(text) {
        Some(span) if span.0 > 0 => Ok(Duration::from_nanos(span.0)),
        _ => Err("expected a time, such as 90s or 10m".to_owned()),
    }
}

/// Makes the runs and prints the table.
///
/// # Errors
///
/// Where the program cannot be started, or the table not be written.
pub fn stress(stress: &Stress) -> anyhow::Result<Verdict> {
    let (executable, arguments) = stress.command.split_first().context("there is no program to run")?;
    let program = Program {
        executable: executable.clone(),
        arguments: arguments.to_vec(),
        streams: Streams::Captured,
        environment: Vec::new(),
    };
    let traps = Traps::of(stress)?;
    let signals = signals()?;
    let began = Instant::now();
    let tally = runs(stress, &program, &traps, &signals, began)?;
    let (words, took) = (program.words(), Nanos::from(began.elapsed()));
    let table = if stress.json { json::tell } else { text::tell };
    report::deliver(&table(&tally, &words, took), stress.output.as_deref())
        .context("the table could not be written")?;
    if stress.output.is_some() {
        complain(&text::verdict(&tally));
    }
    Ok(if tally.heard_nobody() {
        Verdict::CouldNotLook
    } else if tally.any_problem() {
        Verdict::Found
    } else {
        Verdict::Nothing
    })
}

/// Every signal that asks for an end.
fn signals() -> anyhow::Result<Receiver<i32>> {
    let (signalled, signals) = unbounded();
    os::on_signals(move |asked| match asked {
        Asked::End(signal) => drop(signalled.send(signal)),
        Asked::Suspend => drop(os::suspend()),
    })
    .context("the signal handlers could not be installed")?;
    Ok(signals)
}

/// The runs, the two manners by turns: what else the machine does burdens both alike.
fn runs(
    stress: &Stress,
    program: &Program,
    traps: &Traps,
    signals: &Receiver<i32>,
    began: Instant,
) -> anyhow::Result<Tally> {
    let manners: Vec<Manner> =
        Manner::ALL.into_iter().filter(|manner| stress.only.is_none_or(|only| only == *manner)).collect();
    let mut tally = Tally::default();
    let mut progress = Progress::begin(stress.runs.saturating_mul(manners.len() as u32));
    for index in 0..stress.runs {
        for manner in &manners {
            let left = stress.time.map(|time| time.saturating_sub(began.elapsed()));
            let seed = stress.seed.wrapping_add(u64::from(index));
            if stress.fresh {
                traps.forget();
            }
            let program = Program { environment: environment(*manner, seed, traps), ..program.clone() };
            let turn = Turn { program: &program, seed, limit: stress.limit, left, signals };
            match turn.take(|| progress.show(&tally))? {
                Outcome::Over(trial) => tally.add(*manner, &trial),
                Outcome::Stopped(stop) => tally.stopped = Some(stop),
            }
            if stress.until_found && tally.stopped.is_none() && tally.any_problem() {
                tally.stopped = Some(Stop::Found);
            }
            if tally.stopped.is_some() {
                return Ok(tally);
            }
        }
    }
    Ok(tally)
}

/// What a run gets, or must not get, whatever the viewer's own environment says.
fn environment(manner: Manner, seed: u64, traps: &Traps) -> Vec<(&'static str, Option<OsString>)> {
    let only_provoked = |value: OsString| (manner == Manner::Provoked).then_some(value);
    vec![
        ("MAPWATCH_PROVOKE", only_provoked("1".into())),
        ("MAPWATCH_SEED", only_provoked(seed.to_string().into())),
        ("MAPWATCH_TRAPS", only_provoked(traps.path.clone().into())),
    ]
}

/// The file of traps that all provoked runs share.
struct Traps {
    path: PathBuf,
    /// Whether it goes when the viewer ends.
    passing: bool,
}

impl Traps {
    fn of(stress: &Stress) -> anyhow::Result<Traps> {
        if let Some(path) = &stress.traps {
            // Tests are run in the folder of their package.
            let path = std::path::absolute(path).context("the file of traps has no path")?;
            return Ok(Traps { path, passing: false });
        }
        let directory =
            directory::directory(Make::Yes).context("no file of traps could be made: there is no folder")?;
        let path = directory.join(format!("stress-{}.traps", std::process::id()));
        Ok(Traps { path, passing: true })
    }

    fn forget(&self) {
        for path in [&self.path, &lock_of(&self.path)] {
            // What is not there is as it should be.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// What the runtime puts beside the file while it writes.
fn lock_of(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

impl Drop for Traps {
    fn drop(&mut self) {
        if self.passing {
            self.forget();
        }
    }
}
