//! Unix: see the parent.

use super::Group;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, getuid, kill_process, kill_process_group, test_kill_process};
use std::fs::Metadata;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

/// A connection to a watched process.
pub type Peer = UnixStream;

/// Connects to a socket in the file system.
///
/// # Errors
///
/// Those of the operating system; `ConnectionRefused` where nobody listens.
pub fn connect(path: &Path) -> io::Result<Peer> {
    UnixStream::connect(path)
}

/// Listens on a socket in the file system; one that is left over from an ended process is replaced.
///
/// # Errors
///
/// Those of the operating system.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    UnixListener::bind(path)
}

/// Lets reading fail after a while.
///
/// # Errors
///
/// Those of the operating system.
pub fn set_read_timeout(peer: &Peer, timeout: Duration) -> io::Result<()> {
    peer.set_read_timeout(Some(timeout))
}

/// The number of the user.
#[must_use]
pub fn user_id() -> u32 {
    getuid().as_raw()
}

/// Whether a process of this number is there.
#[must_use]
pub fn is_alive(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    // Somebody else's process is there, too.
    !matches!(test_kill_process(pid), Err(Errno::SRCH))
}

/// Makes a directory that only the user can enter, or makes sure that it is one.
///
/// # Errors
///
/// Where it belongs to somebody else, is no directory, or cannot be made.
pub fn make_private_directory(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // The link itself is looked at: one that somebody put there must not lead elsewhere.
    let found = std::fs::symlink_metadata(path)?;
    if !found.is_dir() || found.uid() != user_id() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to somebody else"));
    }
    if found.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Puts the command into a process group of its own.
pub fn own_group(command: &mut Command) -> Group {
    command.process_group(0);
    Group::Own
}

/// The viewer's standard error as a child's standard output.
///
/// # Errors
///
/// Where the descriptor cannot be duplicated.
pub fn standard_error() -> io::Result<Stdio> {
    Ok(io::stderr().as_fd().try_clone_to_owned()?.into())
}

/// Whether two files are two, by device and number.
#[must_use]
pub fn is_another_file(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) != (other.dev(), other.ino())
}

/// The signal that ended a process.
#[must_use]
pub fn signal_of(status: ExitStatus) -> Option<i32> {
    status.signal()
}

/// The name of a signal, `SIGKILL`.
#[must_use]
pub fn signal_name(signal: i32) -> String {
    signal_hook::low_level::signal_name(signal).map_or_else(|| format!("signal {signal}"), str::to_owned)
}

/// The means to end a child from another thread.
#[derive(Clone, Copy, Debug)]
pub struct Leash {
    pid: u32,
    group: Group,
}

impl Leash {
    /// For a child and, where it has one, its group.
    #[must_use]
    pub fn new(pid: u32, group: Group) -> Leash {
        Leash { pid, group }
    }

    /// Asks it to end.
    pub fn terminate(self) {
        self.send(Signal::TERM);
    }

    /// Ends it.
    pub fn kill(self) {
        self.send(Signal::KILL);
    }

    /// A process that has ended already is as one wished it to be.
    fn send(self, signal: Signal) {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else { return };
        let _ = match self.group {
            Group::Own => kill_process_group(pid, signal),
            Group::Shared => kill_process(pid, signal),
        };
    }
}

/// Calls back for each signal that asks the viewer to end (SIGTERM, SIGINT, SIGHUP), and for SIGTSTP.
///
/// # Errors
///
/// Where the handlers cannot be installed.
pub fn on_signals(mut told: impl FnMut(Asked) + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP, SIGTSTP])?;
    std::thread::Builder::new().name("mapview-signals".to_owned()).spawn(move || {
        for signal in &mut signals {
            told(if signal == SIGTSTP { Asked::Suspend } else { Asked::End(signal) });
        }
    })?;
    Ok(())
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To end, by this signal.
    End(i32),
    /// To stop until somebody says `fg`.
    Suspend,
}

/// Stops the viewer until somebody continues it.
///
/// # Errors
///
/// Those of the operating system.
pub fn suspend() -> io::Result<()> {
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
}
