//! One binary for all tests of the triage as a whole.

mod envelopes;
mod figures;
mod history;
mod properties;
mod scoring;
mod shapes;
mod stamps;
