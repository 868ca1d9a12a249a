//! Work that goes on with a map after somebody gave it up, and went on as if it were over.
//!
//! Two ways of giving up do not end the work: `abort` cannot stop blocking work that has begun, and whoever drops
//! the handle that it was waiting for (a timeout around it, a lost `select!`) only stops waiting. Both are normal,
//! and so is work that outlives its spawner. Wrong is what follows: the one who gave up comes to a map and relies on
//! being alone with it, and then the work is there again.
//!
//! | given up by | relied | then the work |
//! |---|---|---|
//! | `abort` of blocking work that runs | looked at the key, or changed it, or went over the map | changes that key, or many |
//! | `abort` of blocking work that runs | changed many keys | changes one, or walks over the map |
//! | dropping the handle while waiting | took the key out, or cleared the map | puts the key in |
//!
//! It is told when the work ends, outside of every map, or else when the program does.

use crate::entry::Entry;
use crate::history::{Deed, Key};
use crate::raise::{self, Collision, Otherwise, Party, Taken};
use crate::site::StaticSite;
use crate::stack::{self, RawStack};
use crate::{clock, guard, os, policy, thread};
use mapwatch_event::{Category, Nanos, Operation, Role, Side, Site};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

/// Works that were given up and still run; further ones are not followed.
const WORKS: usize = 256;
/// Accesses that are remembered of the one who gave a work up.
const RELIED: usize = 64;

/// How a work was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Aborted, which does not stop it.
    Aborted,
    /// Nobody waits for it any more who did.
    Left,
}

/// What an access did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Looked,
    Walked,
    Put,
    Changed,
    TookOut,
    ChangedMany,
}

impl Act {
    pub(crate) fn of(deed: Deed, operation: Operation) -> Act {
        match deed {
            Deed::Appeared => Act::Put,
            Deed::Removed => Act::TookOut,
            // Whoever takes out what is not there wants it not to be there.
            Deed::Missed if operation == Operation::Remove => Act::TookOut,
            Deed::Missed => Act::Looked,
            _ => Act::Changed,
        }
    }

    /// Whether a work that was given up breaks, by this, what the other one relied on.
    fn breaks(self, relied: Act, how: How) -> bool {
        match how {
            How::Left => self == Act::Put && matches!(relied, Act::TookOut | Act::ChangedMany),
            How::Aborted => match self {
                Act::Looked => false,
                Act::Walked => relied == Act::ChangedMany,
                _ => true,
            },
        }
    }
}

/// One access to a map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    /// The key; `None` for the whole map.
    pub(crate) key: Option<Key>,
    pub(crate) act: Act,
    pub(crate) operation: Operation,
    pub(crate) site: StaticSite,
}

struct Relied {
    map: u64,
    access: Access,
    at: Nanos,
    thread: u64,
}

/// A work that was given up, and who went on without it.
struct GivenUp {
    work: u64,
    by: u64,
    thread: u64,
    how: How,
    at: Nanos,
    /// The call that gave it up, where that is one of ours.
    site: Option<StaticSite>,
    stack: RawStack,
    relied: Vec<Relied>,
    found: Option<Box<Found>>,
}

/// What it did to what somebody relied on.
struct Found {
    entry: Arc<Entry>,
    relied: Relied,
    access: Access,
    at: Nanos,
    thread: u64,
    stack: RawStack,
}

static GIVEN_UP: Mutex<Vec<GivenUp>> = Mutex::new(Vec::new());
/// Entries of the list: while there are none, an access pays for this look alone.
static OPEN: AtomicUsize = AtomicUsize::new(0);

fn list() -> MutexGuard<'static, Vec<GivenUp>> {
    GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The caller gives a work up that runs on; `site` is the call where that is one of ours.
#[cold]
pub(crate) fn given_up(work: u64, how: How, site: Option<StaticSite>) {
    static AT_EXIT: Once = Once::new();
    if policy::mode() == policy::Mode::Off {
        return;
    }
    AT_EXIT.call_once(|| os::at_exit(tell_the_rest));
    let (by, stack) = (guard::actor(), stack::capture());
    let mut list = list();
    if list.len() >= WORKS || list.iter().any(|given| given.work == work) {
        return;
    }
    let (thread, at) = (thread::actor(), clock::now());
    list.push(GivenUp { work, by, thread, how, at, site, stack, relied: Vec::new(), found: None });
    OPEN.store(list.len(), Relaxed);
}

/// Whether a work that was given up still runs.
#[inline]
pub(crate) fn is_followed() -> bool {
    OPEN.load(Relaxed) != 0
}

/// The calling actor came to a map.
#[inline]
pub(crate) fn came(entry: &Arc<Entry>, access: Access) {
    if is_followed() {
        came_after_all(entry, access);
    }
}

#[cold]
fn came_after_all(entry: &Arc<Entry>, access: Access) {
    let (actor, map, at) = (guard::actor(), entry.id.0, clock::now());
    for given in list().iter_mut() {
        if given.work == actor {
            given.judge(entry, access);
        } else if given.by == actor && given.relied.len() < RELIED {
            given.relied.push(Relied { map, access, at, thread: thread::actor() });
        }
    }
}

/// A work is over: it can do nothing more, and what it did is told.
pub(super) fn over(work: u64) {
    if OPEN.load(Relaxed) == 0 {
        return;
    }
    let given = {
        let mut list = list();
        let place = list.iter().position(|given| given.work == work);
        let given = place.map(|place| list.swap_remove(place));
        OPEN.store(list.len(), Relaxed);
        given
    };
    if let Some(given) = given {
        given.tell();
    }
}

/// The program ends before the works do.
fn tell_the_rest() {
    let rest = std::mem::take(&mut *list());
    OPEN.store(0, Relaxed);
    rest.into_iter().for_each(GivenUp::tell);
}

impl GivenUp {
    fn judge(&mut self, entry: &Arc<Entry>, access: Access) {
        if self.found.is_some() {
            return;
        }
        let same = |relied: &Relied| {
            let keys = (relied.access.key, access.key);
            let meets = !matches!(keys, (Some(one), Some(other)) if one != other);
            relied.map == entry.id.0 && meets && access.act.breaks(relied.access.act, self.how)
        };
        let Some(index) = self.relied.iter().position(same) else { return };
        self.found = Some(Box::new(Found {
            entry: Arc::clone(entry),
            relied: self.relied.swap_remove(index),
            access,
            at: clock::now(),
            thread: thread::actor(),
            stack: stack::capture(),
        }));
    }

    fn tell(self) {
        let Some(found) = self.found else { return };
        let Found { entry, relied, access, at, thread, stack } = *found;
        let (how, cure) = match self.how {
            How::Aborted => (
                "`abort` does not stop blocking work that has begun",
                "let the work look at a flag or a `CancellationToken` at every step, or wait for its end before the map is used again",
            ),
            How::Left => (
                "whoever stops waiting for a handle does not stop what it stands for",
                "abort the task, or let the work ask whether it is still wanted under the map's lock, before it puts anything in",
            ),
        };
        let relied_party = Party {
            role: Role::Between,
            operation: relied.access.operation,
            actor: self.by,
            thread: if self.by == relied.thread { 0 } else { relied.thread },
            site: Some(relied.access.site),
            held_for: Some(at.since(relied.at)),
            stack: Taken::Not("no stack was taken; the site above is exact"),
        };
        let act = Party {
            role: Role::Act,
            operation: access.operation,
            actor: self.work,
            thread,
            site: Some(access.site),
            held_for: None,
            stack: Taken::At(stack, ""),
        };
        let cause =
            format!("{how}: it came back to the map after the one who gave it up had gone on without it");
        let collision = Collision {
            category: Category::AccessAfterCancel,
            grade: None,
            at,
            map: entry.facts(),
            parties: vec![relied_party, act],
            cause,
            cure: Some(cure.to_owned()),
            otherwise: Otherwise::GoOn,
            may_panic: false,
        };
        let cancel = cancellation(self.by, self.thread, self.site, &self.stack, at.since(self.at));
        let _ = raise::raise_with(collision, vec![cancel]);
    }
}

/// The side of the one who gave up: where no call of ours did, the innermost function of the user's.
fn cancellation(by: u64, thread: u64, site: Option<StaticSite>, stack: &RawStack, before: Nanos) -> Side {
    let stack = stack::resolve(stack, "");
    let user = stack.user_frames().next();
    let frame = user.map(|frame| Site { file: frame.file.clone(), line: frame.line, column: frame.column });
    let site = site.map(Site::from).or(frame).unwrap_or_default();
    Side {
        role: Role::Cancel,
        operation: Operation::Drop,
        actor: thread::describe_on(by, if by == thread { 0 } else { thread }),
        source: raise::source_line(&site, &stack).unwrap_or_default(),
        site,
        held_for: Some(before),
        stack,
    }
}
