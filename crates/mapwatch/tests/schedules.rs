//! Random schedules of several actors, in an order that the schedule alone decides: compounds are never suspected, and
//! a race that is planted in noise is found with its three sites.
//!
//! The dice are the same in every run; `PROPTEST_CASES=2000` throws that many others.

#![allow(clippy::unwrap_used, reason = "a test may fall over")]

mod schedules {
    mod baton;
    mod compounds;
    mod planted;
    mod told;
}
