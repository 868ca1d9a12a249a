//! What was moved past a walk: an entry that came in behind it while another went ahead of it.
//!
//! A walk over a sharded map sees each shard at another moment, which most programs know. One thing is seldom
//! meant: somebody gives an entry another key (puts it in under the new one, then takes the old one out), so
//! that it is in the map at every moment, and the walk sees neither. That is noted, and never more than noted.
//!
//! What only looks like a move does not count: a cache that takes something out because it is full, or a window
//! that slides, puts in without taking out until it is full. Where anybody put in at a site and did not take
//! another key out as its very next change, nothing at that site is a move.

use super::key::Key;
use super::page::{Deed, Doer};
use crate::clock;
use crate::entry::Entry;
use crate::guard::Part;
use crate::raise::{self, Collision, Otherwise, Party, Taken};
use mapwatch_event::{Category, Role};
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Actors whose last entry behind a walk is remembered.
const ARRIVALS: usize = 16;

/// Walks that are followed at once: iterators may be forgotten, and are never heard of again.
const WALKS: usize = 256;

/// Sites that are told apart; one that shares its place with a site where nothing is moved is not spoken of.
const SITES: usize = 4096;

/// Sites where somebody put an entry in without taking another out, a bit for each.
static NO_MOVES: [AtomicU64; SITES / 64] = [const { AtomicU64::new(0) }; SITES / 64];

/// The walks that are under way.
static WALKERS: Mutex<Vec<Arc<Walker>>> = Mutex::new(Vec::new());

thread_local! {
    /// This thread's last change to any sharded map, if it put an entry in.
    static LAST: Cell<Option<Arrival>> = const { Cell::new(None) };
}

/// An entry that came.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    map: u64,
    key: Key,
    by: Doer,
}

#[derive(Debug)]
struct Walker {
    map: u64,
    by: Doer,
    /// The shard that it stands on, plus one. What it has seen is behind.
    position: AtomicU32,
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    /// What came in behind it.
    behind: Vec<Arrival>,
    /// The first move: how the entry came, and how it went.
    moved: Option<(Doer, Doer)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A walk over all entries. To be dropped when none of the map's shards is locked by it any more: what it missed
/// is told then.
#[derive(Debug)]
pub struct Walk {
    entry: Arc<Entry>,
    walker: Arc<Walker>,
    has_ended: bool,
}

impl Walk {
    pub(super) fn begin(entry: &Arc<Entry>, by: Doer) -> Walk {
        let (map, position, found) = (entry.id.0, AtomicU32::new(0), Mutex::default());
        let walker = Arc::new(Walker { map, by, position, found });
        let mut walkers = lock(&WALKERS);
        if walkers.len() < WALKS {
            walkers.push(Arc::clone(&walker));
        }
        drop(walkers);
        entry.walkers.fetch_add(1, Ordering::Relaxed);
        Walk { entry: Arc::clone(entry), walker, has_ended: false }
    }

    /// It stands on a shard now, whose lock it has.
    pub fn stands_on(&self, shard: usize) {
        self.walker.position.store(shard as u32 + 1, Ordering::Release);
    }

    /// It has been everywhere.
    pub const fn ended(&mut self) {
        self.has_ended = true;
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.entry.walkers.fetch_sub(1, Ordering::Relaxed);
        lock(&WALKERS).retain(|walker| !Arc::ptr_eq(walker, &self.walker));
        let moved = lock(&self.walker.found).moved;
        if let Some((came, went)) = moved.filter(|(came, _)| self.has_ended && moves_at(came)) {
            self.tell(came, went);
        }
    }
}

impl Walk {
    #[cold]
    fn tell(&self, came: Doer, went: Doer) {
        let now = clock::now();
        let party = |role, Doer { actor, thread, operation, site, at, .. }: Doer| Party {
            role,
            operation,
            actor,
            thread: if actor == thread { 0 } else { thread },
            site: Some(site),
            held_for: Some(now.since(at)),
            stack: Taken::Not("none was taken; the site above is exact"),
        };
        let _ = raise::raise(Collision {
            category: Category::WeakIteration,
            grade: None,
            at: now,
            map: self.entry.facts(),
            parties: vec![
                party(Role::Look, self.walker.by),
                party(Role::Between, came),
                Party { held_for: None, ..party(Role::Act, went) },
            ],
            cause: format!(
                "while `{}` went over the map, `{}` put an entry in behind it, and `{}` took another out ahead of it: if that was one entry with a new key, it was there all the time and was not seen",
                self.walker.by.operation, came.operation, went.operation
            ),
            cure: None,
            otherwise: Otherwise::GoOn,
            may_panic: false,
        });
    }
}

fn bit_of(by: &Doer) -> (usize, u64) {
    let address = crate::site::address(by.site);
    let place = ((address >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize % SITES;
    (place / 64, 1 << (place % 64))
}

/// Whether every entry that came at this site was followed by one that went.
fn moves_at(by: &Doer) -> bool {
    let (word, bit) = bit_of(by);
    NO_MOVES[word].load(Ordering::Relaxed) & bit == 0
}

fn never_moves_at(by: &Doer) {
    let (word, bit) = bit_of(by);
    if NO_MOVES[word].load(Ordering::Relaxed) & bit == 0 {
        NO_MOVES[word].fetch_or(bit, Ordering::Relaxed);
    }
}

/// An entry was changed; to be called with its shard locked.
#[inline]
pub(super) fn wrote(entry: &Entry, by: Doer, key: Key, deed: Deed, part: Part) {
    let map = entry.id.0;
    let arrival = (deed == Deed::Appeared).then_some(Arrival { map, key, by });
    // A thread that ends has no last change.
    let Ok(last) = LAST.try_with(|last| last.replace(arrival)) else { return };
    if let Some(last) = last {
        let is_move =
            deed == Deed::Removed && (last.map, last.by.actor) == (map, by.actor) && last.key != key;
        if !is_move {
            never_moves_at(&last.by);
        } else if entry.walkers.load(Ordering::Relaxed) > 0 {
            gone(&last, by, part);
        }
    }
    if let Some(arrival) = arrival.filter(|_| entry.walkers.load(Ordering::Relaxed) > 0) {
        arrived(arrival, part);
    }
}

#[cold]
fn arrived(arrival: Arrival, part: Part) {
    let Part::Shard(shard) = part else { return };
    for walker in others(arrival.map, arrival.by.actor) {
        if shard + 1 < walker.position.load(Ordering::Acquire) {
            let mut found = lock(&walker.found);
            found.behind.retain(|known| known.by.actor != arrival.by.actor);
            if found.behind.len() < ARRIVALS {
                found.behind.push(arrival);
            }
        }
    }
}

#[cold]
fn gone(came: &Arrival, by: Doer, part: Part) {
    let Part::Shard(shard) = part else { return };
    for walker in others(came.map, by.actor) {
        let position = walker.position.load(Ordering::Acquire);
        let mut found = lock(&walker.found);
        let came_behind =
            found.behind.iter().any(|known| (known.key, known.by.step) == (came.key, came.by.step));
        if position > 0 && shard + 1 > position && came_behind {
            found.moved.get_or_insert((came.by, by));
        }
    }
}

/// The walks of others over a map.
fn others(map: u64, actor: u64) -> Vec<Arc<Walker>> {
    let is_other = |walker: &&Arc<Walker>| walker.map == map && walker.by.actor != actor;
    lock(&WALKERS).iter().filter(is_other).cloned().collect()
}
