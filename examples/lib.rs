//! Runnable stories: one program per way of getting a shared map wrong.
//!
//! `cargo run --example double_writer`, and so on; each file says what it does and what is printed.
//! The tests run every one of them and look at its outcome.
