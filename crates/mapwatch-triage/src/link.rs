//! Which reports are the cause and which only follow from it.
//!
//! A poisoned lock, a join that returns a panic, a scope that re-panics, a destructor that panics while
//! unwinding, the same panic printed by two hooks: each of these repeats another report of the same process
//! shortly before. Finds of one input pass through a [`Linker`] in order; it holds the last few back, because
//! what comes later can tell that an earlier one was a follower.

use crate::classify::Verdict;
use crate::envelope::Origin;
use crate::parse::Ending;
use crate::report::{Kind, Language, Place};
use crate::scan::{Judged, Stamp};
use crate::time::Micros;
use mapwatch_event::Category;
use std::collections::VecDeque;
use std::sync::Arc;

/// One report on its way to a group.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    pub(crate) judged: Arc<Judged>,
    pub(crate) place: Place,
    pub(crate) stamp: Stamp,
    pub(crate) origin: Origin,
    pub(crate) process: u64,
    /// Reports that follow from this one.
    pub(crate) followers: Vec<Followed>,
    /// Lines that told how its process ended.
    pub(crate) endings: Vec<Ending>,
    /// Mentions of it by tasks that joined it.
    pub(crate) mentions: u64,
    /// Set once it is known to follow from an earlier one.
    gone: bool,
}

/// A report that follows from another.
#[derive(Clone, Debug)]
pub(crate) struct Followed {
    pub(crate) category: Category,
    pub(crate) message: String,
    /// The same panic, printed once more by another hook.
    pub(crate) duplicate: bool,
}

/// Reports that are held back.
const HELD: usize = 64;
/// Bytes of text over which two reports can belong together where no stamps tell.
const NEAR: u64 = 1 << 20;
/// The same where the link is a guess (a closed channel).
const CLOSE: u64 = 32 << 10;
/// Time over which two reports can belong together.
const SOON: Micros = 600_000_000;

/// Holds the last reports of one input back and links them.
#[derive(Clone, Default)]
pub(crate) struct Linker {
    held: VecDeque<Sighting>,
    /// Of those held, the number of their headline: what differs there need not be compared.
    words: VecDeque<u64>,
}

impl Linker {
    /// Takes the next report; returns those that are settled.
    pub(crate) fn push(
        &mut self,
        judged: Arc<Judged>,
        place: Place,
        stamp: Stamp,
        origin: Origin,
        process: u64,
    ) -> Option<Sighting> {
        let sighting = Sighting {
            judged,
            place,
            stamp,
            origin,
            process,
            followers: Vec::new(),
            endings: Vec::new(),
            mentions: 0,
            gone: false,
        };
        if sighting.judged.report.message.starts_with("panic in a destructor during ") {
            self.fold_double(&sighting);
        }
        match self.cause(&sighting) {
            Some(Link::Follows(index)) => {
                let followed = sighting.as_followed(false);
                self.held[index].adopt(sighting.followers, followed);
            }
            Some(Link::Repeats(index)) => self.repeat(index, sighting),
            Some(Link::Mentions(index)) => self.held[index].mentions += 1,
            None => {
                self.words.push_back(sighting.words());
                self.held.push_back(sighting);
            }
        }
        self.release(HELD)
    }

    /// A line that told how a process ended; the verdict makes it a report of its own where nothing explains it.
    pub(crate) fn end(
        &mut self,
        ending: Ending,
        verdict: Verdict,
        place: Place,
        stamp: Stamp,
        origin: Origin,
        process: u64,
    ) -> Option<Sighting> {
        let named = |sighting: &Sighting| {
            let service = &sighting.origin.service;
            process == sighting.process || service.is_empty() || ending.text.contains(service.as_str())
        };
        let near = |sighting: &Sighting| {
            place.offset.saturating_sub(sighting.place.offset) < NEAR && sighting.is_soon(stamp.own)
        };
        let cause = self.held.iter().rposition(|sighting| near(sighting) && named(sighting));
        if let Some(index) = cause {
            if ending.signal.is_some() || ending.code != Some(0) {
                self.held[index].endings.push(ending);
            }
            return None;
        }
        if !ending.is_crash() {
            return None;
        }
        let report = crate::report::Report {
            language: Language::Native,
            kind: Kind::Exit,
            message: ending.text.clone(),
            ..Default::default()
        };
        let print = crate::fingerprint::of(&report, &verdict);
        self.push(Arc::new(Judged::new(report, verdict, print)), place, stamp, origin, process)
    }

    /// How many are held.
    pub(crate) fn len(&self) -> u64 {
        self.held.len() as u64
    }

    /// Everything that is still held.
    pub(crate) fn drain(&mut self) -> Vec<Sighting> {
        self.words.clear();
        self.held.drain(..).filter(|sighting| !sighting.gone).collect()
    }

    fn release(&mut self, keep: usize) -> Option<Sighting> {
        if self.held.len() <= keep {
            return None;
        }
        self.words.pop_front();
        self.held.pop_front().filter(|sighting| !sighting.gone)
    }

    fn repeat(&mut self, index: usize, sighting: Sighting) {
        let followed = sighting.as_followed(true);
        let held = &mut self.held[index];
        // The richer of the two is kept as the sample.
        if held.judged.report.frames.is_empty() && !sighting.judged.report.frames.is_empty() {
            held.judged = sighting.judged;
        }
        held.followers.push(followed);
    }

    /// What an earlier report has to do with this one.
    fn cause(&self, new: &Sighting) -> Option<Link> {
        let words = new.words();
        if self.words.contains(&words)
            && let Some(index) = self.last(new, NEAR, |old| old.is_same_panic(new))
        {
            return Some(Link::Repeats(index));
        }
        if new.judged.report.kind == Kind::TaskPanic {
            return self.mentioned(new).map(Link::Mentions);
        }
        let thread = new.judged.report.thread.as_str();
        let other =
            |old: &Sighting| old.is_cause() && (is_shared(thread) || old.judged.report.thread != thread);
        let same = |old: &Sighting| old.is_cause() && old.judged.report.thread == new.judged.report.thread;
        let found = match (new.judged.verdict.category, new.judged.verdict.key.as_str()) {
            // Whoever left the lock poisoned did not find it so.
            (Category::PoisonedLock, _) => {
                let poisoned = |old: &Sighting| old.judged.verdict.category == Category::PoisonedLock;
                self.last(new, NEAR, |old| old.is_cause() && !poisoned(old))
                    .or_else(|| self.last(new, NEAR, other))
            }
            (Category::PropagatedPanic, "scoped thread") => self.last(new, NEAR, other),
            (Category::PropagatedPanic, _) => self.mentioned(new).or_else(|| self.last(new, NEAR, other)),
            (Category::InitRace, "once poisoned" | "lazy poisoned") => {
                self.last(new, NEAR, Sighting::is_cause)
            }
            (Category::PanicInNounwind, _) => self.last(new, NEAR, same),
            (Category::ClosedChannel, _) if new.judged.report.language == Language::Rust => {
                self.last(new, CLOSE, other)
            }
            _ if new.judged.report.kind == Kind::Fatal && new.judged.report.language == Language::Rust => {
                self.last(new, CLOSE, Sighting::is_cause)
            }
            _ if new.panicked_while_panicking() => self.last(new, NEAR, same),
            _ => None,
        };
        found.map(Link::Follows)
    }

    /// The report whose message a join error quotes; the last one of another thread where it quotes none.
    fn mentioned(&self, new: &Sighting) -> Option<usize> {
        let text = &new.judged.report.message;
        let quotes = text.matches('"').count() >= 2;
        self.last(new, NEAR, |old| {
            let message = old.judged.report.headline();
            old.is_cause()
                && if quotes { !message.is_empty() && text.contains(message) } else { !text.is_empty() }
        })
    }

    fn last(&self, new: &Sighting, within: u64, is: impl Fn(&Sighting) -> bool) -> Option<usize> {
        self.held.iter().rposition(|old| {
            !old.gone
                && old.process == new.process
                && new.place.offset.saturating_sub(old.place.offset) < within
                && old.is_soon(new.stamp.own)
                && is(old)
        })
    }

    /// `panic in a destructor during cleanup`: the panic just before it was the destructor's, and follows from
    /// the one that was unwinding.
    fn fold_double(&mut self, new: &Sighting) {
        let thread = &new.judged.report.thread;
        let same = |old: &Sighting| old.is_cause() && old.judged.report.thread == *thread;
        let Some(second) = self.last(new, NEAR, same) else { return };
        let at = self.held[second].place.offset;
        let Some(first) = self.last(new, NEAR, |old| same(old) && old.place.offset < at) else { return };
        if at - self.held[first].place.offset > NEAR {
            return;
        }
        let followed = self.held[second].as_followed(false);
        let followers = std::mem::take(&mut self.held[second].followers);
        self.held[second].gone = true;
        self.held[first].adopt(followers, followed);
    }
}

/// Whether several threads may have this name: nobody named them, a runtime named them all alike, or a hook
/// does not tell.
fn is_shared(thread: &str) -> bool {
    matches!(thread, "" | "<unnamed>" | "tokio-runtime-worker" | "tokio-rt-worker")
}

enum Link {
    Follows(usize),
    Repeats(usize),
    Mentions(usize),
}

impl Sighting {
    fn as_followed(&self, duplicate: bool) -> Followed {
        let category = self.judged.verdict.category;
        let message = crate::plain::shorten(self.judged.report.headline(), 200).into_owned();
        Followed { category, message, duplicate }
    }

    fn adopt(&mut self, followers: Vec<Followed>, followed: Followed) {
        self.followers.extend(followers);
        self.followers.push(followed);
    }

    fn is_soon(&self, later: Option<Micros>) -> bool {
        match (self.stamp.own, later) {
            (Some(earlier), Some(later)) => (later - earlier).abs() < SOON,
            _ => true,
        }
    }

    /// Whether it can be what others follow from.
    fn is_cause(&self) -> bool {
        !self.gone
            && matches!(self.judged.report.kind, Kind::Panic | Kind::Watched)
            && self.judged.report.language == Language::Rust
    }

    fn panicked_while_panicking(&self) -> bool {
        self.judged.report.trailers.iter().any(|trailer| trailer.starts_with("thread panicked while "))
    }

    /// Its headline in a number; one for all that have none, and for all exits.
    fn words(&self) -> u64 {
        if self.judged.report.kind == Kind::Exit { 0 } else { self.judged.headline }
    }

    /// The same panic by another hook: same words, same line, told in another form right behind it.
    fn is_same_panic(&self, new: &Sighting) -> bool {
        let (a, b) = (&self.judged.report, &new.judged.report);
        let words = (self.judged.headline, new.judged.headline);
        let same_words = words.0 == words.1 && words.0 != 0 && a.headline() == b.headline();
        let exits = a.kind == Kind::Exit && b.kind == Kind::Exit;
        if !same_words && !exits {
            return false;
        }
        if exits {
            return a.message == b.message && new.place.offset.saturating_sub(self.place.offset) < CLOSE;
        }
        let line = |report: &crate::report::Report| {
            report.location.as_ref().map(|site| (site.line, site.column == 0))
        };
        let form = match (line(a), line(b)) {
            (Some((x, cut)), Some((y, other_cut))) => x == y && cut != other_cut,
            _ => false,
        };
        let names = a.thread == b.thread || a.thread.is_empty() || b.thread.is_empty();
        let reported = a.kind == Kind::Watched && b.kind == Kind::Watched && a.announced && !b.announced;
        let told_twice = form && names
            || a.thread.is_empty() != b.thread.is_empty() && line(a).is_some() && a.location == b.location;
        (told_twice || reported) && new.place.offset.saturating_sub(self.place.offset) < CLOSE * 2
    }
}
