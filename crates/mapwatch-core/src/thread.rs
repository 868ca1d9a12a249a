//! Who am I: the calling thread's number, name, slots and ring.
//!
//! A thread gets a [`Desk`] at its first access that needs one. Desks are never freed but go to the next
//! thread when theirs ends, so that a guard which outlives its thread still has its slot, and memory is
//! bounded by the largest number of threads at one time.

use crate::guard::Holds;
use crate::protocol::gate::CROWD;
use crate::protocol::ring::Ring;
use crate::protocol::slots::{Slots, WIDTH};
use crate::site::{SiteCell, StaticSite};
use crate::task::life::Life;
use crate::task::{self, TASK};
use mapwatch_event::{Actor, ActorId, ActorKind, Nanos, Operation};
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Records per ring: at a million operations a second it holds what a round of the collector takes.
const RING: usize = 8192;

/// Numbers of records between a desk and its extension: none of a thread's has the number of another.
const EXTENSION: u64 = 1 << 40;

/// Names of ended threads that reports may still need.
const ENDED: usize = 1024;

/// What a slot says beside the map: who is in it, and since where and when.
#[derive(Debug)]
pub(crate) struct Note {
    /// Actor number, then the operation in the low byte.
    pub(crate) who: AtomicU64,
    /// The call.
    pub(crate) site: SiteCell,
    /// Session time, 0 where the access is too short to have one.
    pub(crate) since: AtomicU64,
    /// Number of the interned stack, 0 where none was taken.
    pub(crate) stack: AtomicU64,
}

/// One thread's place.
#[derive(Debug)]
pub struct Desk {
    pub(crate) bit: u64,
    pub(crate) slots: Slots,
    pub(crate) notes: [Note; WIDTH],
    pub(crate) ring: OnceLock<Ring>,
    /// Guards of locks, cells and sharded maps, and the call into a sharded map that is under way.
    pub(crate) holds: Holds,
    pub(crate) actor: AtomicU64,
    /// Further slots of the same thread.
    pub(crate) more: OnceLock<&'static Desk>,
    /// The next desk with the same bit.
    pub(crate) next: OnceLock<&'static Desk>,
}

impl Desk {
    /// A desk whose records are numbered on after `serial`.
    fn leaked(bit: u64, serial: u64) -> &'static Desk {
        Box::leak(Box::new(Desk {
            bit,
            slots: Slots::default(),
            notes: std::array::from_fn(|_| Note {
                who: AtomicU64::new(0),
                site: SiteCell::empty(),
                since: AtomicU64::new(0),
                stack: AtomicU64::new(0),
            }),
            ring: OnceLock::new(),
            holds: Holds::after(serial),
            actor: AtomicU64::new(0),
            more: OnceLock::new(),
            next: OnceLock::new(),
        }))
    }

    /// A vacant slot of this desk or of its extensions.
    #[inline]
    pub(crate) fn vacant(&'static self) -> (&'static Desk, usize) {
        let mut desk = self;
        loop {
            if let Some(slot) = desk.slots.vacant() {
                return (desk, slot);
            }
            desk = desk.extension();
        }
    }

    /// Whether a guard or a call of this thread's is on record. Only the desk's own thread may ask.
    #[inline]
    pub(crate) fn has_any(&self) -> bool {
        self.holds.any(|| self.more.get().is_some_and(|more| more.has_any()))
    }

    /// The desk that has more places for the same thread.
    pub(crate) fn extension(&self) -> &'static Desk {
        self.more.get_or_init(|| Desk::leaked(self.bit, self.holds.first() + EXTENSION))
    }

    /// The ring, made when first asked for.
    #[inline]
    pub(crate) fn ring(&self) -> &Ring {
        self.ring.get_or_init(|| Ring::new(RING))
    }

    /// The guards that are alive in this desk's slots, with their maps.
    pub(crate) fn guards(&self) -> impl Iterator<Item = (u64, Guard)> {
        self.notes.iter().enumerate().filter_map(|(slot, note)| {
            let map = self.slots.map(slot);
            let since = note.since.load(Ordering::Relaxed);
            // SAFETY: notes live in leaked desks, and only `set` ever writes their sites.
            let site = unsafe { note.site.get() }?;
            let (actor, operation) = crate::sentinel::unpack(note.who.load(Ordering::Relaxed));
            let guard = Guard { actor, operation, site, since: Nanos(since) };
            (map != 0 && since != 0).then_some((map, guard))
        })
    }

    /// This desk and its extensions.
    pub(crate) fn chain(&'static self) -> impl Iterator<Item = &'static Desk> {
        std::iter::successors(Some(self), |desk| desk.more.get().copied())
    }
}

/// A guard that is alive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    pub(crate) actor: u64,
    pub(crate) operation: Operation,
    pub(crate) site: StaticSite,
    pub(crate) since: Nanos,
}

/// All desks: by bit for writers, free ones for new threads.
static BY_BIT: [OnceLock<&'static Desk>; 64] = [const { OnceLock::new() }; 64];

struct Pool {
    made: usize,
    free: Vec<&'static Desk>,
    all: Vec<&'static Desk>,
}

static POOL: Mutex<Pool> = Mutex::new(Pool { made: 0, free: Vec::new(), all: Vec::new() });

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The desks whose bit is in `members`, extensions included.
pub(crate) fn desks_of(members: u64) -> impl Iterator<Item = &'static Desk> {
    (0..64)
        .filter(move |bit| members & (1 << bit) != 0)
        .filter_map(|bit| BY_BIT[bit].get().copied())
        .flat_map(|first| std::iter::successors(Some(first), |desk| desk.next.get().copied()))
        .flat_map(Desk::chain)
}

/// Whether the process has, or had, another thread than this one, as far as we know: one of ours, or one that came to
/// something watched.
pub(crate) fn are_several() -> bool {
    crate::guard::watchdog::is_awake() || lock(&POOL).made > 1
}

/// Every desk that was ever made, for the collector.
pub(crate) fn all_desks() -> Vec<&'static Desk> {
    lock(&POOL).all.clone()
}

fn take_desk() -> &'static Desk {
    let mut pool = lock(&POOL);
    if let Some(desk) = pool.free.pop() {
        return desk;
    }
    let bit = if pool.made < 63 { 1 << pool.made } else { CROWD };
    let desk = Desk::leaked(bit, 0);
    pool.made += 1;
    pool.all.push(desk);
    let mut place = &BY_BIT[bit.trailing_zeros() as usize];
    while place.set(desk).is_err() {
        // Taken: go on to the end of the list. The pool's lock keeps others from appending meanwhile.
        match place.get() {
            Some(taken) => place = &taken.next,
            None => break,
        }
    }
    desk
}

thread_local! {
    /// The thread's number, or 0: before it has one, and once it has taken a watched lock, because maps in
    /// locks are looked at more closely.
    static STAMP: Cell<u64> = const { Cell::new(0) };
    static ACTOR: Cell<u64> = const { Cell::new(0) };
    static DESK: Cell<Option<&'static Desk>> = const { Cell::new(None) };
    /// Whether the thread's life is told elsewhere.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static LEAVING: Leaving = const { Leaving };
}

/// Gives the thread's desk back when the thread ends.
struct Leaving;

impl Drop for Leaving {
    fn drop(&mut self) {
        let actor = ACTOR.replace(0);
        STAMP.set(0);
        if let Some(desk) = DESK.take() {
            lock(&POOL).free.push(desk);
        }
        if actor != 0 {
            let mut names = lock(&NAMES);
            names.ended.push_back(actor);
            if names.ended.len() > ENDED
                && let Some(oldest) = names.ended.pop_front()
            {
                names.by_number.remove(&oldest);
            }
            drop(names);
            if !WATCHED.get() {
                crate::recorder::actor_gone(ActorId(actor));
            }
        }
    }
}

struct Names {
    by_number: BTreeMap<u64, String>,
    ended: VecDeque<u64>,
}

static NAMES: Mutex<Names> = Mutex::new(Names { by_number: BTreeMap::new(), ended: VecDeque::new() });
static NEXT: AtomicU64 = AtomicU64::new(1);

/// The number of the calling actor; never 0.
#[inline]
pub(crate) fn actor() -> u64 {
    match ACTOR.get() {
        0 => first_seen(),
        number => number,
    }
}

/// What tells that a map is this thread's alone.
#[inline]
pub(crate) fn stamp() -> u64 {
    STAMP.get()
}

/// The thread takes watched locks: from now on each access asks whether one is held.
#[inline]
pub(crate) fn takes_locks() {
    STAMP.set(0);
}

#[cold]
fn first_seen() -> u64 {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    ACTOR.set(number);
    // Tasks that take turns on one thread are several actors.
    if !task::is_in_runtime() {
        STAMP.set(number);
    }
    // A thread whose locals are being destroyed has no name to ask for, and is never seen to leave.
    let name = match LEAVING.try_with(|_| ()) {
        Ok(()) => std::thread::current().name().unwrap_or_default().to_owned(),
        Err(_) => String::new(),
    };
    lock(&NAMES).by_number.insert(number, name.clone());
    crate::recorder::actor_seen(ActorId(number), name);
    number
}

/// A number for a thread that is about to begin.
pub(crate) fn reserve() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The calling thread is the one that a life was reserved for.
pub(crate) fn adopt(life: &Life) {
    if ACTOR.get() != 0 {
        return;
    }
    ACTOR.set(life.number);
    STAMP.set(life.number);
    WATCHED.set(true);
    let _ = LEAVING.try_with(|_| ());
    let name = std::thread::current().name().unwrap_or(life.name()).to_owned();
    lock(&NAMES).by_number.insert(life.number, name);
}

/// The calling thread's desk.
#[inline]
pub(crate) fn desk() -> &'static Desk {
    match DESK.get() {
        Some(desk) => desk,
        None => sit_down(),
    }
}

#[cold]
fn sit_down() -> &'static Desk {
    let desk = take_desk();
    let actor = actor();
    desk.actor.store(actor, Ordering::Relaxed);
    crate::recorder::switch(desk, actor);
    DESK.set(Some(desk));
    desk
}

/// The actor of a number, as reports name it.
pub(crate) fn describe(number: u64) -> Actor {
    describe_on(number, 0)
}

/// The same, with the thread that a task ran on; 0 where that says nothing.
pub(crate) fn describe_on(number: u64, thread: u64) -> Actor {
    let name = |number: u64| match number & TASK {
        0 => lock(&NAMES).by_number.get(&number).cloned().unwrap_or_default(),
        _ => task::describe_name(number),
    };
    let kind = if number & TASK == 0 { ActorKind::Thread } else { ActorKind::Task };
    let on_thread = match (kind, thread) {
        (ActorKind::Thread, _) | (_, 0) => String::new(),
        (_, thread) => {
            Some(name(thread)).filter(|name| !name.is_empty()).unwrap_or_else(|| thread.to_string())
        }
    };
    Actor { id: ActorId(number), kind, name: name(number), on_thread }
}

/// All actors with names that are still known, for a viewer that comes late.
pub(crate) fn known() -> Vec<Actor> {
    let names = lock(&NAMES);
    let actor = |(number, name): (&u64, &String)| Actor {
        id: ActorId(*number),
        kind: ActorKind::Thread,
        name: name.clone(),
        on_thread: String::new(),
    };
    names.by_number.iter().map(actor).collect()
}
