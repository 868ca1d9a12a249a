//! `mapview open FILE…`: recordings.

use super::look::{Impatient, look};
use super::{Common, Verdict};
use crate::source::Feed;
use crate::source::file::{Recording, play_all};
use anyhow::Context as _;
use clap::Args;
use std::path::PathBuf;

/// Arguments.
#[derive(Debug, Args)]
pub struct Open {
    /// The recordings; each may hold several sessions
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to look.
    #[command(flatten)]
    pub common: Common,
}

/// Opens them all before anything is shown: one that cannot be read is said at once.
///
/// # Errors
///
/// With the sentence about the file.
pub fn open(open: &Open) -> anyhow::Result<Verdict> {
    let recordings: Result<Vec<Recording>, _> = open.files.iter().map(|path| Recording::open(path)).collect();
    let recordings = recordings.context("could not open the recording")?;
    let (feed, messages) = Feed::new();
    play_all(recordings, feed).context("no thread could be started")?;
    let (_, verdict) = look(&open.common, messages, None, &mut Impatient)?;
    Ok(verdict)
}
