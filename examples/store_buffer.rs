//! Memory visibility: two threads announce themselves, each looks whether the other has, and who sees nobody enters.
//!
//! `cargo run --release --example store_buffer [ROUNDS]`. With relaxed flags, a processor may keep a store in its
//! buffer while a later load goes ahead: both see nobody, both enter, and both write one `SharedMap`. With a
//! sequentially consistent fence between the two, that cannot be. Prints how often it happened on this machine:
//!
//! | column | is |
//! |---|---|
//! | both entered | rounds in which neither saw the other: the reordering itself, which no flag in a map can see |
//! | refused | those in which the two writes overlapped as well: all that mapwatch can see of it |
//!
//! The same litmus test under every interleaving: `crates/mapwatch-core/src/protocol/litmus.rs`. Exits with 0.

use mapwatch::SharedMap;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicUsize, fence};

/// Flags that share no cache line, or both would be slow and in step.
#[repr(align(128))]
#[derive(Default)]
struct Flag(AtomicBool);

/// One round: a flag for each thread.
type Round = [Flag; 2];

/// What came of all rounds.
struct Outcome {
    both_entered: usize,
    refused: usize,
}

fn main() {
    // The panics are the result here.
    std::panic::set_hook(Box::new(|_| {}));
    let mut config = mapwatch::Config::from_env();
    config.stderr = false;
    config.install().expect("nobody used a map yet");
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(100_000);
    println!("| between the store and the load | rounds | both entered | refused |\n|---|---|---|---|");
    for (words, between) in [("nothing", None), ("a SeqCst fence", Some(()))] {
        let Outcome { both_entered, refused } = litmus(rounds, || between.map_or((), |()| fence(SeqCst)));
        println!("| {words} | {rounds} | {both_entered} | {refused} |");
    }
}

fn litmus(rounds: usize, between: impl Fn() + Sync) -> Outcome {
    let flags: Vec<Round> = (0..rounds).map(|_| Round::default()).collect();
    let (map, arrived) = (SharedMap::new(), AtomicUsize::new(0));
    let run = |me: usize| {
        let mut entered = Vec::with_capacity(rounds);
        let mut refused = 0;
        for (number, flags) in flags.iter().enumerate() {
            meet(&arrived, number);
            // Who comes last goes first: each waits another moment in each round, so that some rounds coincide.
            let moment = if me == 0 { number % 61 } else { number % 67 };
            (0..moment).for_each(|step| _ = black_box(step));
            flags[me].0.store(true, Relaxed);
            between();
            let alone = !flags[1 - me].0.load(Relaxed);
            entered.push(alone);
            if alone {
                refused += usize::from(catch_unwind(AssertUnwindSafe(|| map.insert(me, number))).is_err());
            }
        }
        (entered, refused)
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run(1));
        let (mine, refused_me) = run(0);
        let (theirs, refused_other) = other.join().expect("refusals are caught");
        let both_entered = mine.iter().zip(&theirs).filter(|(one, other)| **one && **other).count();
        Outcome { both_entered, refused: refused_me + refused_other }
    })
}

/// Waits for the other thread; what it did in the round before is over and seen.
fn meet(arrived: &AtomicUsize, round: usize) {
    arrived.fetch_add(1, Release);
    let mut spins = 0_u32;
    while arrived.load(Acquire) < 2 * (round + 1) {
        spins += 1;
        if spins.is_multiple_of(1000) {
            std::thread::yield_now();
        } else {
            std::hint::spin_loop();
        }
    }
}
