//! Lines of a stream, with their numbers, never longer than a cap.

use std::io::{self, BufRead, BufReader, Read as _};

/// The longest line that is read, in bytes; a conflict with two full backtraces is far below.
pub const LONGEST_LINE: usize = 16 << 20;

/// A reader of lines.
#[derive(Debug)]
pub struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    number: u64,
    longest: usize,
    /// A line that was read to look at it, and is still to be given out.
    put_back: bool,
    /// Bytes before the line that was read last, and behind it.
    before: u64,
    behind: u64,
}

/// What reading gave; the number counts lines from 1.
#[derive(Debug, PartialEq, Eq)]
pub enum Read<'a> {
    /// A whole line, its newline included.
    Line(u64, &'a [u8]),
    /// A line beyond the cap; its rest was skipped.
    TooLong(u64),
    /// The stream ended in the middle of this line.
    Cut(u64),
    /// The stream ended after a whole line.
    End,
}

impl<R: io::Read> Lines<R> {
    /// Lines of at most [`LONGEST_LINE`] bytes.
    pub fn new(reader: R) -> Lines<R> {
        Lines::with_longest(reader, LONGEST_LINE)
    }

    /// Lines of at most `longest` bytes.
    pub fn with_longest(reader: R, longest: usize) -> Lines<R> {
        let reader = BufReader::with_capacity(64 << 10, reader);
        Lines { reader, line: Vec::new(), number: 0, longest, put_back: false, before: 0, behind: 0 }
    }

    /// Lines of a part of a file: the first has this number.
    pub fn from_line(reader: R, number: u64) -> Lines<R> {
        Lines { number: number.saturating_sub(1), ..Lines::new(reader) }
    }

    /// Lines of a file from here on: so many bytes, and the lines before this one, have been read.
    pub fn resume(reader: R, offset: u64, number: u64) -> Lines<R> {
        Lines { before: offset, behind: offset, ..Lines::from_line(reader, number) }
    }

    /// How many bytes lie before what is read next.
    pub fn offset(&self) -> u64 {
        if self.put_back { self.before } else { self.behind }
    }

    /// The number of the line that was given out last; 0 before the first.
    pub fn number(&self) -> u64 {
        self.number - u64::from(self.put_back)
    }

    /// The bytes of the line that was read last, as far as they were kept.
    pub fn raw(&self) -> &[u8] {
        &self.line
    }

    /// The next line that is not blank.
    ///
    /// # Errors
    ///
    /// Those of the reader; an interruption is none.
    pub fn read(&mut self) -> io::Result<Read<'_>> {
        if std::mem::take(&mut self.put_back) {
            return Ok(Read::Line(self.number, &self.line));
        }
        loop {
            self.line.clear();
            self.line.shrink_to(1 << 20);
            let limit = self.longest as u64 + 1;
            let count = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.line)?;
            if count == 0 {
                return Ok(Read::End);
            }
            self.before = self.behind;
            self.behind += count as u64;
            self.number += 1;
            if self.line.last() == Some(&b'\n') {
                if self.line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return Ok(Read::Line(self.number, &self.line));
            }
            if count as u64 == limit {
                self.behind += self.reader.skip_until(b'\n')? as u64;
                return Ok(Read::TooLong(self.number));
            }
            return Ok(self.last_line());
        }
    }

    /// The bytes after the last newline: a whole line whose newline was not written yet, or a part of one.
    fn last_line(&self) -> Read<'_> {
        match mapwatch_event::wire::decode_line(&self.line) {
            Ok(_) => Read::Line(self.number, &self.line),
            Err(_) => Read::Cut(self.number),
        }
    }

    /// Gives the line that was read last once more.
    pub fn put_back(&mut self) {
        self.put_back = true;
    }

    /// Whether the next [`Lines::read`] may have to wait for the stream.
    pub fn would_wait(&self) -> bool {
        !self.put_back && self.reader.buffer().is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read has failed")]
    use super::*;

    #[test]
    fn blank_lines_are_skipped_and_counted() {
        let mut lines = Lines::new(&b"a\n\n  \nb\n"[..]);
        assert_eq!(lines.read().unwrap(), Read::Line(1, b"a\n"));
        assert_eq!(lines.read().unwrap(), Read::Line(4, b"b\n"));
        assert_eq!(lines.read().unwrap(), Read::End);
    }

    #[test]
    fn an_endless_line_is_skipped_not_kept() {
        let mut bytes = vec![b'x'; 5000];
        bytes.extend(b"\nok\n");
        let mut lines = Lines::with_longest(&bytes[..], 100);
        assert_eq!(lines.read().unwrap(), Read::TooLong(1));
        assert_eq!(lines.read().unwrap(), Read::Line(2, b"ok\n"));
        assert!(lines.line.capacity() < 5000);
    }

    #[test]
    fn a_cut_line_is_told_from_a_missing_newline() {
        let mut lines = Lines::new(&b"{\"kind\":\"sit"[..]);
        assert_eq!(lines.read().unwrap(), Read::Cut(1));
        let whole = br#"{"seq":1,"t":2,"kind":"map-gone","data":{"id":1}}"#;
        assert_eq!(Lines::new(&whole[..]).read().unwrap(), Read::Line(1, whole));
    }

    #[test]
    fn what_was_looked_at_is_read_again() {
        let mut lines = Lines::new(&b"a\nb\n"[..]);
        lines.read().unwrap();
        lines.put_back();
        assert!(!lines.would_wait());
        assert_eq!(lines.read().unwrap(), Read::Line(1, b"a\n"));
        assert_eq!(lines.read().unwrap(), Read::Line(2, b"b\n"));
    }
}
