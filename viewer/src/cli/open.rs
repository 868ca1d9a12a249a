//! `mapview open FILE|RUN…`: recordings.

use super::look::{Impatient, look};
use super::outputs::Outputs;
use super::{Common, Verdict};
use crate::source::Feed;
use crate::source::file::{Recording, play_all};
use crate::store::{Store, Stored};
use crate::text::clean;
use anyhow::Context as _;
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(Debug, Args)]
pub struct Open {
    /// Files (each may hold several sessions), or runs of `mapview sessions` by name or number; several are shown
    /// side by side, in the order of the wall clock
    #[arg(required = true, value_name = "FILE|RUN")]
    pub files: Vec<PathBuf>,
    /// How to look.
    #[command(flatten)]
    pub common: Common,
    /// What CI wants.
    #[command(flatten)]
    pub outputs: Outputs,
}

/// Opens them all before anything is shown: one that cannot be read is said at once.
///
/// # Errors
///
/// With the sentence about the file.
pub fn open(open: &Open) -> anyhow::Result<Verdict> {
    let judge = open.outputs.judge()?;
    let recordings = recordings(&open.files)?;
    let (feed, messages) = Feed::new();
    play_all(recordings, feed).context("no thread could be started")?;
    let (_, verdict) = look(&open.common, &judge, messages, None, &mut Impatient)?;
    Ok(verdict)
}

/// Files, folders and runs by their names.
///
/// # Errors
///
/// With the sentence about the first that cannot be opened.
pub(super) fn recordings(names: &[PathBuf]) -> anyhow::Result<Vec<Recording>> {
    let mut recordings = Vec::new();
    for name in names {
        // What looks like a path is meant as one.
        let path = name.to_string_lossy().contains(['/', '.']);
        if !name.is_dir() && (path || name.exists()) {
            recordings.push(Recording::open(name).context("could not open the recording")?);
            continue;
        }
        let run = run(name)?;
        let opened: Result<Vec<Recording>, _> = run.files.iter().map(|path| Recording::open(path)).collect();
        let opened: Vec<Recording> = match opened {
            Ok(opened) => opened,
            // A process that connected and said nothing leaves an empty file behind.
            Err(_) => run.files.iter().filter_map(|path| Recording::open(path).ok()).collect(),
        };
        anyhow::ensure!(!opened.is_empty(), "nothing was recorded of the run {}", run.id);
        recordings.extend(opened);
    }
    Ok(recordings)
}

/// A folder with recordings, or a run by its name.
fn run(name: &Path) -> anyhow::Result<Stored> {
    if name.is_dir() {
        return Stored::read(name)
            .with_context(|| format!("{} is a folder, but no recorded run", name.display()));
    }
    let word = name.to_string_lossy();
    let store = Store::of_user().context("the recorded runs could not be found")?;
    store.find(&word).map_err(|why| anyhow::anyhow!("{}", clean(&why)))
}
