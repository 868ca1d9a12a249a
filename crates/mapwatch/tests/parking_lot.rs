//! One program in parking_lot's style, compiled against the face, the watched locks and parking_lot's.
#![cfg(feature = "parking_lot")]
#![allow(clippy::duplicate_mod, reason = "the same program, three times, is what is tried")]
#![allow(clippy::unwrap_used, reason = "a test may fall over")]

#[path = "parking_lot"]
mod face {
    use mapwatch::parking_lot;
    mod program;
}

#[path = "parking_lot"]
mod checked {
    /// What parking_lot exports, with the watched locks in it.
    mod parking_lot {
        pub(super) use ::parking_lot::{Once, OnceState, WaitTimeoutResult, lock_api};
        pub(super) use mapwatch::parking_lot::checked::*;
    }
    mod program;
}

#[path = "parking_lot"]
mod original {
    use ::parking_lot;
    mod program;
}
