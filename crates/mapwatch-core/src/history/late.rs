//! An entry that came after the one who was to take it out: whoever spawns first and registers afterwards can be
//! overtaken by a child that is done at once.
//!
//! A removal that found a key which was never there, in what was spawned, is remembered; an insert of that key by
//! somebody else, behind the spawning in the same function, is late (`spawned` reads the source). It is told when
//! the map is gone or the program ends, because somebody may still take the entry out.

mod spawned;

use super::page::{Doer, Place};
use super::suspicion::party;
use super::{Deed, Trail};
use crate::entry::Entry;
use crate::raise::{self, Collision, Otherwise, Party, Taken};
use crate::site::{Settled, address};
use crate::stack::{self, RawStack};
use crate::{clock, os, policy};
use mapwatch_event::{Category, Role};
use spawned::Child;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

/// Removals and entries that are remembered; a removal that is forgotten is a finding less.
const REMEMBERED: usize = 256;

/// Both kinds together: while there are none, a map's end pays for this look alone.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// How many of them are of a key, by bits of its place: while there are none, a change pays for this look alone.
static MARKS: [AtomicU32; 1024] = [const { AtomicU32::new(0) }; 1024];

fn mark(place: Place) -> &'static AtomicU32 {
    &MARKS[place.slot() % MARKS.len()]
}

/// Sites of removals that are nobody's last act: for them nobody takes the lock.
static OTHERS: Settled = Settled::new();

static BOOK: Mutex<Option<Book>> = Mutex::new(None);

#[derive(Default)]
struct Book {
    missed: List<(Doer, Arc<Child>)>,
    late: List<Late>,
    children: HashMap<u64, Option<Arc<Child>>>,
}

/// What is remembered of keys, oldest first; whatever is in it has its mark.
struct List<T>(VecDeque<(Place, T)>);

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List(VecDeque::new())
    }
}

impl<T> List<T> {
    fn push(&mut self, place: Place, new: T) {
        if self.0.len() == REMEMBERED
            && let Some((oldest, _)) = self.0.pop_front()
        {
            mark(oldest).fetch_sub(1, Relaxed);
        }
        mark(place).fetch_add(1, Relaxed);
        self.0.push_back((place, new));
    }

    /// Takes out what is of the places that `which` chooses.
    fn take(&mut self, which: impl Fn(Place) -> bool) -> Vec<(Place, T)> {
        let (taken, rest): (Vec<_>, Vec<_>) = self.0.drain(..).partition(|(place, _)| which(*place));
        self.0 = rest.into();
        taken.iter().for_each(|(place, _)| _ = mark(*place).fetch_sub(1, Relaxed));
        taken
    }
}

/// An entry that nobody has taken out so far.
struct Late {
    entry: Arc<Entry>,
    removal: Doer,
    insert: Doer,
    stack: RawStack,
}

/// A removal found nothing, of a key that was never seen to be there.
pub(super) fn missed(place: Place, by: Doer) {
    if OTHERS.has(by.site) {
        return;
    }
    with_book(|book| {
        let read = || spawned::child(by.site).map(Arc::new);
        match book.children.entry(address(by.site)).or_insert_with(read) {
            Some(child) => {
                let child = Arc::clone(child);
                book.missed.push(place, (by, child));
            }
            None => OTHERS.add(by.site),
        }
    });
}

/// An entry came or went.
#[inline]
pub(super) fn wrote(trail: Trail<'_>, place: Place, by: Doer, deed: Deed) {
    if mark(place).load(Relaxed) != 0 {
        wrote_closer(trail, place, by, deed);
    }
}

#[cold]
fn wrote_closer(trail: Trail<'_>, place: Place, by: Doer, deed: Deed) {
    with_book(|book| match deed {
        Deed::Appeared => book.appeared(trail.entry, place, by),
        Deed::Removed => drop(book.late.take(|late| late == place)),
        Deed::Replaced | Deed::Changed | Deed::Missed => {}
    });
}

/// All entries of a map may have gone.
pub(super) fn overhauled(map: u64) {
    if OPEN.load(Relaxed) != 0 {
        with_book(|book| drop(book.late.take(|late| late.map == map)));
    }
}

/// A map is gone: nobody takes anything out of it any more.
pub(crate) fn map_gone(map: u64) {
    if OPEN.load(Relaxed) != 0 {
        with_book(|book| drop(book.missed.take(|missed| missed.map == map)));
        tell(|late| late.map == map);
    }
}

impl Book {
    fn appeared(&mut self, entry: &Arc<Entry>, place: Place, by: Doer) {
        let missed = self.missed.take(|missed| missed == place).pop();
        let Some((_, (removal, child))) = missed else { return };
        if removal.actor == by.actor || !child.is_registered_at(by.site) {
            return;
        }
        static AT_EXIT: Once = Once::new();
        AT_EXIT.call_once(|| os::at_exit(|| tell(|_| true)));
        let late = Late { entry: Arc::clone(entry), removal, insert: by, stack: stack::capture() };
        self.late.push(place, late);
    }
}

fn with_book<R>(act: impl FnOnce(&mut Book) -> R) -> R {
    let mut guard: MutexGuard<'_, Option<Book>> = BOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let book = guard.get_or_insert_with(Book::default);
    let result = act(book);
    OPEN.store(book.missed.0.len() + book.late.0.len(), Relaxed);
    result
}

/// Tells of those that `which` chooses, of each pair of sites the first and how many there are, and forgets them.
fn tell(which: impl Fn(Place) -> bool) {
    let mut told: Vec<(Late, usize)> = Vec::new();
    for (_, late) in with_book(|book| book.late.take(which)) {
        match told.iter_mut().find(|(first, _)| first.is_like(&late)) {
            Some((_, count)) => *count += 1,
            None => told.push((late, 1)),
        }
    }
    if policy::mode() != policy::Mode::Off {
        told.into_iter().for_each(|(late, count)| late.tell(count));
    }
}

impl Late {
    fn is_like(&self, other: &Late) -> bool {
        let sites = |late: &Late| (address(late.removal.site), address(late.insert.site));
        sites(self) == sites(other)
    }

    fn tell(self, count: usize) {
        let Late { entry, removal, insert, stack, .. } = self;
        let times = if count == 1 { String::new() } else { format!(", {count} times") };
        let cause = format!(
            "`{}` was to take the entry out when the work was done, and found none yet; `{}` put it in afterwards, and nobody took it out{times}",
            removal.operation, insert.operation
        );
        let none = Taken::Not("none was taken; the site above is exact");
        let act = Party { held_for: None, ..party(Role::Act, insert, insert.at, Taken::At(stack, "")) };
        raise::raise(Collision {
            category: Category::LeakedEntry,
            grade: None,
            at: clock::now(),
            map: entry.facts(),
            parties: vec![party(Role::Look, removal, insert.at, none), act],
            cause,
            cure: Some(
                "put the entry in before the work is spawned, or let the work wait until it is registered; or remove it where the handle is awaited"
                    .to_owned(),
            ),
            otherwise: Otherwise::GoOn,
            may_panic: false,
        })
        .carry_out();
    }
}
