//! Closures that run while a shard is locked: each has a record for as long, as if it were a guard.

use super::shards::{self, Of};
use super::{DashMap, about};
use mapwatch_core::event::Operation;
use mapwatch_core::guard::{Mode, Part};
use mapwatch_core::history::{Deed, Key, Trail};
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::panic::Location;

impl<K: Eq + Hash, V, S: BuildHasher + Clone> DashMap<K, V, S> {
    /// Takes an entry out, if `f` says so.
    #[track_caller]
    pub fn remove_if<Q>(&self, key: &Q, f: impl FnOnce(&K, &V) -> bool) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (at, trail) =
            (Location::caller(), self.latch.trail().map(|trail| about(trail, || self.part(key))));
        self.latch.visit(Operation::Remove, Mode::Exclusive, &Of(&self.inner, key), || {
            self.inner.remove_if(key, |k, v| {
                let _held = self.keep(Operation::Remove, Mode::Exclusive, self.part(key), at);
                let goes = f(k, v);
                did(trail, goes, key, Operation::Remove, Deed::Removed);
                goes
            })
        })
    }

    /// The same, where `f` may change the value.
    #[track_caller]
    pub fn remove_if_mut<Q>(&self, key: &Q, f: impl FnOnce(&K, &mut V) -> bool) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (at, trail) =
            (Location::caller(), self.latch.trail().map(|trail| about(trail, || self.part(key))));
        self.latch.visit(Operation::Remove, Mode::Exclusive, &Of(&self.inner, key), || {
            self.inner.remove_if_mut(key, |k, v| {
                let _held = self.keep(Operation::Remove, Mode::Exclusive, self.part(key), at);
                let goes = f(k, v);
                did(trail, true, key, Operation::Remove, if goes { Deed::Removed } else { Deed::Changed });
                goes
            })
        })
    }

    /// Keeps the entries that `f` wants.
    #[track_caller]
    pub fn retain(&self, mut f: impl FnMut(&K, &mut V) -> bool) {
        let at = Location::caller();
        self.overhauled();
        self.whole(Operation::Retain, Mode::Exclusive, || {
            let mut held = None;
            self.inner.retain(|k, v| {
                held.get_or_insert_with(|| self.keep(Operation::Retain, Mode::Exclusive, Part::Some, at));
                f(k, v)
            });
        });
    }

    /// Replaces a value by what `f` makes of it.
    #[track_caller]
    pub fn alter<Q>(&self, key: &Q, f: impl FnOnce(&K, V) -> V)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (at, trail) = (Location::caller(), self.latch.trail());
        self.latch.visit(Operation::Alter, Mode::Exclusive, &Of(&self.inner, key), || {
            self.inner.alter(key, |k, v| {
                let _held = self.keep(Operation::Alter, Mode::Exclusive, self.part(key), at);
                did(trail, true, key, Operation::Alter, Deed::Changed);
                f(k, v)
            });
        });
    }

    /// Replaces every value.
    #[track_caller]
    pub fn alter_all(&self, mut f: impl FnMut(&K, V) -> V) {
        let at = Location::caller();
        self.overhauled();
        self.whole(Operation::Alter, Mode::Exclusive, || {
            let mut held = None;
            self.inner.alter_all(|k, v| {
                held.get_or_insert_with(|| self.keep(Operation::Alter, Mode::Exclusive, Part::Some, at));
                f(k, v)
            });
        });
    }

    /// Shows a value to `f`.
    #[track_caller]
    pub fn view<Q, R>(&self, key: &Q, f: impl FnOnce(&K, &V) -> R) -> Option<R>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let at = Location::caller();
        let trail = self.latch.trail();
        let looked = |present| {
            if let Some(trail) = trail {
                trail.look(Key::of(key), Operation::View, present);
            }
        };
        self.latch.visit(Operation::View, Mode::Shared, &Of(&self.inner, key), || {
            let shown = self.inner.view(key, |k, v| {
                let _held = self.keep(Operation::View, Mode::Shared, self.part(key), at);
                looked(true);
                f(k, v)
            });
            if shown.is_none() {
                looked(false);
            }
            shown
        })
    }

    fn part<Q>(&self, key: &Q) -> Part
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        shards::part(&self.inner, key)
    }
}

/// Tells the history, if there is one, what was done in a step that looked as well.
fn did<Q: Hash + ?Sized>(trail: Option<Trail<'_>>, done: bool, key: &Q, operation: Operation, deed: Deed) {
    if let Some(trail) = trail.filter(|_| done) {
        trail.compound(Key::of(key), operation, deed);
    }
}
