//! Where events come from: threads that read lines and send [`Msg`]s over one bounded channel.
//!
//! A source waits when the viewer is slow, never the other way round: the socket then fills up, and the watched
//! program's recorder coalesces (it does not wait either). What a source cannot read it says with its place;
//! it never stops the viewer.

pub mod arrival;
pub mod blocks;
pub mod child;
pub mod directory;
pub mod file;
pub mod lines;
#[cfg(unix)]
pub mod listener;
pub mod output;
pub mod player;
pub mod recording;
pub mod socket;

use crate::model::moment::Wall;
use crate::msg::{Batch, Close, Msg, StreamId, StreamMsg};
use arrival::Arrival;
use crossbeam_channel::{Receiver, Sender};
use lines::{Lines, Read};
use mapwatch_event::{Lane, Nanos};
use recording::{Keep, Run};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Messages that wait between the sources and the viewer; a batch of lines is one message.
const WAITING: usize = 32;
/// Lines in one batch, at most.
const BATCH: usize = 512;
/// Unreadable lines in a row after which a peer is no watched program.
const PATIENCE: u64 = 1000;

/// The sending end: cheap to clone, one per source.
#[derive(Clone, Debug)]
pub struct Feed {
    messages: Sender<Msg>,
    streams: Arc<AtomicU64>,
    run: Option<Run>,
}

/// The viewer is gone; a source that hears this ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// The time of the wall clock.
pub(crate) fn wall() -> Wall {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX))
}

impl Feed {
    /// A channel from the sources to the viewer.
    #[must_use]
    pub fn new() -> (Feed, Receiver<Msg>) {
        let (messages, receiver) = crossbeam_channel::bounded(WAITING);
        (Feed { messages, streams: Arc::default(), run: None }, receiver)
    }

    /// The same, with everything that comes from processes recorded.
    #[must_use]
    pub fn recorded(self, run: Option<Run>) -> Feed {
        Feed { run, ..self }
    }

    /// Sends one message; waits while the viewer is busy.
    ///
    /// # Errors
    ///
    /// [`Gone`] where nobody listens any more.
    pub fn send(&self, msg: Msg) -> Result<(), Gone> {
        self.messages.send(msg).map_err(|_| Gone)
    }

    /// A number for the next stream.
    #[must_use]
    pub fn next_stream(&self) -> StreamId {
        StreamId(self.streams.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Where the next stream is recorded.
    #[must_use]
    pub fn keep(&self, name: &'static str) -> Keep {
        self.run.as_ref().map_or(Keep::Nowhere, |run| Keep::Recorded(run.stream(name)))
    }
}

/// What to think of lines that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A recording: skip and count them, to the end of the file.
    File,
    /// A peer: it must begin with a header, and may not go on talking nonsense.
    Peer,
}

/// Reads a stream, batch by batch.
#[derive(Debug)]
pub struct Pump<R> {
    /// Which stream.
    stream: StreamId,
    lines: Lines<R>,
    trust: Trust,
    keep: Keep,
    nonsense: u64,
    first: bool,
    started: u64,
    /// The latest moment that was read of.
    pub reached: Wall,
}

impl<R: io::Read> Pump<R> {
    /// For a stream that has been told to be open.
    pub fn new(stream: StreamId, lines: Lines<R>, trust: Trust, keep: Keep) -> Pump<R> {
        Pump { stream, lines, trust, keep, nonsense: 0, first: true, started: 0, reached: Wall::default() }
    }

    /// Reads a stream to its end and sends what it says, then how it ended.
    ///
    /// Lines are sent in batches of what is there already, so that a quiet stream is shown at once and a busy one
    /// costs one message for many lines.
    ///
    /// # Errors
    ///
    /// [`Gone`] where nobody listens any more.
    pub fn run(mut self, feed: &Feed) -> Result<(), Gone> {
        while self.step(feed, None)? == Step::More {}
        Ok(())
    }

    /// Reads and sends one batch; the next line that is later than `span` after the first ends it, too.
    ///
    /// # Errors
    ///
    /// [`Gone`] where nobody listens any more.
    pub fn step(&mut self, feed: &Feed, span: Option<Nanos>) -> Result<Step, Gone> {
        let begin = (self.lines.offset(), self.lines.number() + 1);
        let since = self.reached;
        let mut arrivals = Vec::new();
        let close = loop {
            let (arrival, close) = self.next();
            if let Some(arrival) = arrival {
                arrivals.push(arrival);
            }
            if close.is_some() {
                break close;
            }
            let far = span.is_some_and(|span| self.reached > since.after(span));
            if arrivals.len() >= BATCH || far || self.lines.would_wait() {
                break None;
            }
        };
        if !arrivals.is_empty() {
            let place = self.keep.place(begin, self.lines.offset());
            let place = place.unwrap_or_else(|full| {
                let _ = feed.send(Msg::Warned(full.to_string()));
                None
            });
            feed.send(Msg::Stream(self.stream, StreamMsg::Arrived(Batch { arrivals, place })))?;
        }
        match close {
            Some(close) => {
                feed.send(Msg::Stream(self.stream, StreamMsg::Closed(close)))?;
                Ok(Step::Over)
            }
            None => Ok(Step::More),
        }
    }

    fn next(&mut self) -> (Option<Arrival>, Option<Close>) {
        let arrival = match self.lines.read() {
            Ok(Read::Line(number, bytes)) => Arrival::read(number, bytes),
            Ok(Read::TooLong(number)) => Arrival::too_long(number),
            Ok(Read::Cut(number)) => {
                self.keep.take(self.lines.raw(), false);
                return (Some(Arrival::cut(number)), Some(Close::Cut));
            }
            Ok(Read::End) => return (None, Some(Close::Ended)),
            Err(error) => return (None, Some(Close::Failed(error.to_string()))),
        };
        self.nonsense = if matches!(arrival, Arrival::Unread { .. }) { self.nonsense + 1 } else { 0 };
        if self.trust == Trust::Peer {
            if self.first && !matches!(arrival, Arrival::Header(_)) {
                let why = "it did not begin with the header of a session".to_owned();
                return (None, Some(Close::Dropped(why)));
            }
            if self.nonsense > PATIENCE {
                return (None, Some(Close::Dropped(format!("{PATIENCE} lines in a row could not be read"))));
            }
        }
        self.first = false;
        self.remember(&arrival);
        (Some(arrival), None)
    }

    fn remember(&mut self, arrival: &Arrival) {
        let mut sample = false;
        match arrival {
            Arrival::Header(header) => self.started = header.started_unix_micros,
            Arrival::Program { at, .. } => self.reached = self.reached.max(*at),
            Arrival::Event { at, event, .. } => {
                sample = event.lane() == Lane::Samples;
                let wall = Wall(self.started.saturating_mul(1000)).after(*at);
                self.reached = self.reached.max(wall);
            }
            Arrival::Unknown { .. } | Arrival::Unread { .. } => {}
        }
        self.keep.take(self.lines.raw(), sample);
    }
}

/// Whether a stream goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Maybe.
    More,
    /// It has ended, and that was told.
    Over,
}
