//! One program in the style of `tokio::sync`, compiled against the face, the watched locks and tokio's.
#![cfg(feature = "tokio")]
#![allow(clippy::duplicate_mod, reason = "the same program, three times, is what is tried")]
#![allow(clippy::unwrap_used, reason = "a test may fall over")]

#[path = "tokio"]
mod face {
    use mapwatch::tokio::sync;
    mod program;
}

#[path = "tokio"]
mod checked {
    use mapwatch::tokio::sync::checked as sync;
    mod program;
}

#[path = "tokio"]
mod original {
    use ::tokio::sync;
    mod program;
}
