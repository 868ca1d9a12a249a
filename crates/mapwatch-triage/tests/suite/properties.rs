//! Nothing that is fed makes it panic or hang, and feeding in parts changes nothing.

use crate::scoring;
use mapwatch_triage::envelope::Context;
use mapwatch_triage::{Summary, Triage};
use proptest::prelude::*;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

fn run(bytes: &[u8]) -> Summary {
    let mut triage = Triage::new().workers(1);
    triage.read_bytes("x", bytes);
    triage.finish()
}

/// Real logs, one after the other, as seeds.
fn seeds() -> &'static Vec<Vec<u8>> {
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs");
        let files = mapwatch_triage::source::expand(&logs.display().to_string());
        let read = files.iter().map(|file| std::fs::read(file.name()).unwrap_or_default());
        read.filter(|bytes| (1..40_000).contains(&bytes.len())).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..4000)) {
        run(&bytes);
    }

    #[test]
    fn words_in_any_order_are_read(words in proptest::collection::vec(0..WORDS.len(), 0..200)) {
        let text: String = words.into_iter().map(|word| WORDS[word]).collect();
        run(text.as_bytes());
    }

    #[test]
    fn mutated_logs_are_read(seed in any::<prop::sample::Index>(), cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..30)) {
        let mut bytes = seeds()[seed.index(seeds().len())].clone();
        for (at, byte, how) in cuts {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                2 => bytes.insert(at, byte),
                _ => bytes.truncate(at),
            }
        }
        run(&bytes);
    }

    #[test]
    fn parts_give_what_the_whole_gives(size in 1..5000_usize, pauses in any::<bool>()) {
        let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/wrapped/plain.log")).unwrap_or_default();
        let whole = run(&text);
        let mut triage = Triage::new();
        let mut input = triage.follow("x", Context { year: 1970 });
        for part in text.chunks(size) {
            input.push(part);
        }
        if pauses {
            input.settle();
        }
        input.end();
        let parts = triage.finish();
        prop_assert_eq!(parts.groups.len(), whole.groups.len());
        prop_assert_eq!(scoring::reported(&parts), scoring::reported(&whole));
        prop_assert_eq!(parts.lines, whole.lines);
    }
}

#[test]
fn what_fuzzing_found() {
    for text in ["e\u{fffd}Sanitizer: x", "\u{fffd}a\u{fffd}Sanitizer: ERROR: \u{e9}Sanitizer: "] {
        run(text.as_bytes());
    }
}

const WORDS: [&str; 48] = [
    "thread 'main' panicked at ",
    "src/a.rs:1:2:\n",
    "', src/a.rs:1:2\n",
    "'boom",
    "\n",
    "\n\n",
    " ",
    "panic: ",
    "fatal error: ",
    "concurrent map writes\n",
    "goroutine 1 [running]:\n",
    "main.f(0x1)\n",
    "\t/a/b.go:3 +0x1\n",
    "created by main.g\n",
    "note: run with `X`\n",
    "stack backtrace:\n",
    "   0: a::b\n",
    "             at /a/b.rs:1:2\n",
    "WARNING: DATA RACE\n",
    "==================\n",
    "==1==ERROR: AddressSanitizer: x\n",
    "SUMMARY: AddressSanitizer: x\n",
    "{\"log\":\"",
    "\\n\",\"stream\":\"stderr\",\"time\":\"t\"}\n",
    "{\"msg\":\"",
    "\"}\n",
    "2026-11-23T15:51:58.1Z stderr P ",
    "2026-11-23T15:51:58.1Z stderr F ",
    "a-1 | ",
    "Nov 23 15:51:58 h m[1]: ",
    "<11>1 2026-11-23T15:51:58Z h a 1 - - ",
    "[pod/a/b] ",
    "\u{1b}[31m",
    "\u{1b}",
    "é",
    "The application panicked (crashed).\n",
    "Message: x\n",
    "Location: a.rs:1\n",
    "A panic occurred panic.payload=\"",
    "Error: x\n",
    "Caused by:\n",
    "Killed\n",
    "1 deadlocks detected\n",
    "Deadlock #0\n",
    "has overflowed its stack\n",
    "mapwatch: x [stall]\n",
    "fatal runtime error: x\n",
    "task 3 panicked with message \"boom\"\n",
];

/// Time for an input, and for one four times as long: not much more than four times.
fn is_linear(make: impl Fn(usize) -> Vec<u8>, size: usize) {
    let time = |size| {
        let bytes = make(size);
        let began = Instant::now();
        run(&bytes);
        began.elapsed().as_secs_f64()
    };
    time(size / 4);
    let (short, long) = (time(size), time(size * 4));
    // A quadratic step would be sixteen times; noise on a busy machine is less than three times.
    assert!(long < short * 12.0 + 0.5, "{short} s, then {long} s for four times as much");
}

#[test]
fn adversarial_inputs_stay_linear() {
    is_linear(|n| b"x".repeat(n * 1000), 500);
    is_linear(|n| [b"thread 'm' panicked at '".to_vec(), b"y".repeat(n * 1000)].concat(), 500);
    is_linear(|n| "thread 'm' panicked at a.rs:1:2:\nboom\n".repeat(n).into_bytes(), 1000);
    is_linear(|n| "thread 'm' panicked at ".repeat(n).into_bytes(), 1000);
    is_linear(
        |n| {
            (0..n)
                .map(|i| format!("svc-{i} | thread 'm' panicked at a.rs:{i}:2:\n"))
                .collect::<String>()
                .into_bytes()
        },
        500,
    );
    is_linear(|n| "{\"log\":\"".repeat(n).into_bytes(), 1000);
    is_linear(
        |n| "panic: x\n\ngoroutine 1 [running]:\nmain.f()\n\t/a.go:1 +0x1\n".repeat(n).into_bytes(),
        500,
    );
    is_linear(
        |n| {
            (0..n)
                .map(|i| {
                    format!("panic: {i}\n\ngoroutine {i} [chan receive]:\nmain.f{i}()\n\t/a.go:{i} +0x1\n\n")
                })
                .collect::<String>()
                .into_bytes()
        },
        250,
    );
    is_linear(|n| format!("thread 'm' panicked at a.rs:1:2:\n{}", ": ".repeat(n * 100)).into_bytes(), 500);
}
