//! One watched process: connect to its socket and read.

use super::lines::Lines;
use super::{Feed, Pump, Trust};
use crate::model::session::Origin;
use crate::msg::{Msg, StreamMsg};
use crate::os;
use std::io;
use std::path::Path;

/// Connects and reads on a thread of its own, to the end of the stream; then says that the source has ended.
///
/// # Errors
///
/// Where nobody listens, or no thread could be started.
pub fn attach(path: &Path, pid: u32, feed: Feed) -> io::Result<()> {
    let peer = os::connect(path)?;
    std::thread::Builder::new().name("mapview-attach".to_owned()).spawn(move || {
        read_peer(peer, Origin::Attached(pid), &feed);
        let _ = feed.send(Msg::SourcesEnded);
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
