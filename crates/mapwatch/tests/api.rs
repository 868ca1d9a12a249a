//! One program in std's style, compiled against the face, the watched collections and std's.
//!
//! What it must show is mostly that it compiles: every stable method and trait of std's four collections, their
//! entries and iterators. The traps have a file of their own.
#![allow(clippy::duplicate_mod, reason = "the same program, three times, is what is tried")]

#[path = "api"]
mod face {
    use mapwatch::collections;
    mod program;
}

#[path = "api"]
mod checked {
    use mapwatch::collections::checked as collections;
    mod program;
}

#[path = "api"]
mod original {
    use std::collections;
    mod program;
}
