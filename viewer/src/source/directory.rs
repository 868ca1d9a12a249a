//! Where watched processes listen: `$XDG_RUNTIME_DIR/mapwatch/<pid>.sock`, else
//! `<temporary folder>/mapwatch-<uid>/<pid>.sock`.
//!
//! So `mapview ps` is a directory listing, and nothing collides. A socket is asked for its header to learn the
//! executable and the age; one that nobody listens on is stale, and is said to be. Whoever listens may be anybody: it
//! is given so much time and so many bytes, and keeps nobody waiting behind it.

use super::arrival::Arrival;
use super::lines::{Lines, Read};
use crate::os;
use mapwatch_event::Header;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a process may take to send its header.
const ANSWER: Duration = Duration::from_millis(500);
/// The longest header.
const HEADER: usize = 1 << 20;
/// Sockets that are asked at the same time.
const AT_ONCE: usize = 32;

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
    /// Somebody listens who is no program of mapwatch: what it sends is no session.
    Stranger,
}

impl Answer {
    /// Why somebody who listens cannot be told from others; `None` for a program of mapwatch, and for nobody.
    #[must_use]
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Answer::Header(_) | Answer::Stale => None,
            Answer::Silent(why) => Some(why),
            Answer::Stranger => Some("what it sends is no session"),
        }
    }
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
    Ok(ask_all(sockets(directory)?.into_iter().collect(), ANSWER))
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
    Ok(ask_all(new.collect(), ANSWER))
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

/// Asks all of them, many at once: a hundred that hang take no longer than a few.
fn ask_all(sockets: Vec<(u32, PathBuf)>, patience: Duration) -> Vec<Found> {
    let ask =
        |(pid, path): &(u32, PathBuf)| Found { pid: *pid, answer: ask(path, patience), path: path.clone() };
    let together = |sockets: &[(u32, PathBuf)]| -> Vec<Found> {
        std::thread::scope(|scope| {
            let start = |socket| std::thread::Builder::new().spawn_scoped(scope, move || ask(socket));
            let asked: Vec<_> = sockets.iter().map(|socket| (socket, start(socket).ok())).collect();
            // Where no thread can be had, and where one failed, this one asks.
            let answer = |(socket, thread): (_, Option<std::thread::ScopedJoinHandle<'_, Found>>)| {
                thread.and_then(|thread| thread.join().ok()).unwrap_or_else(|| ask(socket))
            };
            asked.into_iter().map(answer).collect()
        })
    };
    sockets.chunks(AT_ONCE).flat_map(together).collect()
}

/// Reads from a peer until its time is over, or it has sent too much.
struct Patient {
    peer: os::Peer,
    until: Instant,
    left: usize,
}

impl io::Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        if self.left == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        os::set_read_timeout(&self.peer, left)?;
        let room = self.left.min(buffer.len());
        let count = self.peer.read(&mut buffer[..room])?;
        self.left -= count;
        Ok(count)
    }
}

fn ask(path: &Path, patience: Duration) -> Answer {
    let peer = match os::connect(path) {
        Ok(peer) => peer,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Answer::Stale,
        Err(error) => return Answer::Silent(error.to_string()),
    };
    let peer = Patient { peer, until: Instant::now() + patience, left: HEADER };
    let mut lines = Lines::with_longest(peer, HEADER);
    match lines.read() {
        Ok(Read::Line(number, bytes)) => match Arrival::read(number, bytes) {
            Arrival::Header(header) => Answer::Header(header),
            _ => Answer::Stranger,
        },
        Ok(Read::TooLong(_)) => Answer::Stranger,
        Ok(Read::Cut(_) | Read::End) => Answer::Silent("it closed the connection".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Answer::Stranger,
        Err(_) => Answer::Silent("it does not answer".to_owned()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::net::{UnixListener, UnixStream};

    /// Talks to whoever connects, on a thread of its own.
    fn serve(path: &Path, talk: impl Fn(&mut UnixStream) -> io::Result<()> + Send + Sync + 'static) {
        let listener = UnixListener::bind(path).expect("a socket can be made");
        std::thread::spawn(move || {
            for peer in listener.incoming().flatten() {
                let mut peer = peer;
                // Until it is hung up on.
                while talk(&mut peer).is_ok() {}
            }
        });
    }

    #[test]
    fn who_talks_nonsense_or_nothing_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = |pid: u32| folder.path().join(format!("{pid}.sock"));
        let (silent, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Mutex::new(wait);
        serve(&socket(1), move |_| {
            let _ = wait.lock().map(|wait| wait.recv());
            Err(io::ErrorKind::Other.into())
        });
        serve(&socket(2), |peer| peer.write_all(&[b'x'; 4096]));
        serve(&socket(3), |peer| peer.write_all(b"HTTP/1.1 400 Bad Request\r\n"));
        serve(&socket(4), |peer| {
            let mut header = Vec::new();
            mapwatch_event::wire::encode_header(&Header { pid: 4, ..Header::default() }, &mut header);
            peer.write_all(&header)
        });
        // One letter at a time, each long before anybody would think that it is silent.
        serve(&socket(5), |peer| {
            std::thread::sleep(Duration::from_millis(1));
            peer.write_all(b"x")
        });
        std::fs::write(socket(6), "no socket").expect("a file can be written");
        let sockets = sockets(folder.path()).expect("the folder is there");
        let found = ask_all(sockets.into_iter().collect(), Duration::from_secs(2));
        drop(silent);
        let said: Vec<(u32, &str)> = found
            .iter()
            .map(|found| match &found.answer {
                Answer::Header(header) if header.pid == 4 => (found.pid, "a header"),
                other => (found.pid, other.why_not().unwrap_or("nothing")),
            })
            .take(5)
            .collect();
        let expected = [
            (1, "it does not answer"),
            (2, "what it sends is no session"),
            (3, "what it sends is no session"),
            (4, "a header"),
            (5, "it does not answer"),
        ];
        assert_eq!(said, expected);
    }
}
