//! Guards of a watched set.

pub mod multiple;
pub mod one;
