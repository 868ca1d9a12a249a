//! `mapview demo [SCENARIO]`: like `run`, with this binary as the program.

use super::look::Face;
use super::outputs::Outputs;
use super::run::watch;
use super::{Common, Verdict};
use crate::demo::SCENARIOS;
use crate::source::child::{Program, Streams};
use anyhow::Context as _;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

/// What the help says below the arguments.
pub const AFTER_HELP: &str = "\
The program ends by itself after 2 minutes; what was seen stays on the screens, and [ steps back through it.
For a report (--report, --json, or no terminal) it runs only until every accident has happened, a few seconds.";

/// Arguments.
#[derive(Debug, Args)]
pub struct Demo {
    /// Which scenario
    #[arg(default_value = SCENARIOS[0].name, value_parser = scenarios())]
    pub scenario: String,
    /// How to look.
    #[command(flatten)]
    pub common: Common,
    /// What CI wants.
    #[command(flatten)]
    pub outputs: Outputs,
}

/// Every scenario, with what it shows, for the help.
fn scenarios() -> PossibleValuesParser {
    SCENARIOS.iter().map(|scenario| PossibleValue::new(scenario.name).help(scenario.about)).into()
}

/// Starts this binary with the workload, and watches it through the same socket as any other program.
///
/// # Errors
///
/// As for `run`.
pub fn demo(demo: &Demo) -> anyhow::Result<Verdict> {
    let judge = demo.outputs.judge()?;
    let executable = std::env::current_exe().context("this program's own path is not known")?;
    let mut arguments = vec!["__demo".into(), demo.scenario.clone().into()];
    if demo.common.face() == Face::Report {
        arguments.push("--briefly".into());
    }
    // Its panics are planted: on the terminal they would only bury the report.
    let program = Program {
        executable: executable.into_os_string(),
        arguments,
        streams: Streams::Captured,
        environment: Vec::new(),
    };
    let (_, verdict) = watch(&program, &demo.common, &judge)?;
    Ok(verdict)
}
