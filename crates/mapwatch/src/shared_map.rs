//! Go's map for Rust: shared by `&self`, not synchronised, and overlapping use is a bug that panics.
//!
//! A [`SharedMap`] never waits. Readers may overlap with readers; a writer may overlap with nobody. Whoever
//! comes second is refused with a report that names both sides.
//! Go's rules for a map that grows under an iterator have no counterpart here, because that overlap is refused.
//!
//! The check is what makes the map `Sync`, so it is on in every build and under every policy: `report` and
//! `off` still panic on an overlap. While a panic unwinds already, a refused look finds nothing and a refused
//! change changes nothing, so that a destructor never turns a panic into an abort.
//!
//! A guard that is forgotten (`mem::forget`) stays inside for ever, as with `RefCell`.
//!
//! | operation | beside the work of a `HashMap` |
//! |---|---|
//! | `get_cloned`, `view`, `contains_key`, `len` | a slot taken and given back |
//! | `insert`, `remove`, … | one compare-and-swap; with readers on other threads also an ordering of all threads |
//! | `get`, `iter`, `get_mut`, `entry` | the same, and a backtrace of 1 to 3 µs (`MAPWATCH_CAPTURE=sites` leaves it out) |
//!
//! Ratios to a `HashMap` that nobody else can reach, on two shared cores of a Xeon
//! (`cargo bench -p mapwatch --bench ratios`, 1,000 entries, `get_cloned` for `get`):
//!
//! | work | raw (ns) | `SharedMap` | every access recorded | `AtomicRefCell` | `Mutex` | `RwLock` | parking_lot's | `DashMap` |
//! |---|---|---|---|---|---|---|---|---|
//! | get | 11.7 | 1.50 | 1.91 | 1.09 | 1.19 | 1.19 | 1.15 | 1.56 |
//! | get, two threads at once | 15.1 | 1.69 | 2.35 | 7.13 | 4.47 | 6.42 | 5.13 | 3.13 |
//! | insert of a known key | 11.4 | 3.08 | 3.76 | 1.12 | 1.22 | 1.50 | 1.53 | 1.68 |
//! | filling an empty one | 35.3 | 1.74 | 2.46 | 1.04 | 1.07 | 1.19 | 1.28 | 1.28 |
//!
//! A look of one thread alone costs more than a lock's (the aim is below); as soon as two threads look at once it
//! costs a third or a fourth, because no line of memory is shared. A change pays for its exactness.

mod entry;
mod guards;

pub use entry::{Entry, OccupiedEntry, VacantEntry};
pub use guards::{Iter, Keys, Pair, Ref, RefMut, Values};

use guards::Table;
use mapwatch_core::Extent;
use mapwatch_core::cell::{Change, Look, SharedCell};
use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::history::{Key, Size, Suspicion, Trail};
use mapwatch_core::sentinel::Span;
use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::panic::Location;
use std::time::Instant;

/// A hash map that is shared by `&self` and refuses overlapping use. See the [module](self).
///
/// ```
/// use mapwatch::SharedMap;
///
/// let stock: SharedMap<&str, u32> = SharedMap::new();
/// stock.insert("bolt", 10);
/// std::thread::scope(|scope| {
///     scope.spawn(|| assert_eq!(stock.get_cloned("bolt"), Some(10)));
///     scope.spawn(|| assert!(stock.contains_key("bolt")));
/// });
/// ```
pub struct SharedMap<K, V, S = RandomState> {
    cell: SharedCell<Table<K, V, S>>,
}

impl<K, V> SharedMap<K, V, RandomState> {
    /// An empty map.
    #[must_use]
    #[track_caller]
    pub fn new() -> SharedMap<K, V> {
        SharedMap::with_hasher(RandomState::new())
    }

    /// An empty map that holds `capacity` entries before it grows.
    #[must_use]
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> SharedMap<K, V> {
        SharedMap::from_table(Some(HashMap::with_capacity(capacity)))
    }
}

impl<K, V, S> SharedMap<K, V, S> {
    /// An empty map with its own hasher.
    #[must_use]
    #[track_caller]
    pub const fn with_hasher(hasher: S) -> SharedMap<K, V, S> {
        SharedMap::from_table(Some(HashMap::with_hasher(hasher)))
    }

    /// A map that was declared, but not made: reads find nothing, writes panic (`uninitialised-map`), as with
    /// Go's nil map. [`SharedMap::initialise`] makes it.
    ///
    /// ```
    /// static SESSIONS: mapwatch::SharedMap<u32, &str> = mapwatch::SharedMap::uninitialised();
    /// assert_eq!(SESSIONS.get_cloned(&1), None);
    /// SESSIONS.initialise();
    /// SESSIONS.insert(1, "kim");
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn uninitialised() -> SharedMap<K, V, S> {
        SharedMap::from_table(None)
    }

    #[track_caller]
    const fn from_table(table: Option<HashMap<K, V, S>>) -> SharedMap<K, V, S> {
        let shape = Shape::of_entries::<SharedMap<K, V, S>, (K, V)>;
        SharedMap { cell: SharedCell::new(Table(table), MapKind::SharedMap, shape, Location::caller()) }
    }

    /// The map itself, without a check: the borrow is the proof. `None` when it is uninitialised.
    pub const fn get_mut_whole(&mut self) -> Option<&mut HashMap<K, V, S>> {
        self.cell.get_mut().0.as_mut()
    }

    /// The map itself; empty when it is uninitialised.
    pub fn into_inner(self) -> HashMap<K, V, S>
    where
        S: Default,
    {
        self.cell.into_inner().0.unwrap_or_default()
    }

    /// Makes an uninitialised map; `false` when it was made already.
    ///
    /// # Panics
    ///
    /// When anybody is inside.
    #[track_caller]
    pub fn initialise(&self) -> bool
    where
        S: Default,
    {
        let Some(mut table) = self.cell.change(Operation::Write, Span::Call) else { return false };
        let first = table.0.is_none();
        table.0.get_or_insert_with(HashMap::default);
        first
    }

    /// Whether the map was made.
    #[track_caller]
    pub fn is_initialised(&self) -> bool {
        self.cell.look(Operation::Peek, Span::Call).is_some_and(|table| table.0.is_some())
    }

    /// Gives the map a name for reports.
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> SharedMap<K, V, S> {
        self.cell.set_name(name.into());
        self
    }

    /// Entries.
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn len(&self) -> usize {
        let length = self.looked(Operation::Len, HashMap::len).unwrap_or(0);
        if let Some(trail) = self.trail() {
            trail.measured(Size::Length);
        }
        length
    }

    /// Whether there is no entry.
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        let is_empty = self.looked(Operation::Len, HashMap::len).unwrap_or(0) == 0;
        if let Some(trail) = self.trail() {
            trail.measured(Size::of(is_empty));
        }
        is_empty
    }

    /// Entries it holds before it grows.
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn capacity(&self) -> usize {
        self.looked(Operation::Len, HashMap::capacity).unwrap_or(0)
    }

    /// Removes all entries.
    ///
    /// # Panics
    ///
    /// When anybody is inside, or the map is uninitialised.
    #[inline]
    #[track_caller]
    pub fn clear(&self) {
        let trail = self.trail();
        self.changed(Operation::Clear, |map| {
            map.clear();
            trail.map(Trail::overhauled)
        });
    }

    /// Keeps the entries for which `keep` says so.
    ///
    /// # Panics
    ///
    /// When anybody is inside, or the map is uninitialised.
    #[inline]
    #[track_caller]
    pub fn retain(&self, keep: impl FnMut(&K, &mut V) -> bool) {
        let trail = self.trail();
        self.changed(Operation::Retain, |map| {
            map.retain(keep);
            trail.map(Trail::overhauled)
        });
    }

    /// Walks over the entries; the walk, and every entry it gave, keep writers out until they are dropped.
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, K, V, S> {
        Iter::new(self.cell.look(Operation::Iter, Span::Guard), Operation::Iter, self.trail())
    }

    /// Walks over the keys; see [`SharedMap::iter`].
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn keys(&self) -> Keys<'_, K, V, S> {
        Keys::new(Iter::new(self.cell.look(Operation::Keys, Span::Guard), Operation::Keys, self.trail()))
    }

    /// Walks over the values; see [`SharedMap::iter`].
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn values(&self) -> Values<'_, K, V, S> {
        Values::new(Iter::new(
            self.cell.look(Operation::Values, Span::Guard),
            Operation::Values,
            self.trail(),
        ))
    }

    /// The history of the keys, for this access.
    #[inline]
    #[track_caller]
    fn trail(&self) -> Option<Trail<'_>> {
        self.cell.sentinel().trail()
    }

    /// A short look at the whole map; `None` when it is uninitialised, or refused while a panic unwinds.
    #[inline]
    #[track_caller]
    fn looked<R>(&self, operation: Operation, look: impl FnOnce(&HashMap<K, V, S>) -> R) -> Option<R> {
        self.cell.look(operation, Span::Call)?.0.as_ref().map(look)
    }

    /// A short change of the whole map; `None` only when refused while a panic unwinds.
    #[inline]
    #[track_caller]
    fn changed<R>(&self, operation: Operation, change: impl FnOnce(&mut HashMap<K, V, S>) -> R) -> Option<R> {
        let mut table = self.writable(operation, Span::Call)?;
        let map = table.0.as_mut()?;
        let before = extent(map);
        let began = before.is_full().then(Instant::now);
        let result = change(map);
        self.cell.sentinel().resized(before, extent(map), began);
        Some(result)
    }

    /// The table, initialised.
    #[inline]
    #[track_caller]
    fn writable(&self, operation: Operation, span: Span) -> Option<Change<'_, Table<K, V, S>>> {
        let table = self.cell.change(operation, span)?;
        if table.0.is_none() {
            // Out of the map first: a panic hook may look at it.
            drop(table);
            self.cell.sentinel().uninitialised(operation);
            return None;
        }
        Some(table)
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> SharedMap<K, V, S> {
    /// A short look at one entry.
    #[inline]
    #[track_caller]
    fn looked_up<Q: Hash + ?Sized, R>(
        &self,
        operation: Operation,
        key: &Q,
        look: impl FnOnce(&HashMap<K, V, S>) -> Option<R>,
    ) -> Option<R> {
        let trail = self.trail();
        self.looked(operation, |map| {
            let found = look(map);
            if let Some(trail) = trail {
                trail.look(Key::of(key), operation, found.is_some());
            }
            found
        })?
    }

    /// A guard of the value of `key`; writers are refused while it lives.
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn get<Q>(&self, key: &Q) -> Option<Ref<'_, K, V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let table = self.cell.look(Operation::Get, Span::Guard)?;
        if let Some(trail) = self.trail() {
            let present = table.0.as_ref().is_some_and(|map| map.contains_key(key));
            trail.look(Key::of(key), Operation::Get, present);
        }
        let (key, value) = table.filter_map_split(|table| table.0.as_ref()?.get_key_value(key))?;
        Some(Ref { key, value })
    }

    /// A clone of the value of `key`.
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn get_cloned<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        V: Clone,
        Q: Eq + Hash + ?Sized,
    {
        self.looked_up(Operation::Get, key, |map| map.get(key).cloned())
    }

    /// What `look` makes of the entry of `key`.
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn view<Q, R>(&self, key: &Q, look: impl FnOnce(&K, &V) -> R) -> Option<R>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.looked_up(Operation::View, key, |map| {
            map.get_key_value(key).map(|(key, value)| look(key, value))
        })
    }

    /// A guard of the value of `key`, to change it; everybody else is refused while it lives.
    ///
    /// # Panics
    ///
    /// When anybody is inside, or the map is uninitialised.
    #[inline]
    #[track_caller]
    pub fn get_mut<Q>(&self, key: &Q) -> Option<RefMut<'_, V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let table = self.writable(Operation::GetMut, Span::Guard)?;
        if let Some(trail) = self.trail() {
            let present = table.0.as_ref().is_some_and(|map| map.contains_key(key));
            trail.lent(Key::of(key), Operation::GetMut, present);
        }
        table.filter_map(|table| table.0.as_mut()?.get_mut(key)).map(RefMut::inside)
    }

    /// Whether there is an entry for `key`.
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline]
    #[track_caller]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.looked_up(Operation::ContainsKey, key, |map| map.contains_key(key).then_some(())).is_some()
    }

    /// Stores `value` under `key`, and gives the value it replaced.
    ///
    /// # Panics
    ///
    /// When anybody is inside, or the map is uninitialised.
    #[inline]
    #[track_caller]
    pub fn insert(&self, key: K, value: V) -> Option<V> {
        let trail = self.trail().map(|trail| (trail, Key::of(&key)));
        let (replaced, suspicion) = self.changed(Operation::Insert, |map| {
            let replaced = map.insert(key, value);
            let done =
                |(trail, key): (Trail<'_>, Key)| trail.inserted(key, Operation::Insert, replaced.is_some());
            let suspicion = trail.map_or(Suspicion::NONE, done);
            (replaced, suspicion)
        })?;
        suspicion.tell();
        replaced
    }

    /// Removes the entry of `key`, and gives its value.
    ///
    /// # Panics
    ///
    /// When anybody is inside, or the map is uninitialised.
    #[inline]
    #[track_caller]
    pub fn remove<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let trail = self.trail().map(|trail| (trail, Key::of(key)));
        let (removed, suspicion) = self.changed(Operation::Remove, |map| {
            let removed = map.remove(key);
            let done =
                |(trail, key): (Trail<'_>, Key)| trail.removed(key, Operation::Remove, removed.is_some());
            let suspicion = trail.map_or(Suspicion::NONE, done);
            (removed, suspicion)
        })?;
        suspicion.tell();
        removed
    }

    /// The entry of `key`, to look and change in one access.
    ///
    /// # Panics
    ///
    /// When anybody is inside, or the map is uninitialised.
    #[inline]
    #[track_caller]
    pub fn entry(&self, key: K) -> Entry<'_, K, V, S> {
        let trail = self.trail().map(|trail| (trail, Key::of(&key)));
        let table = self.writable(Operation::Entry, Span::Guard);
        // An entry that is filled may be the only change there ever is: whoever looks wants to know the size.
        if let Some(map) = table.as_ref().and_then(|table| table.0.as_ref()) {
            self.cell.sentinel().resized(extent(map), extent(map), None);
        }
        Entry::new(self.cell.sentinel(), table, key, trail)
    }
}

impl<K, V, S: Default> Default for SharedMap<K, V, S> {
    #[track_caller]
    fn default() -> SharedMap<K, V, S> {
        SharedMap::with_hasher(S::default())
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> FromIterator<(K, V)> for SharedMap<K, V, S> {
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> SharedMap<K, V, S> {
        SharedMap::from_table(Some(HashMap::from_iter(entries)))
    }
}

impl<K: Eq + Hash, V, const N: usize> From<[(K, V); N]> for SharedMap<K, V> {
    #[track_caller]
    fn from(entries: [(K, V); N]) -> SharedMap<K, V> {
        SharedMap::from_table(Some(HashMap::from(entries)))
    }
}

impl<K, V, S> From<HashMap<K, V, S>> for SharedMap<K, V, S> {
    #[track_caller]
    fn from(map: HashMap<K, V, S>) -> SharedMap<K, V, S> {
        SharedMap::from_table(Some(map))
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Extend<(K, V)> for SharedMap<K, V, S> {
    #[track_caller]
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        let trail = self.trail();
        self.changed(Operation::Extend, |map| {
            map.extend(entries);
            trail.map(Trail::overhauled)
        });
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for SharedMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cell.look(Operation::Iter, Span::Call) {
            Some(table) => match &table.0 {
                Some(map) => f.debug_map().entries(map).finish(),
                None => f.write_str("uninitialised"),
            },
            None => f.write_str("refused"),
        }
    }
}

impl<'a, K, V, S> IntoIterator for &'a SharedMap<K, V, S> {
    type Item = Pair<'a, K, V, S>;
    type IntoIter = Iter<'a, K, V, S>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, K, V, S> {
        self.iter()
    }
}

/// How large a table is.
fn extent<K, V, S>(map: &HashMap<K, V, S>) -> Extent {
    Extent { length: map.len(), capacity: Some(map.capacity()) }
}

/// The look that a walk is made of.
type TableLook<'a, K, V, S> = Look<'a, Table<K, V, S>>;
