//! The program's side of recording: what a thread does when something happens, and nothing more.
//!
//! An access is one record in the thread's own ring. A fact goes into a queue that never blocks; when sixty
//! thousand wait there, further ones are counted instead.

use crate::entry::{Entry, Identity};
use crate::panics::Raw;
use crate::policy::{self, Mode};
use crate::protocol::ring::Record;
use crate::site::{self, StaticSite};
use crate::{clock, collector, task, thread};
use mapwatch_event::{ActorId, Conflict, MapId, Nanos, Operation, PastOperation};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, OnceLock};

/// The low byte of a record that says which actor the following ones belong to.
const SWITCH: u64 = 0xff;

/// The low byte of a record that says for how long a guard was held, or a call waited.
const HELD: u64 = 0xfe;
const WAITED: u64 = 0xfd;

/// The low byte of a record that says which key an access named.
const KEY: u64 = 0xfc;

/// Of so many accesses one tells its key.
const KEYS: u32 = 8;

/// The coarse clock's unit in a record: 2¹⁶ ns, so that 32 bits last for 78 hours.
pub(crate) const TICK_SHIFT: u32 = 16;

/// Facts that may wait.
const WAITING: usize = 60_000;

/// Something that is told once.
#[derive(Debug)]
pub(crate) enum Fact {
    ActorSeen(ActorId, String),
    ActorGone(ActorId),
    MapMade(Arc<Entry>),
    MapNamed(Arc<Entry>),
    MapGone(MapId),
    Growth {
        map: MapId,
        actor: ActorId,
        site: StaticSite,
        capacity: (u64, u64),
        moved: u64,
        took: Nanos,
        iterators: u32,
    },
    Conflict(Box<Conflict>),
    Panic(Box<Raw>),
}

static QUEUE: OnceLock<Sender<(Nanos, Fact)>> = OnceLock::new();
static IN_QUEUE: AtomicUsize = AtomicUsize::new(0);
static LOST_FACTS: AtomicU64 = AtomicU64::new(0);

/// Opens the queue; the collector keeps the other end. `None` when it is open already.
pub(crate) fn open() -> Option<Receiver<(Nanos, Fact)>> {
    let (sender, receiver) = mpsc::channel();
    QUEUE.set(sender).ok().map(|()| receiver)
}

/// To be called for every fact taken out of the queue.
pub(crate) fn taken_out() {
    IN_QUEUE.fetch_sub(1, Relaxed);
}

/// Facts lost since the last call.
pub(crate) fn lost_facts() -> u64 {
    LOST_FACTS.swap(0, Relaxed)
}

/// Counts a fact that could not be kept.
pub(crate) fn lose_fact() {
    LOST_FACTS.fetch_add(1, Relaxed);
}

fn tell(at: Nanos, fact: Fact) {
    let Some(queue) = QUEUE.get() else { return };
    if policy::mode() != Mode::Record {
        return;
    }
    if IN_QUEUE.fetch_add(1, Relaxed) >= WAITING || queue.send((at, fact)).is_err() {
        IN_QUEUE.fetch_sub(1, Relaxed);
        LOST_FACTS.fetch_add(1, Relaxed);
    }
}

/// Records one access in the calling thread's ring.
#[inline]
pub(crate) fn access(identity: &Identity, operation: Operation, at: StaticSite) {
    let map = identity.entry().id.0;
    let time = clock::coarse().0 >> TICK_SHIFT;
    let desk = thread::desk();
    attribute(desk);
    desk.ring().push([site::to_bits(at) << 8 | operation as u64, map << 32 | (time & 0xffff_ffff)]);
}

thread_local! {
    /// The actor that this thread's last record belongs to.
    static RECORDED_AS: Cell<u64> = const { Cell::new(0) };
}

/// Says whose the next records are, where that is not whom the last ones were of.
#[inline]
fn attribute(desk: &thread::Desk) {
    let actor = task::current().unwrap_or_else(thread::actor);
    if RECORDED_AS.replace(actor) != actor {
        switch(desk, actor);
    }
}

/// What a span of time was spent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Holding a guard.
    Held,
    /// Waiting for one.
    Waited,
}

/// Records for how long a guard was held or a call waited, in the calling thread's ring; in units of 1,024 ns.
pub(crate) fn span(what: Span, map: u64, at: StaticSite, span: Nanos) {
    if policy::mode() == Mode::Record {
        task::let_go(what, map, at, span);
        let kind = match what {
            Span::Held => HELD,
            Span::Waited => WAITED,
        };
        let units = u32::try_from(span.0 >> 10).unwrap_or(u32::MAX);
        thread::desk().ring().push([site::to_bits(at) << 8 | kind, map << 32 | u64::from(units)]);
    }
}

thread_local! {
    /// Which accesses of this thread tell their keys is left to chance: programs come round in circles.
    static DIE: Cell<u32> = const { Cell::new(0x9e37_79b9) };
}

/// Records, now and then, the key that an access named, by its number; costs nothing where nobody records.
#[inline]
pub(crate) fn key(map: MapId, number: u64) {
    if !policy::only_checks() && policy::mode() == Mode::Record && is_chosen() {
        thread::desk().ring().push([number << 8 | KEY, map.0]);
    }
}

/// Whether chance has it (Marsaglia's xorshift).
fn is_chosen() -> bool {
    let mut die = DIE.get();
    die ^= die << 13;
    die ^= die >> 17;
    die ^= die << 5;
    DIE.set(die);
    die.is_multiple_of(KEYS)
}

/// A record, understood.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decoded {
    /// The following records are this actor's.
    Switch(u64),
    /// One access; `ticks` are the lower bits of the coarse clock.
    Access { map: u64, site: StaticSite, operation: Operation, ticks: u32 },
    /// A span that ended now.
    Span { what: Span, map: u64, site: StaticSite, took: Nanos },
    /// The number of a key that an access named, its upper bits left out.
    Key { map: u64, number: u64 },
}

/// Understands a record of a desk's ring; `None` for one of a later version's kind.
pub(crate) fn decode([first, second]: Record) -> Option<Decoded> {
    if first & 0xff == SWITCH {
        return Some(Decoded::Switch(second));
    }
    let kind = first & 0xff;
    if kind == KEY {
        return Some(Decoded::Key { map: second, number: first >> 8 });
    }
    let operation = Operation::from_byte(kind as u8);
    if operation.is_none() && kind != HELD && kind != WAITED {
        return None;
    }
    // SAFETY: rings are private to this crate and written by `access`, `span` and `switch` alone; what is no
    // switch has a site's number in its upper bits.
    let site = unsafe { site::from_bits(first >> 8) };
    let Some(operation) = operation else {
        let what = if kind == HELD { Span::Held } else { Span::Waited };
        return Some(Decoded::Span {
            what,
            map: second >> 32,
            site,
            took: Nanos((second & 0xffff_ffff) << 10),
        });
    };
    Some(Decoded::Access { map: second >> 32, site, operation, ticks: second as u32 })
}

/// Says which actor the calling thread's records belong to from now on.
pub(crate) fn switch(desk: &thread::Desk, actor: u64) {
    if policy::mode() == Mode::Record {
        desk.ring().push([SWITCH, actor]);
    }
}

pub(crate) fn actor_seen(actor: ActorId, name: String) {
    tell(clock::now(), Fact::ActorSeen(actor, name));
}

pub(crate) fn actor_gone(actor: ActorId) {
    tell(clock::now(), Fact::ActorGone(actor));
}

pub(crate) fn map_made(entry: &Arc<Entry>, at: Nanos) {
    // Settles the mode, so that a map that is named before its first use is not missed.
    let _ = policy::mode();
    tell(at, Fact::MapMade(Arc::clone(entry)));
}

pub(crate) fn map_named(entry: &Arc<Entry>) {
    tell(clock::now(), Fact::MapNamed(Arc::clone(entry)));
}

pub(crate) fn map_gone(map: MapId) {
    tell(clock::now(), Fact::MapGone(map));
}

pub(crate) fn growth(
    map: MapId,
    site: StaticSite,
    capacity: (u64, u64),
    moved: u64,
    took: Nanos,
    iterators: u32,
) {
    let actor = ActorId(task::current().unwrap_or_else(thread::actor));
    tell(clock::now(), Fact::Growth { map, actor, site, capacity, moved, took, iterators });
}

pub(crate) fn conflict(conflict: Conflict) {
    tell(conflict.at, Fact::Conflict(Box::new(conflict)));
}

pub(crate) fn panicked(panic: Box<Raw>) {
    tell(clock::now(), Fact::Panic(panic));
}

/// The last operations on a map, oldest first; empty when nobody records.
pub(crate) fn history(map: MapId) -> Vec<PastOperation> {
    if policy::mode() == Mode::Record { collector::history(map) } else { Vec::new() }
}
