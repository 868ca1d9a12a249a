//! Where events come from: threads that read lines and send [`Msg`]s over one bounded channel.
//!
//! A source waits when the viewer is slow, never the other way round: the socket then fills up, and the watched
//! program's recorder coalesces (it does not wait either). What a source cannot read it says with its place;
//! it never stops the viewer.

pub mod arrival;
pub mod child;
pub mod directory;
pub mod file;
pub mod lines;
#[cfg(unix)]
pub mod listener;
pub mod socket;

use crate::msg::{Close, Msg, StreamId, StreamMsg};
use arrival::Arrival;
use crossbeam_channel::{Receiver, Sender};
use lines::{Lines, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
}

/// The viewer is gone; a source that hears this ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

impl Feed {
    /// A channel from the sources to the viewer.
    #[must_use]
    pub fn new() -> (Feed, Receiver<Msg>) {
        let (messages, receiver) = crossbeam_channel::bounded(WAITING);
        (Feed { messages, streams: Arc::default() }, receiver)
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
}

/// What to think of lines that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A recording: skip and count them, to the end of the file.
    File,
    /// A peer: it must begin with a header, and may not go on talking nonsense.
    Peer,
}

/// Reads a stream to its end and sends what it says, then how it ended.
///
/// Lines are sent in batches of what is there already, so that a quiet stream is shown at once and a busy one
/// costs one message for many lines.
///
/// # Errors
///
/// [`Gone`] where nobody listens any more.
pub fn pump<R: std::io::Read>(
    stream: StreamId,
    lines: &mut Lines<R>,
    trust: Trust,
    feed: &Feed,
) -> Result<(), Gone> {
    let mut batch = Vec::new();
    let mut nonsense = 0;
    let mut first = true;
    let close = loop {
        let arrival = match lines.read() {
            Ok(Read::Line(number, bytes)) => Arrival::read(number, bytes),
            Ok(Read::TooLong(number)) => Arrival::too_long(number),
            Ok(Read::Cut(number)) => {
                batch.push(Arrival::cut(number));
                break Close::Cut;
            }
            Ok(Read::End) => break Close::Ended,
            Err(error) => break Close::Failed(error.to_string()),
        };
        nonsense = if matches!(arrival, Arrival::Unread { .. }) { nonsense + 1 } else { 0 };
        if trust == Trust::Peer {
            if first && !matches!(arrival, Arrival::Header(_)) {
                break Close::Dropped("it did not begin with the header of a session".to_owned());
            }
            if nonsense > PATIENCE {
                break Close::Dropped(format!("{PATIENCE} lines in a row could not be read"));
            }
        }
        first = false;
        batch.push(arrival);
        if batch.len() >= BATCH || lines.would_wait() {
            feed.send(Msg::Stream(stream, StreamMsg::Arrived(std::mem::take(&mut batch))))?;
        }
    };
    if !batch.is_empty() {
        feed.send(Msg::Stream(stream, StreamMsg::Arrived(batch)))?;
    }
    feed.send(Msg::Stream(stream, StreamMsg::Closed(close)))
}
