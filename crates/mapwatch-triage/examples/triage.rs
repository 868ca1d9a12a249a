//! The triage as a person tries it: the flags of the later `mapview triage`.
//!
//! ```text
//! cargo run --release -p mapwatch-triage --example triage -- crates/mapwatch-triage/tests/logs/wrapped
//! ```
#![allow(clippy::print_stderr, reason = "it is a command")]

use clap::Parser;
use mapwatch_event::Category;
use mapwatch_triage::envelope::Context;
use mapwatch_triage::source::{Source, expand};
use mapwatch_triage::{Progress, Rules, Summary, Triage, print, time};
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Reads logs and says what is wrong: which panics, how often, why, what to do first.
#[derive(Parser)]
struct Flags {
    /// Files, folders, patterns, or `-` for standard input.
    #[arg(default_value = "-")]
    inputs: Vec<String>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Another form: text, json, markdown, sarif, csv.
    #[arg(long, default_value = "text")]
    format: String,
    /// Write to a file.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Only the first groups.
    #[arg(long)]
    top: Option<usize>,
    /// Only reports from this time on (2026-11-23T15:00:00Z).
    #[arg(long, value_parser = stamp)]
    since: Option<time::Micros>,
    /// Only reports up to this time.
    #[arg(long, value_parser = stamp)]
    until: Option<time::Micros>,
    /// Only groups of these categories.
    #[arg(long)]
    category: Vec<Category>,
    /// A file of rules of your own, asked first.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// How many threads.
    #[arg(long)]
    threads: Option<usize>,
    /// Standard input does not end: print after each pause.
    #[arg(long)]
    follow: bool,
    /// Show how each next step was decided.
    #[arg(long)]
    explain: bool,
    /// No progress.
    #[arg(long)]
    quiet: bool,
}

fn stamp(text: &str) -> Result<time::Micros, String> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    time::leading(whole.as_bytes(), 1970)
        .map(|(at, _)| at)
        .ok_or_else(|| "expected 2026-11-23T15:00:00Z".to_owned())
}

fn main() -> ExitCode {
    match run(&Flags::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(why) => {
            eprintln!("triage: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(flags: &Flags) -> Result<u8, String> {
    let mut triage = Triage::new().since(flags.since).until(flags.until).now(now());
    if let Some(threads) = flags.threads {
        triage = triage.workers(threads);
    }
    if let Some(path) = &flags.rules {
        let text = std::fs::read_to_string(path)
            .map_err(|why| format!("could not read {}: {why}", path.display()))?;
        triage = triage.rules(Rules::with_user(&text).map_err(|why| why.to_string())?);
    }
    if flags.follow {
        follow(&mut triage, flags)?;
    } else {
        let sources: Vec<Source> = flags.inputs.iter().flat_map(|input| expand(input)).collect();
        let total = sources.iter().map(Source::size).sum();
        let mut bar = Bar::new(total, !flags.quiet && io::stderr().is_terminal());
        for source in &sources {
            triage.read(source, &mut |progress| bar.show(progress));
            bar.next();
        }
        bar.clear();
    }
    let mut summary = triage.finish();
    let code = summary.exit().code();
    write(&mut summary, flags)?;
    Ok(code)
}

fn now() -> Option<time::Micros> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok()
}

fn write(summary: &mut Summary, flags: &Flags) -> Result<(), String> {
    summary.keep_categories(&flags.category);
    if let Some(top) = flags.top {
        summary.keep_top(top);
    }
    let mut out: Box<dyn Write> = match &flags.output {
        Some(path) => Box::new(
            std::fs::File::create(path)
                .map_err(|why| format!("could not write {}: {why}", path.display()))?,
        ),
        None => Box::new(io::stdout().lock()),
    };
    let detail = print::text::Detail { full: flags.top.unwrap_or(10), explain: flags.explain };
    let format = if flags.json { "json" } else { &flags.format };
    let written = match format {
        "json" => print::json::write(&mut out, summary),
        "markdown" | "md" => print::markdown::write(&mut out, summary),
        "sarif" => print::sarif::write(&mut out, summary),
        "csv" => print::csv::write(&mut out, summary),
        "text" => print::text::write(&mut out, summary, detail),
        other => return Err(format!("no form is called {other}")),
    };
    match written.and_then(|()| out.flush()) {
        // Whoever reads the output may stop early.
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(format!("could not write: {why}")),
        _ => Ok(()),
    }
}

/// Reads standard input as it comes; a pause settles what is there.
fn follow(triage: &mut Triage, flags: &Flags) -> Result<(), String> {
    let (sender, receiver) = mpsc::sync_channel::<Vec<u8>>(16);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = io::stdin().read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut last = 0;
    let mut input = triage.follow("-", Context { year: 1970 });
    loop {
        match receiver.recv_timeout(Duration::from_millis(500)) {
            Ok(bytes) => input.push(&bytes),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                input.settle();
                let seen = input.reports();
                if seen != last && !flags.quiet {
                    eprintln!("{seen} reports so far");
                    last = seen;
                }
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    input.end();
    Ok(())
}

/// Progress with rate and time left, on standard error.
struct Bar {
    total: u64,
    on: bool,
    began: Instant,
    shown: Instant,
    before: u64,
    here: u64,
}

impl Bar {
    fn new(total: u64, on: bool) -> Bar {
        let now = Instant::now();
        Bar { total, on: on && total > 64 << 20, began: now, shown: now, before: 0, here: 0 }
    }

    fn show(&mut self, progress: Progress) {
        self.here = progress.bytes;
        if !self.on || self.shown.elapsed() < Duration::from_millis(200) {
            return;
        }
        self.shown = Instant::now();
        let done = self.before + self.here;
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let rate = done as f64 / seconds;
        let left = self.total.saturating_sub(done) as f64 / rate.max(1.0);
        eprint!(
            "\r{:>6} of {} MB, {:.0} MB/s, {left:.0} s left ",
            done >> 20,
            self.total >> 20,
            rate / 1_048_576.0
        );
    }

    fn next(&mut self) {
        self.before += self.here;
        self.here = 0;
    }

    fn clear(&self) {
        if self.on {
            eprint!("\r{:60}\r", "");
        }
    }
}
