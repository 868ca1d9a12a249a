//! What the watched locks of std find, with both sides; no test waits for time to pass.
#![allow(clippy::unwrap_used, reason = "a test may fall over")]

mod locks {
    mod findings;
    mod std_locks;
}
