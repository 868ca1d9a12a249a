//! One input, block by block, on all cores, in bounded memory.
//!
//! The reader cuts the text into blocks at newlines. A worker takes a block and the one behind it, finds the
//! reports that begin in the block, reads and classifies them. Results come back in the order of the text.
//! Memory is a few blocks per worker, whatever the input's size; a line longer than a block is cut.

use crate::assemble::{Assembled, Replays, assemble};
use crate::classify::{Evidence, Rules, Verdict, classify_ending};
use crate::envelope::{Context, Origin, hash, peel};
use crate::fingerprint::{self, Print};
use crate::parse::{Ending, Reading};
use crate::report::Report;
use crate::time;
use mapwatch_event::Category;
use std::collections::HashMap;
use std::io::Read;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a block. Larger ones cost memory, smaller ones cost looking ahead twice.
const BLOCK: usize = 4 << 20;
/// Bytes behind a block in which its last reports may go on.
const AHEAD: usize = 1 << 20;

/// Lines before a report in which its nearest stamp is looked for.
const NEAR: u64 = 64;
/// Reports of a block for which that is in vain before it is given up.
const IN_VAIN: u32 = 16;

/// Bytes of an input's beginning that it is known by.
pub(crate) const HEAD: usize = 4096;

/// A report with what it means.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) report: Report,
    pub(crate) verdict: Verdict,
    pub(crate) print: Print,
    /// The headline in a number, to tell at once that two differ; 0 where there is none.
    pub(crate) headline: u64,
}

impl Judged {
    pub(crate) fn new(report: Report, verdict: Verdict, print: Print) -> Judged {
        let headline = report.headline();
        let headline = if headline.is_empty() { 0 } else { hash(1, headline.as_bytes()) | 1 };
        Judged { report, verdict, print, headline }
    }
}

/// What was found at one place.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Reports(Arc<[Arc<Judged>]>),
    Ending(Ending, Verdict),
    Unread(&'static str),
}

/// When something was written, as far as stamps tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The stamp on its own lines.
    pub(crate) own: Option<time::Micros>,
    /// Where they have none, that of the nearest line before that has one: it was not written earlier.
    pub(crate) before: Option<time::Micros>,
}

/// One find, in the order of the text.
#[derive(Clone, Debug)]
pub(crate) struct Find {
    pub(crate) offset: u64,
    /// Line, from 1.
    pub(crate) line: u64,
    pub(crate) what: What,
    pub(crate) stamp: Stamp,
    pub(crate) origin: Origin,
    pub(crate) process: u64,
}

impl Find {
    /// Near the beginning of its part of the text, without a stamp before it there: that of the part before counts.
    pub(crate) fn begins_behind(&mut self, before: Option<time::Micros>) {
        if self.line <= NEAR && self.stamp == Stamp::default() {
            self.stamp.before = before;
        }
    }
}

/// Progress of a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of text read so far.
    pub bytes: u64,
    /// Lines read so far.
    pub lines: u64,
}

/// What one input came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) progress: Progress,
    /// The stamp of the last line that has one.
    pub(crate) last_time: Option<time::Micros>,
    /// The first [`HEAD`] bytes.
    pub(crate) head: Vec<u8>,
    /// Why reading stopped early, where it did.
    pub(crate) problem: Option<String>,
}

struct Job {
    index: usize,
    block: Arc<Vec<u8>>,
    ahead: Arc<Vec<u8>>,
}

#[derive(Default)]
struct Done {
    index: usize,
    bytes: u64,
    lines: u64,
    finds: Vec<Find>,
    /// Offsets from the block's beginning.
    consumed: Vec<u64>,
    /// The last stamp near the block's end.
    last: Option<time::Micros>,
}

/// Scans a text; `found` is called for each find in order, `progress` after each block.
pub(crate) fn scan(
    text: &mut dyn Read,
    rules: &Rules,
    context: Context,
    workers: usize,
    mut found: impl FnMut(Find),
    mut progress: impl FnMut(Progress),
) -> Outcome {
    let mut blocks = Blocks::new(text);
    let mut order = Order::default();
    let mut outcome = Outcome::default();
    let Some(first) = blocks.next() else {
        outcome.problem = blocks.problem;
        return outcome;
    };
    outcome.head = first[..first.len().min(HEAD)].to_vec();
    let second = blocks.next();
    let mut tail = Vec::new();
    if second.is_none() || workers <= 1 {
        let mut judge = Judge::new(rules, context);
        let mut current = Some(Arc::new(first));
        let mut following = second.map(Arc::new);
        let mut index = 0;
        while let Some(block) = current {
            let ahead = following.clone().unwrap_or_default();
            let done = judge.work(&Job { index, block: block.clone(), ahead });
            order.settle(done, &mut found);
            progress(order.progress);
            tail.clone_from(&last_line(&block));
            current = following;
            following = blocks.next().map(Arc::new);
            index += 1;
        }
    } else {
        tail = on_all_cores(&mut blocks, (first, second), rules, context, workers, &mut |done| {
            order.settle(done, &mut found);
            progress(order.progress);
        });
    }
    outcome.progress = order.progress;
    outcome.problem = blocks.problem;
    let last = peel(&tail, context);
    outcome.last_time = last.time.or_else(|| time::find(&last.content, context.year));
    outcome
}

fn last_line(block: &[u8]) -> Vec<u8> {
    let text = block.strip_suffix(b"\n").unwrap_or(block);
    let start = memchr::memrchr(b'\n', text).map_or(0, |at| at + 1);
    text[start..].iter().copied().take(4096).collect()
}

/// The reader stays on this thread; workers judge; results are settled here, in order.
fn on_all_cores(
    blocks: &mut Blocks<'_>,
    (first, second): (Vec<u8>, Option<Vec<u8>>),
    rules: &Rules,
    context: Context,
    workers: usize,
    settle: &mut dyn FnMut(Done),
) -> Vec<u8> {
    let (jobs, queue) = mpsc::sync_channel::<Job>(workers);
    let queue = Mutex::new(queue);
    let (results, done) = mpsc::channel::<Done>();
    let mut tail = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let results = results.clone();
            let queue = &queue;
            scope.spawn(move || {
                let mut judge = Judge::new(rules, context);
                while let Some(job) = take(queue) {
                    if results.send(judge.work(&job)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(results);
        tail = feed(blocks, (first, second), jobs, &done, workers, settle);
        for finished in done {
            settle(finished);
        }
    });
    tail
}

fn take(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn feed(
    blocks: &mut Blocks<'_>,
    (first, second): (Vec<u8>, Option<Vec<u8>>),
    jobs: SyncSender<Job>,
    done: &Receiver<Done>,
    workers: usize,
    settle: &mut dyn FnMut(Done),
) -> Vec<u8> {
    let (mut current, mut following) = (Some(Arc::new(first)), second.map(Arc::new));
    let (mut index, mut settled) = (0, 0);
    let mut tail = Vec::new();
    while let Some(block) = current {
        // Results that wait to be put in order are memory, too.
        while index - settled >= workers * 3 {
            let Ok(finished) = done.recv() else { break };
            settle(finished);
            settled += 1;
        }
        tail = last_line(&block);
        let ahead = following.clone().unwrap_or_default();
        if jobs.send(Job { index, block, ahead }).is_err() {
            break;
        }
        current = following;
        following = blocks.next().map(Arc::new);
        index += 1;
    }
    tail
}

/// Puts results in the order of the text and drops what an earlier block's report had taken.
#[derive(Default)]
struct Order {
    next: usize,
    waiting: HashMap<usize, Done>,
    progress: Progress,
    /// Offsets of the text that belong to a report of an earlier block.
    consumed: Vec<u64>,
    /// The last stamp near the end of the block before.
    before: Option<time::Micros>,
}

impl Order {
    fn settle(&mut self, done: Done, found: &mut impl FnMut(Find)) {
        self.waiting.insert(done.index, done);
        while let Some(done) = self.waiting.remove(&self.next) {
            self.next += 1;
            let start = self.progress;
            for mut find in done.finds {
                find.begins_behind(self.before);
                find.offset += start.bytes;
                find.line += start.lines;
                if !self.consumed.contains(&find.offset) {
                    found(find);
                }
            }
            self.before = done.last;
            self.progress.bytes += done.bytes;
            self.progress.lines += done.lines;
            self.consumed = done.consumed.iter().map(|offset| start.bytes + offset).collect();
        }
    }
}

/// Reads assembled reports; keeps what it has read, because crashes repeat.
pub(crate) struct Judge<'a> {
    rules: &'a Rules,
    context: Context,
    memo: HashMap<u64, Remembered>,
    replays: Replays,
}

enum Remembered {
    Reports(Arc<[Arc<Judged>]>),
    Unread(&'static str),
    Nothing,
}

/// Texts that a judge remembers.
const MEMORY: usize = 8_192;

impl<'a> Judge<'a> {
    pub(crate) fn new(rules: &'a Rules, context: Context) -> Judge<'a> {
        Judge { rules, context, memo: HashMap::new(), replays: Replays::default() }
    }

    fn work(&mut self, job: &Job) -> Done {
        let ahead = &job.ahead[..job.ahead.len().min(AHEAD)];
        let (finds, consumed) = self.finds(&job.block, ahead);
        Done {
            index: job.index,
            bytes: job.block.len() as u64,
            lines: newlines(&job.block),
            finds,
            consumed: consumed.into_iter().map(|offset| offset as u64).collect(),
            last: nearest(&job.block, self.context),
        }
    }

    /// Finds in a block, with offsets and lines from its beginning, and the offsets beyond it that are taken.
    pub(crate) fn finds(&mut self, block: &[u8], ahead: &[u8]) -> (Vec<Find>, Vec<usize>) {
        let assembled = assemble(block, ahead, self.context, &mut self.replays);
        let mut finds = Vec::with_capacity(assembled.found.len());
        let (mut line, mut counted, mut in_vain) = (0, 0, 0);
        for found in assembled.found {
            line += newlines(&block[counted.min(found.offset)..found.offset.min(block.len())]);
            counted = found.offset;
            let (offset, own) = (found.offset, found.time);
            let Some(mut find) = self.read(found, line + 1) else { continue };
            // A log without any stamps is not asked for them again and again.
            if own.is_none() && in_vain < IN_VAIN {
                find.stamp.before = nearest(&block[..offset.min(block.len())], self.context);
                in_vain = if find.stamp.before.is_some() { 0 } else { in_vain + 1 };
            }
            finds.push(find);
        }
        (finds, assembled.consumed)
    }

    fn read(&mut self, found: Assembled, line: u64) -> Option<Find> {
        let what = match self.remembered(&found) {
            Some(what) => what?,
            None => self.judge(&found)?,
        };
        let Assembled { offset, time, origin, process, .. } = found;
        let stamp = Stamp { own: time, before: None };
        Some(Find { offset: offset as u64, line, what, stamp, origin, process })
    }

    fn remembered(&self, found: &Assembled) -> Option<Option<What>> {
        if found.fields.is_some() {
            return None;
        }
        Some(match self.memo.get(&found.likeness)? {
            Remembered::Reports(reports) => Some(What::Reports(reports.clone())),
            Remembered::Unread(why) => Some(What::Unread(why)),
            Remembered::Nothing => None,
        })
    }

    fn judge(&mut self, found: &Assembled) -> Option<What> {
        let (what, remember) = match found.body.reports(found.fields.as_deref()) {
            Reading::Ending(ending) => {
                let verdict = classify_ending(&ending);
                return Some(What::Ending(ending, verdict));
            }
            Reading::Nothing => (None, Remembered::Nothing),
            Reading::Unread(why) => (Some(What::Unread(why)), Remembered::Unread(why)),
            Reading::Reports(reports) => {
                let judged = reports.into_iter().map(|report| Arc::new(self.verdict(report)));
                let judged: Arc<[Arc<Judged>]> = judged.collect();
                (Some(What::Reports(judged.clone())), Remembered::Reports(judged))
            }
        };
        if found.fields.is_none() {
            if self.memo.len() >= MEMORY {
                self.memo.clear();
            }
            self.memo.insert(found.likeness, remember);
        }
        what
    }

    fn verdict(&self, report: Report) -> Judged {
        let mut verdict = self.rules.classify(&Evidence::from(&report));
        if report.trailers.iter().any(|trailer| trailer.starts_with("thread panicked while ")) {
            verdict.category = Category::PanicInNounwind;
            verdict.reason = "a destructor panicked while another panic was unwinding".to_owned();
        }
        let print = fingerprint::of(&report, &verdict);
        Judged::new(report, verdict, print)
    }
}

/// The stamp of the last line of a text that begins with one, among the last [`NEAR`] lines.
pub(crate) fn nearest(text: &[u8], context: Context) -> Option<time::Micros> {
    let mut end = text.len();
    for _ in 0..NEAR {
        let line = text[..end].strip_suffix(b"\n").unwrap_or(&text[..end]);
        if line.is_empty() && end == 0 {
            return None;
        }
        let start = memchr::memrchr(b'\n', line).map_or(0, |at| at + 1);
        let line = &line[start..];
        let stamp = stamp_of(&line[..line.len().min(HEAD)], context);
        if stamp.is_some() {
            return stamp;
        }
        end = start;
    }
    None
}

/// The stamp in the envelope of a line, or at its beginning: a date further on may be one that the line speaks of.
fn stamp_of(line: &[u8], context: Context) -> Option<time::Micros> {
    let peeled = peel(line, context);
    let text = peeled.content.trim_ascii_start();
    let text = text.strip_prefix(b"[").or(text.strip_prefix(b"(")).unwrap_or(text);
    peeled.time.or_else(|| time::leading(text, context.year).map(|(at, _)| at))
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// A text cut into blocks at newlines.
struct Blocks<'a> {
    text: &'a mut dyn Read,
    /// What was read behind the last newline.
    rest: Vec<u8>,
    over: bool,
    problem: Option<String>,
}

impl<'a> Blocks<'a> {
    fn new(text: &'a mut dyn Read) -> Blocks<'a> {
        Blocks { text, rest: Vec::new(), over: false, problem: None }
    }

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.over {
            return None;
        }
        let mut block = std::mem::take(&mut self.rest);
        let room = BLOCK.saturating_sub(block.len()) as u64;
        // What came before an error is kept: a cut archive gives what it has.
        match (&mut *self.text).take(room).read_to_end(&mut block) {
            Ok(count) => self.over = (count as u64) < room,
            Err(error) => {
                self.problem = Some(error.to_string());
                self.over = true;
            }
        }
        if !self.over
            && let Some(newline) = memchr::memrchr(b'\n', &block)
        {
            self.rest = block[newline + 1..].to_vec();
            block.truncate(newline + 1);
        }
        (!block.is_empty()).then_some(block)
    }
}
