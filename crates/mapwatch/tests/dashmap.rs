//! One program in the original's style, compiled against the face, the watched family and the crate `dashmap`;
//! random programs with the same answers; what the watched map refuses, and what it lets pass.
#![cfg(feature = "dashmap")]
#![allow(clippy::unwrap_used, reason = "a test may fall over")]
#![allow(clippy::duplicate_mod, reason = "the same program, three times, is what is tried")]

#[path = "dashmap"]
mod face {
    use mapwatch::dashmap;
    mod program;
}

#[path = "dashmap"]
mod checked {
    use mapwatch::dashmap::checked as dashmap;
    mod program;
}

#[path = "dashmap"]
mod original {
    use mapwatch::dashmap::original as dashmap;
    mod program;
}

#[path = "dashmap/guards.rs"]
mod guards;
#[path = "dashmap/same_answers.rs"]
mod same_answers;
