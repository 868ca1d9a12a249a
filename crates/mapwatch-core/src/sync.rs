//! The atomics and locks of the protocols: std's, or loom's when loom runs them.

#[cfg(not(loom))]
pub(crate) use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering, compiler_fence, fence},
    sync::{Arc, Condvar, Mutex, MutexGuard},
};

#[cfg(loom)]
pub(crate) use loom::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering, fence},
    sync::{Arc, Condvar, Mutex, MutexGuard},
};

/// Declares a constructor that is `const` except under loom, whose atomics have none.
macro_rules! constructor {
    ($(#[$doc:meta])* $vis:vis const fn $name:ident() -> $ret:ty $body:block) => {
        $(#[$doc])*
        #[cfg(not(loom))]
        #[allow(clippy::new_without_default, reason = "made in one place, with more at hand than a default has")]
        $vis const fn $name() -> $ret $body

        $(#[$doc])*
        #[cfg(loom)]
        #[allow(clippy::new_without_default, reason = "as above")]
        $vis fn $name() -> $ret $body
    };
}
pub(crate) use constructor;
