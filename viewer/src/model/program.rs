//! The program that the viewer started.

/// Which of its two outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With an exit code.
    Code(i32),
    /// By a signal: number and name.
    Signal(i32, String),
    /// The operating system does not say.
    Unknown,
}

impl Ending {
    /// For a sentence after the program's name.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Ending::Code(code) => format!("ended with exit code {code}"),
            Ending::Signal(_, name) => format!("was ended by {name}"),
            Ending::Unknown => "ended".to_owned(),
        }
    }

    /// The exit code that a shell would show.
    #[must_use]
    pub fn shell_code(&self) -> u8 {
        match self {
            Ending::Code(code) => (*code & 0xff) as u8,
            Ending::Signal(signal, _) => (128 + (*signal & 0x7f)) as u8,
            Ending::Unknown => 2,
        }
    }
}

/// The program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its process id.
    pub pid: u32,
    /// Its command line.
    pub command: String,
    /// How it ended; `None` while it runs.
    pub ending: Option<Ending>,
}

impl Program {
    /// The executable without its folders.
    #[must_use]
    pub fn name(&self) -> &str {
        let first = self.command.split(' ').next().unwrap_or_default();
        first.rsplit('/').next().unwrap_or(first)
    }
}
