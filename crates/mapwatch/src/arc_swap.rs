//! `arc_swap`, with an `ArcSwap` that knows who stores over a snapshot that somebody has overtaken.
//!
//! Nobody waits here and nothing is undefined; what goes wrong is *load, clone, change, store*: two that begin
//! with one snapshot, and the second store loses the first one's change. `store` over a snapshot other than the
//! one that its actor loaded is told with the load, the store between and the store; `rcu`, `swap` and
//! `compare_and_swap` see what they replace, and are never told.
//!
//! | module | what it is |
//! |---|---|
//! | [`original`] | the crate's own |
//! | [`checked`] | always watched |
//! | this one | the crate's names; `ArcSwapAny`, its aliases, `access` and `cache` are `checked`'s where `debug_assertions` or the feature `checked` is on |
//!
//! Guards are the crate's own. Left out while watching: its `serde` implementations, and `strategy` types other
//! than by name.

pub mod checked;

/// The crate's own.
pub mod original {
    pub use arc_swap::*;
}

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{ArcSwap, ArcSwapAny, ArcSwapOption, ArcSwapWeak, Cache, access, cache};
#[doc(no_inline)]
pub use original::*;
