//! Elsewhere: recordings can be opened; the rest says that it cannot be done. See the parent.

use super::Group;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

fn unsupported<T>() -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "mapview needs Unix sockets for this"))
}

/// A connection to a watched process: there is none here.
pub type Peer = io::Empty;

/// Always fails.
///
/// # Errors
///
/// `Unsupported`.
pub fn connect(_path: &Path) -> io::Result<Peer> {
    unsupported()
}

/// Always fails.
///
/// # Errors
///
/// `Unsupported`.
pub fn set_read_timeout(_peer: &Peer, _timeout: Duration) -> io::Result<()> {
    unsupported()
}

/// Zero: users have no numbers here.
#[must_use]
pub fn user_id() -> u32 {
    0
}

/// Not known here: nobody is taken for alive.
#[must_use]
pub fn is_alive(_pid: u32) -> bool {
    false
}

/// Makes the directory; the user's temporary folder is private already.
///
/// # Errors
///
/// Those of the operating system.
pub fn make_private_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Leaves the command in the viewer's group.
pub fn own_group(_command: &mut Command) -> Group {
    Group::Shared
}

/// Standard output as it is.
///
/// # Errors
///
/// None.
pub fn standard_error() -> io::Result<Stdio> {
    Ok(Stdio::inherit())
}

/// Not known here: a file that was replaced is noticed when it is shorter.
#[must_use]
pub fn is_another_file(_one: &std::fs::Metadata, _other: &std::fs::Metadata) -> bool {
    false
}

/// None: processes are not ended by signals here.
#[must_use]
pub fn signal_of(_status: ExitStatus) -> Option<i32> {
    None
}

/// The number.
#[must_use]
pub fn signal_name(signal: i32) -> String {
    format!("signal {signal}")
}

/// The means to end a child: none here.
#[derive(Clone, Copy, Debug)]
pub struct Leash;

impl Leash {
    /// For nothing.
    #[must_use]
    pub fn new(_pid: u32, _group: Group) -> Leash {
        Leash
    }

    /// Does nothing.
    pub fn terminate(self) {}

    /// Does nothing.
    pub fn kill(self) {}
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To end, by this signal.
    End(i32),
    /// To stop until somebody says `fg`.
    Suspend,
}

/// Installs nothing.
///
/// # Errors
///
/// None.
pub fn on_signals(_told: impl FnMut(Asked) + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Always fails.
///
/// # Errors
///
/// `Unsupported`.
pub fn suspend() -> io::Result<()> {
    unsupported()
}
