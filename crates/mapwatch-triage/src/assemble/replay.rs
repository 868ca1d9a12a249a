//! Reports seen before, byte by byte: a crash that repeats is not stepped through line by line again.
//!
//! What a body makes of its lines depends on nothing but them and its first line. So where the same first line
//! (but for a thread's number) is followed by the same bytes, the body is copied as it was behind them, and
//! goes on from there as any other.

use super::likeness::{around_number, of_body, of_first};
use crate::parse::Body;
use std::collections::HashMap;
use std::rc::Rc;

/// Bytes of reports that are kept; beyond, all are forgotten.
const MOST_BYTES: usize = 4 << 20;
/// Bytes of one report that is worth keeping.
const MOST_SPAN: usize = 64 << 10;
/// Reports kept that begin with the same line; the one that was not seen for longest gives way.
const MOST_ALIKE: usize = 16;

/// What was seen, by its first line; of those that share one, the last seen comes first.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    known: HashMap<u64, Vec<Past>>,
    bytes: usize,
}

#[derive(Debug)]
struct Past {
    first: Vec<u8>,
    below: Vec<u8>,
    body: Rc<Body>,
    likeness: u64,
    lines: u64,
    over: bool,
}

/// A report that was recognised.
pub(super) struct Replayed {
    /// As it was the first time: of its thread's number nothing is read.
    pub(super) body: Rc<Body>,
    /// The body's likeness.
    pub(super) likeness: u64,
    /// Bytes behind the first line that it takes.
    pub(super) below: usize,
    /// Lines in all.
    pub(super) lines: u64,
    /// Whether its last line was the last for certain.
    pub(super) over: bool,
}

impl Replays {
    /// Looks whether `first` and what stands `below` it were seen before; the longest such report counts.
    pub(super) fn find(&mut self, first: &[u8], below: &[u8]) -> Option<Replayed> {
        let alike = self.known.get_mut(&of_first(first))?;
        let around = around_number(first);
        let fits = |past: &Past| below.starts_with(&past.below) && around_number(&past.first) == around;
        let fitting = alike.iter().enumerate().filter(|(_, past)| fits(past));
        let (at, _) = fitting.max_by_key(|(_, past)| past.below.len())?;
        alike[..=at].rotate_right(1);
        let Past { body, likeness, below, lines, over, .. } = &alike[0];
        let (likeness, lines, over) = (*likeness, *lines, *over);
        Some(Replayed { body: body.clone(), likeness, below: below.len(), lines, over })
    }

    /// Keeps a report; `first` is what its body's text begins with.
    pub(super) fn learn(&mut self, first: &[u8], below: &[u8], body: &Rc<Body>, lines: u64, over: bool) {
        if below.len() > MOST_SPAN || !body.text.as_bytes().starts_with(first) {
            return;
        }
        if self.bytes > MOST_BYTES {
            *self = Replays::default();
        }
        let alike = self.known.entry(of_first(first)).or_default();
        if alike.iter().any(|past| past.below == below) {
            return;
        }
        if alike.len() >= MOST_ALIKE
            && let Some(past) = alike.pop()
        {
            self.bytes -= past.size();
        }
        let (likeness, body) = (of_body(body), body.clone());
        let past = Past { first: first.to_owned(), below: below.to_owned(), body, likeness, lines, over };
        self.bytes += past.size();
        alike.insert(0, past);
    }
}

impl Past {
    fn size(&self) -> usize {
        self.first.len() + self.below.len() + self.body.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Opener, Step};

    const FIRST: &str = "thread 'main' (7) panicked at src/a.rs:3:9:";

    fn body(below: &str) -> Rc<Body> {
        let mut body = Body::new(Opener::RustPanic, FIRST);
        assert!(below.lines().all(|line| body.push(line) == Step::Taken), "{below}");
        Rc::new(body)
    }

    #[test]
    fn reports_that_begin_alike_are_known_side_by_side() {
        let mut replays = Replays::default();
        let belows: Vec<String> = (0..MOST_ALIKE).map(|index| format!("boom {index}\n")).collect();
        for below in &belows {
            replays.learn(FIRST.as_bytes(), below.as_bytes(), &body(below), 2, false);
        }
        for below in &belows {
            let other_thread = FIRST.replace("(7)", "(12)");
            let seen = replays.find(other_thread.as_bytes(), format!("{below}more").as_bytes());
            assert!(seen.is_some_and(|seen| seen.body.text.ends_with(below.trim_end())), "{below}");
        }
        let other_place = FIRST.replace("a.rs", "b.rs");
        assert!(replays.find(other_place.as_bytes(), belows[0].as_bytes()).is_none());
        assert!(replays.find(FIRST.as_bytes(), b"boom").is_none());
    }

    #[test]
    fn the_longest_counts_and_the_oldest_gives_way() {
        let mut replays = Replays::default();
        for below in ["boom\n", "boom\nnext line\n"] {
            replays.learn(FIRST.as_bytes(), below.as_bytes(), &body(below), 2, false);
        }
        let seen = |replays: &mut Replays, text: &str| {
            replays.find(FIRST.as_bytes(), text.as_bytes()).map(|seen| seen.below)
        };
        assert_eq!(seen(&mut replays, "boom\nnext line\n"), Some("boom\nnext line\n".len()));
        assert_eq!(seen(&mut replays, "boom\nother\n"), Some("boom\n".len()));
        for index in 0..MOST_ALIKE {
            let below = format!("bang {index}\n");
            replays.learn(FIRST.as_bytes(), below.as_bytes(), &body(&below), 2, false);
        }
        assert_eq!(seen(&mut replays, "boom\nother\n"), None);
        assert_eq!(seen(&mut replays, "bang 3\n"), Some("bang 3\n".len()));
    }
}
