//! The history of earlier runs: where it lies, and what the command line asks of it.

use super::{TriageArguments, now};
use crate::cli::{Verdict, complain};
use crate::{os, store};
use anyhow::{Context as _, anyhow, bail};
use mapwatch_triage::Summary;
use mapwatch_triage::history::History;
use std::path::PathBuf;

/// Adds the run to the history; without one, a triage is as good, so trouble is only told.
pub(super) fn remember(summary: &mut Summary, arguments: &TriageArguments) {
    // A window or a part of the input is no count of it.
    let whole = arguments.since.is_none() && arguments.until.is_none();
    if arguments.no_history || !whole || summary.groups.is_empty() {
        return;
    }
    let at = now().unwrap_or(0);
    let recorded = open(arguments).and_then(|mut history| Ok(history.record(summary, at)?));
    if let Err(error) = recorded {
        complain(&format!("could not use the history: {error:#}"));
    }
}

/// Does what was asked of the history alone, where something was.
pub(super) fn edit(arguments: &TriageArguments) -> anyhow::Result<Option<Verdict>> {
    let known = if let Some(fingerprint) = &arguments.resolve {
        open(arguments)?.resolve(fingerprint, now().unwrap_or(0))?
    } else if let Some(note) = &arguments.note {
        let (fingerprint, text) =
            note.split_once('=').ok_or_else(|| anyhow!("a note is FINGERPRINT=TEXT"))?;
        open(arguments)?.note(fingerprint, text)?
    } else {
        return Ok(None);
    };
    if !known {
        bail!("no earlier run saw this fingerprint");
    }
    Ok(Some(Verdict::Nothing))
}

fn open(arguments: &TriageArguments) -> anyhow::Result<History> {
    let path = match &arguments.db {
        Some(path) => path.clone(),
        None => default_path()?,
    };
    History::open(&path).with_context(|| path.display().to_string())
}

fn default_path() -> anyhow::Result<PathBuf> {
    let folder = store::state_folder()?;
    os::make_private_directory(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder.join("triage.db"))
}
