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
//! One of a million tasks that do nothing, on tokio's current-thread runtime (`cargo bench -p mapwatch --bench tasks
//! --features tokio`; two cores that others used meanwhile, where the collector competes with the program):
//!
//! | of one task | tokio's | off | on | recorded |
//! |---|---|---|---|---|
//! | spawn to join (ns) | 444 | 447 | 1064 | 3085 |
//! | poll (ns) | 104 | 113 | 215 | 316 |
//! | memory left when it is over (bytes) | 0 | 0 | 0 | 11 |
//!
//! A spawn costs more than the 0.25 µs aimed for, and a poll more than 0.1 µs while somebody records.
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
