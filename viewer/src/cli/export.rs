//! `mapview export --format F FILE…` and `mapview baseline FILE…`: recordings into what other tools read.
//!
//! Both convert and do not judge: they end with 0 where the output was written, else with 2.

mod stream;

use super::outputs::Outputs;
use super::{Verdict, complain};
use crate::baseline::Baseline;
use crate::export::{self, Format};
use crate::model::Model;
use crate::model::world::World;
use crate::report;
use crate::runner;
use crate::source::Feed;
use crate::source::file::play_all;
use anyhow::{Context as _, bail};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The recordings, or runs of `mapview sessions`; with none, `lnav` gives its format file
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Which format
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub format: Format,
    /// Known findings: the formats that can say so mark them
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `baseline`.
#[derive(Debug, Args)]
pub struct MakeBaseline {
    /// The recordings, or runs of `mapview sessions`
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A baseline whose entries stay
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Converts.
///
/// # Errors
///
/// Where a recording cannot be read, or the output not be written.
pub fn export(export: &Export) -> anyhow::Result<Verdict> {
    if export.files.is_empty() && export.format != Format::Lnav {
        bail!("there is no recording to export: mapview export --format {} FILE", export.format.word());
    }
    if export.format == Format::Lnav && !export.files.is_empty() {
        keep_apart(&export.files, export.output.as_deref())?;
        return stream::stream(super::open::recordings(&export.files)?, export.output.as_deref());
    }
    let outputs = Outputs { baseline: export.baseline.clone(), ..Outputs::default() };
    let judge = outputs.judge()?;
    let world = read(&export.files, export.output.as_deref())?;
    deliver(&export::tell(export.format, &judge.account(&world)), export.output.as_deref())
}

/// Makes a baseline.
///
/// # Errors
///
/// Where a recording or the old baseline cannot be read, or the new one not be written.
pub fn baseline(make: &MakeBaseline) -> anyhow::Result<Verdict> {
    let outputs = Outputs { baseline: make.baseline.clone(), ..Outputs::default() };
    let judge = outputs.judge()?;
    let world = read(&make.files, make.output.as_deref())?;
    let account = judge.account(&world);
    let mut baseline = Baseline::of(&account);
    if let Some(known) = account.baseline {
        baseline.add(known);
    }
    deliver(&baseline.text(), make.output.as_deref())
}

/// Takes recordings in, to their end. What could not be read is told on standard error, too: not every format
/// has a place for it.
fn read(files: &[PathBuf], output: Option<&Path>) -> anyhow::Result<World> {
    keep_apart(files, output)?;
    let recordings = super::open::recordings(files)?;
    let (feed, messages) = Feed::new();
    play_all(recordings, feed).context("no thread could be started")?;
    let (model, _) = runner::without_screens(Model::default(), &messages, None, &mut super::look::Impatient)?;
    let unread = &model.world.unread;
    if let Some(first) = unread.lines.first() {
        let lines = crate::text::counted(usize::try_from(unread.count).unwrap_or(usize::MAX), "line");
        complain(&format!("{lines} could not be read; the first: {first}"));
    }
    Ok(model.world)
}

fn keep_apart(files: &[PathBuf], output: Option<&Path>) -> anyhow::Result<()> {
    let same = |path: &Path| {
        let output = output.and_then(|output| output.canonicalize().ok());
        output.is_some() && output == path.canonicalize().ok()
    };
    match files.iter().find(|path| same(path)) {
        Some(path) => bail!("{} would be overwritten: write to another file", path.display()),
        None => Ok(()),
    }
}

fn deliver(text: &str, output: Option<&Path>) -> anyhow::Result<Verdict> {
    let place = || match output {
        Some(path) => format!("could not write {}", path.display()),
        None => "could not write to standard output".to_owned(),
    };
    report::deliver(text, output).with_context(place)?;
    Ok(Verdict::Nothing)
}
