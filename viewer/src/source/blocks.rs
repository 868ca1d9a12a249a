//! A long recording, decoded by several threads: the file is cut into blocks of whole lines, each block is decoded
//! by whoever is free, and they are sent in their order.
//!
//! Decoding is most of the work of opening a recording; taking in is done by the viewer's own thread meanwhile.

use super::arrival::Arrival;
use super::lines::{LONGEST_LINE, Lines, Read};
use super::recording::Keep;
use super::{Feed, Gone, Pump, Trust};
use crate::model::tape::Place;
use crate::msg::{Batch, Close, Msg, StreamId, StreamMsg};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes of a block, about.
const BLOCK: usize = 256 << 10;
/// Recordings from this size on are cut into blocks.
pub const LONG: u64 = 4 << 20;
/// Bytes of a short line, about.
const SHORT: usize = 128;
/// Threads that decode, at most.
const THREADS: usize = 4;

/// Lines that were cut out of the file.
#[derive(Debug)]
struct Block {
    bytes: Vec<u8>,
    place: Place,
    answer: Sender<Decoded>,
}

/// What they say.
#[derive(Debug)]
struct Decoded {
    batch: Batch,
    /// How the stream ended, where it did so in this block.
    close: Option<Close>,
}

/// What the cutter gives.
enum Piece {
    /// Whole lines; or the rest of the file.
    Block(Vec<u8>, Place),
    /// Nothing is left.
    End,
    /// A line beyond the cap: this is no file to be kept in memory.
    EndlessLine,
}

/// Reads a file from its beginning to its end, and sends what it says and how it ended.
///
/// # Errors
///
/// [`Gone`] where nobody listens any more.
pub fn pump(stream: StreamId, file: File, path: Arc<PathBuf>, feed: &Feed) -> Result<(), Gone> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, THREADS);
    let (blocks, work) = bounded::<Block>(threads);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let work = work.clone();
            scope.spawn(move || {
                for block in work {
                    let answer = block.answer.clone();
                    // Nobody waits for it when the viewer is gone.
                    let _ = answer.send(decode(block));
                }
            });
        }
        drop(work);
        // The threads end when nobody can give them work any more: it goes away with this call.
        cut(stream, Cutter::new(file, path), blocks, feed, threads * 2)
    })
}

/// Cuts blocks, hands them out, and sends them in order; `ahead` of them may be in the making.
fn cut(
    stream: StreamId,
    mut cutter: Cutter,
    blocks: Sender<Block>,
    feed: &Feed,
    ahead: usize,
) -> Result<(), Gone> {
    let mut waiting: VecDeque<Receiver<Decoded>> = VecDeque::new();
    let mut over = None;
    let mut endless = false;
    loop {
        while over.is_none() && !endless && waiting.len() < ahead {
            let (answer, decoded) = bounded(1);
            match cutter.next() {
                Ok(Piece::Block(bytes, place)) => {
                    blocks.send(Block { bytes, place, answer }).map_err(|_| Gone)?;
                    waiting.push_back(decoded);
                }
                Ok(Piece::End) => over = Some(Close::Ended),
                Ok(Piece::EndlessLine) => endless = true,
                Err(error) => over = Some(Close::Failed(error.to_string())),
            }
        }
        let Some(next) = waiting.pop_front() else { break };
        let decoded = next.recv().map_err(|_| Gone)?;
        if !decoded.batch.arrivals.is_empty() {
            feed.send(Msg::Stream(stream, StreamMsg::Arrived(decoded.batch)))?;
        }
        if let Some(close) = decoded.close {
            over = Some(close);
        }
    }
    if !endless {
        return feed.send(Msg::Stream(stream, StreamMsg::Closed(over.unwrap_or(Close::Ended))));
    }
    // Line by line from here, as every stream is read.
    let Cutter { mut file, path, offset, line, .. } = cutter;
    if let Err(error) = file.seek(SeekFrom::Start(offset)) {
        return feed.send(Msg::Stream(stream, StreamMsg::Closed(Close::Failed(error.to_string()))));
    }
    let lines = Lines::resume(file, offset, line);
    Pump::new(stream, lines, Trust::File, Keep::InFile(path)).run(feed)
}

fn decode(block: Block) -> Decoded {
    let (arrivals, close) = arrivals(&block.bytes, block.place.line);
    Decoded { batch: Batch { arrivals, place: Some(block.place) }, close }
}

/// What lines say, the first of which has this number; and how the stream ended, where it did so in them.
pub(super) fn arrivals(bytes: &[u8], line: u64) -> (Vec<Arrival>, Option<Close>) {
    let mut lines = Lines::from_line(bytes, line);
    let mut arrivals = Vec::with_capacity(bytes.len() / SHORT);
    let mut close = None;
    loop {
        match lines.read() {
            Ok(Read::Line(number, bytes)) => arrivals.push(Arrival::read(number, bytes)),
            Ok(Read::TooLong(number)) => arrivals.push(Arrival::too_long(number)),
            Ok(Read::Cut(number)) => {
                arrivals.push(Arrival::cut(number));
                close = Some(Close::Cut);
            }
            // Reading from memory does not fail.
            Ok(Read::End) | Err(_) => break,
        }
    }
    (arrivals, close)
}

/// Cuts a file into blocks that end with a line.
struct Cutter {
    file: File,
    path: Arc<PathBuf>,
    /// What was read behind the last whole line.
    rest: Vec<u8>,
    offset: u64,
    line: u64,
    ended: bool,
}

impl Cutter {
    fn new(file: File, path: Arc<PathBuf>) -> Cutter {
        Cutter { file, path, rest: Vec::new(), offset: 0, line: 1, ended: false }
    }

    /// The next block.
    fn next(&mut self) -> io::Result<Piece> {
        let mut bytes = std::mem::take(&mut self.rest);
        let end = loop {
            if self.ended {
                break bytes.len();
            }
            let before = bytes.len();
            let read = (&mut self.file).take(BLOCK as u64).read_to_end(&mut bytes)?;
            self.ended = read < BLOCK;
            match bytes[before..].iter().rposition(|byte| *byte == b'\n') {
                Some(at) => break before + at + 1,
                None if bytes.len() > LONGEST_LINE => return Ok(Piece::EndlessLine),
                None => {}
            }
        };
        self.rest = bytes.split_off(end);
        if bytes.is_empty() {
            return Ok(Piece::End);
        }
        let place = Place {
            file: Arc::clone(&self.path),
            offset: self.offset,
            bytes: bytes.len() as u64,
            line: self.line,
        };
        self.offset += place.bytes;
        self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        Ok(Piece::Block(bytes, place))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test without its files has failed")]
    use super::*;
    use crate::model::Model;
    use crate::model::session::Origin;
    use crate::testing::{Session, shop};
    use crate::update::update;

    fn read(bytes: &[u8]) -> Model {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        std::fs::write(&path, bytes).unwrap();
        let (feed, messages) = Feed::new();
        let mut model = Model::default();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let stream = feed.next_stream();
                let origin = Origin::File("x.jsonl".into());
                feed.send(Msg::Stream(stream, StreamMsg::Opened(origin, None))).unwrap();
                pump(stream, File::open(&path).unwrap(), Arc::new(path), &feed).unwrap();
            });
            for msg in &messages {
                update(&mut model, msg);
            }
        });
        model
    }

    fn face(bytes: &[u8]) -> String {
        let mut model = Model::default();
        let origin = Origin::File("x.jsonl".into());
        crate::testing::play_into(&mut model, bytes, origin, Trust::File);
        let straight = crate::report::json::render(&model.world);
        let blocks = read(bytes);
        assert_eq!(blocks.world.position, model.world.position);
        assert_eq!(crate::report::json::render(&blocks.world), straight);
        straight
    }

    #[test]
    fn blocks_say_what_the_whole_says() {
        let mut session = shop();
        for step in 0..6000 {
            session.traffic(10_000 + step, 1 + step % 7, [step, 1, 0], step);
        }
        assert!(session.bytes.len() > 4 * BLOCK);
        face(&session.bytes);
        session.raw(b"rubbish\n\n\n\xff\n").raw(&Session::new(9, "other").bytes);
        let text = face(&[&session.bytes[..], b"{\"kind\":\"cu"].concat());
        assert!(text.contains("the line is cut"), "{text}");
        face(b"");
    }

    #[test]
    fn an_endless_line_is_skipped_and_what_follows_is_read() {
        let mut session = shop();
        session.raw(&vec![b'x'; LONGEST_LINE + 3 * BLOCK]).raw(b"\n");
        session.traffic(11_000, 77, [1, 1, 1], 7);
        let text = face(&session.bytes);
        assert!(text.contains("longer than 16 MiB"), "{text}");
    }
}
