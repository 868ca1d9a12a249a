//! What is decided by a snapshot that somebody has replaced, and done to another map.
//!
//! A look into an old snapshot that finds nothing condemns its key; a removal of that key from another map, by
//! the same actor, of an entry that is younger than the snapshot, is a decision on what was so once. A look into
//! a snapshot that nobody has replaced takes the verdict back.
//!
//! A snapshot is known by where it lies; the loads and stores of all of them are counted by one number, so that
//! an entry is older or younger than a load. Both tables are small and forget the oldest.

use super::key::Key;
use super::page::Doer;
use super::patience;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Replaced snapshots that are remembered, and those of one container: a busy one forgets its own first.
const REPLACED: usize = 256;
const OF_ONE: usize = 16;

/// Condemned keys that are remembered.
const CONDEMNED: usize = 256;

/// Loads and stores so far.
static ERA: AtomicU64 = AtomicU64::new(0);

/// Whether any snapshot was ever replaced.
static ANY: AtomicBool = AtomicBool::new(false);

static OLD: Mutex<Old> = Mutex::new(Old { replaced: VecDeque::new(), condemned: VecDeque::new() });

struct Old {
    replaced: VecDeque<Replaced>,
    condemned: VecDeque<Condemned>,
}

/// A snapshot that is no longer the newest one.
#[derive(Clone, Copy)]
struct Replaced {
    /// The container that it was loaded from.
    map: u64,
    from: u64,
    size: u64,
    store: Doer,
}

/// A key that an actor did not find in an old snapshot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condemned {
    actor: u64,
    key: Key,
    /// Who loaded the snapshot.
    pub(super) load: Doer,
    /// Who replaced it.
    pub(super) store: Doer,
}

/// The number of the last load or store.
#[inline]
pub(super) fn era() -> u64 {
    ERA.load(Relaxed)
}

/// Counts one more load or store.
pub(super) fn next_era() -> u64 {
    ERA.fetch_add(1, Relaxed) + 1
}

/// Whether there is an old snapshot at all: what is to be asked before each look.
#[inline]
#[must_use]
pub fn is_any() -> bool {
    ANY.load(Relaxed)
}

/// A store replaced the snapshot that begins at `from`, and is `size` bytes long.
pub(super) fn replaced(map: u64, from: u64, size: u64, store: Doer) {
    if from == 0 || size == 0 {
        return;
    }
    let Some(mut old) = patience::open(&OLD) else { return };
    old.replaced.retain(|other| from + size <= other.from || other.from + other.size <= from);
    if old.replaced.iter().filter(|other| other.map == map).count() >= OF_ONE
        && let Some(oldest) = old.replaced.iter().position(|other| other.map == map)
    {
        old.replaced.remove(oldest);
    }
    push(&mut old.replaced, REPLACED, Replaced { map, from, size, store });
    ANY.store(true, Relaxed);
}

/// An actor looked for a key in the container that lies at `address`; `load` tells its load of a snapshot of that
/// map which begins there.
pub(super) fn looked(
    actor: u64,
    address: u64,
    key: Key,
    present: bool,
    load: impl FnOnce(u64, u64) -> Option<Doer>,
) {
    let Some(mut old) = patience::open(&OLD) else { return };
    old.condemned.retain(|past| past.actor != actor || past.key != key);
    let within = |old: &&Replaced| old.from <= address && address < old.from + old.size;
    let Some(&Replaced { map, from, store, .. }) = old.replaced.iter().find(within) else { return };
    drop(old);
    if present {
        return;
    }
    // Another snapshot may lie there by now, loaded after the store.
    let Some(load) = load(map, from).filter(|load| load.era < store.era) else { return };
    if let Some(mut old) = patience::open(&OLD) {
        push(&mut old.condemned, CONDEMNED, Condemned { actor, key, load, store });
    }
}

/// The verdict on a key, by which an actor may remove it from another map.
pub(super) fn condemned(actor: u64, key: Key) -> Option<Condemned> {
    if !is_any() {
        return None;
    }
    let mut old = patience::open(&OLD)?;
    let index = old.condemned.iter().position(|past| past.actor == actor && past.key == key)?;
    old.condemned.remove(index)
}

fn push<T>(table: &mut VecDeque<T>, most: usize, item: T) {
    if table.len() == most {
        table.pop_front();
    }
    table.push_back(item);
}
