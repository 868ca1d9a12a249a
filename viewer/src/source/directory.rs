//! Where watched processes listen: `$XDG_RUNTIME_DIR/mapwatch/<pid>.sock`, else
//! `<temporary folder>/mapwatch-<uid>/<pid>.sock`.
//!
//! So `mapview ps` is a directory listing, and nothing collides. A socket is asked for its header to learn the
//! executable and the age; one that nobody listens on is stale, and is said to be.

use super::arrival::Arrival;
use super::lines::{Lines, Read};
use crate::os;
use mapwatch_event::Header;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a process may take to send its header.
const ANSWER: Duration = Duration::from_millis(500);

/// One socket in the directory.
#[derive(Clone, Debug)]
pub struct Found {
    /// The process id in its name.
    pub pid: u32,
    /// The socket.
    pub path: PathBuf,
    /// What it answered.
    pub answer: Answer,
}

/// What a socket answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Its header.
    Header(Box<Header>),
    /// Nobody listens: the process has ended without removing it.
    Stale,
    /// Somebody listens, but sent no header; and why.
    Silent(String),
}

/// The directory; made if `make` asks for it.
///
/// # Errors
///
/// Where it cannot be made, or belongs to somebody else.
pub fn directory(make: Make) -> io::Result<PathBuf> {
    let path = match std::env::var_os("XDG_RUNTIME_DIR").filter(|path| !path.is_empty()) {
        Some(runtime) => PathBuf::from(runtime).join("mapwatch"),
        None => std::env::temp_dir().join(format!("mapwatch-{}", os::user_id())),
    };
    if make == Make::Yes {
        os::make_private_directory(&path)?;
    }
    Ok(path)
}

/// Whether a directory that is not there is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// Make it, for the user alone.
    Yes,
    /// Leave it.
    No,
}

/// Everybody who listens in `directory`, by process id.
///
/// # Errors
///
/// Where it is there and cannot be read.
pub fn list(directory: &Path) -> io::Result<Vec<Found>> {
    let sockets = sockets(directory)?;
    Ok(sockets.into_iter().map(|(pid, path)| Found { pid, answer: ask(&path), path }).collect())
}

/// Those who listen in `directory` since it was last looked at; `known` are those that were there then.
///
/// # Errors
///
/// Where it is there and cannot be read.
pub fn newcomers(directory: &Path, known: &mut BTreeSet<u32>) -> io::Result<Vec<Found>> {
    let sockets = sockets(directory)?;
    // A number may come again for another process.
    known.retain(|pid| sockets.contains_key(pid));
    let new = sockets.into_iter().filter(|(pid, _)| known.insert(*pid));
    Ok(new.map(|(pid, path)| Found { pid, answer: ask(&path), path }).collect())
}

/// The sockets in a directory, by process id.
fn sockets(directory: &Path) -> io::Result<BTreeMap<u32, PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let socket = |path: PathBuf| {
        let pid = path.file_stem()?.to_str()?.parse().ok()?;
        (path.extension()? == "sock").then_some((pid, path))
    };
    Ok(entries.flatten().filter_map(|entry| socket(entry.path())).collect())
}

fn ask(path: &Path) -> Answer {
    let peer = match os::connect(path) {
        Ok(peer) => peer,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Answer::Stale,
        Err(error) => return Answer::Silent(error.to_string()),
    };
    if let Err(error) = os::set_read_timeout(&peer, ANSWER) {
        return Answer::Silent(error.to_string());
    }
    let mut lines = Lines::with_longest(peer, 1 << 20);
    match lines.read() {
        Ok(Read::Line(number, bytes)) => match Arrival::read(number, bytes) {
            Arrival::Header(header) => Answer::Header(header),
            _ => Answer::Silent("what it sends is no session".to_owned()),
        },
        Ok(Read::TooLong(_)) => Answer::Silent("what it sends is no session".to_owned()),
        Ok(Read::Cut(_) | Read::End) => Answer::Silent("it closed the connection".to_owned()),
        Err(_) => Answer::Silent("it does not answer".to_owned()),
    }
}
