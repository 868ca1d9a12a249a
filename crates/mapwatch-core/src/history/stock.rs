//! How the entries of a sharded map lie over its shards, looked at each time their number has doubled.
//!
//! A hasher that serves spreads keys as dice would. Two things have to hold before anything is said: dice would
//! put as many entries into the fullest shard less than once in 10^15 looks (a Chernoff bound, over all shards),
//! and the map works as if it had a quarter of its shards or fewer. The first keeps chance out, the second what
//! is uneven and does not matter.

use super::page::Doer;
use crate::entry::Entry;
use crate::raise::{self, Collision, Otherwise, Party, Taken};
use crate::{clock, stack};
use mapwatch_event::{Category, Operation, Role};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Entries that have to have come before anybody looks.
const FEW: u64 = 256;

/// After how many more a look that failed is repeated.
const AGAIN: u64 = 64;

/// The logarithm of what chance may do: 10^-15.
const CHANCE: f64 = -34.5;

/// When to look next.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    /// Entries that came, of the keys that are remembered.
    came: AtomicU64,
    due: AtomicBool,
    /// A look failed, because a shard was locked.
    missed: AtomicBool,
    told: AtomicBool,
}

impl Stock {
    /// One more entry came.
    #[inline]
    pub(super) fn came(&self) {
        let count = self.came.fetch_add(1, Relaxed) + 1;
        let doubled = count >= FEW && count.is_power_of_two();
        if doubled || count.is_multiple_of(AGAIN) && self.missed.load(Relaxed) {
            self.due.store(!self.told.load(Relaxed), Relaxed);
        }
    }

    #[inline]
    pub(super) fn is_due(&self) -> bool {
        self.due.load(Relaxed)
    }
}

/// Looks at the shards, and says so where keys crowd.
#[cold]
pub(super) fn judge(entry: &Arc<Entry>, by: Doer, shards: Option<&[usize]>) {
    entry.stock.due.store(false, Relaxed);
    entry.stock.missed.store(shards.is_none(), Relaxed);
    let (Some(shards), Some(made)) = (shards, entry.made) else { return };
    if !crowds(shards) || entry.stock.told.swap(true, Relaxed) {
        return;
    }
    let (all, most) = (shards.iter().sum::<usize>(), shards.iter().max().copied().unwrap_or_default());
    let empty = shards.iter().filter(|entries| **entries == 0).count();
    // Who made the map is not known.
    let maker = Party {
        role: Role::Holder,
        operation: Operation::New,
        actor: 0,
        thread: 0,
        site: Some(made),
        held_for: None,
        stack: Taken::Not(""),
    };
    let act = Party {
        role: Role::Attempt,
        operation: by.operation,
        actor: by.actor,
        thread: if by.actor == by.thread { 0 } else { by.thread },
        site: Some(by.site),
        held_for: None,
        stack: Taken::At(stack::capture(), ""),
    };
    let _ = raise::raise(Collision {
        category: Category::ShardSkew,
        grade: None,
        at: clock::now(),
        map: entry.facts(),
        parties: vec![maker, act],
        cause: format!(
            "{most} of {all} entries lie in one of {} shards, and {empty} shards are empty: whoever holds a guard there keeps the others out",
            shards.len()
        ),
        cure: None,
        otherwise: Otherwise::GoOn,
        may_panic: false,
    });
}

/// Whether entries crowd in few shards, further than chance goes.
#[allow(clippy::cast_precision_loss, reason = "nobody has 2^52 entries")]
fn crowds(shards: &[usize]) -> bool {
    let (count, all) = (shards.len() as f64, shards.iter().sum::<usize>() as f64);
    if shards.len() < 2 || all < FEW as f64 / 2.0 {
        return false;
    }
    let share = |entries: &usize| *entries as f64 / all;
    // So many shards, evenly filled, would be as crowded.
    let worth = 1.0 / shards.iter().map(share).map(|share| share * share).sum::<f64>();
    if worth > (count / 4.0).max(1.0 + f64::EPSILON * 8.0) {
        return false;
    }
    let most = shards.iter().map(share).fold(0.0, f64::max);
    let fair = 1.0 / count;
    let rest = if most < 1.0 { (1.0 - most) * ((1.0 - most) / (1.0 - fair)).ln() } else { 0.0 };
    let divergence = most * (most / fair).ln() + rest;
    count.ln() - all * divergence < CHANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_in_one_or_a_few_of_many_crowd() {
        assert!(crowds(&[1000, 0, 0, 0, 0, 0, 0, 0]));
        assert!(crowds(&[256, 0]));
        assert!(crowds(&[500, 500, 0, 0, 0, 0, 0, 0]));
        let mut many = vec![4; 256];
        many[17] = 40_000;
        assert!(crowds(&many));
    }

    #[test]
    fn a_little_uneven_or_too_little_to_tell_does_not() {
        assert!(!crowds(&[20, 0, 0, 0]));
        assert!(!crowds(&[300, 500, 200, 400]));
        assert!(!crowds(&[600, 0, 0, 0, 600, 0, 0, 600]));
        assert!(!crowds(&[300, 1]));
        assert!(!crowds(&[]));
        assert!(!crowds(&[5000]));
    }

    #[test]
    fn dice_are_never_told() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for turn in 0..20_000 {
            let mut shards = vec![0; 1 << (1 + turn % 11)];
            for _ in 0..128 << (turn % 3) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let index = (state >> 20) as usize % shards.len();
                shards[index] += 1;
            }
            assert!(!crowds(&shards), "{shards:?}");
        }
    }
}
