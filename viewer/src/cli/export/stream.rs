//! `mapview export --format lnav FILE…`: the lines of recordings one after the other, as they are read. A recording
//! may be larger than memory.

use super::Verdict;
use crate::cli::complain;
use crate::export::lnav;
use crate::runner::reading::Reading;
use crate::source::file::Recording;
use crate::source::lines::{Lines, Read};
use anyhow::{Context as _, bail};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// How many lines are read between two looks at the clock.
const BETWEEN: u64 = 1024;

/// Gives every line of the recordings that is one, with its time on the wall clock.
///
/// # Errors
///
/// Where a recording cannot be read to its end, the output not be written, or no line is one: then no file is made.
pub(super) fn stream(recordings: Vec<Recording>, output: Option<&Path>) -> anyhow::Result<Verdict> {
    let mut out = Output::new(output);
    let mut reading = Reading::begin();
    let mut unread = 0;
    for recording in recordings {
        let (path, size) = (recording.path().to_owned(), recording.size());
        let (skipped, mut lines) = recording.into_lines();
        unread += skipped;
        let mut began = 0;
        loop {
            let told = out.written;
            let read = lines.read().with_context(|| format!("could not read {}", path.display()))?;
            let line = match read {
                Read::Line(_, line) => lnav::absolute(line, &mut began),
                Read::TooLong(_) | Read::Cut(_) => None,
                Read::End => break,
            };
            match line {
                Some(line) => out.line(&line)?,
                None => unread += 1,
            }
            if told.is_multiple_of(BETWEEN) {
                reading.show(share(&lines, size), told);
            }
            if out.nobody_reads {
                return Ok(Verdict::Nothing);
            }
        }
    }
    drop(reading);
    if unread > 0 {
        complain(&format!("{} could not be read", crate::text::counted(unread, "line")));
    }
    if out.written == 0 {
        bail!("there is no event to export");
    }
    out.end()?;
    Ok(Verdict::Nothing)
}

fn share(lines: &Lines<File>, size: Option<u64>) -> Option<f64> {
    size.filter(|size| *size > 0).map(|size| lines.offset() as f64 / size as f64)
}

/// Where the lines go; a file is made when the first one comes.
struct Output<'a> {
    file: Option<&'a Path>,
    open: Option<BufWriter<Box<dyn Write>>>,
    written: u64,
    /// As `| head` leaves it; that is no error.
    nobody_reads: bool,
}

impl<'a> Output<'a> {
    fn new(output: Option<&'a Path>) -> Output<'a> {
        let file = output.filter(|path| *path != Path::new("-"));
        Output { file, open: None, written: 0, nobody_reads: false }
    }

    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        if self.open.is_none() {
            let out: Box<dyn Write> = match self.file {
                Some(path) => Box::new(File::create(path).with_context(|| self.place())?),
                None => Box::new(io::stdout().lock()),
            };
            self.open = Some(BufWriter::new(out));
        }
        self.written += 1;
        self.through(|out| out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n")))
    }

    fn end(&mut self) -> anyhow::Result<()> {
        self.through(Write::flush)
    }

    fn through(
        &mut self,
        write: impl FnOnce(&mut BufWriter<Box<dyn Write>>) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let Some(out) = &mut self.open else { return Ok(()) };
        match write(out) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.nobody_reads = true,
            result => result.with_context(|| self.place())?,
        }
        Ok(())
    }

    fn place(&self) -> String {
        match self.file {
            Some(path) => format!("could not write {}", path.display()),
            None => "could not write to standard output".to_owned(),
        }
    }
}
