//! What watching costs locks and cells: each beside its original, in one process, turn and turn about.
//!
//! `cargo bench -p mapwatch --bench locks --features parking_lot`. `off` is the family's face: where checking is off,
//! the original itself.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

#[path = "table/turns.rs"]
mod turns;

use mapwatch::{cell, sync};
use std::hint::black_box;
use turns::{batch, row, row_of_two};

macro_rules! cells {
    ($($work:literal: $call:ident;)+) => {$({
        let raw = std::cell::RefCell::new(1_u64);
        let off = cell::RefCell::new(1_u64);
        let on = cell::checked::RefCell::new(1_u64);
        row($work, [
            &|| batch(|_| _ = black_box(*raw.$call())),
            &|| batch(|_| _ = black_box(*off.$call())),
            &|| batch(|_| _ = black_box(*on.$call())),
        ]);
    })+};
}

macro_rules! locks {
    ($($work:literal: $raw:path, $off:path, $on:path, $call:ident $(, $unwrap:ident)?;)+) => {$({
        let (raw, off, on) = (<$raw>::new(1_u64), <$off>::new(1_u64), <$on>::new(1_u64));
        let raw = || batch(|_| _ = black_box(*raw.$call()$(.$unwrap())?));
        let off = || batch(|_| _ = black_box(*off.$call()$(.$unwrap())?));
        let on = || batch(|_| _ = black_box(*on.$call()$(.$unwrap())?));
        row($work, [&raw, &off, &on]);
        row_of_two($work, [&raw, &off, &on]);
    })+};
}

#[allow(clippy::unwrap_used, reason = "nobody panics with a lock here")]
fn main() {
    turns::head();
    cells! {
        "RefCell: borrow": borrow;
        "RefCell: borrow_mut": borrow_mut;
    }
    locks! {
        "Mutex: lock": std::sync::Mutex<u64>, sync::Mutex<u64>, sync::checked::Mutex<u64>, lock, unwrap;
        "RwLock: read": std::sync::RwLock<u64>, sync::RwLock<u64>, sync::checked::RwLock<u64>, read, unwrap;
        "RwLock: write": std::sync::RwLock<u64>, sync::RwLock<u64>, sync::checked::RwLock<u64>, write, unwrap;
    }
    #[cfg(feature = "parking_lot")]
    {
        use mapwatch::parking_lot::{self, checked, original};
        locks! {
            "parking_lot Mutex: lock": original::Mutex<u64>, parking_lot::Mutex<u64>, checked::Mutex<u64>, lock;
            "parking_lot RwLock: read": original::RwLock<u64>, parking_lot::RwLock<u64>, checked::RwLock<u64>, read;
            "parking_lot RwLock: write": original::RwLock<u64>, parking_lot::RwLock<u64>, checked::RwLock<u64>, write;
        }
    }
}
