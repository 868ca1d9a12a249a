//! Reports seen before, byte by byte: a crash that repeats is not stepped through line by line again.
//!
//! What a body makes of its lines depends on nothing but them and its first line. So where the same first line
//! (but for a thread's number) is followed by the same bytes, the body is copied as it was behind them, and
//! goes on from there as any other.

use crate::envelope::hash;
use crate::parse::Body;
use std::collections::HashMap;

/// Bytes of reports that are kept; beyond, all are forgotten.
const MOST_BYTES: usize = 4 << 20;
/// Bytes of one report that is worth keeping.
const MOST_SPAN: usize = 64 << 10;

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    known: HashMap<u64, Past>,
    bytes: usize,
}

#[derive(Debug)]
struct Past {
    first: Vec<u8>,
    below: Vec<u8>,
    body: Body,
    lines: u64,
    over: bool,
}

/// A report that was recognised.
pub(super) struct Replayed {
    pub(super) body: Body,
    /// Bytes behind the first line that it takes.
    pub(super) below: usize,
    /// Lines in all.
    pub(super) lines: u64,
    /// Whether its last line was the last for certain.
    pub(super) over: bool,
}

impl Replays {
    /// Looks whether `first` and what stands `below` it were seen before.
    pub(super) fn find(&self, first: &[u8], below: &[u8]) -> Option<Replayed> {
        let past = self.known.get(&key(first))?;
        if !below.starts_with(&past.below) || !alike(&past.first, first) {
            return None;
        }
        let mut body = past.body.clone();
        if past.first != first {
            body.text.replace_range(..past.first.len(), std::str::from_utf8(first).ok()?);
        }
        Some(Replayed { body, below: past.below.len(), lines: past.lines, over: past.over })
    }

    /// Keeps a report; `first` is what its body's text begins with.
    pub(super) fn learn(&mut self, first: &[u8], below: &[u8], body: &Body, lines: u64, over: bool) {
        if below.len() > MOST_SPAN || !body.text.as_bytes().starts_with(first) {
            return;
        }
        if self.bytes > MOST_BYTES {
            *self = Replays::default();
        }
        self.bytes += first.len() + below.len() + body.text.len();
        let past = Past { first: first.to_owned(), below: below.to_owned(), body: body.clone(), lines, over };
        self.known.insert(key(first), past);
    }
}

fn key(first: &[u8]) -> u64 {
    let (head, tail) = around_number(first);
    hash(hash(0, head), tail)
}

fn alike(a: &[u8], b: &[u8]) -> bool {
    around_number(a) == around_number(b)
}

/// A headline without the thread's number: `thread 'a' (` and `) panicked at …`.
fn around_number(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(open) = memchr::memmem::find(line, b"' (").map(|at| at + 3) else { return (line, b"") };
    let digits = line[open..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if line.get(open + digits) == Some(&b')') { (&line[..open], &line[open + digits..]) } else { (line, b"") }
}
