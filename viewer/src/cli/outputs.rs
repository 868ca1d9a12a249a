//! What CI wants beside the report: files in other formats, a baseline, annotations. See `docs/ci.md`.

use super::{Verdict, complain};
use crate::baseline::Baseline;
use crate::export::annotate::{self, Service};
use crate::export::{self, Account, Format};
use crate::model::world::World;
use crate::report;
use anyhow::Context as _;
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "For CI")]
pub struct Outputs {
    /// Also write SARIF 2.1.0, for code scanning
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Also write JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Also write one HTML page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Also write the report as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Known findings: exit with 1 only for others
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what was found (and what --baseline knows) as a baseline, and exit with 0
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<PathBuf>,
    /// Mark new findings in the diff: lines on standard error that the service reads
    #[arg(long, value_enum, value_name = "SERVICE")]
    pub annotate: Option<Service>,
}

/// The outputs, with the baseline read: before a program is started for minutes.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    outputs: Outputs,
    baseline: Option<Baseline>,
}

impl Outputs {
    /// Reads the baseline.
    ///
    /// # Errors
    ///
    /// Where it is not there, or is none.
    pub fn judge(&self) -> anyhow::Result<Judge> {
        let read = |path: &PathBuf| Baseline::read(path).context("could not read the baseline");
        let baseline = self.baseline.as_ref().map(read).transpose()?;
        Ok(Judge { outputs: self.clone(), baseline })
    }
}

impl Judge {
    /// What was seen, with the baseline.
    #[must_use]
    pub fn account<'a>(&'a self, world: &'a World) -> Account<'a> {
        Account { world, baseline: self.baseline.as_ref() }
    }

    /// 0, 1 or 2.
    #[must_use]
    pub fn verdict(&self, world: &World) -> Verdict {
        let account = self.account(world);
        let accepted = self.outputs.write_baseline.is_some() && world.findings.dropped == 0;
        if account.any_problem() && !accepted {
            Verdict::Found
        } else if world.heard_nobody() {
            Verdict::CouldNotLook
        } else {
            Verdict::Nothing
        }
    }

    /// Writes the files and the annotations. One that cannot be written does not keep the others from it.
    ///
    /// # Errors
    ///
    /// The first file that could not be written.
    pub fn deliver(&self, world: &World) -> anyhow::Result<()> {
        let account = self.account(world);
        let outputs = &self.outputs;
        let files = [
            (&outputs.sarif, Format::Sarif),
            (&outputs.junit, Format::Junit),
            (&outputs.html, Format::Html),
            (&outputs.markdown, Format::Markdown),
        ];
        let mut done = Ok(());
        for (path, format) in files {
            let Some(path) = path else { continue };
            done = done.and(write(path, &export::tell(format, &account)));
        }
        if let Some(path) = &outputs.write_baseline {
            done = done.and(self.write_baseline(path, &account));
        }
        if let Some(service) = outputs.annotate {
            report::print_error(&annotate::lines(service, &account));
        }
        done
    }

    /// Where nobody was heard, an empty baseline would pass for a clean bill.
    fn write_baseline(&self, path: &Path, account: &Account<'_>) -> anyhow::Result<()> {
        if account.world.heard_nobody() {
            complain(&format!("{} is not written: there was nothing to look at", path.display()));
            return Ok(());
        }
        let mut baseline = Baseline::of(account);
        if let Some(known) = &self.baseline {
            baseline.add(known);
        }
        write(path, &baseline.text())
    }
}

/// Writes one file.
///
/// # Errors
///
/// With its path.
pub(super) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    report::deliver(text, Some(path)).with_context(|| format!("could not write {}", path.display()))
}
