//! The history of earlier runs: where it lies, and what the command line asks of it.

use super::{TriageArguments, now};
use crate::cli::{Verdict, complain};
use crate::{os, store};
use anyhow::{Context as _, anyhow, bail};
use mapwatch_triage::Summary;
use mapwatch_triage::history::History;
use std::path::PathBuf;

/// A change of what the history says of the bug with a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// It is resolved.
    Resolve(String),
    /// It is known and of no interest.
    Ignore(String),
    /// Neither any more.
    Reopen(String),
    /// What somebody writes about it.
    Note(String, String),
}

/// Adds the run to the history, and says where that lies; without one, a triage is as good, so trouble is only told.
pub(super) fn remember(summary: &mut Summary, arguments: &TriageArguments) -> Option<PathBuf> {
    // A window or a part of the input is no count of it.
    let whole = arguments.since.is_none() && arguments.until.is_none();
    if arguments.no_history || !whole || summary.groups.is_empty() {
        return None;
    }
    let at = now().unwrap_or(0);
    let recorded = open(arguments).and_then(|mut history| Ok(history.record(summary, at)?));
    match recorded.and_then(|()| path(arguments)) {
        Ok(path) => Some(path),
        Err(error) => {
            complain(&format!("could not use the history: {error:#}"));
            None
        }
    }
}

/// Does what was asked of the history alone, where something was.
pub(super) fn edit(arguments: &TriageArguments) -> anyhow::Result<Option<Verdict>> {
    let asked = |print: &Option<String>, edit: fn(String) -> Edit| print.clone().map(edit);
    let edit = asked(&arguments.resolve, Edit::Resolve)
        .or_else(|| asked(&arguments.ignore, Edit::Ignore))
        .or_else(|| asked(&arguments.reopen, Edit::Reopen));
    let edit = match (edit, &arguments.note) {
        (Some(edit), _) => edit,
        (None, Some(note)) => {
            let (print, text) = note.split_once('=').ok_or_else(|| anyhow!("a note is FINGERPRINT=TEXT"))?;
            Edit::Note(print.to_owned(), text.to_owned())
        }
        (None, None) => return Ok(None),
    };
    if !apply(arguments, &edit)? {
        bail!("no earlier run saw this fingerprint");
    }
    Ok(Some(Verdict::Nothing))
}

/// Changes what the history says of a bug; whether it knows the bug at all.
pub(super) fn apply(arguments: &TriageArguments, edit: &Edit) -> anyhow::Result<bool> {
    let mut history = open(arguments)?;
    Ok(match edit {
        Edit::Resolve(print) => history.resolve(print, now().unwrap_or(0)),
        Edit::Ignore(print) => history.ignore(print),
        Edit::Reopen(print) => history.reopen(print),
        Edit::Note(print, text) => history.note(print, text),
    }?)
}

fn open(arguments: &TriageArguments) -> anyhow::Result<History> {
    let path = path(arguments)?;
    History::open(&path).with_context(|| path.display().to_string())
}

fn path(arguments: &TriageArguments) -> anyhow::Result<PathBuf> {
    arguments.db.clone().map_or_else(default_path, Ok)
}

fn default_path() -> anyhow::Result<PathBuf> {
    let folder = store::state_folder()?;
    os::make_private_directory(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder.join("triage.db"))
}
