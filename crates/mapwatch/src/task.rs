//! Tasks whose lives are told: spawned, polled, woken, idle, completed, panicked, cancelled (by whom), never
//! polled, leaked.
//!
//! | module | what it is |
//! |---|---|
//! | [`checked`] | always watched |
//! | `original` | tokio's own, with the feature `tokio` |
//! | this one | tokio's names: `checked`'s where `debug_assertions` or the feature `checked` is on |
//!
//! [`Watch::watched`] gives a name and a life to a future of any executor. With the feature `tokio`, `spawn`,
//! `spawn_local`, `spawn_blocking`, `JoinSet` and their handles stand beside it with tokio's signatures; the
//! handles note who aborts. `Builder` spawns under a name.
//!
//! | operation | costs beside the original's |
//! |---|---|
//! | spawn | one allocation, a place in a table, a reading of the clock while somebody records |
//! | the first poll | one more allocation, for the waker |
//! | poll | two readings of the clock while somebody records, else a few nanoseconds |
//!
//! A task that does nothing, from its spawn to its join, on tokio's current-thread runtime beside tokio's own 0.3 to
//! 0.7 µs: 0.4 µs more while nobody records, 2 to 3 µs more while somebody does (two cores of a busy machine, where the
//! collector competes with the program). That is more than the 0.35 µs aimed for.
//!
//! What a future is dropped by is read from the stack of the drop: a timeout and a `select!` are told apart from
//! a plain drop where the build has symbols.
//!
//! ```
//! use mapwatch::task::Watch;
//!
//! async fn settle() -> u32 {
//!     7
//! }
//! # futures_lite_block_on(async {
//! assert_eq!(settle().watched("settle").await, 7);
//! # });
//! # fn futures_lite_block_on(f: impl std::future::Future<Output = ()>) {
//! #     let mut f = std::pin::pin!(f);
//! #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
//! #     assert!(f.as_mut().poll(&mut cx).is_ready());
//! # }
//! ```

pub mod checked;

/// tokio's own.
#[cfg(feature = "tokio")]
pub mod original {
    pub use tokio::task::*;
}

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{Watch, Watched, scope, sync_scope};

#[cfg(all(feature = "tokio", any(debug_assertions, feature = "checked")))]
#[doc(inline)]
pub use checked::{AbortHandle, Builder, JoinHandle, JoinSet, spawn, spawn_blocking, spawn_local};
#[cfg(feature = "tokio")]
#[doc(no_inline)]
pub use original::*;

#[cfg(not(any(debug_assertions, feature = "checked")))]
mod unchecked;
#[cfg(all(feature = "tokio", not(any(debug_assertions, feature = "checked"))))]
pub use unchecked::Builder;
#[cfg(not(any(debug_assertions, feature = "checked")))]
pub use unchecked::{Watch, Watched, scope, sync_scope};
