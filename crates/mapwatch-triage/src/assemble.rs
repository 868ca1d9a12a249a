//! Reports put together out of interleaved lines.
//!
//! Outside of a report nothing is looked at but literal hits. Where one begins, every line is peeled and handed
//! to the report of its own stream (container, process, thread), until each open report says that it is over.
//! A prefix that no envelope explains is learned from the report's first line and taken off the lines below
//! where it stands there too; lines without it are then somebody else's.
//!
//! Cost: each line is looked at once; a report that waits in vain is given up after a bounded number of lines.

mod likeness;
mod prefix;
mod replay;

use crate::envelope::{Context, Form, Origin, PanicFields, Peeled, hash, peel};
use crate::literal::searcher;
use crate::parse::{Body, Opener, Start, Step, begins, go};
use crate::{plain, time};
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use prefix::{Prefix, Strip, without};
pub(crate) use replay::Replays;

/// A report that was put together, or a line that told an end.
#[derive(Debug)]
pub(crate) struct Assembled {
    /// Offset of its first line in the block.
    pub(crate) offset: usize,
    pub(crate) body: Rc<Body>,
    /// Equal where two bodies differ in nothing but a thread's number and addresses.
    pub(crate) likeness: u64,
    pub(crate) fields: Option<Box<PanicFields>>,
    pub(crate) time: Option<time::Micros>,
    pub(crate) origin: Origin,
    /// Which process wrote it, as far as the envelope tells; 0 where it does not.
    pub(crate) process: u64,
}

/// What came out of one block.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) found: Vec<Assembled>,
    /// Lines beyond the block, by offset from its beginning, that belong to a report of this block although
    /// they look like a beginning.
    pub(crate) consumed: Vec<usize>,
}

/// Lines of other streams after which an open report is given up.
const PATIENCE: u64 = 2_000;
/// Bytes of one logical line that were joined from parts.
const MOST_PARTS: usize = 1 << 20;
/// Reports open at once; the oldest is closed for a new one.
const MOST_OPEN: usize = 512;

/// Finds the reports that begin in `block`; `ahead` is what follows it.
pub(crate) fn assemble(block: &[u8], ahead: &[u8], context: Context, replays: &mut Replays) -> Block {
    let (open, parts, out) = (HashMap::new(), HashMap::new(), Block::default());
    let mut desk = Desk { context, block, replays, open, beside: HashMap::new(), parts, lines: 0, out };
    desk.run(block, 0, true);
    if desk.is_busy() {
        desk.run(ahead, block.len(), false);
    }
    desk.close_all();
    desk.out.found.sort_by_key(|found| found.offset);
    desk.out
}

struct Desk<'a> {
    context: Context,
    block: &'a [u8],
    replays: &'a mut Replays,
    open: HashMap<u64, Open>,
    /// Keys of reports beside the first of their stream, by stream: told apart by their prefixes alone.
    beside: HashMap<u64, Vec<u64>>,
    /// Parts of lines that are not whole yet, by stream.
    parts: HashMap<u64, Parts>,
    lines: u64,
    out: Block,
}

struct Parts {
    offset: usize,
    bytes: Vec<u8>,
    hit: bool,
    since: u64,
}

struct Open {
    offset: usize,
    /// Shared with what it repeats, until a line more comes.
    body: Rc<Body>,
    /// Of the body, where it repeats another and holds no line more.
    likeness: Option<u64>,
    fields: Option<Box<PanicFields>>,
    time: Option<time::Micros>,
    origin: Origin,
    prefix: Prefix,
    last: u64,
    trace: Option<Trace>,
}

/// The bytes that a report without any prefix has taken so far, to be recognised when they come again.
struct Trace {
    /// End of the first line.
    first: usize,
    /// Where the next line has to begin.
    end: usize,
    lines: u64,
    step: Step,
    /// Whether it holds more than what was replayed.
    is_new: bool,
}

/// One physical line on its way to a report.
#[derive(Clone, Copy)]
struct At {
    offset: usize,
    /// Where the next one begins.
    next: usize,
    /// Whether a literal is on it.
    hit: bool,
    /// Whether a report may begin on it: it lies in the block, not beyond.
    may_begin: bool,
}

impl Desk<'_> {
    fn is_busy(&self) -> bool {
        !self.open.is_empty() || !self.parts.is_empty()
    }

    fn run(&mut self, text: &[u8], base: usize, may_begin: bool) {
        let mut at = 0;
        let mut next_hit = find(text, 0);
        while at < text.len() {
            if !self.is_busy() {
                let Some(hit) = next_hit.filter(|_| may_begin) else { return };
                at = memchr::memrchr(b'\n', &text[at..hit]).map_or(at, |newline| at + newline + 1);
            }
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |newline| at + newline);
            let hit = next_hit.is_some_and(|hit| hit < end);
            if hit
                && may_begin
                && let Some(behind) = self.replay(at, end)
            {
                at = behind;
                next_hit = find(text, at);
                continue;
            }
            self.line(&text[at..end], At { offset: base + at, next: base + end + 1, hit, may_begin });
            at = end + 1;
            if hit {
                next_hit = find(text, at);
            }
        }
    }

    /// Takes a report of the block that was seen before; where the next line begins.
    fn replay(&mut self, at: usize, end: usize) -> Option<usize> {
        let below = self.block.get(end + 1..)?;
        let first = &self.block[at..end];
        let seen = self.replays.find(first, below)?;
        // A report that is open ends here where it does not claim the line.
        match self.open.get(&0) {
            None if self.is_busy() => return None,
            None => {}
            Some(open) => {
                let alone =
                    self.open.len() == 1 && self.parts.is_empty() && matches!(open.prefix, Prefix::None);
                let start = Start { opener: seen.body.opener, at: 0 };
                if !alone || open.body.claims(std::str::from_utf8(first).ok()?, start) {
                    return None;
                }
                self.learn(0, false);
                self.close(0);
            }
        }
        self.lines += seen.lines;
        let (lines, step) = (seen.lines, Step::Taken);
        let trace = Trace { first: end, end: end + 1 + seen.below, lines, step, is_new: false };
        let behind = trace.end;
        let mut open = Open::new(at, seen.body, self.lines, Some(trace));
        open.likeness = Some(seen.likeness);
        self.open.insert(0, open);
        if seen.over {
            self.close(0);
        }
        Some(behind)
    }

    /// Keeps a report that ended on its own.
    fn learn(&mut self, key: u64, over: bool) {
        let Some(Open { trace: Some(trace), offset, body, .. }) = self.open.get(&key) else { return };
        if !trace.is_new {
            return;
        }
        let first = self.block.get(*offset..trace.first);
        let below = self.block.get(trace.first + 1..trace.end);
        if let (Some(first), Some(below)) = (first, below) {
            self.replays.learn(first, below, body, trace.lines, over);
        }
    }

    fn line(&mut self, raw: &[u8], at: At) {
        self.lines += 1;
        if self.lines.is_multiple_of(512) {
            self.give_up();
        }
        let mut line = peel(raw, self.context);
        let at = match self.whole(&mut line, at) {
            Some(at) => at,
            None => return,
        };
        if !at.hit && !self.open.contains_key(&line.key) && !self.beside.contains_key(&line.key) {
            return;
        }
        let text = plain::text(&line.content).into_owned();
        let many = line.form == Form::Record && text.contains('\n');
        if line.panic.is_some() && at.hit && self.structured(&line, &text, at) {
            return;
        }
        for part in text.split('\n') {
            if !(many && at.hit && self.nested(&line, part, at)) {
                self.text(&line, part, at);
            }
        }
        if many {
            // The record is over, and so is whatever message stood in it.
            self.open.get_mut(&line.key).into_iter().for_each(|open| open.own().close_message());
            self.close(line.key);
        }
    }

    /// Joins the parts of a line; `None` while it is not whole.
    fn whole(&mut self, line: &mut Peeled<'_>, at: At) -> Option<At> {
        if line.form == Form::Partial {
            if !at.hit && !self.open.contains_key(&line.key) && !self.parts.contains_key(&line.key) {
                return None;
            }
            let since = self.lines;
            let parts = self.parts.entry(line.key);
            let parts = parts.or_insert(Parts { offset: at.offset, bytes: Vec::new(), hit: false, since });
            let room = MOST_PARTS.saturating_sub(parts.bytes.len());
            parts.bytes.extend_from_slice(&line.content[..line.content.len().min(room)]);
            parts.hit |= at.hit;
            return None;
        }
        let Some(mut parts) = self.parts.remove(&line.key) else { return Some(at) };
        parts.bytes.extend_from_slice(&line.content);
        line.content = Cow::Owned(parts.bytes);
        Some(At { offset: parts.offset, hit: at.hit || parts.hit, ..at })
    }

    /// A record whose fields tell a panic although its message does not begin one.
    fn structured(&mut self, line: &Peeled<'_>, text: &str, at: At) -> bool {
        let fields = line.panic.as_deref();
        let told = fields.is_some_and(PanicFields::is_told);
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let begun = text.lines().find_map(begins);
        let is_hook = begun.is_some_and(|start| start.opener == Opener::Hook);
        let worded = first.to_ascii_lowercase().contains("panic")
            || first == fields.map_or("", |fields| &fields.payload);
        let printed = fields.and_then(go::printed).filter(|_| worded);
        if !(is_hook || begun.is_none() && told && worded || printed.is_some()) || !at.may_begin {
            return false;
        }
        self.close(line.key);
        if let Some(text) = printed {
            let first = text.lines().next().unwrap_or_default();
            self.begin(line, first, Start { opener: Opener::GoPanic, at: 0 }, at);
            for rest in text.lines().skip(1) {
                if let Some(open) = self.open.get_mut(&line.key) {
                    open.own().push(rest);
                }
            }
            self.close(line.key);
            return true;
        }
        let start = Start { opener: Opener::Hook, at: 0 };
        self.begin(line, first, start, at);
        for rest in text.lines().skip(1) {
            if let Some(open) = self.open.get_mut(&line.key) {
                open.own().push(rest);
            }
        }
        self.close(line.key);
        true
    }

    /// A record inside a record: a collector joined lines that were records themselves.
    fn nested(&mut self, line: &Peeled<'_>, part: &str, at: At) -> bool {
        if !part.starts_with("{\"") {
            return false;
        }
        let inner = peel(part.as_bytes(), self.context);
        let text = plain::text(&inner.content).into_owned();
        let inner =
            Peeled { key: line.key, time: line.time.or(inner.time), origin: line.origin.clone(), ..inner };
        inner.panic.is_some() && self.structured(&inner, &text, at)
    }

    fn text(&mut self, line: &Peeled<'_>, text: &str, at: At) {
        let start = if at.hit { begins(text) } else { None };
        let key = self.owner(line.key, text);
        if let Some(open) = self.open.get_mut(&key) {
            let other = start.is_some_and(|start| open.prefix.is_others(text, &text[..start.at]));
            let claimed = !other && start.is_none_or(|start| open.body.claims(open.prefix.off(text), start));
            if claimed {
                open.last = self.lines;
                let over = open.take(text);
                open.follow(at);
                if start.is_some() && !at.may_begin {
                    self.out.consumed.push(at.offset);
                }
                if !over {
                    return;
                }
                let last = self.open.get(&key).and_then(|open| open.trace.as_ref());
                let last = last.is_some_and(|trace| trace.step == Step::Last);
                self.learn(key, last);
                self.close(key);
                // The line that ended a report may begin one only if a literal is on it, which was looked at.
                return;
            }
            if other && at.may_begin {
                start.into_iter().for_each(|start| self.begin(line, text, start, at));
                return;
            }
            self.learn(key, false);
            self.close(key);
        }
        if let Some(start) = start.filter(|_| at.may_begin) {
            self.begin(line, text, start, at);
        }
    }

    /// The report that a line of a stream belongs to: the one whose prefix it has, else the last that may have
    /// none.
    fn owner(&self, stream: u64, text: &str) -> u64 {
        let Some(beside) = self.beside.get(&stream) else { return stream };
        let prefixed = |key: &&u64| match self.open.get(*key).map(|open| &open.prefix) {
            Some(Prefix::Undecided { prefix, .. } | Prefix::Every(prefix)) => without(prefix, text).is_some(),
            _ => false,
        };
        if prefixed(&&stream) {
            return stream;
        }
        let found = beside.iter().rev().find(prefixed).or_else(|| {
            let decided =
                |key: &u64| self.open.get(key).is_some_and(|open| matches!(open.prefix, Prefix::Every(_)));
            beside.last().filter(|key| !decided(key))
        });
        found.copied().unwrap_or(stream)
    }

    fn begin(&mut self, line: &Peeled<'_>, text: &str, start: Start, at: At) {
        if !self.open.contains_key(&line.key) {
            return self.begin_as(line.key, line, text, start, at);
        }
        // The stream has a report with another prefix open: this one stands beside it.
        let key = hash(hash(line.key, b"beside"), &text.as_bytes()[..start.at]);
        self.close(key);
        self.beside.entry(line.key).or_default().push(key);
        self.begin_as(key, line, text, start, at);
    }

    fn begin_as(&mut self, key: u64, line: &Peeled<'_>, text: &str, start: Start, at: At) {
        if self.open.len() >= MOST_OPEN {
            let oldest = self.open.iter().min_by_key(|(_, open)| open.last).map(|(key, _)| *key);
            oldest.into_iter().for_each(|key| self.close(key));
        }
        let (prefix, report) = text.split_at(start.at);
        let body = Body::new(start.opener, report);
        let single = body.is_single();
        let bare = start.at == 0 && line.key == 0 && line.time.is_none() && line.form == Form::Line;
        let (first, end) = (at.next.saturating_sub(1), at.next);
        let trace = Trace { first, end, lines: 1, step: Step::Taken, is_new: true };
        let open = Open {
            fields: line.panic.clone(),
            time: line.time.or_else(|| time::find(prefix.as_bytes(), self.context.year)),
            origin: line.origin.clone(),
            prefix: Prefix::new(prefix),
            ..Open::new(at.offset, Rc::new(body), self.lines, bare.then_some(trace))
        };
        self.open.insert(key, open);
        if single {
            self.close(key);
        }
    }

    fn close(&mut self, key: u64) {
        if let Some(mut open) = self.open.remove(&key) {
            if !self.beside.is_empty() {
                self.beside.values_mut().for_each(|keys| keys.retain(|other| *other != key));
                self.beside.retain(|_, keys| !keys.is_empty());
            }
            open.finish();
            let process = process(&open.origin, key);
            let Open { offset, body, likeness, fields, time, origin, .. } = open;
            let likeness = likeness.unwrap_or_else(|| likeness::of_body(&body));
            self.out.found.push(Assembled { offset, body, likeness, fields, time, origin, process });
        }
    }

    fn close_all(&mut self) {
        // A line whose end never came is read as far as it goes.
        let keys: Vec<u64> = self.parts.keys().copied().collect();
        for key in keys {
            let Some(parts) = self.parts.remove(&key) else { continue };
            let line = Peeled { key, content: Cow::Owned(parts.bytes), ..Peeled::default() };
            let text = plain::text(&line.content).into_owned();
            self.text(&line, &text, At { offset: parts.offset, next: 0, hit: parts.hit, may_begin: true });
        }
        let keys: Vec<u64> = self.open.keys().copied().collect();
        keys.into_iter().for_each(|key| self.close(key));
    }

    /// Closes what has waited too long.
    fn give_up(&mut self) {
        let now = self.lines;
        let old: Vec<u64> =
            self.open.iter().filter(|(_, open)| now - open.last > PATIENCE).map(|(key, _)| *key).collect();
        old.into_iter().for_each(|key| self.close(key));
        self.parts.retain(|_, parts| now - parts.since <= PATIENCE);
    }
}

fn find(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    searcher().find(rest).map(|found| from + found.start())
}

fn process(origin: &Origin, key: u64) -> u64 {
    if origin.service.is_empty() && origin.process.is_empty() && origin.host.is_empty() {
        // A collector's stdout and stderr are streams of one program.
        return if key == 0 { 0 } else { 1 };
    }
    hash(hash(hash(2, origin.host.as_bytes()), origin.service.as_bytes()), origin.process.as_bytes())
}

impl Open {
    fn new(offset: usize, body: Rc<Body>, last: u64, trace: Option<Trace>) -> Open {
        let (fields, time, origin, prefix) = (None, None, Origin::default(), Prefix::None);
        Open { offset, body, likeness: None, fields, time, origin, prefix, last, trace }
    }

    /// The body, to be changed.
    fn own(&mut self) -> &mut Body {
        self.likeness = None;
        Rc::make_mut(&mut self.body)
    }

    /// Extends the trace by a line that was taken or skipped.
    fn follow(&mut self, at: At) {
        let Some(trace) = &mut self.trace else { return };
        if trace.step == Step::Ended {
            return;
        }
        if at.offset != trace.end {
            self.trace = None;
            return;
        }
        trace.end = at.next;
        trace.lines += 1;
        trace.is_new = true;
    }

    /// Hands a line to the body, its learned prefix off; whether the report is over.
    fn take(&mut self, text: &str) -> bool {
        match self.prefix.strip(text, &self.body) {
            Strip::Own(line) => !self.push(line),
            Strip::Foreign | Strip::Waiting => false,
            Strip::Decided(lines) => {
                let mut on = true;
                for line in lines {
                    on = on && self.push(&line);
                }
                !on || !self.push(text)
            }
        }
    }

    /// Whether the body goes on.
    fn push(&mut self, line: &str) -> bool {
        let step = self.own().push(line);
        if let Some(trace) = &mut self.trace {
            trace.step = step;
        }
        matches!(step, Step::Taken | Step::Skipped)
    }

    fn finish(&mut self) {
        for line in self.prefix.drain() {
            if !self.push(&line) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<String> {
        let block = assemble(text.as_bytes(), b"", Context { year: 2026 }, &mut Replays::default());
        block.found.iter().map(|found| found.body.text.clone()).collect()
    }

    #[test]
    fn a_learned_prefix_comes_off_and_strangers_stay_out() {
        let text = "app[web.1]: INFO hello\n\
                    app[web.1]: thread 'm' panicked at a.rs:1:2:\n\
                    app[web.2]: INFO other\n\
                    app[web.1]: boom\n\
                    app[web.1]: note: run with `X`\n";
        assert_eq!(bodies(text), ["thread 'm' panicked at a.rs:1:2:\nboom\nnote: run with `X`"]);
    }

    #[test]
    fn a_prefix_on_the_first_line_only() {
        let text = "[2026-11-23T15:38:01Z ERROR panic] thread 'i' panicked at 'x': a.rs:25\n   0: f\n             at a.rs:3:9\n[2026-11-23T15:38:02Z INFO a] next\n";
        assert_eq!(bodies(text)[0].lines().count(), 3);
    }

    #[test]
    fn interleaved_containers_are_taken_apart() {
        let text = "a-1  | thread 'm' panicked at a.rs:1:2:\nb-1  | thread 'm' panicked at b.rs:1:2:\na-1  | one\nb-1  | two\n";
        assert_eq!(
            bodies(text),
            ["thread 'm' panicked at a.rs:1:2:\none", "thread 'm' panicked at b.rs:1:2:\ntwo"]
        );
    }

    #[test]
    fn parts_are_joined() {
        let text = "2026-11-23T15:51:58.1Z stderr P thread 'm' pani\n2026-11-23T15:51:58.1Z stderr P cked at a.rs:1:2: lo\n2026-11-23T15:51:58.1Z stderr F ng\n";
        // The literal itself is torn; what counts is that nothing is invented.
        assert!(bodies(text).is_empty());
        let text = "2026-11-23T15:51:58.1Z stderr P thread 'm' panicked at a.rs:1:2: lo\n2026-11-23T15:51:58.1Z stderr F ng\n";
        assert_eq!(bodies(text), ["thread 'm' panicked at a.rs:1:2: long"]);
    }

    #[test]
    fn a_report_may_go_on_in_the_next_block() {
        let block = b"thread 'm' panicked at a.rs:1:2:\n";
        let ahead = b"called `Result::unwrap()` on an `Err` value: JoinError::Panic(Id(3), ...)\nnote: run with `X`\n";
        let out = assemble(block, ahead, Context { year: 2026 }, &mut Replays::default());
        assert_eq!(out.found[0].body.text.lines().count(), 3);
        assert_eq!(out.consumed, [block.len()]);
    }
}
