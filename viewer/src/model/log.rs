//! The program's output and what happened to processes, oldest first.

use super::moment::Wall;
use super::panics::PanicId;
use super::program::Output;
use imbl::Vector;

/// Lines kept, and bytes of text in all.
pub const LINES: usize = 5_000;
/// See [`LINES`].
pub const BYTES: usize = 2 << 20;

/// One line, numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u64);

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// The viewer, about something ordinary.
    Viewer,
    /// The viewer, about trouble.
    Trouble,
    /// The program.
    Program(Output),
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its number.
    pub id: LineId,
    /// When it came.
    pub at: Wall,
    /// Who speaks.
    pub voice: Voice,
    /// What was said.
    pub text: String,
    /// The panics that it tells.
    pub panic: Option<PanicId>,
}

/// The log.
#[derive(Clone, Debug, Default)]
pub struct Log {
    lines: Vector<LogLine>,
    bytes: usize,
    next: u64,
}

impl LogLine {
    /// Whether it is a frame of a backtrace as the standard library prints it, or the place under one.
    #[must_use]
    pub fn is_of_a_backtrace(&self) -> bool {
        let text = self.text.trim_start();
        let indent = self.text.len() - text.len();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let is_frame = digits > 0 && text[digits..].starts_with(": ");
        matches!(self.voice, Voice::Program(_))
            && indent >= 2
            && (is_frame || indent >= 6 && text.starts_with("at "))
    }
}

impl Log {
    /// Adds a line; the oldest goes where there is no room.
    pub fn add(&mut self, at: Wall, voice: Voice, text: String) {
        self.push(at, voice, text, None);
    }

    /// Adds the line that tells a panic, with the group that it is in.
    pub fn add_panic(&mut self, at: Wall, text: String, panic: Option<PanicId>) {
        self.push(at, Voice::Trouble, text, panic);
    }

    fn push(&mut self, at: Wall, voice: Voice, text: String, panic: Option<PanicId>) {
        self.next += 1;
        self.bytes += text.len();
        self.lines.push_back(LogLine { id: LineId(self.next), at, voice, text, panic });
        while self.lines.len() > LINES || self.bytes > BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.text.len();
        }
    }

    /// The lines kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.lines.iter()
    }

    /// A line, by its number.
    #[must_use]
    pub fn get(&self, id: LineId) -> Option<&LogLine> {
        let first = self.lines.front()?.id;
        self.lines.get(usize::try_from(id.0.checked_sub(first.0)?).ok()?)
    }

    /// The lines from one on, the lines before it the other way round; both without it.
    pub fn around(
        &self,
        id: LineId,
    ) -> (impl Iterator<Item = &LogLine> + '_, impl Iterator<Item = &LogLine> + '_) {
        let first = self.lines.front().map_or(id.0, |line| line.id.0);
        let index = usize::try_from(id.0.saturating_sub(first)).unwrap_or(usize::MAX).min(self.lines.len());
        (self.lines.iter().skip(index + 1), self.lines.iter().take(index).rev())
    }

    /// Bytes of text kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Lines kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Lines that had to go.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.next - self.lines.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_by_lines_and_by_bytes() {
        let mut log = Log::default();
        for _ in 0..LINES + 10 {
            log.add(Wall::default(), Voice::Viewer, "x".into());
        }
        assert_eq!((log.len(), log.dropped()), (LINES, 10));
        for _ in 0..1000 {
            log.add(Wall::default(), Voice::Viewer, "y".repeat(4096));
        }
        assert!(log.bytes <= BYTES && log.len() == BYTES / 4096);
    }
}
