//! What the program itself said lately, by actor: events of the `tracing` crate, kept for conflicts and panics.
//!
//! The last few of each actor, and of so many actors: what is older is forgotten, and nothing here grows.

use crate::policy::{self, Mode};
use crate::{clock, guard};
use mapwatch_event::panic::Note;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Notes kept of one actor.
const NOTES: usize = 16;
/// Actors whose notes are kept.
const ACTORS: usize = 512;

struct Book {
    notes: BTreeMap<u64, VecDeque<Note>>,
    /// Actors in the order of their first note.
    order: VecDeque<u64>,
}

static BOOK: Mutex<Book> = Mutex::new(Book { notes: BTreeMap::new(), order: VecDeque::new() });

/// Whether notes are worth their text.
#[must_use]
pub fn are_kept() -> bool {
    policy::mode() != Mode::Off
}

/// The calling actor said this now.
pub fn note(level: &str, target: &str, text: String) {
    let note = Note { at: clock::rough(), level: level.to_owned(), target: target.to_owned(), text };
    let actor = guard::actor();
    let mut book = BOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let Book { notes, order } = &mut *book;
    let own = notes.entry(actor).or_insert_with(|| {
        order.push_back(actor);
        VecDeque::new()
    });
    if own.len() == NOTES {
        own.pop_front();
    }
    own.push_back(note);
    if order.len() > ACTORS
        && let Some(oldest) = order.pop_front()
    {
        notes.remove(&oldest);
    }
}

/// What an actor said last, oldest first.
pub(crate) fn of(actor: u64) -> Vec<Note> {
    let book = BOOK.lock().unwrap_or_else(PoisonError::into_inner);
    book.notes.get(&actor).map(|notes| notes.iter().cloned().collect()).unwrap_or_default()
}
