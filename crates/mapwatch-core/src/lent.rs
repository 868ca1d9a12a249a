//! What a shard of dashmap's lends: a key and a value in it, for as long as its lock is held.
//!
//! dashmap hands out such guards itself, but through memory: a watched one that is wrapped around it is copied while it
//! is still being written, which takes the processor as long as all of the watching. So they are made here, of the
//! shards that the original's feature `raw-api` shows.

mod items;

pub use items::{ItemMut, ItemRef, Items, Shared};

use dashmap::{RwLockReadGuard, RwLockWriteGuard, SharedValue};
use hashbrown::raw::RawTable;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// What dashmap keeps in a shard.
pub type Table<K, V> = RawTable<(K, SharedValue<V>)>;

/// A shard that others may read as well.
pub struct Reading<'a, K, V>(RwLockReadGuard<'a, Table<K, V>>);

/// A shard that nobody else is in.
pub struct Writing<'a, K, V>(RwLockWriteGuard<'a, Table<K, V>>);

// SAFETY: dashmap's lock may be given up on any thread, as its own guards do, which are `Send`; the other thread gets
// references to keys and values.
unsafe impl<K: Sync, V: Sync> Send for Reading<'_, K, V> {}
// SAFETY: as above.
unsafe impl<K: Sync, V: Sync> Sync for Reading<'_, K, V> {}
// SAFETY: as above; the other thread may put keys and values in and take them out.
unsafe impl<K: Send + Sync, V: Send + Sync> Send for Writing<'_, K, V> {}
// SAFETY: a shared `Writing` gives nothing but a shared table.
unsafe impl<K: Sync, V: Sync> Sync for Writing<'_, K, V> {}

impl<'a, K, V> From<RwLockReadGuard<'a, Table<K, V>>> for Reading<'a, K, V> {
    #[inline]
    fn from(guard: RwLockReadGuard<'a, Table<K, V>>) -> Self {
        Reading(guard)
    }
}

impl<'a, K, V> From<RwLockWriteGuard<'a, Table<K, V>>> for Writing<'a, K, V> {
    #[inline]
    fn from(guard: RwLockWriteGuard<'a, Table<K, V>>) -> Self {
        Writing(guard)
    }
}

impl<K, V> Deref for Reading<'_, K, V> {
    type Target = Table<K, V>;

    #[inline]
    fn deref(&self) -> &Table<K, V> {
        &self.0
    }
}

impl<K, V> Deref for Writing<'_, K, V> {
    type Target = Table<K, V>;

    #[inline]
    fn deref(&self) -> &Table<K, V> {
        &self.0
    }
}

impl<K, V> DerefMut for Writing<'_, K, V> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Table<K, V> {
        &mut self.0
    }
}

/// Where something lies that is only looked at.
pub struct Shown<T>(NonNull<T>);

/// Where something lies that may be changed: its type is exactly `T`, or something shorter-lived could be put there.
pub struct Changed<T>(NonNull<T>, PhantomData<*mut T>);

// SAFETY: with it goes a `&T`.
unsafe impl<T: Sync> Send for Shown<T> {}
// SAFETY: a shared one gives `&T`.
unsafe impl<T: Sync> Sync for Shown<T> {}
// SAFETY: with it goes a `&mut T`.
unsafe impl<T: Send> Send for Changed<T> {}
// SAFETY: a shared one gives `&T`.
unsafe impl<T: Sync> Sync for Changed<T> {}

impl<T> From<&T> for Shown<T> {
    #[inline]
    fn from(what: &T) -> Self {
        Shown(NonNull::from(what))
    }
}

impl<T> From<&mut T> for Changed<T> {
    #[inline]
    fn from(what: &mut T) -> Self {
        Changed(NonNull::from(what), PhantomData)
    }
}

/// A key and a value, or a part of it, in a shard that is held by `G`; `P` says where that is.
///
/// Both point into a table that lies in its lock, which is borrowed for as long as the guard can live; nobody changes
/// the table while the guard is held, because nothing but this has the guard.
pub struct Lent<G, K, P> {
    guard: G,
    key: Shown<K>,
    part: P,
}

/// Lent for reading.
pub type LentRef<'a, K, V, T = V> = Lent<Reading<'a, K, V>, K, Shown<T>>;

/// Lent to be changed.
pub type LentMut<'a, K, V, T = V> = Lent<Writing<'a, K, V>, K, Changed<T>>;

impl<'a, K, V> LentRef<'a, K, V> {
    /// The entry that `find` finds.
    ///
    /// # Errors
    ///
    /// The shard, where it found none.
    #[inline]
    pub fn find(
        guard: Reading<'a, K, V>,
        find: impl FnOnce(&Table<K, V>) -> Option<&(K, SharedValue<V>)>,
    ) -> Result<Self, Reading<'a, K, V>> {
        match find(&guard).map(|(key, value)| (key.into(), value.get().into())) {
            Some((key, part)) => Ok(Lent { guard, key, part }),
            None => Err(guard),
        }
    }
}

impl<'a, K, V> LentMut<'a, K, V> {
    /// The entry that `find` finds, or makes.
    ///
    /// # Errors
    ///
    /// The shard, where it found none.
    #[inline]
    pub fn find_mut(
        mut guard: Writing<'a, K, V>,
        find: impl FnOnce(&mut Table<K, V>) -> Option<&mut (K, SharedValue<V>)>,
    ) -> Result<Self, Writing<'a, K, V>> {
        match find(&mut guard).map(|(key, value)| (Shown::from(&*key), value.get_mut().into())) {
            Some((key, part)) => Ok(Lent { guard, key, part }),
            None => Err(guard),
        }
    }

    /// Takes the entry, whose hash is `hash`, out; gives the shard, which is still locked, and the entry.
    ///
    /// # Panics
    ///
    /// Where that is not its hash.
    pub fn take(self, hash: u64) -> (Writing<'a, K, V>, (K, V)) {
        let Lent { mut guard, key, .. } = self;
        let (key, value) = guard.remove_entry(hash, |entry| is(&key, entry)).expect("an entry that was lent");
        (guard, (key, value.into_inner()))
    }

    /// Puts another entry, whose hash is `hash` as well, in the place of this one; gives the shard, which is still locked,
    /// and the old entry.
    ///
    /// # Panics
    ///
    /// Where that is not its hash.
    pub fn replace(self, hash: u64, key: K, value: V) -> (Writing<'a, K, V>, (K, V)) {
        let Lent { mut guard, key: lent, .. } = self;
        let place = guard.get_mut(hash, |entry| is(&lent, entry)).expect("an entry that was lent");
        let (key, value) = std::mem::replace(place, (key, SharedValue::new(value)));
        (guard, (key, value.into_inner()))
    }

    /// The same entry, which others may read as well.
    pub fn downgrade(self) -> LentRef<'a, K, V> {
        let Lent { guard, key, part: Changed(part, _) } = self;
        // Readers come in, but nobody who could change the table.
        Lent { guard: Reading(RwLockWriteGuard::downgrade(guard.0)), key, part: Shown(part) }
    }
}

/// Whether an entry is the one of this very key.
fn is<K, V>(Shown(key): &Shown<K>, (other, _): &(K, SharedValue<V>)) -> bool {
    std::ptr::eq(key.as_ptr(), other)
}

impl<G, K, P> Lent<G, K, P> {
    #[inline]
    fn key(&self) -> &K {
        // SAFETY: it points to a key in a table that the guard keeps as it is; see the type.
        unsafe { self.key.0.as_ref() }
    }
}

impl<G, K, T> Lent<G, K, Shown<T>> {
    /// The key and the part.
    #[inline]
    pub fn pair(&self) -> (&K, &T) {
        // SAFETY: as in `key`; who is lent something for reading changes nothing.
        (self.key(), unsafe { self.part.0.as_ref() })
    }
}

impl<G, K, T> Lent<G, K, Changed<T>> {
    /// The key and the part.
    #[inline]
    pub fn pair(&self) -> (&K, &T) {
        // SAFETY: as in `key`; whoever may change the part has `self` exclusively.
        (self.key(), unsafe { self.part.0.as_ref() })
    }

    /// The key, and the part to change.
    #[inline]
    pub fn pair_mut(&mut self) -> (&K, &mut T) {
        // SAFETY: as in `Lent::key`.
        let key = unsafe { self.key.0.as_ref() };
        // SAFETY: the shard is held exclusively, `self` is the only way to this part (of an iterator's items each is given
        // once), and the key is not in it.
        let part = unsafe { self.part.0.as_mut() };
        (key, part)
    }
}

impl<'a, K, V, T> LentMut<'a, K, V, T> {
    /// The same key with a part of the part, to change.
    ///
    /// # Errors
    ///
    /// All of it as it was, where `f` finds none.
    #[inline]
    pub fn map_mut<U>(self, f: impl FnOnce(&mut T) -> Option<&mut U>) -> Result<LentMut<'a, K, V, U>, Self> {
        let Lent { guard, key, mut part } = self;
        // SAFETY: as in `pair_mut`.
        match f(unsafe { part.0.as_mut() }) {
            Some(found) => Ok(Lent { guard, key, part: found.into() }),
            None => Err(Lent { guard, key, part }),
        }
    }
}

impl<'a, K, V, T> LentRef<'a, K, V, T> {
    /// The same key with a part of the part.
    ///
    /// # Errors
    ///
    /// All of it as it was, where `f` finds none.
    #[inline]
    pub fn map<U>(self, f: impl FnOnce(&T) -> Option<&U>) -> Result<LentRef<'a, K, V, U>, Self> {
        match f(self.pair().1).map(Shown::from) {
            Some(part) => Ok(Lent { guard: self.guard, key: self.key, part }),
            None => Err(self),
        }
    }
}
