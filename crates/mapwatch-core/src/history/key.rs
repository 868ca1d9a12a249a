//! A key as a number: what the history remembers instead of the key itself.
//!
//! Any hasher will do, because `Borrow` promises equal hashes under each of them; this one takes a nanosecond
//! for an integer. Two keys with one number would be taken for one: with 64 well-mixed bits that is not a risk
//! that a program's few thousand remembered keys can meet.

use std::hash::{Hash, Hasher};

/// The number of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(pub(crate) u64);

impl Key {
    /// The one key of a container that is looked at and stored as a whole.
    pub const WHOLE: Key = Key(1);

    /// The key under which an actor's last walk is remembered.
    pub(crate) const WALK: Key = Key(2);

    /// The key under which an actor's load is remembered after it stored a snapshot.
    pub(crate) const LOADED: Key = Key(3);

    /// The key under which an actor's last question for the number of entries is remembered.
    pub(crate) const SIZE: Key = Key(4);

    /// The number of `key`.
    #[inline]
    pub fn of<Q: Hash + ?Sized>(key: &Q) -> Key {
        let mut hasher = Folding(0x243f_6a88_85a3_08d3);
        key.hash(&mut hasher);
        Key(hasher.finish())
    }
}

/// Folds each word in with a multiplication of which both halves are kept.
struct Folding(u64);

impl Folding {
    #[inline]
    fn fold(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
        self.0 = (product as u64) ^ (product >> 64) as u64 ^ self.0.rotate_left(23);
    }
}

impl Hasher for Folding {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.fold(u64::from_le_bytes(word));
        }
        self.fold(bytes.len() as u64);
    }

    #[inline]
    fn write_u8(&mut self, number: u8) {
        self.fold(u64::from(number));
    }

    #[inline]
    fn write_u16(&mut self, number: u16) {
        self.fold(u64::from(number));
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.fold(u64::from(number));
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.fold(number);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.fold(number as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        let mut last = Folding(self.0);
        last.fold(0x1319_8a2e_0370_7344);
        last.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_have_one_number_however_they_are_asked_for() {
        assert_eq!(Key::of("page"), Key::of(&String::from("page")));
        assert_eq!(Key::of(&7_u64), Key::of(&&7_u64));
    }

    #[test]
    fn many_keys_have_many_numbers() {
        let numbers: std::collections::HashSet<u64> = (0..100_000_u64).map(|key| Key::of(&key).0).collect();
        assert_eq!(numbers.len(), 100_000);
        let words: std::collections::HashSet<u64> =
            (0..100_000).map(|key| Key::of(&format!("session-{key}")).0).collect();
        assert_eq!(words.len(), 100_000);
    }
}
