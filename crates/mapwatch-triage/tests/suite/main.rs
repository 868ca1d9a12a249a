//! One binary for all tests of the triage as a whole.

mod figures;
mod properties;
mod scoring;
mod shapes;
