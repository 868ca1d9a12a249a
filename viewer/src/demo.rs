//! The workload of `mapview demo`.
//!
//! The only part of this package that may link the runtime crates: it is the watched program, not the viewer.

pub mod workload;
