//! `std::collections` as it is.

#[doc(no_inline)]
pub use std::collections::*;
