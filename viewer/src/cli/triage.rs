//! `mapview triage FILE…|DIR…|-`: panic logs to causes.
//!
//! Everything that reads and judges is in `mapwatch-triage`; here are arguments, progress, what happens while an
//! input goes on (`follow`), and the command that an alarm may start (`alarm`).

mod alarm;
mod checkout;
mod follow;
mod memory;
mod progress;
mod screens;

use super::{Verdict, complain};
use anyhow::{Context as _, anyhow, bail};
use clap::{Args, ValueEnum};
use mapwatch_event::Category;
use mapwatch_triage::source::{Source, expand};
use mapwatch_triage::{Exit, Rules, Summary, Triage, print, time};
use progress::Bar;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What `mapview triage --help` says at its end.
pub const AFTER_HELP: &str = "\
Examples:
  mapview triage /var/log/shop                      a folder of rotated files, gzip and zstd included
  kubectl logs deploy/shop | mapview triage         standard input
  journalctl -fu shop | mapview triage --follow     an input that goes on
  mapview triage shop.log --json | jq '.groups[0]'  for programs
Exit codes: 0 no panic and no crash, 1 something found, 2 no input could be read.";

/// Arguments.
#[derive(Debug, Args)]
pub struct TriageArguments {
    /// Files, folders, patterns, or `-` for standard input; packed ones are unpacked
    #[arg(value_name = "FILE|DIR", default_value = "-")]
    inputs: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Print the report in this form
    #[arg(long, value_enum, conflicts_with_all = ["json", "tui"])]
    format: Option<Form>,
    /// Print the report, no screens: what happens anyway where standard output is no terminal
    #[arg(long)]
    report: bool,
    /// Show screens, or say why they cannot be shown
    #[arg(long, conflicts_with_all = ["json", "report", "output", "follow"])]
    tui: bool,
    /// Show no colours
    #[arg(long)]
    no_color: bool,
    /// Write the report to a file
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only the first N groups
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Only reports from this time on: 2026-11-23T15:00:00Z, or 90m, 2h, 7d before now
    #[arg(long, value_name = "TIME", value_parser = stamp)]
    since: Option<time::Micros>,
    /// Only reports up to this time
    #[arg(long, value_name = "TIME", value_parser = stamp)]
    until: Option<time::Micros>,
    /// Only groups of these categories
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    category: Vec<Category>,
    /// A file of rules of your own, which are asked first (its form is in the built-in rules: --print-rules)
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Print the built-in rules and end
    #[arg(long)]
    print_rules: bool,
    /// Threads that read [default: one a core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// The input goes on (standard input, or one file that grows): tell what comes up when it comes up
    #[arg(long)]
    follow: bool,
    /// Say which questions led to each next step, how to keep it from coming back, and where to read on
    #[arg(long)]
    explain: bool,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
    /// A checkout of the source: show the lines that panicked, and who changed them last (git blame)
    #[arg(long, value_name = "DIR")]
    repo: Option<PathBuf>,
    /// The history's database [default: mapview/triage.db in the state directory]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// Neither read nor write the history
    #[arg(long)]
    no_history: bool,
    /// Say that a bug is resolved, and end: when it is seen again, it has regressed
    #[arg(long, value_name = "FINGERPRINT")]
    resolve: Option<String>,
    /// Say that a bug is known and of no interest, and end: it is shown, and is no finding from now on
    #[arg(long, value_name = "FINGERPRINT", conflicts_with = "resolve")]
    ignore: Option<String>,
    /// Take back that a bug is resolved or ignored, and end
    #[arg(long, value_name = "FINGERPRINT", conflicts_with_all = ["resolve", "ignore"])]
    reopen: Option<String>,
    /// Keep a note about a bug, shown with it from now on, and end
    #[arg(long, value_name = "FINGERPRINT=TEXT", conflicts_with_all = ["resolve", "ignore", "reopen"])]
    note: Option<String>,
    /// Run this command (by `sh -c`) for each alarm; MAPVIEW_ALARM, MAPVIEW_FINGERPRINT and MAPVIEW_TEXT tell it which
    #[arg(long, value_name = "COMMAND")]
    on_alarm: Option<String>,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// One object.
    Json,
    /// For an issue or a chat.
    #[value(alias = "md")]
    Markdown,
    /// For code scanners.
    Sarif,
    /// One row per group.
    Csv,
}

/// Reads the inputs and prints the report.
///
/// # Errors
///
/// Where the rules cannot be read or the report cannot be written. An input that cannot be read is named in the
/// report, and the others are read.
pub fn triage(arguments: &TriageArguments) -> anyhow::Result<Verdict> {
    if arguments.print_rules {
        crate::report::deliver(Rules::BUILT_IN, arguments.output.as_deref())?;
        return Ok(Verdict::Nothing);
    }
    if let Some(verdict) = memory::edit(arguments)? {
        return Ok(verdict);
    }
    if arguments.tui && !io::stdout().is_terminal() {
        bail!("--tui needs a terminal on standard output");
    }
    let mut triage = Triage::new().since(arguments.since).until(arguments.until).now(now());
    if let Some(threads) = arguments.threads {
        triage = triage.workers(threads);
    }
    if let Some(path) = &arguments.rules {
        let text = std::fs::read_to_string(path);
        let text = text.with_context(|| format!("could not read {}", path.display()))?;
        let rules = Rules::with_user(&text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
        triage = triage.rules(rules);
    }
    let mut alarms = alarm::Caller::new(arguments.on_alarm.as_deref());
    let mut summary = if arguments.follow {
        follow::follow(triage, arguments, &mut alarms)?
    } else {
        read(triage, arguments)
    };
    let history = memory::remember(&mut summary, arguments);
    alarms.call(&summary);
    let exit = summary.exit();
    summary.keep_categories(&arguments.category);
    if let Some(top) = arguments.top {
        summary.keep_top(top);
    }
    if let Some(root) = &arguments.repo {
        checkout::look_up(&mut summary, root);
    }
    // What is hidden by --category is no finding.
    let verdict = match (exit, summary.exit()) {
        (Exit::CouldNotLook, _) => Verdict::CouldNotLook,
        (_, Exit::Found) => Verdict::Found,
        _ => Verdict::Nothing,
    };
    if arguments.shows_screens() && !summary.groups.is_empty() {
        let signal = screens::show(summary, arguments)?;
        return Ok(signal.map_or(verdict, |signal| Verdict::Code(128 + (signal & 0x7f) as u8)));
    }
    deliver(&summary, arguments, history.as_deref()).context("could not write the report")?;
    Ok(verdict)
}

impl TriageArguments {
    /// Screens where there is a terminal for them, and nothing else was asked for.
    fn shows_screens(&self) -> bool {
        let printed = self.json
            || self.report
            || self.follow
            || self.explain
            || self.format.is_some()
            || self.output.is_some();
        self.tui || !printed && io::stdout().is_terminal()
    }
}

fn read(mut triage: Triage, arguments: &TriageArguments) -> Summary {
    if arguments.inputs == ["-"] && io::stdin().is_terminal() {
        complain("reading standard input (end it with Ctrl-D; mapview triage FILE reads a file)");
    }
    let sources: Vec<Source> = arguments.inputs.iter().flat_map(|input| expand(input)).collect();
    let total = sources.iter().map(Source::size).sum();
    let mut bar = Bar::new(total, !arguments.quiet && io::stderr().is_terminal());
    for source in &sources {
        bar.begin(source);
        triage.read(source, &mut |progress| bar.show(progress));
    }
    bar.clear();
    triage.finish()
}

fn deliver(summary: &Summary, arguments: &TriageArguments, history: Option<&Path>) -> io::Result<()> {
    let mut text = Vec::new();
    let out: &mut dyn Write = &mut text;
    let asked = arguments.format.unwrap_or(Form::Text);
    match if arguments.json { Form::Json } else { asked } {
        Form::Json => print::json::write(out, summary),
        Form::Markdown => print::markdown::write(out, summary),
        Form::Sarif => print::sarif::write(out, summary),
        Form::Csv => print::csv::write(out, summary),
        Form::Text => {
            let full = arguments.top.unwrap_or(10);
            print::text::write(out, summary, print::text::Detail { full, explain: arguments.explain })?;
            history.map_or(Ok(()), |path| {
                writeln!(out, "\nremembered in {} (--no-history keeps nothing)", path.display())
            })
        }
    }?;
    crate::report::deliver(&String::from_utf8_lossy(&text), arguments.output.as_deref())
}

fn now() -> Option<time::Micros> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok()
}

/// A time of day or a span before now.
fn stamp(text: &str) -> anyhow::Result<time::Micros> {
    if let Some(span) = span(text) {
        return Ok(now().unwrap_or(0).saturating_sub(span));
    }
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    match time::leading(whole.as_bytes(), 1970) {
        Some((at, _)) => Ok(at),
        None => bail!("expected 2026-11-23T15:00:00Z, 2026-11-23, or a span before now such as 90m, 2h, 7d"),
    }
}

/// `90m` in microseconds.
fn span(text: &str) -> Option<time::Micros> {
    let unit = match text.as_bytes().last()? {
        b's' => 1,
        b'm' => 60,
        b'h' => 3600,
        b'd' => 86_400,
        _ => return None,
    };
    text[..text.len() - 1].parse::<u32>().ok().map(|count| i64::from(count) * unit * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::{span, stamp};

    #[test]
    fn times_are_stamps_or_spans() {
        assert_eq!(span("90m"), Some(5_400_000_000));
        assert_eq!(span("2h"), span("120m"));
        assert_eq!(stamp("1970-01-02").ok(), Some(86_400_000_000));
        for bad in ["", "m", "é", "-1h", "yesterday"] {
            assert!(stamp(bad).is_err(), "{bad}");
        }
    }
}
