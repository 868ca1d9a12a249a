//! The hash that a call has just made: a guard names the shard of its key without hashing it a second time.
//!
//! The map's hasher is asked by the original alone, which tells nobody what came out. So it gets a hasher that leaves
//! each hash with its thread. A hash is a call's own where it is the only one since the call began: keys may hash into
//! other maps while they are compared.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher};

thread_local! {
    /// How many hashes this thread has made, and the last one.
    static LAST: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// A hasher of the user's, whose hashes are remembered. They are the same.
#[derive(Clone, Default)]
pub(super) struct Remember<S>(pub(super) S);

impl<S: BuildHasher> BuildHasher for Remember<S> {
    type Hasher = Remembering<S::Hasher>;

    #[inline]
    fn build_hasher(&self) -> Remembering<S::Hasher> {
        Remembering(self.0.build_hasher())
    }
}

/// One hash on its way.
pub(super) struct Remembering<H>(H);

macro_rules! forward {
    ($($method:ident($word:ty))+) => {$(
        #[inline]
        fn $method(&mut self, word: $word) {
            self.0.$method(word);
        }
    )+};
}

impl<H: Hasher> Hasher for Remembering<H> {
    #[inline]
    fn finish(&self) -> u64 {
        let hash = self.0.finish();
        LAST.set((LAST.get().0.wrapping_add(1), hash));
        hash
    }

    forward! {
        write(&[u8])
        write_u8(u8) write_u16(u16) write_u32(u32) write_u64(u64) write_u128(u128) write_usize(usize)
        write_i8(i8) write_i16(i16) write_i32(i32) write_i64(i64) write_i128(i128) write_isize(isize)
    }
}

/// The moment before a call that hashes its key once.
#[derive(Clone, Copy)]
pub(super) struct Before(u64);

impl Before {
    #[inline]
    pub(super) fn now() -> Before {
        Before(LAST.get().0)
    }

    /// The one hash that was made since; `None` where there were more, or none.
    #[inline]
    pub(super) fn only_hash(self) -> Option<u64> {
        let (count, hash) = LAST.get();
        (count == self.0.wrapping_add(1)).then_some(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::hash_map::RandomState;

    #[test]
    fn hashes_are_the_users_and_one_alone_is_known() {
        let (plain, before) = (RandomState::new(), Before::now());
        let remember = Remember(plain.clone());
        assert_eq!(before.only_hash(), None);
        let hash = remember.hash_one(("a key", 7_u8, -1_i64));
        assert_eq!(hash, plain.hash_one(("a key", 7_u8, -1_i64)));
        assert_eq!(before.only_hash(), Some(hash));
        let _ = remember.hash_one(2);
        assert_eq!(before.only_hash(), None);
    }
}
