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

use crate::alarm::{self, Alarm};
use crate::classify::Rules;
use crate::envelope::{Context, hash};
use crate::group::{Group, Groups};
use crate::history::{Known, State};
use crate::link::{Linker, Sighting};
use crate::report::{Kind, Place};
use crate::scan::{self, Find, Judge, Outcome, Progress, What};
use crate::source::{self, Source};
use crate::time::Micros;
use mapwatch_event::{Category, Site};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
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

/// What all inputs say together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Bugs, the most frequent first.
    pub groups: Vec<Group>,
    /// What a person on call has to know beside the groups.
    pub alarms: Vec<Alarm>,
    /// Reports by category, followers not counted.
    pub categories: BTreeMap<Category, u64>,
    /// What looked like a report and could not be read; at most 100 are named.
    pub unread: Vec<Unread>,
    /// How many there were in all.
    pub unread_count: u64,
    /// Inputs that could not be read, or not to their end.
    pub problems: Vec<Unread>,
    /// Reports beyond the most groups that are kept.
    pub overflow: u64,
    /// Process ends that no report explains and that were no crash.
    pub endings: u64,
    /// Whether a manager says that something starts again and again.
    pub restarting: bool,
    /// The stamp of the last line read that has one.
    pub last_time: Option<Micros>,
    /// What earlier runs know of the groups, by fingerprint; empty where no history was asked.
    pub known: BTreeMap<String, Known>,
    /// Lines of a checkout that groups lead to, by fingerprint; empty where none was looked at.
    pub suspects: BTreeMap<String, Vec<Suspect>>,
    /// What each input is known by.
    #[serde(skip)]
    pub identities: BTreeMap<String, u64>,
    /// How many inputs were read.
    pub inputs: u64,
    /// How much text was read.
    pub bytes: u64,
    /// How many lines.
    pub lines: u64,
}

/// A line of the source that a group leads to, and the commit that wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Suspect {
    /// Where, as the log says.
    pub place: Site,
    /// The line; empty where it cannot be read.
    pub source: String,
    /// The commit, shortened; empty where the line is not committed.
    pub commit: String,
    /// Who wrote it.
    pub author: String,
    /// The commit's first line.
    pub title: String,
    /// When.
    pub at: Option<Micros>,
}

/// A place and why nothing could be made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// Where.
    pub place: Place,
    /// Why, as a fragment.
    pub why: String,
}

/// How a triage ended, for automation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing was found.
    Nothing,
    /// Something was found.
    Found,
    /// No input could be read.
    CouldNotLook,
}

impl Exit {
    /// The exit code of the command: 0, 1 or 2.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Exit::Nothing => 0,
            Exit::Found => 1,
            Exit::CouldNotLook => 2,
        }
    }
}

impl Summary {
    /// What the command's exit code says.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.groups.iter().any(|group| !self.is_ignored(group)) {
            Exit::Found
        } else if self.inputs == 0 && !self.problems.is_empty() {
            Exit::CouldNotLook
        } else {
            Exit::Nothing
        }
    }

    /// Whether somebody said that a group is known and of no interest.
    #[must_use]
    pub fn is_ignored(&self, group: &Group) -> bool {
        self.known.get(&group.fingerprint).is_some_and(|known| known.state == State::Ignored)
    }

    /// Reports in all groups, followers not counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.groups.iter().map(|group| group.count).sum()
    }

    /// Keeps only groups of some categories.
    pub fn keep_categories(&mut self, categories: &[Category]) {
        if !categories.is_empty() {
            self.groups.retain(|group| categories.contains(&group.category));
        }
    }

    /// Keeps only the first groups.
    pub fn keep_top(&mut self, most: usize) {
        self.groups.truncate(most);
    }
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
                if is_within(find.time, since, until) {
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
                    find.time,
                    find.origin.clone(),
                    find.process,
                ));
            }
        }
        What::Ending(ending, verdict) => {
            summary.restarting |= ending.restarting;
            summary.endings += u64::from(!ending.is_crash());
            settled.extend(linker.end(ending, verdict, place, find.time, find.origin, find.process));
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
        }
    }
}

impl Follow<'_> {
    /// Takes what has come.
    pub fn push(&mut self, bytes: &[u8]) {
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
        let rest = self.waiting.split_off(end);
        if self.bytes == 0 && !self.waiting.is_empty() {
            let head = &self.waiting[..self.waiting.len().min(scan::HEAD)];
            self.triage.summary.identities.insert(self.name.clone(), identity(&self.name, head));
        }
        let mut settled = Vec::new();
        let (finds, _) = Judge::new(&self.triage.rules, self.context).finds(&self.waiting, &rest);
        for mut find in finds {
            find.offset += self.bytes;
            find.line += self.lines;
            if is_within(find.time, self.triage.since, self.triage.until) {
                settle(find, &self.name, &mut self.linker, &mut self.triage.summary, &mut settled);
            }
        }
        settled.into_iter().for_each(|sighting| self.triage.groups.add(sighting));
        let (bytes, lines) =
            (self.waiting.len() as u64, memchr::memchr_iter(b'\n', &self.waiting).count() as u64);
        self.bytes += bytes;
        self.lines += lines;
        self.triage.summary.bytes += bytes;
        self.triage.summary.lines += lines;
        self.waiting = rest;
    }
}
