//! The crate `dashmap`, watched.
//!
//! ```toml
//! dashmap = { package = "mapwatch-dashmap", version = "0.1" }
//! ```
//!
//! No source changes: the root is the face of `mapwatch::dashmap`.

pub use mapwatch::dashmap::*;
pub use mapwatch::{Named, dashmap::checked};
