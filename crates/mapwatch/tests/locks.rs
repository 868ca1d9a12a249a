//! What the watched locks find, with both sides; no test waits for time to pass.
#![allow(clippy::unwrap_used, reason = "a test may fall over")]

mod locks {
    mod findings;
    #[cfg(feature = "parking_lot")]
    mod parking_locks;
    mod std_locks;
    #[cfg(feature = "tokio")]
    mod tokio_locks;
}
