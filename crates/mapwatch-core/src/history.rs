//! Who looked at which key, who changed it since, and who acts on what it saw.
//!
//! A logical race needs three: a look, somebody else's change, and an act that relies on the look. No access
//! overlaps another, so no flag sees it; this module remembers the first two until the third comes.
//!
//! | module | holds |
//! |---|---|
//! | `key` | a key as a number; no key and no value is stored or cloned |
//! | `late` | entries that came after the one who was to take them out |
//! | `place` | a container in a lock, copied and put back, or filled, as a whole |
//! | `page` | looks and changes of a few keys: bounded, forgets the oldest |
//! | `sites` | what acts at a site always come after, and on which paths sites are reached |
//! | [`snapshot`] | what an old snapshot of one map made somebody do to another |
//! | `suspicion` | from there to the report |
//! | [`walk`] | what was moved past a walk |
//! | `stock` | how the entries lie over the shards |
//! | `patience` | how long a table is waited for |
//! | `kin` | whether a look and an act belong to one decision |
//! | `answer` | whether the source throws the answer of a call away |
//! | `decision` | how an act depends on a look, by what the source says |
//! | `rules` | what that proves: pure functions, one table |
//!
//! A family calls a [`Trail`] *inside* its own exclusion (under the lock, with the shard's guard alive), so
//! that the order here is the order of the map. What is forgotten is a finding less and never one more: a look
//! that might have been overtaken by an unseen one counts for nothing.
//!
//! History is kept for a map from the moment on when a second actor may be involved: another thread came, a
//! watched lock is held, or the session is recorded. Until then an access pays one comparison. Where nobody
//! records, a busy map's history keeps to fewer and fewer of its keys.

mod answer;
mod decision;
mod key;
mod kin;
pub(crate) mod late;
mod page;
mod patience;
pub(crate) mod place;
mod rules;
mod sites;
pub mod snapshot;
mod stock;
mod suspicion;
pub mod walk;

#[cfg(test)]
mod rule_tests;

pub use key::Key;
pub use page::Deed;
pub use suspicion::Suspicion;

pub(crate) use stock::Stock;

use crate::cancel::overrun::{self, Access, Act};
use crate::entry::Entry;
use crate::guard::{self, Mode, Part};
use crate::site::StaticSite;
use crate::{cancel, clock, policy, recorder, stack, thread};
use mapwatch_event::{MapKind, Operation};
use page::{Doer, Earlier, Look, Page, Place, Record, Seen};
use rules::Case;
use sites::Habit;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use suspicion::{Proof, Suspected};

/// Pages; a key is always on the same one.
const PAGES: usize = 1024;

/// Counts of steps: each is of a few actors at a few maps.
const PACES: usize = 1024;

struct Leaf {
    page: Mutex<Page>,
    /// Looks that could not be written down: every earlier one is void.
    void: AtomicU64,
}

static BOOK: [Leaf; PAGES] =
    [const { Leaf { page: Mutex::new(Page::new()), void: AtomicU64::new(0) } }; PAGES];

/// How often an actor came to a map; a line of the cache each, so that actors do not slow each other down.
#[repr(align(64))]
struct Pace(AtomicU64);

static STEPS: [Pace; PACES] = [const { Pace(AtomicU64::new(0)) }; PACES];

/// Counts one more step of an actor at a map. Others may share the count, so that steps seem more than they are.
fn step(actor: u64, map: u64) -> u64 {
    let mixed = (actor ^ map.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    STEPS[(mixed >> 54) as usize % PACES].0.fetch_add(1, Relaxed)
}

impl Leaf {
    fn of(place: Place) -> &'static Leaf {
        &BOOK[place.slot() % PAGES]
    }

    /// The page, unless others keep it for longer than they should.
    #[inline]
    fn open(&self) -> Option<MutexGuard<'_, Page>> {
        patience::open(&self.page)
    }
}

/// What somebody who asked for the number of entries was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// How many there are.
    Length,
    /// That there is none.
    Nothing,
    /// That there are some.
    Something,
}

impl Size {
    /// The answer to `is_empty`.
    #[inline]
    #[must_use]
    pub const fn of(is_empty: bool) -> Size {
        if is_empty { Size::Nothing } else { Size::Something }
    }
}

/// The history of one map, where one is kept.
#[derive(Clone, Copy, Debug)]
pub struct Trail<'a> {
    entry: &'a Arc<Entry>,
    site: StaticSite,
    /// The shard that the call is about, where there are shards and it is known.
    part: Part,
}

impl<'a> Trail<'a> {
    /// The history of `entry`, for the call at `site`.
    pub(crate) const fn new(entry: &'a Arc<Entry>, site: StaticSite) -> Trail<'a> {
        Trail { entry, site, part: Part::Some }
    }

    /// The same, for a call that is about this part.
    #[inline]
    #[must_use]
    pub const fn about(self, part: Part) -> Trail<'a> {
        Trail { part, ..self }
    }

    /// Whether somebody walks over the map, so that it matters which part a call is about.
    #[inline]
    #[must_use]
    pub fn is_walked(self) -> bool {
        self.entry.walkers.load(Relaxed) > 0
    }

    /// A walk over the map begins.
    #[must_use]
    pub fn walk(self) -> walk::Walk {
        walk::Walk::begin(self.entry, self.doer(Operation::Iter))
    }

    /// Whether the family should say how the entries lie over the shards: seldom.
    #[inline]
    #[must_use]
    pub fn is_stock_due(self) -> bool {
        self.entry.stock.is_due()
    }

    /// How many entries lie in each shard; without an answer (a shard is locked) it is asked again later.
    pub fn took_stock(self, shards: Option<&[usize]>) {
        stock::judge(self.entry, self.doer(Operation::Insert), shards);
    }

    /// What holds of every change to a key, with or without a look in the same step.
    fn wrote(self, by: Doer, key: Key, deed: Deed) {
        place::changed(self.entry, by, deed);
        late::wrote(self, self.place(key), by, deed);
        if deed == Deed::Appeared {
            self.entry.stock.came();
        }
        if matches!(self.entry.kind, MapKind::DashMap | MapKind::DashSet) && self.entry.remembers_all() {
            walk::wrote(self.entry, by, key, deed, self.part);
        }
    }

    /// The history for a look at `key`; `None` where there is nothing to be written down of it. To be asked before the
    /// lock is taken.
    #[inline]
    pub fn for_look<Q: Hash + ?Sized>(self, key: &Q) -> Option<(Trail<'a>, Key)> {
        let number = Key::of(key);
        (!self.is_left_out(number)).then_some((self, number))
    }

    /// Whether there is nothing to be written down of an access to this key: where nobody records, most keys of a busy
    /// map are left out.
    #[inline]
    fn is_left_out(self, key: Key) -> bool {
        self.entry.leaves_out(key.0) && policy::only_checks()
    }

    /// The calling actor looked at a key. `operation` says whether it could see the value.
    #[inline]
    pub fn look(self, key: Key, operation: Operation, present: bool) {
        if !self.is_left_out(key) {
            self.look_closely(key, operation, present);
        }
    }

    #[inline(never)]
    fn look_closely(self, key: Key, operation: Operation, present: bool) {
        self.count(key);
        if !self.entry.remembers(key.0) {
            return;
        }
        let by = self.doer(operation);
        self.came(Some(key), Act::Looked, operation);
        let value = !matches!(operation, Operation::ContainsKey | Operation::Contains);
        let is_std = matches!(self.entry.kind, MapKind::HashMap | MapKind::BTreeMap);
        let under_read_guard = !present && is_std && holds_shared();
        sites::looked(by.site, self.entry.shape);
        self.write_look(key, by, Seen { present, value, under_read_guard, ..Seen::ALL });
    }

    /// Tells who follows works that were given up.
    #[inline]
    fn came(self, key: Option<Key>, act: Act, operation: Operation) {
        overrun::came(self.entry, Access { key, act, operation, site: self.site });
    }

    fn write_look(self, key: Key, by: Doer, seen: Seen) {
        let place = self.place(key);
        let leaf = Leaf::of(place);
        match leaf.open() {
            Some(mut page) => page.look(place, by, seen, self.walks(), self.valid(leaf)),
            None => _ = leaf.void.fetch_add(1, Relaxed),
        }
    }

    /// The calling actor has gone over all entries.
    pub fn walked(self, operation: Operation) {
        self.came(None, Act::Walked, operation);
        let by = self.doer(operation);
        sites::looked(by.site, self.entry.shape);
        self.entry.walks.fetch_add(1, Relaxed);
        let value = operation != Operation::Keys;
        self.write_look(Key::WALK, by, Seen { value, ..Seen::ALL });
    }

    /// The calling actor asked how many entries there are, or whether there is one.
    pub fn measured(self, size: Size) {
        let by = self.doer(Operation::Len);
        sites::looked(by.site, self.entry.shape);
        // Like a walk, it is of all keys: what came since is told by the count of walks.
        self.entry.walks.fetch_add(1, Relaxed);
        let seen = Seen { present: size != Size::Nothing, value: size == Size::Length, ..Seen::ALL };
        self.write_look(Key::SIZE, by, seen);
    }

    /// The calling actor loaded the snapshot that lies at `stamp`.
    pub fn loaded(self, operation: Operation, stamp: u64) {
        let by = Doer { era: snapshot::next_era(), ..self.doer(operation) };
        sites::looked(by.site, self.entry.shape);
        self.write_look(Key::WHOLE, by, Seen { stamp, ..Seen::ALL });
    }

    /// The calling actor publishes a snapshot of `size` bytes; `swap` does it, and tells where the replaced one
    /// lies.
    ///
    /// Nothing keeps others out meanwhile, so the store is written down before and after: whoever replaces it
    /// at once finds its name. That another snapshot was replaced than the one that was loaded is seen from
    /// where they lie, and is certain.
    pub fn stored(self, operation: Operation, size: usize, swap: impl FnOnce() -> u64) -> Suspicion {
        let by = Doer { era: snapshot::next_era(), ..self.doer(operation) };
        let place = self.place(Key::WHOLE);
        let leaf = Leaf::of(place);
        let announce = |mut page: MutexGuard<'_, Page>| {
            let record = page.record(place);
            page.change(place, by, Deed::Replaced, 0);
            record
        };
        let before = leaf.open().and_then(announce);
        let replaced = swap();
        snapshot::replaced(self.entry.id.0, replaced, size as u64, by);
        let Some(mut page) = leaf.open() else {
            leaf.void.fetch_add(1, Relaxed);
            return Suspicion(None);
        };
        let earlier = page.use_look(place, by.actor, self.valid(leaf));
        let others = |record: &Record| record.renewal.is_some_and(|past| past.by.actor != by.actor);
        let record = page.record(place).filter(others).or(before);
        page.change(place, by, Deed::Replaced, 0);
        drop(page);
        if let Earlier::Look(look) = earlier {
            self.write_look(Key::LOADED, look.by, look.seen);
        }
        let suspicion = self.judge(by, Deed::Replaced, earlier, record);
        if matches!(earlier, Earlier::Look(look) if look.seen.stamp == replaced) {
            return Suspicion(None);
        }
        suspicion
    }

    /// The calling actor published a snapshot in a step that saw what it replaced: the one at `replaced`.
    pub fn stepped(self, operation: Operation, size: usize, replaced: u64) {
        self.compound(Key::WHOLE, operation, Deed::Replaced);
        let by = Doer { era: snapshot::next_era(), ..self.doer(operation) };
        snapshot::replaced(self.entry.id.0, replaced, size as u64, by);
    }

    /// The calling actor stored a whole value (`insert`), and replaced one or not.
    #[inline]
    pub fn inserted(self, key: Key, operation: Operation, replaced: bool) -> Suspicion {
        if replaced && rules::is_set(self.entry.kind) {
            return self.found_there(key, operation);
        }
        self.act(key, operation, if replaced { Deed::Replaced } else { Deed::Appeared })
    }

    /// The calling actor put an element into a set that was there already: nothing changed, so nobody is overtaken
    /// by it; but it may have seen that there was none.
    fn found_there(self, key: Key, operation: Operation) -> Suspicion {
        if !self.entry.remembers(key.0) {
            return Suspicion(None);
        }
        let (by, place) = (self.doer(operation), self.place(key));
        let leaf = Leaf::of(place);
        let Some(mut page) = leaf.open() else {
            leaf.void.fetch_add(1, Relaxed);
            return Suspicion(None);
        };
        let earlier = page.use_look(place, by.actor, self.valid(leaf));
        let record = page.record(place);
        drop(page);
        self.judge(by, Deed::Replaced, earlier, record)
    }

    /// The calling actor removed a key (`remove`), and there was an entry or not.
    #[inline]
    pub fn removed(self, key: Key, operation: Operation, found: bool) -> Suspicion {
        self.act(key, operation, if found { Deed::Removed } else { Deed::Missed })
    }

    /// The calling actor changed a key in a step that looked, too (`entry`, `alter`, `remove_if`): never an act
    /// on an earlier look, but something that others may be overtaken by.
    #[inline]
    pub fn compound(self, key: Key, operation: Operation, deed: Deed) {
        if !self.is_left_out(key) || !cancel::is_quiet(self.site) {
            self.compound_closely(key, operation, deed);
        }
    }

    #[inline(never)]
    fn compound_closely(self, key: Key, operation: Operation, deed: Deed) {
        self.count(key);
        cancel::changed(self.entry, key, operation, deed, self.site);
        if !self.entry.remembers(key.0) {
            return;
        }
        let (by, place) = (self.doer(operation), self.place(key));
        self.wrote(by, key, deed);
        let leaf = Leaf::of(place);
        match leaf.open() {
            Some(mut page) => {
                let _ = page.use_look(place, by.actor, 0);
                page.change(place, by, deed, self.walks());
            }
            None => _ = leaf.void.fetch_add(1, Relaxed),
        }
    }

    /// The calling actor was handed a value to change it where it stands (`get_mut`), or found none.
    #[inline]
    pub fn lent(self, key: Key, operation: Operation, present: bool) {
        if present {
            self.compound(key, operation, Deed::Changed);
        } else {
            self.look(key, operation, false);
        }
    }

    /// The calling actor was handed a value by an entry that may only have looked (`or_insert` where there is one).
    #[inline]
    pub fn handed(self, key: Key, operation: Operation) {
        if cancel::is_quiet(self.site) {
            return;
        }
        cancel::handed(self.entry, key, operation, self.site);
    }

    /// Many keys may have changed in one call (`clear`, `extend`, `retain`): all that was seen before is void.
    pub fn overhauled(self) {
        self.entry.overhauls.fetch_add(1, Relaxed);
        cancel::overhauled(self.entry, self.site);
        late::overhauled(self.entry.id.0);
    }

    #[inline]
    fn act(self, key: Key, operation: Operation, deed: Deed) -> Suspicion {
        if self.is_left_out(key) && cancel::is_quiet(self.site) {
            return Suspicion(None);
        }
        self.act_closely(key, operation, deed)
    }

    #[inline(never)]
    fn act_closely(self, key: Key, operation: Operation, deed: Deed) -> Suspicion {
        self.count(key);
        cancel::changed(self.entry, key, operation, deed, self.site);
        if !self.entry.remembers(key.0) {
            return Suspicion(None);
        }
        let (by, place) = (self.doer(operation), self.place(key));
        self.wrote(by, key, deed);
        let whole = self.whole_before(deed, by.actor);
        let leaf = Leaf::of(place);
        let Some(mut page) = leaf.open() else {
            leaf.void.fetch_add(1, Relaxed);
            return Suspicion(None);
        };
        let valid = self.valid(leaf);
        let earlier = match (page.use_look(place, by.actor, valid), whole) {
            (Earlier::None, Some(whole)) => Earlier::Look(whole),
            (earlier, _) => earlier,
        };
        let record = page.record(place);
        let was_never_there = record.is_none() && !page.has_forgotten_keys();
        page.change(place, by, deed, self.walks());
        if deed == Deed::Removed {
            page.look(place, by, Seen { taken: true, ..Seen::ALL }, self.walks(), valid);
        }
        drop(page);
        if deed == Deed::Missed && was_never_there && self.entry.stranger.load(Relaxed) == 0 {
            late::missed(place, by);
        }
        let judged = self.judge(by, deed, earlier, record);
        match self.judge_by_snapshot(by, key, deed, record) {
            Some(suspicion) if judged.0.is_none() => suspicion,
            _ => judged,
        }
    }

    /// Whether a removal relies on a snapshot of another map, which is older than the entry and replaced by now.
    fn judge_by_snapshot(self, by: Doer, key: Key, deed: Deed, record: Option<Record>) -> Option<Suspicion> {
        if deed != Deed::Removed {
            return None;
        }
        let snapshot::Condemned { load, store, .. } = snapshot::condemned(by.actor, key)?;
        let came = record?.renewal.filter(|past| past.deed != Deed::Removed)?;
        if came.by.era < load.era {
            return None;
        }
        // Steps are counted for each map; between two of them they tell nothing.
        let load = Doer { step: by.step, ..load };
        let look = Look { place: self.place(key), by: load, seen: Seen::ALL, tick: 0, walks: 0, valid: 0 };
        Some(self.suspect(look, by, Proof::Snapshot(store)))
    }

    #[inline(never)]
    fn judge(self, by: Doer, deed: Deed, earlier: Earlier, record: Option<Record>) -> Suspicion {
        let look = match earlier {
            Earlier::Unknown => return Suspicion(None),
            // It may have looked before anybody wrote looks down.
            Earlier::None if self.entry.stranger.load(Relaxed) == by.thread => return Suspicion(None),
            Earlier::Look(look) if !look.seen.taken || puts_back(&look, by, deed) => look,
            Earlier::None | Earlier::Look(_) => {
                sites::acted(by.site, Habit::BLIND);
                return Suspicion(None);
            }
        };
        // Who stores after such a question stores for many reasons: the source has to say that this is one.
        let is_of_all = look.place.key == Key::SIZE || place::is_lock(self.entry.kind);
        let own = if is_of_all { Habit::BLIND } else { habit_of(look.seen) };
        let habits = sites::acted(by.site, own);
        let Some(record) = record else { return Suspicion(None) };
        // Which of the acts at this site count is known only when both stacks are read; that is dear. Snapshots are
        // loaded for many reasons: where anybody stores without a load, no store there relies on one.
        let kind = self.entry.kind;
        let habit = own.and(if kind == MapKind::ArcSwap { habits.all } else { habits.anywhere });
        let case = Case { kind, act: by, deed, look, record, habit };
        if rules::judge(&case).is_none() && rules::judge(&Case { habit: habits.all, ..case }).is_none() {
            return Suspicion(None);
        }
        let proof = Proof::Case(Box::new(case), habits.all);
        self.suspect(look, by, proof)
    }

    fn suspect(self, look: Look, act: Doer, proof: Proof) -> Suspicion {
        let (entry, stack) = (Arc::clone(self.entry), stack::capture());
        Suspicion(Some(Box::new(Suspected { entry, look, act, stack, proof })))
    }

    /// The actor's last look at the whole map, if it can be what the act relies on: a walk, of a removal; a question
    /// for its size, of a store.
    fn whole_before(self, deed: Deed, actor: u64) -> Option<Look> {
        if self.walks() == 0 {
            return None;
        }
        let place = self.place(match deed {
            Deed::Removed => Key::WALK,
            Deed::Replaced => Key::SIZE,
            Deed::Appeared | Deed::Missed | Deed::Changed => return None,
        });
        let leaf = Leaf::of(place);
        let look = leaf.open()?.looked(place, actor)?;
        (look.valid == self.valid(leaf)).then_some(look)
    }

    /// Counts a key among those that accesses name, now and then.
    #[inline]
    fn count(self, key: Key) {
        if key != Key::WHOLE {
            recorder::key(self.entry.id, key.0);
        }
    }

    fn doer(self, operation: Operation) -> Doer {
        let (actor, thread) = (guard::actor(), thread::actor());
        let step = step(actor, self.entry.id.0);
        Doer { actor, thread, operation, site: self.site, at: clock::rough(), step, era: snapshot::era() }
    }

    fn place(self, key: Key) -> Place {
        Place { map: self.entry.id.0, key }
    }

    fn walks(self) -> u64 {
        self.entry.walks.load(Relaxed)
    }

    /// A number that changes when anything happened that no page knows of. Both parts only grow.
    fn valid(self, leaf: &Leaf) -> u64 {
        1 + self.entry.overhauls.load(Relaxed) + leaf.void.load(Relaxed)
    }
}

/// Whether an act is the actor's very next one after it took the entry out, and stores one.
fn puts_back(taken: &Look, by: Doer, deed: Deed) -> bool {
    by.step == taken.by.step + 1 && matches!(deed, Deed::Appeared | Deed::Replaced)
}

fn habit_of(seen: Seen) -> Habit {
    let came_after = if seen.present { Habit::AFTER_HIT } else { Habit::AFTER_MISS };
    if seen.value { came_after } else { came_after.and(Habit::AFTER_QUESTION) }
}

/// Whether the calling thread holds a guard that others may share.
fn holds_shared() -> bool {
    guard::held_on(thread::desk()).any(|hold| hold.mode == Mode::Shared)
}

/// The calling actor looked for a key in a container that lies at `address`, and may lie in a snapshot; to be
/// called where [`snapshot::is_any`].
#[cold]
pub fn looked_into_snapshot(address: usize, key: Key, present: bool) {
    let actor = guard::actor();
    let load = |map, stamp| {
        let leaf_of = |key| (Leaf::of(Place { map, key }), Place { map, key });
        [Key::WHOLE, Key::LOADED].into_iter().find_map(|key| {
            let (leaf, place) = leaf_of(key);
            let look = leaf.open()?.looked(place, actor)?;
            (look.seen.stamp == stamp).then_some(look.by)
        })
    };
    snapshot::looked(actor, address as u64, key, present, load);
}
