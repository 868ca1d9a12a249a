//! One program in the style of `std::sync`, compiled against the face, the watched locks and std's.
#![allow(clippy::duplicate_mod, reason = "the same program, three times, is what is tried")]
#![allow(clippy::unwrap_used, reason = "a test may fall over")]

#[path = "sync"]
mod face {
    use mapwatch::sync;
    mod program;
}

#[path = "sync"]
mod checked {
    /// What a `use` line of std brings, with the watched locks in it.
    mod sync {
        pub(super) use mapwatch::sync::checked::*;
        pub(super) use mapwatch::sync::original::{
            Arc, Barrier, LazyLock, LockResult, Once, OnceLock, PoisonError, TryLockError, TryLockResult,
            Weak, atomic, mpsc,
        };
    }
    mod program;
}

#[path = "sync"]
mod original {
    use std::sync;
    mod program;
}
