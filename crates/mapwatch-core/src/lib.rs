//! Sentinels, holders, conflicts and the recorder: what runs inside the watched program.
//!
//! Nothing here knows of keys or values. The types that a user writes are in `mapwatch`.
//!
//! | module | question it answers |
//! |---|---|
//! | [`protocol`] | how do threads agree, without a lock, on who is inside? |
//! | `sentinel` | who is inside this container, and is this access allowed? |
//! | [`guard`] | which guards are alive, and can this wait end? |
//! | [`history`] | who relied on a look that somebody else overtook? |
//! | `cancel` | which update was left half done by a future that was dropped? |
//! | `raw` | the same for locks that are built upon `lock_api`? |
//! | `lent` | how does a guard of dashmap's keep what it points to? |
//! | `cell` | how is memory shared so that the check is the safety? |
//! | `thread`, `task` | who am I? |
//! | `site`, `stack` | where am I? |
//! | `entry` | what is known of this map? |
//! | `raise` | two sides met: what is said, and what is done? |
//! | [`provoke`] | where would a delay bring a hidden race out? |
//! | [`notes`] | what did the program itself say lately? |
//! | [`outlet`] | who else is told of what happens here? |
//! | [`allow`] | what has somebody looked at and found right? |
//! | `panics` | what was a panicking thread doing? |
//! | [`recovery`] | who will catch its panic? |
//! | `policy` | what did the user ask for? |
//! | `recorder`, `collector` | what happened, and who wants to know? |
//! | `stderr` | where do words go? |
//! | `os` | what depends on the operating system? |
//!
//! `unsafe` is denied, except in the modules that say so below; each of their blocks answers its callee's
//! conditions.
//! Under loom only the protocols are built: everything else needs statics.

pub mod protocol;
mod sync;

#[cfg(not(loom))]
pub mod allow;
#[cfg(not(loom))]
mod cancel;
#[cfg(not(loom))]
#[allow(unsafe_code, reason = "hands out references into memory that the gate guards")]
pub mod cell;
#[cfg(not(loom))]
mod clock;
#[cfg(not(loom))]
mod collector;
#[cfg(not(loom))]
pub mod entry;
#[cfg(not(loom))]
#[allow(unsafe_code, reason = "reads sites in records, which only this crate writes")]
pub mod guard;
#[cfg(not(loom))]
pub mod history;
#[cfg(all(feature = "dashmap", not(loom)))]
#[allow(unsafe_code, reason = "keeps a guard of a shard beside what it points to in there")]
pub mod lent;
#[cfg(not(loom))]
pub mod notes;
#[cfg(not(loom))]
#[allow(unsafe_code, reason = "tells by its type what a key is that is only ordered")]
pub mod ordered;
#[cfg(not(loom))]
#[allow(unsafe_code, reason = "system calls: membarrier, atexit, signal handlers, atfork")]
mod os;
#[cfg(not(loom))]
pub mod outlet;
#[cfg(not(loom))]
pub mod panics;
#[cfg(not(loom))]
pub mod policy;
#[cfg(not(loom))]
pub mod provoke;
#[cfg(not(loom))]
mod raise;
#[cfg(all(feature = "parking_lot", not(loom)))]
#[allow(unsafe_code, reason = "implements lock_api's raw locks")]
pub mod raw;
#[cfg(not(loom))]
#[allow(unsafe_code, reason = "understands its own records: sites as numbers")]
mod recorder;
#[cfg(not(loom))]
pub mod recovery;
#[cfg(not(loom))]
#[allow(
    unsafe_code,
    reason = "reads sites that only it writes; drops an identity only behind whole canaries"
)]
pub mod sentinel;
#[cfg(not(loom))]
#[allow(unsafe_code, reason = "keeps `&'static Location` in an atomic word")]
pub mod site;
#[cfg(not(loom))]
mod stack;
#[cfg(not(loom))]
mod stderr;
#[cfg(not(loom))]
#[allow(unsafe_code, reason = "reads sites in lives, which only this crate writes")]
pub mod task;
#[cfg(not(loom))]
#[allow(unsafe_code, reason = "reads sites in desks, which only this crate writes")]
pub mod thread;

pub use mapwatch_event as event;

#[cfg(not(loom))]
pub use sentinel::{Cursor, Exclusive, Extent, Reading, Shared, Writing};
