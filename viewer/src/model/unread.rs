//! Lines that could not be read: counted, the first of them with place and reason.

/// Lines kept with their reason.
pub const KEPT: usize = 100;

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub lines: Vec<UnreadLine>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadLine {
    /// File or connection.
    pub place: String,
    /// Line, from 1; 0 where it is not one line.
    pub line: u64,
    /// Why.
    pub reason: String,
}

impl Unread {
    /// Counts one.
    pub fn add(&mut self, place: String, line: u64, reason: String) {
        self.count += 1;
        if self.lines.len() < KEPT {
            self.lines.push(UnreadLine { place, line, reason });
        }
    }
}

/// `run.jsonl:17: the line is cut`.
impl std::fmt::Display for UnreadLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.place, self.reason),
            line => write!(f, "{}:{line}: {}", self.place, self.reason),
        }
    }
}
