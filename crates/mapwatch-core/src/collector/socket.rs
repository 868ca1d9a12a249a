//! Unix sockets: the door at which viewers knock, and the viewer that started us.
//!
//! The door stands in a directory that is the user's alone, and a peer must be the same user.

use super::sinks::Stream;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Viewers at one time; more are turned away.
const VIEWERS: usize = 64;

/// The listening socket; its file goes when it is dropped.
pub(super) struct Door {
    listener: UnixListener,
    path: PathBuf,
}

impl Door {
    /// Opens `DIR/<pid>.sock`; `None` where that cannot be had, which recording does not depend on.
    pub(super) fn open() -> Option<Door> {
        let path = directory()?.join(format!("{}.sock", std::process::id()));
        // A file of our own number can only be left over from a process that is gone.
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path).ok()?;
        listener.set_nonblocking(true).ok()?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).ok()?;
        Some(Door { listener, path })
    }

    /// Lets in who has knocked.
    pub(super) fn accept(&self) -> Vec<Stream> {
        let mut newcomers = Vec::new();
        while newcomers.len() < VIEWERS {
            let Ok((peer, _)) = self.listener.accept() else { break };
            newcomers.extend(into_stream(peer));
        }
        newcomers
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Connects to the viewer that started us.
pub(super) fn connect(path: &Path) -> Option<Stream> {
    into_stream(UnixStream::connect(path).ok()?)
}

fn into_stream(peer: UnixStream) -> Option<Stream> {
    peer.set_nonblocking(true).ok()?;
    Some(Stream::new(Box::new(peer), None))
}

/// `$XDG_RUNTIME_DIR/mapwatch`, else a directory of the user's under the temporary one; mode 0700, and ours.
fn directory() -> Option<PathBuf> {
    let user = crate::os::user();
    let directory = match std::env::var_os("XDG_RUNTIME_DIR").filter(|value| !value.is_empty()) {
        Some(runtime) => PathBuf::from(runtime).join("mapwatch"),
        None => std::env::temp_dir().join(format!("mapwatch-{user}")),
    };
    let _ = DirBuilder::new().mode(0o700).create(&directory);
    let facts = fs::symlink_metadata(&directory).ok()?;
    (facts.is_dir() && facts.uid() == user && facts.mode() & 0o077 == 0).then_some(directory)
}
