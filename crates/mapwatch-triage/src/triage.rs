//! The whole way: inputs in, summary out.
//!
//! ```
//! use mapwatch_triage::Triage;
//!
//! let mut triage = Triage::new();
//! triage.read_bytes("app.log", b"thread 'main' panicked at src/a.rs:1:2:\nindex out of bounds: the len is 3 but the index is 9\n");
//! let summary = triage.finish();
//! assert_eq!(summary.groups[0].category.code(), "index-out-of-bounds");
//! ```

use crate::alarm;
use crate::classify::Rules;
use crate::envelope::{Context, hash};
use crate::group::Groups;
use crate::link::{Linker, Sighting};
use crate::report::{Kind, Place};
use crate::scan::{self, Find, Judge, Outcome, Progress, What};
use crate::source::{self, Source};
use crate::summary::{Summary, Unread};
use crate::time::Micros;
use std::borrow::Cow;
use std::io::Read;

/// Reads inputs and collects what they say. A builder first, a collector then.
pub struct Triage {
    rules: Cow<'static, Rules>,
    workers: usize,
    since: Option<Micros>,
    until: Option<Micros>,
    now: Option<Micros>,
    groups: Groups,
    summary: Summary,
}

impl Default for Triage {
    fn default() -> Triage {
        Triage::new()
    }
}

const MOST_UNREAD: usize = 100;

impl Triage {
    /// With the built-in rules, on all cores.
    #[must_use]
    pub fn new() -> Triage {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        Triage {
            rules: Cow::Borrowed(Rules::built_in()),
            workers,
            since: None,
            until: None,
            now: None,
            groups: Groups::default(),
            summary: Summary::default(),
        }
    }

    /// With other rules.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Triage {
        self.rules = Cow::Owned(rules);
        self
    }

    /// On so many threads.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Triage {
        self.workers = workers.max(1);
        self
    }

    /// Only reports from this time on; reports without a stamp are kept.
    #[must_use]
    pub fn since(mut self, since: Option<Micros>) -> Triage {
        self.since = since;
        self
    }

    /// Only reports up to this time; reports without a stamp are kept.
    #[must_use]
    pub fn until(mut self, until: Option<Micros>) -> Triage {
        self.until = until;
        self
    }

    /// The time of day, for what is said about silence.
    #[must_use]
    pub fn now(mut self, now: Option<Micros>) -> Triage {
        self.now = now;
        self
    }

    /// Reads a file or standard input; what cannot be opened is a problem in the summary.
    pub fn read(&mut self, source: &Source, progress: &mut dyn FnMut(Progress)) {
        match source::open(source) {
            Ok(mut opened) => {
                let context = Context { year: opened.year };
                self.read_text(&source.name(), &mut opened.text, context, progress);
            }
            Err(error) => self.problem(source.name(), error.to_string()),
        }
    }

    /// Reads bytes that are at hand, packed or not.
    pub fn read_bytes(&mut self, name: &str, bytes: &[u8]) {
        let raw = Box::new(std::io::Cursor::new(bytes.to_vec()));
        match source::unpack(raw) {
            Ok(mut text) => self.read_text(name, &mut text, Context { year: 1970 }, &mut |_| ()),
            Err(error) => self.problem(name.to_owned(), error.to_string()),
        }
    }

    /// Reads unpacked text.
    pub fn read_text(
        &mut self,
        name: &str,
        text: &mut dyn Read,
        context: Context,
        progress: &mut dyn FnMut(Progress),
    ) {
        let mut linker = Linker::default();
        let mut settled: Vec<Sighting> = Vec::new();
        let (groups, summary) = (&mut self.groups, &mut self.summary);
        let (since, until) = (self.since, self.until);
        let outcome = scan::scan(
            text,
            &self.rules,
            context,
            self.workers,
            |find| {
                if is_within(find.stamp.own, since, until) {
                    settle(find, name, &mut linker, summary, &mut settled);
                    settled.drain(..).for_each(|sighting| groups.add(sighting));
                }
            },
            progress,
        );
        linker.drain().into_iter().for_each(|sighting| self.groups.add(sighting));
        self.finish_input(name, outcome);
    }

    fn finish_input(&mut self, name: &str, outcome: Outcome) {
        self.summary.inputs += 1;
        self.summary.identities.insert(name.to_owned(), identity(name, &outcome.head));
        self.summary.bytes += outcome.progress.bytes;
        self.summary.lines += outcome.progress.lines;
        self.summary.last_time = self.summary.last_time.max(outcome.last_time);
        if let Some(why) = outcome.problem {
            self.problem(name.to_owned(), why);
        }
    }

    fn problem(&mut self, file: String, why: String) {
        self.summary.problems.push(Unread { place: Place { file, ..Place::default() }, why });
    }

    /// The summary of all that was read.
    #[must_use]
    pub fn finish(self) -> Summary {
        conclude(self.summary, self.groups, self.now)
    }
}

fn conclude(mut summary: Summary, groups: Groups, now: Option<Micros>) -> Summary {
    summary.overflow = groups.overflow;
    summary.groups = groups.finish();
    for group in &summary.groups {
        *summary.categories.entry(group.category).or_default() += group.count;
    }
    summary.alarms = alarm::of(&summary, now);
    summary
}

/// What an input is known by: its first line, its folder, and its name without what rotation adds.
///
/// The line alone is not enough: replicas that start in the same second begin alike.
fn identity(name: &str, head: &[u8]) -> u64 {
    let line = memchr::memchr(b'\n', head).map_or(head, |end| &head[..end]);
    hash(hash(2, unrotated(name).as_bytes()), line)
}

/// `/var/log/app.log` of `/var/log/app.log.2.gz` and `/var/log/app.log-20261123`.
fn unrotated(name: &str) -> &str {
    let mut name = name;
    loop {
        let packed = [".gz", ".zst"].iter().find_map(|ending| name.strip_suffix(ending));
        let digits = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let counted = digits.strip_suffix(['.', '-']).filter(|_| digits.len() < name.len());
        match packed.or(counted).filter(|rest| !rest.is_empty() && !rest.ends_with('/')) {
            Some(rest) => name = rest,
            None => return name,
        }
    }
}

fn is_within(at: Option<Micros>, since: Option<Micros>, until: Option<Micros>) -> bool {
    let Some(at) = at else { return true };
    since.is_none_or(|since| at >= since) && until.is_none_or(|until| at <= until)
}

fn settle(find: Find, name: &str, linker: &mut Linker, summary: &mut Summary, settled: &mut Vec<Sighting>) {
    let place = Place { file: name.to_owned(), line: find.line, offset: find.offset };
    match find.what {
        What::Reports(reports) => {
            for judged in reports.iter() {
                if judged.report.kind == Kind::TaskPanic && judged.report.message.is_empty() {
                    continue;
                }
                settled.extend(linker.push(
                    judged.clone(),
                    place.clone(),
                    find.stamp,
                    find.origin.clone(),
                    find.process,
                ));
            }
        }
        What::Ending(ending, verdict) => {
            summary.restarting |= ending.restarting;
            summary.endings += u64::from(!ending.is_crash());
            settled.extend(linker.end(ending, verdict, place, find.stamp, find.origin, find.process));
        }
        What::Unread(why) => {
            summary.unread_count += 1;
            if summary.unread.len() < MOST_UNREAD {
                summary.unread.push(Unread { place, why: why.to_owned() });
            }
        }
    }
}

/// An input that never ends: what is there is read when it comes, and settled when it pauses.
pub struct Follow<'a> {
    triage: &'a mut Triage,
    name: String,
    context: Context,
    waiting: Vec<u8>,
    linker: Linker,
    bytes: u64,
    lines: u64,
    /// The last stamp of what was read so far.
    before: Option<Micros>,
    /// It began as no text does; nothing of it is read.
    refused: bool,
}

/// Bytes that wait for the end of their report at most.
const MOST_WAITING: usize = 1 << 20;

impl Triage {
    /// Follows an input.
    pub fn follow(&mut self, name: &str, context: Context) -> Follow<'_> {
        self.summary.inputs += 1;
        let name = name.to_owned();
        Follow {
            triage: self,
            name,
            context,
            waiting: Vec::new(),
            linker: Linker::default(),
            bytes: 0,
            lines: 0,
            before: None,
            refused: false,
        }
    }
}

impl Follow<'_> {
    /// Takes what has come.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.refused {
            return;
        }
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() > MOST_WAITING {
            let half = self.waiting.len() / 2;
            let cut = memchr::memrchr(b'\n', &self.waiting[..half]).map_or(half, |at| at + 1);
            self.judge(cut);
        }
    }

    /// Nothing came for a while: all whole lines that are there are read.
    pub fn settle(&mut self) {
        if let Some(newline) = memchr::memrchr(b'\n', &self.waiting) {
            self.judge(newline + 1);
        }
    }

    /// Reports so far, followers not counted.
    #[must_use]
    pub fn reports(&self) -> u64 {
        self.triage.groups.count + self.linker.len()
    }

    /// The summary of what was read so far; what comes later may still show that a report follows from another.
    ///
    /// Costs a copy of all groups: ask when [`Follow::reports`] changed.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut groups = self.triage.groups.clone();
        self.linker.clone().drain().into_iter().for_each(|sighting| groups.add(sighting));
        conclude(self.triage.summary.clone(), groups, self.triage.now)
    }

    /// The end of the input: what is left is read as it is.
    pub fn end(mut self) {
        self.judge(self.waiting.len());
        self.linker.drain().into_iter().for_each(|sighting| self.triage.groups.add(sighting));
    }

    fn judge(&mut self, end: usize) {
        if self.bytes == 0
            && let Err(error) = source::refuse(&self.waiting)
        {
            self.refused = true;
            self.waiting = Vec::new();
            self.triage.summary.inputs -= 1;
            return self.triage.problem(self.name.clone(), error.to_string());
        }
        let rest = self.waiting.split_off(end);
        if self.bytes == 0 && !self.waiting.is_empty() {
            let head = &self.waiting[..self.waiting.len().min(scan::HEAD)];
            self.triage.summary.identities.insert(self.name.clone(), identity(&self.name, head));
        }
        let mut settled = Vec::new();
        let (finds, _) = Judge::new(&self.triage.rules, self.context).finds(&self.waiting, &rest);
        for mut find in finds {
            find.begins_behind(self.before);
            find.offset += self.bytes;
            find.line += self.lines;
            if is_within(find.stamp.own, self.triage.since, self.triage.until) {
                settle(find, &self.name, &mut self.linker, &mut self.triage.summary, &mut settled);
            }
        }
        settled.into_iter().for_each(|sighting| self.triage.groups.add(sighting));
        self.before = scan::nearest(&self.waiting, self.context).or(self.before);
        let (bytes, lines) =
            (self.waiting.len() as u64, memchr::memchr_iter(b'\n', &self.waiting).count() as u64);
        self.bytes += bytes;
        self.lines += lines;
        self.triage.summary.bytes += bytes;
        self.triage.summary.lines += lines;
        self.waiting = rest;
    }
}
