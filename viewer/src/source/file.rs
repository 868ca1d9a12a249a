//! Recordings: the bytes of a socket in a file.

use super::arrival::Arrival;
use super::lines::{Lines, Read};
use super::{Feed, Trust, pump};
use crate::model::session::{Origin, readable_schema};
use crate::msg::{Msg, StreamMsg};
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Lines that are looked at for the first one that can be read: a recording may begin with rubbish, a picture
/// is none.
const LOOK_AT: usize = 64;

/// A file that is a recording.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    lines: Lines<File>,
    skipped: Vec<Arrival>,
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
        let mut recording = Recording { path: path.to_owned(), lines: Lines::new(file), skipped: Vec::new() };
        recording.find_the_beginning().map_err(failed)?;
        Ok(recording)
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
                Arrival::Event { .. } => {
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

    /// Reads it to its end; returns when it is read.
    pub fn play(mut self, feed: &Feed) {
        let stream = feed.next_stream();
        let name = crate::text::clean(&self.path.to_string_lossy()).into_owned();
        let opened = feed.send(Msg::Stream(stream, StreamMsg::Opened(Origin::File(name))));
        let skipped = StreamMsg::Arrived(std::mem::take(&mut self.skipped));
        // A viewer that is gone needs no error: the thread ends, that is all.
        let _ = opened
            .and_then(|()| feed.send(Msg::Stream(stream, skipped)))
            .and_then(|()| pump(stream, &mut self.lines, Trust::File, feed));
    }
}

/// Plays several recordings one after another on a thread of their own, then says that all have ended.
///
/// # Errors
///
/// Where no thread could be started.
pub fn play_all(recordings: Vec<Recording>, feed: Feed) -> std::io::Result<()> {
    std::thread::Builder::new().name("mapview-file".to_owned()).spawn(move || {
        for recording in recordings {
            recording.play(&feed);
        }
        let _ = feed.send(Msg::SourcesEnded);
    })?;
    Ok(())
}
