//! Who listens: a file, a viewer that started us, viewers that came by.
//!
//! Each listener has a stream of its own, numbered from 1. One that cannot keep up gets fewer samples, which it
//! is told; one that is gone, or lets facts pile up without end, is dropped. None is ever waited for, but for a
//! moment at the very end.

use crate::policy::Config;
use mapwatch_event::event::{Event, Header, Loss};
use mapwatch_event::wire::{encode_event, encode_header};
use mapwatch_event::{Lane, Nanos, Seq};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes that may wait before samples are left out.
const SLOW: usize = 1 << 20;
/// Bytes that may wait before the listener is given up.
const HOPELESS: usize = 64 << 20;

/// One listener.
pub(super) struct Stream {
    out: Box<dyn Write + Send>,
    /// What to call it when it fails; only files are worth a word.
    file: Option<PathBuf>,
    seq: u64,
    backlog: Vec<u8>,
    skipped: u64,
    skipped_total: u64,
    alive: bool,
}

impl Stream {
    pub(super) fn new(out: Box<dyn Write + Send>, file: Option<PathBuf>) -> Stream {
        Stream { out, file, seq: 0, backlog: Vec::new(), skipped: 0, skipped_total: 0, alive: true }
    }

    fn tell(&mut self, at: Nanos, event: &Event) {
        if self.backlog.len() > SLOW {
            // A round may be larger than that: only what the listener does not take now counts as waiting.
            self.flush(at);
            if event.lane() == Lane::Samples && self.backlog.len() > SLOW {
                self.skipped += samples(event);
                return;
            }
        }
        self.alive &= self.backlog.len() < HOPELESS;
        self.seq += 1;
        encode_event(Seq(self.seq), at, event, &mut self.backlog);
    }

    /// Writes what the listener takes now.
    fn flush(&mut self, now: Nanos) {
        if self.skipped > 0 && self.backlog.len() <= SLOW {
            let count = std::mem::take(&mut self.skipped);
            self.skipped_total += count;
            let reason = "this listener was too slow".to_owned();
            let loss = Loss { lane: Lane::Samples, count, total: self.skipped_total, reason };
            self.tell(now, &Event::Loss(loss));
        }
        while self.alive && !self.backlog.is_empty() {
            match self.out.write(&self.backlog) {
                Ok(0) => self.alive = false,
                Ok(written) => drop(self.backlog.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.give_up(&error),
            }
        }
    }

    fn give_up(&mut self, error: &std::io::Error) {
        self.alive = false;
        if let Some(file) = &self.file {
            crate::stderr::say(&format!(
                "mapwatch: could not write {}: {error}; recording to it stops\n",
                file.display()
            ));
        }
    }
}

/// How many samples an event of that lane stands for: its accesses.
fn samples(event: &Event) -> u64 {
    match event {
        Event::Traffic(traffic) => {
            traffic.maps.iter().map(|map| map.reads + map.writes + map.iterations).sum()
        }
        _ => 1,
    }
}

/// Everybody who listens.
pub(super) struct Sinks {
    header: Header,
    streams: Vec<Stream>,
    #[cfg(unix)]
    door: Option<super::socket::Door>,
}

impl Sinks {
    /// Opens what the configuration asks for; what cannot be opened is told on standard error and left out.
    pub(super) fn open(config: &Config, header: Header) -> Sinks {
        let mut sinks = Sinks {
            header,
            streams: Vec::new(),
            #[cfg(unix)]
            door: super::socket::Door::open(),
        };
        if let Some(path) = &config.output {
            match open_file(path) {
                Ok((file, path)) => sinks.welcome(Stream::new(Box::new(file), Some(path)), &[]),
                Err(error) => {
                    let why = if is_pipe_without_reader(&error) {
                        "it is a pipe that nobody reads".to_owned()
                    } else {
                        error.to_string()
                    };
                    crate::stderr::say(&format!(
                        "mapwatch: could not open {}: {why}; nothing is recorded to it\n",
                        path.display()
                    ));
                }
            }
        }
        #[cfg(unix)]
        if let Some(viewer) = config.connect.as_deref().and_then(super::socket::connect) {
            sinks.welcome(viewer, &[]);
        }
        sinks
    }

    /// Those who came since the last call.
    pub(super) fn accept(&self) -> Vec<Stream> {
        #[cfg(unix)]
        return self.door.as_ref().map(super::socket::Door::accept).unwrap_or_default();
        #[cfg(not(unix))]
        Vec::new()
    }

    /// Tells a newcomer the header and what it missed.
    pub(super) fn welcome(&mut self, mut stream: Stream, missed: &[(Nanos, Event)]) {
        encode_header(&self.header, &mut stream.backlog);
        for (at, event) in missed {
            stream.tell(*at, event);
        }
        self.streams.push(stream);
    }

    pub(super) fn tell(&mut self, at: Nanos, event: &Event) {
        crate::outlet::show(event);
        for stream in &mut self.streams {
            stream.tell(at, event);
        }
    }

    pub(super) fn flush(&mut self, now: Nanos) {
        for stream in &mut self.streams {
            stream.flush(now);
        }
        self.streams.retain(|stream| stream.alive);
    }

    /// Writes what is left, for `limit` at most, and closes the door.
    pub(super) fn close(&mut self, limit: Duration) {
        let began = Instant::now();
        loop {
            self.flush(crate::clock::now());
            let waiting = self.streams.iter().any(|stream| !stream.backlog.is_empty());
            if !waiting || began.elapsed() > limit {
                break;
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
        self.streams.clear();
        #[cfg(unix)]
        drop(self.door.take());
    }
}

/// For appending, and never waiting: a path may lead to a pipe, which opens when somebody reads and is full when
/// they stop. On an ordinary file the flag means nothing.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options
}

#[cfg(unix)]
fn is_pipe_without_reader(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENXIO)
}

#[cfg(not(unix))]
fn is_pipe_without_reader(_error: &std::io::Error) -> bool {
    false
}

/// Opens a recording for appending. `%p` becomes the process id; a file that another process is writing is left
/// to it, and ours gets the process id before its extension.
fn open_file(path: &Path) -> std::io::Result<(File, PathBuf)> {
    let pid = std::process::id().to_string();
    let mut path = PathBuf::from(path.to_string_lossy().replace("%p", &pid));
    let open = |path: &Path| options().open(path);
    let mut file = open(&path)?;
    if matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock)) {
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        path.set_extension(if extension.is_empty() { pid } else { format!("{pid}.{extension}") });
        file = open(&path)?;
    }
    Ok((file, path))
}
