//! `std::thread`, with threads whose lives are told where checking is on.
//!
//! | module | what it is |
//! |---|---|
//! | [`original`] | std's |
//! | [`checked`] | always watched |
//! | this one | std's names; `spawn`, `scope`, `Scope` and `Builder` are `checked`'s where `debug_assertions` or the feature `checked` is on |
//!
//! A watched thread costs one allocation beside what a thread costs.

pub mod checked;

/// std's own.
pub mod original {
    pub use std::thread::*;
}

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{Builder, Scope, scope, spawn};
#[doc(no_inline)]
pub use original::*;
