//! The entries of a shard, one after the other.

use super::{Changed, Lent, Reading, Shown, Table, Writing};
use crate::guard::Held;
use dashmap::SharedValue;
use hashbrown::raw::{Bucket, RawIter};
use std::ops::Deref;
use std::sync::Arc;

/// A shard that all its entries keep, with the record of the guard, which goes first: nobody is named who has left.
pub struct Shared<S> {
    held: Held,
    /// Unlocks it when it goes.
    _shard: S,
}

/// An entry of a shard that others may read as well.
pub type ItemRef<'a, K, V> = Lent<Arc<Shared<Reading<'a, K, V>>>, K, Shown<V>>;

/// An entry of a shard that nobody else is in, to be changed.
pub type ItemMut<'a, K, V> = Lent<Arc<Shared<Writing<'a, K, V>>>, K, Changed<V>>;

/// The entries of a shard.
pub struct Items<S, K, V> {
    shard: Arc<Shared<S>>,
    left: RawIter<(K, SharedValue<V>)>,
}

// SAFETY: a shard that may go to another thread, and pointers to its keys and values, which go with it.
unsafe impl<S: Send + Sync, K: Sync, V: Sync> Send for Items<S, K, V> {}
// SAFETY: a shared `Items` gives nothing.
unsafe impl<S: Send + Sync, K: Sync, V: Sync> Sync for Items<S, K, V> {}

impl<S: Deref<Target = Table<K, V>>, K, V> Items<S, K, V> {
    /// Those of `shard`, whose guard has this record.
    fn of(held: Held, shard: S) -> Items<S, K, V> {
        // SAFETY: the table lies in a lock that is borrowed for as long as its guard, which `shard` is, can live; it stays
        // as it is while the guard lives, and that goes with the iterator and with each entry.
        let left = unsafe { shard.iter() };
        Items { shard: Arc::new(Shared { held, _shard: shard }), left }
    }
}

impl<'a, K, V> Items<Reading<'a, K, V>, K, V> {
    /// Those of a shard that others may read as well.
    pub fn reading(held: Held, shard: Reading<'a, K, V>) -> Self {
        Items::of(held, shard)
    }
}

impl<'a, K, V> Items<Writing<'a, K, V>, K, V> {
    /// Those of a shard that nobody else is in.
    pub fn writing(held: Held, shard: Writing<'a, K, V>) -> Self {
        Items::of(held, shard)
    }
}

impl<'a, K, V> Iterator for Items<Reading<'a, K, V>, K, V> {
    type Item = ItemRef<'a, K, V>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let bucket = self.left.next()?;
        // SAFETY: a full bucket of a table that stays as it is, see `of`; others have shared references at most.
        let (key, value) = unsafe { bucket.as_ref() };
        Some(Lent { guard: Arc::clone(&self.shard), key: key.into(), part: value.get().into() })
    }
}

impl<'a, K, V> Iterator for Items<Writing<'a, K, V>, K, V> {
    type Item = ItemMut<'a, K, V>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let bucket: Bucket<(K, SharedValue<V>)> = self.left.next()?;
        // SAFETY: a full bucket of a table that is held exclusively and stays as it is, see `of`; each is given once.
        let (key, value) = unsafe { bucket.as_mut() };
        Some(Lent { guard: Arc::clone(&self.shard), key: Shown::from(&*key), part: value.get_mut().into() })
    }
}

impl<S, K, P> Lent<Arc<Shared<S>>, K, P> {
    /// The record of the guard.
    #[inline]
    pub fn held(&self) -> &Held {
        &self.guard.held
    }
}
