//! `std::cell`, with a `RefCell` that knows who borrows it where checking is on.
//!
//! A refused borrow names every outstanding one: who took it, where, since when, and what keeps it alive. The
//! errors of `try_borrow` and `try_borrow_mut` carry the same text, so an `unwrap` shows it.
//!
//! | module | what it is |
//! |---|---|
//! | [`original`] | std's |
//! | [`checked`] | always watched |
//! | this one | std's names; `RefCell` and what belongs to it are `checked`'s where `debug_assertions` or the feature `checked` is on |
//!
//! Left out while watching: `RefCell::try_borrow_unguarded`, an unsafe function, and what is unstable in std.
//! A watched cell is larger by its sentinel, a guard by 16 bytes.

pub mod checked;

/// std's own.
pub mod original {
    pub use std::cell::*;
}

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{BorrowError, BorrowMutError, Ref, RefCell, RefMut};
#[doc(no_inline)]
pub use original::*;
