//! Numbers of keys that are only ordered: a tree's methods do not ask for `Hash`.
//!
//! The history knows a key by a number that is made of its hash. A tree's keys need not have one, and a bound that std
//! does not ask for would break programs. So the types that keys of trees are nearly always of are recognised: whole
//! numbers, characters, strings, bytes, and pairs and triples of a few of them. Others have no number, and no history.

use crate::history::Key;
use std::any::TypeId;
use std::marker::PhantomData;

/// The number of a key, where its type is one of those that are recognised.
///
/// Equal keys have one number, however they are asked for: `String`, `&str` and `str` hash alike.
#[inline]
pub fn number<Q: ?Sized>(key: &Q) -> Option<Key> {
    macro_rules! one_of {
        ($($known:ty),* $(,)?) => {
            $(if let Some(key) = as_ref_to::<Q, $known>(key) {
                return Some(Key::of(key));
            })*
        };
    }
    one_of!(
        u64,
        u32,
        String,
        str,
        &'static str,
        usize,
        i64,
        i32,
        u128,
        i128,
        u16,
        u8,
        i16,
        i8,
        isize,
        char,
        bool
    );
    one_of!((u64, u64), (u32, u32), (i32, i32), (i64, i64), (usize, usize), (u64, u32), (u32, u64));
    one_of!((String, String), (String, u64), (String, u32), (u64, String), (u32, String), (u32, u32, u32));
    one_of!((&'static str, &'static str), (&'static str, u32), (&'static str, u64), Vec<u8>, [u8]);
    None
}

/// The same reference, if `T` is `U` but for lifetimes.
#[inline]
fn as_ref_to<'a, T: ?Sized, U: ?Sized>(value: &'a T) -> Option<&'a U> {
    if id_of::<T>() != id_of::<U>() {
        return None;
    }
    // SAFETY: `T` and `U` are one type but for lifetimes, so both references have one layout, and what they point to is
    // valid for 'a. A lifetime inside of `U` may be longer than the one inside of `T`; the only caller hashes the value
    // before it returns, and keeps nothing of it.
    Some(unsafe { std::mem::transmute_copy::<&'a T, &'a U>(&value) })
}

/// The number of a type, lifetimes left aside.
#[inline]
fn id_of<T: ?Sized>() -> TypeId {
    trait Named {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }

    impl<T: ?Sized> Named for PhantomData<T> {
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }

    let named = PhantomData::<T>;
    let named: &dyn Named = &named;
    // SAFETY: lifetimes are gone when the program runs, and the method that this makes callable reads nothing of the
    // value, which is empty: it only asks for the number of a type.
    let named = unsafe { std::mem::transmute::<&dyn Named, &(dyn Named + 'static)>(named) };
    named.id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_have_one_number_however_they_are_asked_for() {
        let text = String::from("seat 4");
        let slice: &str = &text;
        assert_eq!(number(&text), number(slice));
        assert_eq!(number(&slice), number("seat 4"));
        assert_eq!(number(&vec![1_u8, 2]), number(&[1_u8, 2][..]));
        assert_eq!(number(&7_u32), Some(Key::of(&7_u32)));
        assert_eq!(number(&(4_u32, 12_u32)), Some(Key::of(&(4_u32, 12_u32))));
    }

    #[test]
    fn what_is_not_known_has_none() {
        #[derive(PartialEq, Eq, PartialOrd, Ord)]
        struct Seat(u32);
        assert_eq!(number(&Seat(7)), None);
        assert_eq!(number(&Some(7_u32)), None);
        assert_ne!(number(&7_u32), number(&8_u32));
    }
}
