//! What earlier runs saw: an embedded database of groups and of the inputs that they were seen in.
//!
//! An input is known by its first line and by its name without what rotation adds, so that a file that grew, was
//! rotated or packed counts once, and a second run over it adds nothing. Everything that a run adds is one transaction: a process
//! that is killed leaves the database as it was, and two at once wait for each other.
//!
//! | table | row |
//! |---|---|
//! | `bugs` | fingerprint, category, message, location, first and last seen, when it was called resolved, state, note |
//! | `sightings` | input, fingerprint, reports in that input |

use crate::alarm::ESCALATING;
use crate::group::Group;
use crate::summary::{Alarm, AlarmKind, Known, State, Summary};
use crate::time::Micros;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// The database.
#[derive(Debug)]
pub struct History {
    db: Connection,
}

/// Why the database could not be used; a fragment that fits after "could not use the history: ".
#[derive(Debug)]
#[non_exhaustive]
pub enum Trouble {
    /// SQLite says no.
    Database(rusqlite::Error),
    /// A newer version made it; it is left alone.
    Newer,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Database(error) => error.fmt(f),
            Trouble::Newer => f.write_str("a newer version made it"),
        }
    }
}

impl std::error::Error for Trouble {}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Trouble {
        Trouble::Database(error)
    }
}

/// The version of the tables.
const VERSION: i64 = 1;
/// How long one run waits for another that writes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Silence after which a bug that comes back has regressed.
const FORGOTTEN: Micros = 14 * 86_400 * 1_000_000;
/// Times its own average rate that make it escalate.
const FACTOR: u64 = 4;
const MINUTE: Micros = 60_000_000;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS bugs (
        fingerprint TEXT PRIMARY KEY, category TEXT NOT NULL, message TEXT NOT NULL, location TEXT NOT NULL,
        first_seen INTEGER, last_seen INTEGER, resolved_at INTEGER, state TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '') STRICT;
    CREATE TABLE IF NOT EXISTS sightings (
        input INTEGER NOT NULL, fingerprint TEXT NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (input, fingerprint)) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sightings_of ON sightings (fingerprint);
    PRAGMA user_version = 1;";

impl History {
    /// Opens a database, or makes it.
    ///
    /// # Errors
    ///
    /// [`Trouble`], such as a file that is no database.
    pub fn open(path: &Path) -> Result<History, Trouble> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(PATIENCE)?;
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version > VERSION {
            return Err(Trouble::Newer);
        }
        if version < VERSION {
            transaction.execute_batch(TABLES)?;
        }
        transaction.commit()?;
        Ok(History { db })
    }

    /// Adds a run, and tells the summary what is known of its groups; `now` stands in where a log has no stamps.
    ///
    /// # Errors
    ///
    /// [`Trouble`]; then nothing was added.
    pub fn record(&mut self, summary: &mut Summary, now: Micros) -> Result<(), Trouble> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut known = BTreeMap::new();
        let mut alarms = Vec::new();
        for group in &summary.groups {
            let (now_known, above) = add(&transaction, group, &summary.identities, now)?;
            if let Some(text) = above {
                let fingerprint = Some(group.fingerprint.clone());
                alarms.push(Alarm { kind: AlarmKind::Rate, fingerprint, text });
            }
            known.insert(group.fingerprint.clone(), now_known);
        }
        transaction.commit()?;
        let told =
            |alarm: &Alarm, other: &Alarm| alarm.kind == other.kind && alarm.fingerprint == other.fingerprint;
        alarms.retain(|alarm| !summary.alarms.iter().any(|other| told(alarm, other)));
        summary.alarms.extend(alarms);
        // What somebody ignores does not wake anybody, unless the process dies of it over and over.
        let ignored =
            |print: &String| known.get(print).is_some_and(|known: &Known| known.state == State::Ignored);
        summary.alarms.retain(|alarm| {
            alarm.kind == AlarmKind::RestartLoop || !alarm.fingerprint.as_ref().is_some_and(ignored)
        });
        summary.known = known;
        Ok(())
    }

    /// Somebody says that a bug is resolved; whether it is known at all.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn resolve(&mut self, fingerprint: &str, now: Micros) -> Result<bool, Trouble> {
        let text = "UPDATE bugs SET resolved_at = max(?2, coalesce(last_seen, 0)), state = 'resolved' WHERE fingerprint = ?1";
        Ok(self.db.execute(text, params![fingerprint, now])? > 0)
    }

    /// Somebody says that a bug is known and of no interest; whether it is known at all.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn ignore(&mut self, fingerprint: &str) -> Result<bool, Trouble> {
        self.set(fingerprint, State::Ignored)
    }

    /// Takes back that a bug is resolved or ignored; whether it is known at all.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn reopen(&mut self, fingerprint: &str) -> Result<bool, Trouble> {
        self.set(fingerprint, State::Ongoing)
    }

    fn set(&mut self, fingerprint: &str, state: State) -> Result<bool, Trouble> {
        let text = "UPDATE bugs SET resolved_at = NULL, state = ?2 WHERE fingerprint = ?1";
        Ok(self.db.execute(text, params![fingerprint, state.word()])? > 0)
    }

    /// Somebody writes about a bug; whether it is known at all.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn note(&mut self, fingerprint: &str, note: &str) -> Result<bool, Trouble> {
        Ok(self.db.execute("UPDATE bugs SET note = ?2 WHERE fingerprint = ?1", params![fingerprint, note])?
            > 0)
    }
}

struct Past {
    first_seen: Option<Micros>,
    last_seen: Option<Micros>,
    resolved_at: Option<Micros>,
    state: State,
    note: String,
}

fn past(transaction: &Transaction<'_>, fingerprint: &str) -> Result<Option<Past>, Trouble> {
    let text = "SELECT first_seen, last_seen, resolved_at, state, note FROM bugs WHERE fingerprint = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        let state = State::by_word(&row.get::<_, String>(3)?);
        Ok(Past {
            first_seen: row.get(0)?,
            last_seen: row.get(1)?,
            resolved_at: row.get(2)?,
            state,
            note: row.get(4)?,
        })
    };
    Ok(transaction.query_row(text, [fingerprint], read).optional()?)
}

fn total(transaction: &Transaction<'_>, fingerprint: &str) -> Result<u64, Trouble> {
    let text = "SELECT coalesce(sum(count), 0) FROM sightings WHERE fingerprint = ?1";
    let sum: i64 = transaction.query_row(text, [fingerprint], |row| row.get(0))?;
    Ok(u64::try_from(sum).unwrap_or(0))
}

/// Adds one group; what is known of it then, and a sentence where it is far above its own past.
fn add(
    transaction: &Transaction<'_>,
    group: &Group,
    identities: &BTreeMap<String, u64>,
    now: Micros,
) -> Result<(Known, Option<String>), Trouble> {
    let print = group.fingerprint.as_str();
    let (past, before) = (past(transaction, print)?, total(transaction, print)?);
    for (file, count) in &group.files {
        let Some(input) = identities.get(file) else { continue };
        let text = "INSERT INTO sightings (input, fingerprint, count) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET count = max(count, excluded.count)";
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        transaction.execute(text, params![input.cast_signed(), print, count])?;
    }
    let count = total(transaction, print)?;
    let fresh = count.saturating_sub(before);
    let above = past.as_ref().and_then(|past| above_its_past(past, before, group, fresh));
    let state = state(past.as_ref(), group, fresh, above.is_some());
    let (first, last) = (group.first_seen.unwrap_or(now), group.last_seen.unwrap_or(now));
    let mut known =
        Known { state, first_seen: Some(first), last_seen: Some(last), count, note: String::new() };
    let mut resolved_at = None;
    if let Some(past) = past {
        known.first_seen = Some(past.first_seen.map_or(first, |earlier| earlier.min(first)));
        // Without stamps and without anything new, it was not seen again.
        let seen = if fresh == 0 && group.last_seen.is_none() { None } else { known.last_seen };
        known.last_seen = past.last_seen.max(seen);
        resolved_at = past.resolved_at.filter(|_| state == State::Resolved);
        known.note = past.note;
    }
    let text = "INSERT INTO bugs (fingerprint, category, message, location, first_seen, last_seen, resolved_at, state)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT DO UPDATE SET category = ?2, first_seen = ?5, last_seen = ?6, resolved_at = ?7, state = ?8";
    let place = group.location.as_ref().map(ToString::to_string).unwrap_or_default();
    let values = params![
        print,
        group.category.code(),
        group.message,
        place,
        known.first_seen,
        known.last_seen,
        resolved_at,
        state.word()
    ];
    transaction.execute(text, values)?;
    Ok((known, above))
}

fn state(past: Option<&Past>, group: &Group, fresh: u64, above: bool) -> State {
    let rising = group.peak_per_minute.is_some_and(|peak| peak > ESCALATING) || above;
    let Some(past) = past else { return if rising { State::Escalating } else { State::New } };
    if fresh == 0 || past.state == State::Ignored {
        return past.state;
    }
    let back = match (past.resolved_at, group.last_seen) {
        (Some(resolved), Some(seen)) => seen > resolved,
        (Some(_), None) => true,
        (None, seen) => seen.zip(past.last_seen).is_some_and(|(seen, last)| seen - last > FORGOTTEN),
    };
    match (back, rising, past.resolved_at) {
        (true, ..) => State::Regressed,
        (_, true, _) => State::Escalating,
        // Old reports that are read late do not reopen what was resolved after them.
        (_, _, Some(_)) => State::Resolved,
        _ => State::Ongoing,
    }
}

/// Compares the rate of what is new with the average before.
fn above_its_past(past: &Past, before: u64, group: &Group, fresh: u64) -> Option<String> {
    let minutes = |first: Micros, last: Micros| u64::try_from((last - first) / MINUTE).unwrap_or(0).max(1);
    let (first, last) = (group.first_seen?, group.last_seen?);
    let span = minutes(past.first_seen?, past.last_seen?);
    // Reports that stand behind one stamp need not have come at once.
    if group.nearest_stamps {
        return None;
    }
    // An hour and a handful are the least that an average is worth.
    if span < 60 || before < 5 || fresh < 5 || Some(last) <= past.last_seen {
        return None;
    }
    let now = minutes(first.max(past.last_seen?), last);
    let rises = fresh.saturating_mul(span) > before.saturating_mul(now).saturating_mul(FACTOR);
    rises.then(|| format!("{fresh} in {now} minutes, where there were {before} in {span} minutes before"))
}
