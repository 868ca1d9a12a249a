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
//! | spawn | one small allocation; where it has a name, a place in a table; while somebody records, that place, one more allocation and a reading of the clock |
//! | the first poll | while somebody records, one more allocation, for the waker |
//! | poll | two readings of the clock and a waker of ours while somebody records, else a few nanoseconds |
//!
//! One of a million tasks that do nothing, on tokio's current-thread runtime (`cargo bench -p mapwatch --bench tasks
//! --features tokio`; two cores, where the collector competes with the program):
//!
//! | of one task | tokio's | off | on | recorded |
//! |---|---|---|---|---|
//! | spawn to join (ns) | 335 | 329 | 473 | 3822 |
//! | poll (ns) | 78 | 82 | 88 | 365 |
//! | memory left when it is over (bytes) | 0 | 0 | 0 | 53 |
//!
//! In five runs watching cost a spawn 0.14 to 0.27 µs (1.4 to 1.9 times tokio's) and a poll 0.03 µs at most where
//! accesses are only checked; 0.25 and 0.1 µs were aimed for. While somebody records, a spawn costs 1.9 to 3.9 µs and a
//! poll 0.2 to 0.4 µs more; 24 to 142 bytes a task stay, by how far behind the collector is, and 64 MiB at most wait
//! for it.
//! Profiles say where it goes; it was not measured by leaving parts out. Recorded, nearly two fifths of the samples are
//! the collector's thread, which writes each life as JSON; of the program's own, three in ten are the allocator's and
//! one in ten the clock's.
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
