//! Updates of which the second half never comes: a future was dropped between the two.
//!
//! | module | question it answers |
//! |---|---|
//! | this one | what has happened that a half-done update may depend on? |
//! | `ledger` | which updates are half done, and whose future is over without having done the rest? |
//! | `half` | what is there to be told of one? |
//! | `text` | what has to come after this call, on every way that the source allows? |
//! | `chain` | must the future that made this call be over by now? |
//! | `overrun` | does work that was given up go on with a map that somebody relies on? |
//!
//! A half-done update begins with a call whose source names its other half behind an `.await`. It is left behind
//! when its future is over: its watched task has ended, or the function that owned it has gone on, or more tasks
//! have a half of its kind than the runtime has tasks. A future that ends with its runtime leaves nothing behind.
//! Nothing in stable tokio tells the end of a task that nobody wraps: a runtime says how many tasks it has, not which,
//! and a handle that would answer is its owner's. So while unrelated ones live there, a dropped task is found by what
//! goes with it (the lock that its second half needs), or not at all; what `mapwatch::task` spawned is found always.
//! What is left behind is told when the program ends, because somebody may still come and put it right; where that
//! happened once, a site is never spoken of again.

mod chain;
mod half;
mod ledger;
pub(crate) mod overrun;
pub(crate) mod text;

use crate::entry::Entry;
use crate::history::{Deed, Key};
use crate::site::{Settled, StaticSite, address};
use crate::stack::{self, RawStack};
use crate::task::Runtime;
use crate::{clock, policy, task, thread};
use half::Half;
use ledger::{Came, Gone, Ledger};
use mapwatch_event::{Ending, Operation};
use overrun::{Access, Act};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Largest source file that is read.
const SOURCE: u64 = 2 << 20;

static LEDGER: Mutex<Option<Ledger>> = Mutex::new(None);
/// Halves in the ledger: while there are none, a call pays for this look alone.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Sites that were found to begin nothing: for them nobody takes the ledger's lock.
static WHOLE: Settled = Settled::new();

fn ledger() -> MutexGuard<'static, Option<Ledger>> {
    LEDGER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a change at `site` is nobody's business here: nothing is half done, and nothing that can be dropped begins.
#[inline]
pub(crate) fn is_quiet(site: StaticSite) -> bool {
    OPEN.load(Relaxed) == 0 && !overrun::is_followed() && (WHOLE.has(site) || !task::may_be_dropped())
}

/// A call has changed a key; to be told while others are kept out of the map.
pub(crate) fn changed(entry: &Arc<Entry>, key: Key, operation: Operation, deed: Deed, site: StaticSite) {
    overrun::came(entry, Access { key: Some(key), act: Act::of(deed, operation), operation, site });
    came(entry, key, operation, deed, site, false);
}

/// A call has handed a value out that was there, to be changed or only to be looked at.
pub(crate) fn handed(entry: &Arc<Entry>, key: Key, operation: Operation, site: StaticSite) {
    came(entry, key, operation, Deed::Changed, site, true);
}

fn came(entry: &Arc<Entry>, key: Key, operation: Operation, deed: Deed, site: StaticSite, may: bool) {
    let begins = deed != Deed::Missed && !WHOLE.has(site) && task::may_be_dropped();
    if OPEN.load(Relaxed) == 0 && !begins {
        return;
    }
    let mut guard = ledger();
    let ledger = guard.get_or_insert_with(Ledger::default);
    let actor = crate::guard::actor();
    let place = (entry.id.0, key.0);
    let begun = if begins { ledger.update(site) } else { None };
    let part = ledger.part(site);
    ledger.settle(&Came { place, deed, site, actor, may, part });
    let mut is_new = false;
    // Entries come and go by other changes than those of their values.
    let begun = begun.filter(|update| deed != Deed::Changed || update.partner.value.is_some());
    if let Some(update) = begun
        && let Some(path) = ledger.path(&update, stack::capture())
    {
        let runtime = Runtime::current();
        let number = runtime.as_ref().map_or(0, Runtime::id);
        ledger.begin(
            place,
            Half {
                update,
                entry: Arc::clone(entry),
                operation,
                actor,
                thread: thread::actor(),
                at: clock::rough(),
                stack: path,
                runtime: number,
                container: container(actor, entry.id.0),
                left: false,
                asked: Vec::new(),
            },
        );
        is_new = runtime.is_some_and(|runtime| ledger.runtimes.insert(number, runtime).is_none());
    }
    leave(guard);
    if is_new {
        // The one before may have closed.
        count(None);
    }
}

/// What a map is kept in: the lock that the actor holds now.
fn container(actor: u64, map: u64) -> u64 {
    let mut locks = crate::guard::maps_held_by(actor);
    locks.retain(|lock| *lock != map);
    match locks[..] {
        [] => map,
        [lock] => lock,
        _ => 0,
    }
}

/// Gives the ledger back, and then the runtimes of which nothing is in it: their last parts may go with a handle.
fn leave(mut guard: MutexGuard<'static, Option<Ledger>>) {
    let Some(ledger) = guard.as_mut() else { return };
    OPEN.store(ledger.halves.len(), Relaxed);
    let is_empty = ledger.halves.is_empty();
    let _go_last = is_empty.then(|| std::mem::take(&mut ledger.runtimes));
    drop(guard);
}

/// A call may have changed all keys of a map.
pub(crate) fn overhauled(entry: &Arc<Entry>, site: StaticSite) {
    overrun::came(entry, Access { key: None, act: Act::ChangedMany, operation: Operation::Write, site });
    let map = entry.id.0;
    with_open(|ledger| {
        let mended: Vec<u64> = ledger
            .halves
            .iter()
            .filter(|(((of, _), _), _)| *of == map)
            .map(|(_, half)| address(half.update.first))
            .collect();
        ledger.mended.extend(mended);
        ledger.halves.retain(|((of, _), _), _| *of != map);
    });
}

/// A map is gone, or a lock; what was left behind in it stays known.
pub(crate) fn map_gone(map: u64) {
    count(Some(map));
    with_open(|ledger| ledger.halves.retain(|((of, _), _), half| *of != map || half.left));
}

/// The calling actor is at `site` now: futures that it owned may be over.
#[inline]
pub(crate) fn passing(site: StaticSite) {
    if OPEN.load(Relaxed) != 0 {
        with_open(|ledger| ledger.pass(site));
        // Tasks come here too often to count each time.
        if task::current().is_none() {
            count(None);
        }
    }
}

/// A watched task has ended, and how; `stack` is that of the drop where that ended it.
pub(crate) fn ended(actor: u64, ending: Ending, stack: Option<&RawStack>) {
    overrun::over(actor);
    with_open(|ledger| {
        let mut own = ledger.halves.values().filter(|half| half.actor == actor && !half.left);
        if own.next().is_none() {
            return;
        }
        let tells = match ending {
            Ending::Completed => true,
            Ending::Cancelled => !stack.is_some_and(|stack| chain::is_on(stack, &["shutdown"])),
            _ => false,
        };
        if tells {
            ledger.halves.values_mut().filter(|half| half.actor == actor).for_each(|half| half.left = true);
        } else {
            ledger.halves.retain(|_, half| half.actor != actor || half.left);
        }
    });
}

fn with_open(act: impl FnOnce(&mut Ledger)) {
    if OPEN.load(Relaxed) == 0 {
        return;
    }
    let mut guard = ledger();
    if let Some(ledger) = guard.as_mut() {
        act(ledger);
    }
    leave(guard);
}

/// Compares the tasks that have halves with those that their runtimes have. Those whose second half needs what is
/// `gone` are over in any case: they had a part in it.
fn count(gone: Option<u64>) {
    if OPEN.load(Relaxed) == 0 {
        return;
    }
    let missing = ledger().as_mut().map(|ledger| ledger.missing(gone)).unwrap_or_default();
    for Gone { runtime, tasks } in missing {
        // Asked without the ledger's lock: what a runtime does when it is given a task is its own affair.
        let is_open = runtime.is_open();
        let mut guard = ledger();
        let Some(ledger) = guard.as_mut() else { return };
        let _goes_last = (!is_open).then(|| {
            ledger.halves.retain(|_, half| half.runtime != runtime.id() || half.left);
            ledger.runtimes.remove(&runtime.id())
        });
        if is_open {
            let theirs = ledger.halves.values_mut().filter(|half| tasks.contains(&half.actor));
            theirs.for_each(|half| half.left = true);
        }
        leave(guard);
    }
}

/// The program ends: tells what was left behind.
fn tell() {
    count(None);
    let left = ledger().as_mut().map(Ledger::left).unwrap_or_default();
    OPEN.store(0, Relaxed);
    if policy::mode() == policy::Mode::Off {
        return;
    }
    for (half, count) in left {
        half.tell(count);
    }
}

/// The text of a source file, where it is there. The compiler names files from where it was started: somewhere above
/// the program, or above where it runs.
pub(crate) fn source(file: &str) -> Option<String> {
    let above = |path: Option<PathBuf>| {
        path.into_iter().flat_map(|path| path.ancestors().map(Path::to_owned).collect::<Vec<_>>())
    };
    let roots = above(std::env::current_dir().ok()).chain(above(std::env::current_exe().ok()));
    let path = roots.map(|root| root.join(file)).find(|path| path.is_file())?;
    (path.metadata().ok()?.len() <= SOURCE).then(|| std::fs::read_to_string(path).ok())?
}
