//! The viewer's own socket, to which every watched process below `mapview run` connects.
//!
//! Processes come at once and one after another (`cargo test`). One that exits at once has connected and sent
//! before the viewer looks: it waits in the queue of the socket, so the end of the child does not end the
//! listening; see [`Listener::finish`].

use super::Feed;
use super::socket::read_peer;
use crate::model::session::Origin;
use crate::msg::Msg;
use crate::os;
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Peers that are read at the same time; a thread each.
const PEERS: usize = 256;
/// How long peers that outlive the child may go on (they are its grandchildren), once it has ended.
const GRACE: Duration = Duration::from_secs(3);

/// A listening socket and the thread that accepts.
#[derive(Debug)]
pub struct Listener {
    path: PathBuf,
    closing: Arc<AtomicBool>,
    peers: Arc<Peers>,
    thread: Option<JoinHandle<()>>,
}

/// How many peers are being read, and the means to wait for them.
#[derive(Debug, Default)]
struct Peers {
    open: Mutex<usize>,
    changed: Condvar,
    refused: AtomicUsize,
}

impl Peers {
    fn count(&self) -> MutexGuard<'_, usize> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a peer as gone when its thread ends, however it ends.
struct Leaving(Arc<Peers>);

impl Drop for Leaving {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.changed.notify_all();
    }
}

impl Listener {
    /// Listens on `path` and reads every peer that connects.
    ///
    /// # Errors
    ///
    /// Where the socket cannot be made, or no thread could be started.
    pub fn start(path: &Path, feed: Feed) -> io::Result<Listener> {
        let listener = os::listen(path)?;
        let closing = Arc::new(AtomicBool::new(false));
        let peers = Arc::new(Peers::default());
        let thread = std::thread::Builder::new().name("mapview-listen".to_owned()).spawn({
            let (closing, peers) = (Arc::clone(&closing), Arc::clone(&peers));
            move || accept(&listener, &closing, &peers, &feed)
        })?;
        Ok(Listener { path: path.to_owned(), closing, peers, thread: Some(thread) })
    }

    /// The path to put into `MAPWATCH_CONNECT`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes in everybody who has connected so far, and waits until they have said everything.
    ///
    /// Called when the child has ended. Peers that outlive it are given three seconds.
    pub fn finish(self) {
        self.finish_within(GRACE);
    }

    fn finish_within(mut self, grace: Duration) {
        self.stop_accepting();
        let open = self.peers.count();
        // The result says whether time ran out; what outlives it is read on until the viewer ends.
        let _ = self.peers.changed.wait_timeout_while(open, grace, |open| *open > 0);
    }

    /// Everybody in the queue is taken in before the thread ends: the connection made here is behind them.
    fn stop_accepting(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.closing.store(true, Ordering::Release);
        if UnixStream::connect(&self.path).is_ok() {
            // A panic of that thread has been told by the hook.
            let _ = thread.join();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop_accepting();
        // It lies in a directory of our own; a stale one is recognised as such by `mapview ps`.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn accept(listener: &UnixListener, closing: &AtomicBool, peers: &Arc<Peers>, feed: &Feed) {
    loop {
        if closing.load(Ordering::Acquire) && listener.set_nonblocking(true).is_err() {
            return;
        }
        match listener.accept() {
            Ok((peer, _)) => welcome(peer, peers, feed),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Out of descriptors: peers that end give some back.
            Err(_) if closing.load(Ordering::Acquire) => return,
            Err(_) => wait_for_change(peers),
        }
    }
}

fn wait_for_change(peers: &Peers) {
    let open = peers.count();
    let _ = peers.changed.wait_timeout(open, Duration::from_millis(100));
}

fn welcome(peer: UnixStream, peers: &Arc<Peers>, feed: &Feed) {
    {
        let mut open = peers.count();
        if *open >= PEERS {
            drop(open);
            refuse(peers, feed);
            return;
        }
        *open += 1;
    }
    let leaving = Leaving(Arc::clone(peers));
    let feed = feed.clone();
    // Where no thread can be started, the peer is dropped: it sees a closed connection.
    let _ = std::thread::Builder::new().name("mapview-peer".to_owned()).spawn(move || {
        let _leaving = leaving;
        // Accepted sockets inherit nothing on Linux, but do elsewhere.
        if peer.set_nonblocking(false).is_ok() {
            read_peer(peer, Origin::Joined, &feed);
        }
    });
}

/// Told once: a flood of connections must not become a flood of messages.
fn refuse(peers: &Peers, feed: &Feed) {
    if peers.refused.fetch_add(1, Ordering::Relaxed) == 0 {
        let _ = feed
            .send(Msg::Refused(format!("more than {PEERS} processes at once; further ones are not read")));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test without its sockets has failed")]
    use super::*;
    use crate::model::Model;
    use crate::testing::shop;
    use crate::update::update;
    use std::io::Write;

    /// Listens, lets `peers` happen, and takes everything in until the listener has finished.
    fn listen(peers: impl FnOnce(&Path) -> Vec<UnixStream> + Send) -> Model {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("viewer.sock");
        let (feed, messages) = Feed::new();
        let mut model = Model::default();
        let listener = Listener::start(&path, feed).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let kept = peers(&path);
                listener.finish_within(if kept.is_empty() {
                    Duration::from_secs(60)
                } else {
                    Duration::ZERO
                });
                drop(kept);
            });
            for msg in &messages {
                update(&mut model, msg);
            }
        });
        assert!(!path.exists(), "the socket is left behind");
        model
    }

    #[test]
    fn processes_at_once_and_one_after_another_are_all_heard() {
        let model = listen(|path| {
            let mut open: Vec<UnixStream> = (0..5).map(|_| UnixStream::connect(path).unwrap()).collect();
            for peer in &mut open {
                peer.write_all(&shop().bytes).unwrap();
            }
            drop(open);
            for _ in 0..5 {
                UnixStream::connect(path).unwrap().write_all(&shop().bytes).unwrap();
            }
            Vec::new()
        });
        assert_eq!(model.world.sessions.len(), 10);
        assert_eq!(model.world.findings.iter().next().unwrap().count, 20);
    }

    #[test]
    fn hostile_peers_harm_nobody() {
        let model = listen(|path| {
            let connect = || UnixStream::connect(path).unwrap();
            let silent: Vec<UnixStream> = (0..20).map(|_| connect()).collect();
            // The listener may hang up before everything is written: that is its right.
            for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 100_000], b"{\"kind\":", b"\n\n\n"] {
                let _ = connect().write_all(garbage);
            }
            let _ = connect().write_all(&vec![b'x'; 20 << 20]);
            let mut liar = shop().bytes;
            liar.extend(vec![b'y'; 17 << 20]);
            let _ = connect().write_all(&liar);
            connect().write_all(&shop().bytes).unwrap();
            silent
        });
        assert_eq!(model.world.findings.len(), 3, "the honest ones are heard");
        assert!(model.world.unread.count >= 4, "{:?}", model.world.unread);
    }

    #[test]
    fn a_flood_of_thousands_is_refused_with_one_sentence() {
        let model = listen(|path| {
            let mut kept = Vec::new();
            for _ in 0..PEERS + 100 {
                kept.push(UnixStream::connect(path).unwrap());
            }
            // Those who hang up at once, too; more than there are descriptors.
            for _ in 0..3000 {
                drop(UnixStream::connect(path).unwrap());
            }
            kept
        });
        let refused = model.world.unread.lines.iter().filter(|line| line.reason.contains("at once")).count();
        assert_eq!(refused, 1);
    }
}
