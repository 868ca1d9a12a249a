//! Guards of a watched map.

pub mod entry;
pub mod multiple;
pub mod one;
