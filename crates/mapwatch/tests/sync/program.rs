//! The program of `sync.rs`: here `sync` stands for `std::sync`.

mod locks;
mod waiting;

use super::sync;
