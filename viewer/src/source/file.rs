//! Recordings: the bytes of a socket in a file.

use super::arrival::Arrival;
use super::blocks;
use super::lines::{Lines, Read};
use super::recording::Keep;
use super::{Feed, Gone, Pump, Step, Trust};
use crate::model::session::{Origin, readable_schema};
use crate::msg::{Batch, Close, Msg, StreamMsg};
use mapwatch_event::Nanos;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Lines that are looked at for the first one that can be read: a recording may begin with rubbish, a picture
/// is none.
const LOOK_AT: usize = 64;

/// A file that is a recording.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    lines: Lines<File>,
    skipped: Vec<Arrival>,
    /// Its length, where it can be read again; a pipe cannot.
    size: Option<u64>,
}

/// Why a file could not be opened as a recording.
#[derive(Debug)]
pub struct Error {
    path: PathBuf,
    kind: ErrorKind,
}

/// What was in the way.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system said no.
    Io(std::io::Error),
    /// There is nothing in it.
    Empty,
    /// It is something else; what its first line looks like.
    NotARecording(String),
    /// A newer version wrote it, with this schema.
    TooNew(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = crate::text::clean(&self.path.to_string_lossy()).into_owned();
        match &self.kind {
            ErrorKind::Io(error) => write!(f, "{path}: {error}"),
            ErrorKind::Empty => write!(f, "{path} is empty: the program wrote nothing, or has not begun"),
            ErrorKind::NotARecording(why) => {
                write!(f, "{path} is not a recording of mapwatch: its first line could not be read: {why}")
            }
            ErrorKind::TooNew(why) => write!(f, "{path}: {why}"),
        }
    }
}

impl std::error::Error for Error {}

impl Recording {
    /// Opens a file and looks whether it begins like a recording.
    ///
    /// # Errors
    ///
    /// [`Error`] with a sentence for people.
    pub fn open(path: &Path) -> Result<Recording, Error> {
        let failed = |kind| Error { path: path.to_owned(), kind };
        let file = File::open(path).map_err(|error| failed(ErrorKind::Io(error)))?;
        let about = file.metadata().ok().filter(std::fs::Metadata::is_file);
        let mut recording = Recording {
            path: path.to_owned(),
            lines: Lines::new(file),
            skipped: Vec::new(),
            size: about.map(|about| about.len()),
        };
        recording.find_the_beginning().map_err(failed)?;
        Ok(recording)
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length in bytes; a pipe has none.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Its lines, and how many at its beginning are none.
    #[must_use]
    pub fn into_lines(self) -> (usize, Lines<File>) {
        (self.skipped.len(), self.lines)
    }

    fn find_the_beginning(&mut self) -> Result<(), ErrorKind> {
        for _ in 0..LOOK_AT {
            let arrival = match self.lines.read().map_err(ErrorKind::Io)? {
                Read::Line(number, bytes) => Arrival::read(number, bytes),
                Read::TooLong(number) => Arrival::too_long(number),
                Read::Cut(number) => Arrival::cut(number),
                Read::End => break,
            };
            match arrival {
                Arrival::Header(header) => {
                    readable_schema(&header.schema).map_err(ErrorKind::TooNew)?;
                    self.lines.put_back();
                    return Ok(());
                }
                Arrival::Event { .. } | Arrival::Program { .. } => {
                    self.lines.put_back();
                    return Ok(());
                }
                Arrival::Unknown { .. } | Arrival::Unread { .. } => self.skipped.push(arrival),
            }
        }
        Err(match self.skipped.first() {
            None => ErrorKind::Empty,
            Some(Arrival::Unread { reason, .. }) => ErrorKind::NotARecording(reason.clone()),
            Some(_) => ErrorKind::NotARecording("it has no header".to_owned()),
        })
    }

    /// Plays a long one, decoded by several threads.
    fn play_in_blocks(self, feed: &Feed) -> Result<(), Gone> {
        let stream = feed.next_stream();
        let name = crate::text::clean(&self.path.to_string_lossy()).into_owned();
        feed.send(Msg::Stream(stream, StreamMsg::Opened(Origin::File(name), self.size)))?;
        // What was looked at is read again: a file begins at its beginning.
        match File::open(&self.path) {
            Ok(file) => blocks::pump(stream, file, Arc::new(self.path), feed),
            Err(error) => {
                let close = Close::Failed(error.to_string());
                feed.send(Msg::Stream(stream, StreamMsg::Closed(close)))
            }
        }
    }

    /// Tells that it is there, and what was skipped at its beginning.
    fn begin(self, feed: &Feed) -> Result<Pump<File>, Gone> {
        let stream = feed.next_stream();
        let name = crate::text::clean(&self.path.to_string_lossy()).into_owned();
        let mut keep = match self.size {
            Some(_) => Keep::InFile(Arc::new(self.path)),
            None => Keep::Nowhere,
        };
        feed.send(Msg::Stream(stream, StreamMsg::Opened(Origin::File(name), self.size)))?;
        if !self.skipped.is_empty() {
            // Nothing is written to a file that is read.
            let place = keep.place((0, 1), self.lines.offset()).unwrap_or_default();
            let skipped = Batch { arrivals: self.skipped, place };
            feed.send(Msg::Stream(stream, StreamMsg::Arrived(skipped)))?;
        }
        Ok(Pump::new(stream, self.lines, Trust::File, keep))
    }
}

/// How far one of several recordings may be ahead of the others in a batch.
const AHEAD: Nanos = Nanos(100_000_000);

/// Plays several recordings side by side, in the order of the wall clock, on a thread of their own; then says that
/// all have ended.
///
/// # Errors
///
/// Where no thread could be started.
pub fn play_all(recordings: Vec<Recording>, feed: Feed) -> std::io::Result<()> {
    std::thread::Builder::new().name("mapview-file".to_owned()).spawn(move || {
        // A viewer that is gone needs no error: the thread ends, that is all.
        let _ = play(recordings, &feed).and_then(|()| feed.send(Msg::SourcesEnded));
    })?;
    Ok(())
}

fn play(recordings: Vec<Recording>, feed: &Feed) -> Result<(), Gone> {
    if let [only] = &recordings[..]
        && only.size.is_some_and(|size| size >= blocks::LONG)
    {
        return recordings.into_iter().try_for_each(|only| only.play_in_blocks(feed));
    }
    let mut pumps = recordings
        .into_iter()
        .map(|recording| recording.begin(feed))
        .collect::<Result<Vec<Pump<File>>, Gone>>()?;
    let ahead = (pumps.len() > 1).then_some(AHEAD);
    loop {
        let behind = pumps.iter().enumerate().min_by_key(|(_, pump)| pump.reached);
        let Some((index, _)) = behind else { return Ok(()) };
        if pumps[index].step(feed, ahead)? == Step::Over {
            pumps.remove(index);
        }
    }
}
