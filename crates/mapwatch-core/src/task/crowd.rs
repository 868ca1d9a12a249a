//! All lives there are, and those that began or ended since the collector last looked.
//!
//! Sixteen shards by number, so that workers that spawn do not meet. A life that nobody took note of because the
//! lists were full is counted, never silently gone.

use super::TASK;
use super::life::Life;
use crate::policy::{self, Mode};
use crate::recorder;
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const SHARDS: usize = 16;
/// Lives of one shard that may wait for the collector: 64 MiB of them in all, where a program spawns faster than they
/// can be told.
const WAITING: usize = 12_288;
/// Names of ended lives kept by one shard for reports.
const RECENT: usize = 128;

/// Numbers hash to themselves: they are consecutive.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        // The shard's bits are the same for all; spread the rest over the word for the table's control bytes.
        self.0 = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[derive(Default)]
struct Shard {
    alive: HashMap<u64, Arc<Life>, BuildHasherDefault<Itself>>,
    fresh: Vec<Arc<Life>>,
    ended: Vec<Arc<Life>>,
    /// Names of lives that ended, oldest first.
    recent: VecDeque<(u64, Cow<'static, str>)>,
}

static CROWD: [Mutex<Option<Shard>>; SHARDS] = [const { Mutex::new(None) }; SHARDS];
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A new number.
pub(super) fn next() -> u64 {
    TASK | NEXT.fetch_add(1, Relaxed)
}

fn shard(number: u64) -> MutexGuard<'static, Option<Shard>> {
    lock(&CROWD[number as usize % SHARDS])
}

fn lock(shard: &'static Mutex<Option<Shard>>) -> MutexGuard<'static, Option<Shard>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A life begins, for all to see; the spawner and the first poll may both say so.
pub(super) fn join(life: &Arc<Life>) {
    let mut guard = shard(life.number);
    // Set under the shard's lock: whoever reads it unlocked and true comes to the lock later, in `leave`.
    if life.joined.swap(true, Relaxed) {
        return;
    }
    let shard = guard.get_or_insert_with(Shard::default);
    shard.alive.insert(life.number, Arc::clone(life));
    if policy::mode() == Mode::Record {
        note(&mut shard.fresh, Arc::clone(life));
    }
}

/// A life has ended.
pub(super) fn leave(number: u64) {
    let mut guard = shard(number);
    let shard = guard.get_or_insert_with(Shard::default);
    let Some(life) = shard.alive.remove(&number) else { return };
    if !life.name.is_empty() {
        if shard.recent.len() == RECENT {
            shard.recent.pop_front();
        }
        shard.recent.push_back((number, life.name.clone()));
    }
    if policy::mode() == Mode::Record {
        note(&mut shard.ended, life);
    }
}

fn note(list: &mut Vec<Arc<Life>>, life: Arc<Life>) {
    if list.len() < WAITING {
        list.push(life);
    } else {
        recorder::lose_fact();
    }
}

fn all<T>(mut take: impl FnMut(&mut Shard) -> Vec<T>) -> Vec<T> {
    CROWD.iter().flat_map(|shard| lock(shard).as_mut().map(&mut take).unwrap_or_default()).collect()
}

/// The lives that began since the last call.
pub(crate) fn fresh_since() -> Vec<Arc<Life>> {
    all(|shard| std::mem::take(&mut shard.fresh))
}

/// The lives that ended since the last call.
pub(crate) fn ended_since() -> Vec<Arc<Life>> {
    all(|shard| std::mem::take(&mut shard.ended))
}

/// All lives that have not ended.
pub(crate) fn alive() -> Vec<Arc<Life>> {
    all(|shard| shard.alive.values().cloned().collect())
}

/// The name of a life, also of one that ended a while ago; empty where it has none, or it is too long ago.
pub(crate) fn describe_name(number: u64) -> String {
    let guard = shard(number);
    let Some(shard) = guard.as_ref() else { return String::new() };
    match shard.alive.get(&number) {
        Some(life) => life.name.clone().into_owned(),
        None => {
            let recent = shard.recent.iter().rev().find(|(ended, _)| *ended == number);
            recent.map(|(_, name)| name.clone().into_owned()).unwrap_or_default()
        }
    }
}
