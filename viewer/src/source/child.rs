//! The program that `run` and `demo` start.
//!
//! With screens, its output is read line by line for the Log screen and its input is closed; in report mode it
//! keeps the terminal, and only its standard output is led to standard error where the report goes to standard
//! output (so that `--json` stays one object).

use super::Feed;
use super::arrival::Arrival;
use super::output;
use super::recording::Keep;
use crate::model::program::{Ending, Output};
use crate::model::session::Origin;
use crate::msg::{Batch, Msg, ProgramMsg, StreamId, StreamMsg};
use crate::os;
use crate::text::output_line;
use crossbeam_channel::{Receiver, Sender};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The longest line of output that is kept whole.
const LONGEST_OUTPUT: usize = 16 << 10;
/// How long the last lines of an ended child are waited for: a grandchild may keep the pipe open.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Where the child's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// Into the viewer's log.
    Captured,
    /// Where the viewer's own go.
    Inherited,
    /// Both to the viewer's standard error.
    ToStandardError,
}

/// A program to start.
#[derive(Clone, Debug)]
pub struct Program {
    /// What to run.
    pub executable: OsString,
    /// With which arguments.
    pub arguments: Vec<OsString>,
    /// Where its output goes.
    pub streams: Streams,
    /// Variables that it gets beside the viewer's own, or that it must not get.
    pub environment: Vec<(&'static str, Option<OsString>)>,
}

/// A started program.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// Disconnected when all its output has been read.
    reading: Receiver<()>,
    voice: Arc<Voice>,
    group: os::Group,
}

/// Tells of the program, and records what it tells.
#[derive(Debug)]
struct Voice {
    feed: Feed,
    stream: StreamId,
    keep: Mutex<Keep>,
}

impl Voice {
    fn new(feed: &Feed) -> Voice {
        let stream = feed.next_stream();
        let keep = Mutex::new(feed.keep("program"));
        let _ = feed.send(Msg::Stream(stream, StreamMsg::Opened(Origin::Program, None)));
        Voice { feed: feed.clone(), stream, keep }
    }

    /// Tells it; false where nobody listens any more.
    fn say(&self, messages: Vec<ProgramMsg>) -> bool {
        let at = super::wall();
        let mut line = Vec::new();
        let mut keep = self.keep.lock().unwrap_or_else(PoisonError::into_inner);
        let mut arrivals = Vec::with_capacity(messages.len());
        for msg in messages {
            line.clear();
            output::encode(at, &msg, &mut line);
            keep.take(&line, false);
            arrivals.push(Arrival::Program { at, msg });
        }
        let place = keep.place((0, 1), 0).unwrap_or_else(|full| {
            let _ = self.feed.send(Msg::Warned(full.to_string()));
            None
        });
        // Told under the lock: what is told and what is recorded have one order.
        self.feed.send(Msg::Stream(self.stream, StreamMsg::Arrived(Batch { arrivals, place }))).is_ok()
    }
}

impl Program {
    /// The command line, for people.
    #[must_use]
    pub fn words(&self) -> String {
        let words: Vec<String> = std::iter::once(&self.executable)
            .chain(&self.arguments)
            .map(|word| crate::text::clean(&word.to_string_lossy()).into_owned())
            .collect();
        words.join(" ")
    }

    /// Starts it, with the viewer's socket in its environment.
    ///
    /// # Errors
    ///
    /// Where the operating system cannot start it.
    pub fn start(&self, connect: &Path, feed: &Feed) -> io::Result<Running> {
        let mut command = Command::new(&self.executable);
        command.args(&self.arguments).env("MAPWATCH_CONNECT", connect);
        if std::env::var_os("MAPWATCH").is_none() {
            command.env("MAPWATCH", "panic");
        }
        for (name, value) in &self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let group = match self.streams {
            Streams::Captured => {
                command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
                os::own_group(&mut command)
            }
            Streams::Inherited => os::Group::Shared,
            Streams::ToStandardError => {
                command.stdout(os::standard_error()?);
                os::Group::Shared
            }
        };
        let mut child = command.spawn()?;
        let started = ProgramMsg::Started { pid: child.id(), command: self.words() };
        let voice = Arc::new(Voice::new(feed));
        voice.say(vec![started]);
        let (read, reading) = crossbeam_channel::bounded(0);
        if let Some(output) = child.stdout.take() {
            read_output(output, Output::Stdout, Arc::clone(&voice), read.clone())?;
        }
        if let Some(output) = child.stderr.take() {
            read_output(output, Output::Stderr, Arc::clone(&voice), read)?;
        }
        Ok(Running { child, reading, voice, group })
    }
}

impl Running {
    /// The means to end it from another thread.
    #[must_use]
    pub fn leash(&self) -> os::Leash {
        os::Leash::new(self.child.id(), self.group)
    }

    /// Waits for its end and says it.
    ///
    /// # Errors
    ///
    /// Where the operating system cannot tell.
    pub fn wait(mut self) -> io::Result<Ending> {
        let status = self.child.wait()?;
        let ending = ending(status);
        let _ = self.reading.recv_timeout(LAST_LINES);
        self.voice.say(vec![ProgramMsg::Ended(ending.clone())]);
        Ok(ending)
    }
}

/// The status in the model's words.
#[must_use]
pub fn ending(status: ExitStatus) -> Ending {
    match (status.code(), os::signal_of(status)) {
        (Some(code), _) => Ending::Code(code),
        (None, Some(signal)) => Ending::Signal(signal, os::signal_name(signal)),
        (None, None) => Ending::Unknown,
    }
}

fn read_output(
    output: impl io::Read + Send + 'static,
    which: Output,
    voice: Arc<Voice>,
    read: Sender<()>,
) -> io::Result<()> {
    std::thread::Builder::new().name("mapview-output".to_owned()).spawn(move || {
        let _read = read;
        let mut lines = OutputLines::new(output);
        while let Some(batch) = lines.next_batch() {
            if !voice.say(batch.into_iter().map(|line| ProgramMsg::Output(which, line)).collect()) {
                break;
            }
        }
    })?;
    Ok(())
}

/// Lines of output in batches of what is there.
struct OutputLines<R> {
    reader: io::BufReader<R>,
}

impl<R: io::Read> OutputLines<R> {
    fn new(output: R) -> OutputLines<R> {
        OutputLines { reader: io::BufReader::new(output) }
    }

    fn next_batch(&mut self) -> Option<Vec<String>> {
        use io::{BufRead as _, Read as _};
        let mut batch = Vec::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            let count = (&mut self.reader).take(LONGEST_OUTPUT as u64).read_until(b'\n', &mut line);
            if !count.is_ok_and(|count| count > 0) {
                break;
            }
            batch.push(output_line(&line));
            if self.reader.buffer().is_empty() || batch.len() >= 256 {
                break;
            }
        }
        (!batch.is_empty()).then_some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_comes_in_lines_even_without_newlines() {
        let mut lines = OutputLines::new(&b"one\ntwo\x1b[1m\nthree"[..]);
        assert_eq!(lines.next_batch(), Some(vec!["one".into(), "two".into(), "three".into()]));
        assert_eq!(lines.next_batch(), None);
        let endless = vec![b'x'; 3 * LONGEST_OUTPUT];
        let mut lines = OutputLines::new(&endless[..]);
        assert!(lines.next_batch().is_some_and(|batch| batch[0].len() <= LONGEST_OUTPUT));
    }
}
