//! What is known of one map: number, name, type, where it was made, how large it was last.
//!
//! A sentinel carries only a pointer that is empty until somebody has to name the map: a report, a recorder, a
//! user. Maps that nobody ever looks at cost nothing here.

use crate::history::{Stock, Trail};
use crate::policy::{self, Mode};
use crate::site::StaticSite;
use crate::{clock, task, thread};
use mapwatch_event::{MapFacts, MapId, MapKind, Site};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

/// "No such number": lengths and capacities that nobody has told.
const UNKNOWN: u64 = u64::MAX;

/// Accesses after which a map's history remembers half as many keys.
const ROUND: u64 = 4096;

/// One key in 64 is remembered to the end.
const NARROWEST: u64 = 63;

/// What a container's type tells. Sentinels keep the function that makes it: it is asked once, when a map is
/// announced.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// `std::any::type_name` of the container.
    pub type_name: &'static str,
    /// `size_of` of an entry, key beside value, without what they point to; `None` where there are no entries.
    pub entry_bytes: Option<usize>,
}

impl Shape {
    /// Of a lock or a cell.
    #[must_use]
    pub fn of<T: ?Sized>() -> Shape {
        Shape::called(std::any::type_name::<T>())
    }

    /// Of a container `T` whose entries are `E`s.
    #[must_use]
    pub fn of_entries<T: ?Sized, E>() -> Shape {
        Shape { entry_bytes: Some(size_of::<E>()), ..Shape::of::<T>() }
    }

    /// Of a lock that cannot name its type.
    #[must_use]
    pub const fn called(type_name: &'static str) -> Shape {
        Shape { type_name, entry_bytes: None }
    }
}

/// The facts about one map.
#[derive(Debug)]
pub struct Entry {
    pub(crate) id: MapId,
    pub(crate) kind: MapKind,
    pub(crate) shape: fn() -> Shape,
    /// Where it was made, if it can tell.
    pub(crate) made: Option<StaticSite>,
    name: Mutex<Cow<'static, str>>,
    length: AtomicU64,
    capacity: AtomicU64,
    /// Walks over all entries that have ended.
    pub(crate) walks: AtomicU64,
    /// Calls that changed who knows how many entries.
    pub(crate) overhauls: AtomicU64,
    /// Counts of accesses.
    counts: Counts,
    /// Bits of a key's number that have to be 0 for it to be remembered.
    sample: AtomicU64,
    /// Where the entries lie is to be looked at; see [`crate::history::Trail::is_stock_due`].
    pub(crate) stock: Stock,
    /// Walks that are under way.
    pub(crate) walkers: AtomicU64,
    /// The thread that was alone here for so long that its looks were not written down; 0 for none.
    pub(crate) stranger: AtomicU64,
    /// Of a lock: where the container lies that it guards; 0 where that is not known.
    pub(crate) home: AtomicU64,
    /// Of a container: the lock that it lies in; 0 where that is not known.
    pub(crate) lock: AtomicU64,
    /// Accesses of each shard while somebody records; made when the first one is counted.
    shards: OnceLock<Box<[AtomicU64]>>,
}

/// What many threads change, apart from what each access of theirs reads.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Counts {
    /// Accesses while only one thread was here.
    lone: AtomicU64,
    /// Accesses that the history wrote down.
    written: AtomicU64,
}

/// Shards that are counted; of a map with more, the first ones.
const SHARDS: usize = 4096;

impl Entry {
    /// The name; empty where none was given.
    pub(crate) fn name(&self) -> Cow<'static, str> {
        self.name.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Entries, as last told.
    pub(crate) fn length(&self) -> Option<u64> {
        Some(self.length.load(Ordering::Relaxed)).filter(|length| *length != UNKNOWN)
    }

    /// Capacity, as last told.
    pub(crate) fn capacity(&self) -> Option<u64> {
        Some(self.capacity.load(Ordering::Relaxed)).filter(|capacity| *capacity != UNKNOWN)
    }

    /// Counts an access of a shard; `count` says how many there are.
    pub(crate) fn visited(&self, shard: u32, count: impl FnOnce() -> usize) {
        let shards =
            self.shards.get_or_init(|| (0..count().min(SHARDS)).map(|_| AtomicU64::new(0)).collect());
        if let Some(visits) = shards.get(shard as usize) {
            visits.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Accesses of each shard, as counted; empty where there are no shards, or nobody recorded.
    pub(crate) fn visits(&self) -> Vec<u64> {
        let shards = self.shards.get().map(|shards| &**shards).unwrap_or_default();
        shards.iter().map(|visits| visits.load(Ordering::Relaxed)).collect()
    }

    /// Tells how large the map is.
    pub(crate) fn resize(&self, length: usize, capacity: Option<usize>) {
        self.length.store(length as u64, Ordering::Relaxed);
        self.capacity.store(capacity.map_or(UNKNOWN, |capacity| capacity as u64), Ordering::Relaxed);
    }

    /// Whether the history remembers the key of this number.
    ///
    /// A map in use all the time would pay for it all the time: unless the session is recorded, half as many
    /// keys are remembered after each so many accesses. A key that is left out once is left out for good, so
    /// that what is known of the others stays whole.
    pub(crate) fn remembers(&self, number: u64) -> bool {
        if self.leaves_out(number) {
            return false;
        }
        if self.counts.written.fetch_add(1, Ordering::Relaxed) == ROUND {
            self.narrow();
        }
        true
    }

    /// Whether the key of this number is one of those that are left out.
    #[inline]
    pub(crate) fn leaves_out(&self, number: u64) -> bool {
        (number >> 40) & self.sample.load(Ordering::Relaxed) != 0
    }

    #[cold]
    fn narrow(&self) {
        self.counts.written.store(0, Ordering::Relaxed);
        let sample = self.sample.load(Ordering::Relaxed);
        if policy::mode() == Mode::Check && sample < NARROWEST {
            self.sample.store(sample << 1 | 1, Ordering::Relaxed);
        }
    }

    /// Whether every key is remembered so far.
    #[inline]
    pub(crate) fn remembers_all(&self) -> bool {
        self.sample.load(Ordering::Relaxed) == 0
    }

    /// The facts as a report repeats them.
    pub(crate) fn facts(&self) -> MapFacts {
        MapFacts {
            id: self.id,
            kind: self.kind,
            name: self.name().into_owned(),
            type_name: short_type((self.shape)().type_name),
            made: self.made.map(Site::from).unwrap_or_default(),
            length: self.length(),
        }
    }
}

/// All entries, by number: a guard's record knows nothing but the number.
static ENTRIES: Mutex<BTreeMap<u64, Weak<Entry>>> = Mutex::new(BTreeMap::new());

fn lock_entries() -> MutexGuard<'static, BTreeMap<u64, Weak<Entry>>> {
    ENTRIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The map of a number, if it is still there.
pub(crate) fn find(map: u64) -> Option<Arc<Entry>> {
    lock_entries().get(&map)?.upgrade()
}

/// The part of a sentinel that says which map it guards.
#[derive(Debug)]
pub struct Identity {
    kind: MapKind,
    shape: fn() -> Shape,
    made: Option<StaticSite>,
    entry: OnceLock<Arc<Entry>>,
    /// The entry's number, here too: 0 until there is one.
    id: AtomicU64,
    /// The one thread that was ever here, or what came of that; see [`Identity::trail`].
    owner: AtomicU64,
}

/// Nobody was here yet. No thread has this number.
const NOBODY: u64 = u64::MAX >> 3;

/// More than one actor may be here: a history is kept.
const MANY: u64 = u64::MAX;

/// Set when the map went from one thread to another once, as maps do that are filled and then handed over.
const HANDED_OVER: u64 = 1 << 63;

/// Set while a history is kept although only one thread has come so far: its first looks may be those that the
/// second one overtakes.
const ON_TRIAL: u64 = 1 << 62;

/// Accesses of a lone thread that are remembered.
const TRIAL: u64 = 256;

/// The thread's number.
const NUMBER: u64 = ON_TRIAL - 1;

impl Identity {
    /// A map of `kind`, made at `made`, whose type `shape` tells.
    #[must_use]
    pub const fn new(kind: MapKind, shape: fn() -> Shape, made: StaticSite) -> Identity {
        Identity::of(kind, shape, Some(made))
    }

    const fn of(kind: MapKind, shape: fn() -> Shape, made: Option<StaticSite>) -> Identity {
        let (id, owner) = (AtomicU64::new(0), AtomicU64::new(NOBODY));
        Identity { kind, shape, made, entry: OnceLock::new(), id, owner }
    }

    /// What sort of container.
    #[inline]
    pub(crate) const fn kind(&self) -> MapKind {
        self.kind
    }

    /// Whether only this thread was ever here, as far as one comparison tells.
    #[inline]
    pub(crate) fn is_owned_here(&self) -> bool {
        self.owner.load(Ordering::Relaxed) == thread::stamp()
    }

    /// The map's history, for this access; `None` while only one actor can be involved.
    #[inline(always)]
    pub(crate) fn trail(&self, site: StaticSite) -> Option<Trail<'_>> {
        if self.is_owned_here() { None } else { self.find_trail(site) }
    }

    /// Whether no history is kept and no lock is taken here: as long as one thread writes, looks of others tell
    /// nothing.
    #[inline]
    pub(crate) fn is_lone(&self) -> bool {
        self.owner.load(Ordering::Relaxed) != MANY && thread::stamp() != 0
    }

    /// The same where others may have been here.
    #[inline(always)]
    pub(crate) fn find_trail(&self, site: StaticSite) -> Option<Trail<'_>> {
        let owner = self.owner.load(Ordering::Relaxed);
        (owner == MANY || self.is_remembered(owner)).then(|| Trail::new(self.entry(), site))
    }

    /// Whether a history is to be kept from now on.
    #[inline(never)]
    fn is_remembered(&self, owner: u64) -> bool {
        let mode = policy::mode();
        if mode == Mode::Off {
            return false;
        }
        let actor = thread::actor();
        let moved = owner != NOBODY && owner & NUMBER != actor;
        // A collection of std is shared through a lock, and we may see it; the others share by themselves.
        let by_lock = matches!(self.kind, MapKind::HashMap | MapKind::BTreeMap | MapKind::HashSet);
        let recorded = mode == Mode::Record || policy::is_provoking();
        let shared = match (by_lock, recorded) {
            (true, true) => moved || thread::desk().has_any(),
            (true, false) => moved && owner & HANDED_OVER != 0 || thread::desk().has_any(),
            (false, true) => true,
            (false, false) => moved || task::current().is_some(),
        };
        if shared {
            self.share(owner);
            return true;
        }
        let handed_over = if moved { HANDED_OVER } else { owner & HANDED_OVER };
        let trial = !by_lock && self.entry().counts.lone.fetch_add(1, Ordering::Relaxed) < TRIAL;
        let kept = actor | handed_over | if trial { ON_TRIAL } else { 0 };
        if kept != owner {
            self.owner.store(kept, Ordering::Relaxed);
        }
        trial
    }

    /// Others come: what the only one saw before is not known.
    #[cold]
    fn share(&self, owner: u64) {
        if owner != NOBODY && owner & ON_TRIAL == 0 {
            self.entry().stranger.store(owner & NUMBER, Ordering::Relaxed);
        }
        self.owner.store(MANY, Ordering::Relaxed);
    }

    /// A map of `kind` that cannot tell where it was made.
    #[must_use]
    pub const fn unplaced(kind: MapKind, shape: fn() -> Shape) -> Identity {
        Identity::of(kind, shape, None)
    }

    /// Whether anybody ever asked for the entry.
    #[inline]
    pub(crate) fn is_known(&self) -> bool {
        self.id.load(Ordering::Relaxed) != 0
    }

    /// The entry's number, which is made when first asked for; a map that cannot tell where it was made is called by
    /// `at`, if nobody has named it.
    #[inline]
    pub(crate) fn id_at(&self, at: StaticSite) -> u64 {
        match self.id.load(Ordering::Relaxed) {
            0 => self.announce(Some(at)).id.0,
            id => id,
        }
    }

    /// The entry's number.
    #[inline]
    pub(crate) fn id(&self) -> u64 {
        match self.id.load(Ordering::Relaxed) {
            0 => self.announce(None).id.0,
            id => id,
        }
    }

    /// The entry, made and announced when first asked for.
    #[inline]
    pub(crate) fn entry(&self) -> &Arc<Entry> {
        match self.entry.get() {
            Some(entry) => entry,
            None => self.announce(None),
        }
    }

    #[cold]
    fn announce(&self, at: Option<StaticSite>) -> &Arc<Entry> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let name = match (self.made, at) {
            (None, Some(at)) => {
                let file = at.file().rsplit(['/', '\\']).next().unwrap_or_default();
                Cow::Owned(format!("{} first taken at {file}:{}", self.kind, at.line()))
            }
            _ => Cow::Borrowed(""),
        };
        let mut first = false;
        let entry = self.entry.get_or_init(|| {
            first = true;
            Arc::new(Entry {
                id: MapId(NEXT.fetch_add(1, Ordering::Relaxed)),
                kind: self.kind,
                shape: self.shape,
                made: self.made,
                name: Mutex::new(name),
                length: AtomicU64::new(UNKNOWN),
                capacity: AtomicU64::new(UNKNOWN),
                walks: AtomicU64::new(0),
                overhauls: AtomicU64::new(0),
                counts: Counts::default(),
                sample: AtomicU64::new(0),
                stock: Stock::default(),
                walkers: AtomicU64::new(0),
                stranger: AtomicU64::new(0),
                home: AtomicU64::new(0),
                lock: AtomicU64::new(0),
                shards: OnceLock::new(),
            })
        });
        // Whoever comes here meanwhile has to find the number as well: its record is ended by it.
        self.id.store(entry.id.0, Ordering::Relaxed);
        if first {
            // Of a sharded map, calls wait where nobody can look but the watchdog.
            if matches!(self.kind, MapKind::DashMap | MapKind::DashSet) {
                crate::guard::watchdog::wake();
            }
            lock_entries().insert(entry.id.0, Arc::downgrade(entry));
            crate::recorder::map_made(entry, clock::now());
        }
        entry
    }

    /// Gives the map a name.
    pub(crate) fn set_name(&self, name: Cow<'static, str>) {
        let entry = self.entry();
        *entry.name.lock().unwrap_or_else(PoisonError::into_inner) = name;
        crate::recorder::map_named(entry);
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.get() {
            lock_entries().remove(&entry.id.0);
            crate::recorder::map_gone(entry.id);
            crate::cancel::map_gone(entry.id.0);
            crate::history::late::map_gone(entry.id.0);
        }
    }
}

/// `std::collections::hash::map::HashMap<shop::OrderId, alloc::string::String>` as `HashMap<OrderId, String>`.
/// The default hasher is left out, as a programmer would.
pub(crate) fn short_type(full: &str) -> String {
    let mut short = String::with_capacity(full.len());
    let mut word = String::new();
    let mut characters = full.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ':' if characters.peek() == Some(&':') => {
                characters.next();
                word.clear();
            }
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            c => {
                short.push_str(&word);
                word.clear();
                short.push(c);
            }
        }
    }
    short.push_str(&word);
    without_shell(short.replace(", RandomState>", ">"))
}

/// `Mutex<Checked<HashMap<u32, u32>>>` as `Mutex<HashMap<u32, u32>>`: the shell is ours.
fn without_shell(mut text: String) -> String {
    const SHELL: &str = "Checked<";
    while let Some(start) = text.find(SHELL) {
        let mut depth = 0_usize;
        let closing = text[start..].char_indices().find(|(_, character)| {
            match character {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                _ => return false,
            }
            depth == 0
        });
        let Some((end, _)) = closing else { break };
        text.remove(start + end);
        text.replace_range(start..start + SHELL.len(), "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_shortened_as_people_write_them() {
        let check = |full, short: &str| assert_eq!(short_type(full), short);
        check("std::collections::hash::map::HashMap<u32, alloc::string::String>", "HashMap<u32, String>");
        check("a::M<b::K, (c::d::V, [u8; 4]), std::hash::random::RandomState>", "M<K, (V, [u8; 4])>");
        check("u32", "u32");
        check("std::sync::Mutex<m::Checked<s::HashMap<u32, (u8, a::V)>>>", "Mutex<HashMap<u32, (u8, V)>>");
        check("std::sync::Arc<dyn core::ops::Fn(u32) -> x::Y>", "Arc<dyn Fn(u32) -> Y>");
    }
}
