//! Random programs of several real threads, on a watched container and on its original: the answers are the same, and
//! under the strictest policy nothing is said of programs that are correct.
#![allow(clippy::unwrap_used, reason = "a test may fall over")]

mod threads {
    #[cfg(feature = "dashmap")]
    mod maps;
    mod rwlocks;
    mod together;
}
