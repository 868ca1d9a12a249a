//! What relaxed publication allows, and what forbids it, under every interleaving that loom can think of.
//!
//! The example `store_buffer` counts the first of these on the machine it runs on; `docs/provocation.md` says what
//! of them a watched map can see. Loom takes sequentially consistent loads and stores for weaker ones, so the cure
//! is the fence.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p mapwatch-core --release --lib litmus`

use loom::sync::Arc;
use loom::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use loom::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use loom::thread;

/// Whether any execution of `run` gives `true`.
fn happens(run: impl Fn() -> bool + Sync + Send + 'static) -> bool {
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let of_run = std::sync::Arc::clone(&seen);
    loom::model(move || {
        of_run.fetch_or(run(), Relaxed);
    });
    seen.load(Relaxed)
}

/// Store buffering: each announces itself and looks for the other; whether neither sees the other.
fn neither_sees(fenced: bool) -> bool {
    let flags: Arc<[AtomicBool; 2]> = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
    let enters = move |flags: &[AtomicBool; 2], me: usize| {
        flags[me].store(true, Relaxed);
        if fenced {
            fence(SeqCst);
        }
        !flags[1 - me].load(Relaxed)
    };
    let of_other = Arc::clone(&flags);
    let other = thread::spawn(move || enters(&of_other, 1));
    let (mine, theirs) = (enters(&flags, 0), other.join().expect("it does not panic"));
    mine && theirs
}

/// Publication: the map is written first, the flag raised after it; whether the flag is seen and the write is not.
fn seen_out_of_order(raise: Ordering, look: Ordering) -> bool {
    let shared = Arc::new((AtomicU64::new(0), AtomicBool::new(false)));
    let of_other = Arc::clone(&shared);
    let writer = thread::spawn(move || {
        of_other.0.store(1, Relaxed);
        of_other.1.store(true, raise);
    });
    let early = shared.1.load(look) && shared.0.load(Relaxed) == 0;
    writer.join().expect("it does not panic");
    early
}

#[test]
fn relaxed_flags_let_both_in() {
    assert!(happens(|| neither_sees(false)));
}

#[test]
fn a_fence_between_store_and_load_keeps_one_out() {
    assert!(!happens(|| neither_sees(true)));
}

#[test]
fn a_relaxed_flag_is_seen_before_what_was_written_ahead_of_it() {
    assert!(happens(|| seen_out_of_order(Relaxed, Relaxed)));
    assert!(happens(|| seen_out_of_order(Release, Relaxed)));
}

#[test]
fn release_and_acquire_publish_what_was_written_before() {
    assert!(!happens(|| seen_out_of_order(Release, Acquire)));
}
