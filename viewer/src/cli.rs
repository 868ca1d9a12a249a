//! Arguments to exit code; one file per subcommand.
//!
//! Exit codes: 0 no finding, 1 a finding, 2 could not look. Notes (worth knowing, nothing is wrong yet) are no
//! reason for 1, nor are panics that no finding explains: a test may expect one, a server catch one.

pub mod attach;
pub mod demo;
pub mod export;
pub mod look;
pub mod open;
pub mod outputs;
pub mod ps;
pub mod record;
pub mod run;
pub mod sessions;
pub mod stress;
pub mod triage;

use crate::demo::Visit;
use clap::{Args, Parser, Subcommand};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Who is in a map, live and recorded.
#[derive(Debug, Parser)]
#[command(
    name = "mapview",
    version,
    about,
    after_help = "\
Exit codes: 0 no finding, 1 a finding above a note, 2 could not look. Panics that are no finding are told and
change nothing: whether they were meant, the program's own exit code says (run --exit-code either).
Without a terminal on standard output, a report is printed instead of screens.
Environment: NO_COLOR (no colours), MAPVIEW_ASCII=1 (no characters beyond ASCII), MAPVIEW_RECORD=0 (no recording).
Configuration: $XDG_CONFIG_HOME/mapview/config.toml, else ~/.config/mapview/config.toml:
  theme = \"dark\"                    # light, high-contrast, mono
  ascii = false
  mouse = false                     # M changes it
  [keys]                            # commands are named as the hints name them, blanks as dashes
  pause = [\"p\", \"Space\"]
  next-problem = [\"Ctrl-n\"]"
)]
struct Arguments {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Run a built-in program with planted collisions, and watch it
    #[command(after_help = demo::AFTER_HELP)]
    Demo(demo::Demo),
    /// Run a program, and watch it and every process below it
    #[command(after_help = run::AFTER_HELP)]
    Run(run::Run),
    /// Run a program or test again and again, with delays where races may hide, and say how often what is found
    #[command(after_help = stress::AFTER_HELP)]
    Stress(stress::Stress),
    /// Watch programs that run already
    Attach(attach::Attach),
    /// List the programs that can be watched
    Ps(ps::Ps),
    /// Look at recordings: what MAPWATCH_OUT=FILE wrote, or a run of `mapview sessions`
    Open(open::Open),
    /// Write recordings in a format that other tools read
    Export(export::Export),
    /// Write the findings of recordings as known ones, for --baseline
    Baseline(export::MakeBaseline),
    /// List, name, and remove the recorded runs
    Sessions(sessions::Sessions),
    /// Read panic logs, of Rust and Go: which panics, how often, why, what to do first
    #[command(after_help = triage::AFTER_HELP)]
    Triage(Box<triage::TriageArguments>),
    /// The program that `demo` runs
    #[command(name = "__demo", hide = true)]
    Workload {
        /// Which scenario.
        scenario: String,
        /// End as soon as there is something to report.
        #[arg(long)]
        briefly: bool,
    },
}

/// What all subcommands that look at something understand.
#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// Print a report instead of showing screens
    #[arg(long)]
    pub report: bool,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Show no colours
    #[arg(long)]
    pub no_color: bool,
    /// Do not record the run in the state directory (see `mapview sessions`)
    #[arg(long)]
    pub no_record: bool,
    /// Write the report to a file
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The exit code of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No finding above a note.
    Nothing,
    /// A finding.
    Found,
    /// Nobody was there to look at.
    CouldNotLook,
    /// Another program's or a signal's.
    Code(u8),
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> ExitCode {
        ExitCode::from(match verdict {
            Verdict::Nothing => 0,
            Verdict::Found => 1,
            Verdict::CouldNotLook => 2,
            Verdict::Code(code) => code,
        })
    }
}

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Subcommands::Demo(demo) => demo::demo(&demo),
        Subcommands::Run(run) => run::run(&run),
        Subcommands::Stress(stress) => stress::stress(&stress),
        Subcommands::Attach(attach) => attach::attach(&attach),
        Subcommands::Ps(ps) => ps::ps(&ps),
        Subcommands::Open(open) => open::open(&open),
        Subcommands::Export(export) => export::export(&export),
        Subcommands::Baseline(make) => export::baseline(&make),
        Subcommands::Sessions(sessions) => sessions::sessions(&sessions),
        Subcommands::Triage(arguments) => triage::triage(&arguments),
        Subcommands::Workload { scenario, briefly } => {
            let visit = if briefly { Visit::Brief } else { Visit::Long };
            crate::demo::run(&scenario, visit).map(|()| Verdict::Nothing)
        }
    };
    match result {
        Ok(verdict) => verdict.into(),
        Err(error) => {
            complain(&format!("{error:#}"));
            Verdict::CouldNotLook.into()
        }
    }
}

/// One sentence on standard error; where that is closed, there is nobody to tell.
pub fn complain(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "mapview: {sentence}");
}
