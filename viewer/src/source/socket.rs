//! Watched processes: connect to their sockets and read.

use super::directory::{self, Found};
use super::lines::Lines;
use super::{Feed, Pump, Trust};
use crate::model::session::Origin;
use crate::msg::{Msg, StreamMsg};
use crate::os;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Connects to several and reads each on a thread of its own, to the ends of the streams; then says that the
/// sources have ended.
///
/// # Errors
///
/// Where nobody listens, or no thread could be started.
pub fn attach(targets: &[(u32, PathBuf)], feed: &Feed) -> Result<(), Failed> {
    let open = Arc::new(AtomicUsize::new(targets.len()));
    let mut peers = Vec::new();
    for (pid, path) in targets {
        peers.push((*pid, os::connect(path).map_err(|error| Failed { pid: *pid, error })?));
    }
    for (pid, peer) in peers {
        let (feed, open) = (feed.clone(), Arc::clone(&open));
        let thread = std::thread::Builder::new().name("mapview-attach".to_owned());
        let read = move || {
            read_peer(peer, Origin::Attached(pid), &feed);
            if open.fetch_sub(1, Ordering::AcqRel) == 1 {
                let _ = feed.send(Msg::SourcesEnded);
            }
        };
        thread.spawn(read).map_err(|error| Failed { pid, error })?;
    }
    Ok(())
}

/// A process that one could not attach to.
#[derive(Debug)]
pub struct Failed {
    /// Which one.
    pub pid: u32,
    /// Why.
    pub error: io::Error,
}

/// How often the directory of sockets is looked at for newcomers.
const LOOK: Duration = Duration::from_millis(300);

/// Attaches to everybody who listens and is `wanted`, now and later; never ends by itself.
///
/// # Errors
///
/// Where no thread could be started.
pub fn attach_to_all(
    directory: PathBuf,
    feed: Feed,
    wanted: impl Fn(&Found) -> bool + Send + 'static,
) -> io::Result<()> {
    std::thread::Builder::new().name("mapview-watch".to_owned()).spawn(move || {
        let mut known = BTreeSet::new();
        loop {
            // A directory that cannot be read now may be made later.
            for found in directory::newcomers(&directory, &mut known).unwrap_or_default() {
                if !wanted(&found) {
                    continue;
                }
                // Who has ended meanwhile is gone; the others are not kept waiting.
                let Ok(peer) = os::connect(&found.path) else { continue };
                let feed = feed.clone();
                let thread = std::thread::Builder::new().name("mapview-attach".to_owned());
                let _ = thread.spawn(move || read_peer(peer, Origin::Attached(found.pid), &feed));
            }
            std::thread::sleep(LOOK);
        }
    })?;
    Ok(())
}

/// Reads one peer to its end.
pub fn read_peer(peer: impl io::Read, origin: Origin, feed: &Feed) {
    let stream = feed.next_stream();
    // A viewer that is gone needs no error: the thread ends, that is all.
    let _ = feed
        .send(Msg::Stream(stream, StreamMsg::Opened(origin, None)))
        .and_then(|()| Pump::new(stream, Lines::new(peer), Trust::Peer, feed.keep("process")).run(feed));
}
