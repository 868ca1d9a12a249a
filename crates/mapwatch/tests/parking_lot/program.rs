//! The program of `parking_lot.rs`: here `parking_lot` stands for that crate.

mod locks;
mod readers;
mod waiting;

use super::parking_lot;
