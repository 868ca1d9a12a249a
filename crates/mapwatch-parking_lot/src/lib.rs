//! The crate `parking_lot`, watched.
//!
//! ```toml
//! parking_lot = { package = "mapwatch-parking_lot", version = "0.1" }
//! ```
//!
//! No source changes: the root is the face of `mapwatch::parking_lot`.

pub use mapwatch::parking_lot::*;
pub use mapwatch::{Named, parking_lot::checked};
