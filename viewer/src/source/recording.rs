//! The recording that is written while the viewer looks: one folder per run, in it one file per process with
//! the very bytes that the process sent, and one with the program's output.
//!
//! A run is bounded: beyond a size samples are left out, and beyond a second one everything. Both are said.

use super::lines::LONGEST_LINE;
use crate::model::tape::Place;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of one run that are recorded whole.
const WHOLE: u64 = 256 << 20;
/// Bytes up to which facts are recorded.
const FACTS: u64 = 384 << 20;

/// A run that is being recorded; cheap to clone.
#[derive(Clone, Debug)]
pub struct Run {
    folder: Arc<PathBuf>,
    files: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
}

impl Run {
    /// Records into a folder that is there.
    #[must_use]
    pub fn into_folder(folder: &Path) -> Run {
        Run { folder: Arc::new(folder.to_owned()), files: Arc::default(), bytes: Arc::default() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file for the next stream; it is made when there is something to put into it.
    #[must_use]
    pub fn stream(&self, name: &'static str) -> StreamFile {
        StreamFile {
            name,
            file: None,
            path: Arc::default(),
            offset: 0,
            line: 1,
            waiting: Vec::new(),
            waiting_lines: 0,
            gap: false,
            told: None,
            run: self.clone(),
        }
    }
}

/// Where a stream is recorded.
#[derive(Debug)]
pub enum Keep {
    /// It is a recording.
    InFile(Arc<PathBuf>),
    /// It is being recorded.
    Recorded(StreamFile),
    /// It is not.
    Nowhere,
}

impl Keep {
    /// Takes the bytes of a line. A line without an end (one that was cut, or is too long) is kept as a line of
    /// its own, so that lines keep their numbers.
    pub fn take(&mut self, line: &[u8], sample: bool) {
        if let Keep::Recorded(file) = self {
            file.take(line, sample);
        }
    }

    /// Where the lines taken since the last call are: in a file, those from `begin` (offset and number of the
    /// first line) to `end`.
    ///
    /// # Errors
    ///
    /// Once for each limit, where the recording ends.
    pub fn place(&mut self, begin: (u64, u64), end: u64) -> Result<Option<Place>, Full> {
        let (offset, line) = begin;
        match self {
            Keep::InFile(file) => {
                Ok(Some(Place { file: Arc::clone(file), offset, bytes: end - offset, line }))
            }
            Keep::Recorded(file) => file.write(),
            Keep::Nowhere => Ok(None),
        }
    }
}

/// Why a recording is no longer whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Full {
    /// Samples are left out.
    OfSamples,
    /// Everything is left out.
    OfAll,
    /// The disk is full, or worse.
    Failed(String),
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Full::OfSamples => {
                write!(
                    f,
                    "this run's recording has reached {} MiB: from here on without samples",
                    WHOLE >> 20
                )
            }
            Full::OfAll => write!(f, "this run's recording has reached {} MiB and ends here", FACTS >> 20),
            Full::Failed(why) => write!(f, "this run's recording ends here: {why}"),
        }
    }
}

/// One file of a run.
#[derive(Debug)]
pub struct StreamFile {
    name: &'static str,
    file: Option<File>,
    path: Arc<PathBuf>,
    offset: u64,
    line: u64,
    waiting: Vec<u8>,
    waiting_lines: u64,
    /// Lines were left out: what follows can no longer be found by its number.
    gap: bool,
    told: Option<Full>,
    run: Run,
}

impl StreamFile {
    fn take(&mut self, line: &[u8], sample: bool) {
        let all = self.run.bytes.load(Ordering::Relaxed);
        let full = match all {
            FACTS.. => Some(Full::OfAll),
            WHOLE.. if sample => Some(Full::OfSamples),
            _ => None,
        };
        let dead = matches!(self.told, Some(Full::Failed(_)));
        if full.is_some() || dead {
            self.gap = true;
            return;
        }
        if line.last() == Some(&b'\n') {
            self.waiting.extend_from_slice(line);
        } else {
            // Of an endless line the beginning is enough to be counted as what could not be read.
            let kept = if line.len() > LONGEST_LINE { 256 } else { line.len() };
            self.waiting.extend_from_slice(&line[..kept]);
            self.waiting.push(b'\n');
        }
        self.waiting_lines += 1;
    }

    fn write(&mut self) -> Result<Option<Place>, Full> {
        let bytes = self.waiting.len() as u64;
        let written = self.append();
        self.waiting.clear();
        self.run.bytes.fetch_add(bytes, Ordering::Relaxed);
        let place = Place { file: Arc::clone(&self.path), offset: self.offset, bytes, line: self.line };
        self.offset += bytes;
        self.line += std::mem::take(&mut self.waiting_lines);
        if let Err(error) = written {
            self.gap = true;
            return self.tell(Full::Failed(error.to_string()));
        }
        if self.gap {
            let all = self.run.bytes.load(Ordering::Relaxed);
            return self.tell(if all >= FACTS { Full::OfAll } else { Full::OfSamples });
        }
        Ok(Some(place))
    }

    fn append(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let number = self.run.files.fetch_add(1, Ordering::Relaxed) + 1;
                let path = self.run.folder.join(format!("{number:04}-{}.jsonl", self.name));
                let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
                self.path = Arc::new(path);
                self.file.insert(file)
            }
        };
        file.write_all(&self.waiting)
    }

    fn tell(&mut self, full: Full) -> Result<Option<Place>, Full> {
        if self.told.as_ref() == Some(&full) || matches!(self.told, Some(Full::Failed(_))) {
            return Ok(None);
        }
        self.told = Some(full.clone());
        Err(full)
    }
}
