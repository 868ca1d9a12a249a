//! What watching costs a `DashMap`: beside its original, in one process, turn and turn about.
//!
//! `cargo bench -p mapwatch --bench dashmap --features dashmap`. A thousand entries; `off` is the family's face: where
//! checking is off, the original itself. Two mixed loads: nine gets and one insertion, and the other way round.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

#[path = "table/turns.rs"]
mod turns;

use mapwatch::dashmap::{self, checked, original};
use std::hint::black_box;
use turns::{batch, row, row_of_two};

const SIZE: u64 = 1_000;

fn key(number: u64) -> u64 {
    number % SIZE * 7
}

macro_rules! works {
    ($($work:literal: |$map:ident, $number:ident| $body:expr;)+) => {$({
        macro_rules! column {
            ($map_of:ty) => {{
                let map: $map_of = (0..SIZE).map(|number| (key(number), number)).collect();
                move || {
                    let $map = &map;
                    batch(|$number| _ = black_box($body));
                }
            }};
        }
        let raw = column!(original::DashMap<u64, u64>);
        let off = column!(dashmap::DashMap<u64, u64>);
        let on = column!(checked::DashMap<u64, u64>);
        row($work, [&raw, &off, &on]);
        row_of_two($work, [&raw, &off, &on]);
    })+};
}

fn main() {
    turns::head();
    works! {
        "get": |map, number| map.get(&key(number)).map(|value| *value);
        "contains_key": |map, number| map.contains_key(&key(number));
        "insert": |map, number| map.insert(key(number), number);
        "entry": |map, number| *map.entry(key(number)).or_insert(0) += 1;
        "mostly read": |map, number| if number % 10 == 0 {
            map.insert(key(number), number)
        } else {
            map.get(&key(number)).map(|value| *value)
        };
        "mostly write": |map, number| if number % 10 == 0 {
            map.get(&key(number)).map(|value| *value)
        } else {
            map.insert(key(number), number)
        };
        "one step of an iteration": |map, number| if number % SIZE == 0 {
            map.iter().map(|item| *item.value()).sum::<u64>()
        } else {
            number
        };
    }
}
