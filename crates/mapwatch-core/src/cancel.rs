//! Updates of which the second half never comes: a future was dropped between the two.
//!
//! | module | question it answers |
//! |---|---|
//! | this one | which updates are half done, and whose future is over without having done the rest? |
//! | `text` | what has to come after this call, on every way that the source allows? |
//! | `chain` | must the future that made this call be over by now? |
//! | `overrun` | does work that was given up go on with a map that somebody relies on? |
//!
//! A half-done update begins with a call whose source names its other half behind an `.await`. It is left behind
//! when its future is over: its watched task has ended, or the function that owned it has gone on, or more tasks
//! have a half of its kind than the runtime has tasks. A future that ends with its runtime leaves nothing behind.
//! What is left behind is told when the program ends, because somebody may still come and put it right; where that
//! happened once, a site is never spoken of again.

mod chain;
pub(crate) mod overrun;
pub(crate) mod text;

use crate::entry::Entry;
use crate::history::{Deed, Key};
use crate::raise::{self, Collision, Otherwise, Party, Taken};
use crate::site::{Settled, StaticSite, address};
use crate::stack::{self, RawStack};
use crate::task::Runtime;
use crate::{clock, os, policy, task, thread};
use mapwatch_event::{ActorId, Category, Ending, Nanos, Operation, Role, Side, Site, Stack};
use overrun::{Access, Act};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use text::Partner;

/// Half-done updates that are followed at a time; further ones are not.
const HALVES: usize = 1024;
/// Pairs of stacks whose judgement is kept.
const JUDGEMENTS: usize = 4096;
/// Largest source file that is read.
const SOURCE: u64 = 2 << 20;

/// A map and a key's number.
type Place = (u64, u64);

/// One kind of update: its two halves.
#[derive(Debug)]
struct Update {
    first: StaticSite,
    partner: Partner,
}

impl Update {
    fn is_second(&self, site: StaticSite) -> bool {
        site.line() == self.partner.line && site.file() == self.first.file()
    }
}

/// One update whose first half is done.
struct Half {
    update: Arc<Update>,
    entry: Arc<Entry>,
    operation: Operation,
    actor: u64,
    thread: u64,
    at: Nanos,
    stack: RawStack,
    /// The number of the runtime that polled it; 0 for none.
    runtime: u64,
    /// The lock that its map was reached through, else the map; 0 where there were several locks. Whoever does the
    /// second half needs it.
    container: u64,
    /// Its future is over.
    left: bool,
    /// Sites from which its future was found not to be over.
    asked: Vec<u64>,
}

#[derive(Default)]
struct Ledger {
    halves: BTreeMap<Place, Half>,
    updates: HashMap<u64, Option<Arc<Update>>>,
    /// First sites whose halves somebody else completes or takes back.
    mended: BTreeSet<u64>,
    judgements: HashMap<(RawStack, RawStack), bool>,
    /// Those that have halves, by number.
    runtimes: BTreeMap<u64, Runtime>,
    /// Whether a call, by its address on the stack, is one through which a kind of update begins.
    callers: HashMap<(u64, usize), Reached>,
}

/// What a frame of a stack is on the way to a first half.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    /// The function that makes the call, or nothing of the user's.
    Within,
    /// The call of that function which the source's other half comes after.
    Through,
    /// Another one.
    Otherwise,
}

/// Tasks that a runtime does not have any more, though they left halves behind.
struct Gone {
    runtime: Runtime,
    tasks: BTreeSet<u64>,
}

static LEDGER: Mutex<Option<Ledger>> = Mutex::new(None);
/// Halves in the ledger: while there are none, a call pays for this look alone.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Sites that were found to begin nothing: for them nobody takes the ledger's lock.
static WHOLE: Settled = Settled::new();

fn ledger() -> MutexGuard<'static, Option<Ledger>> {
    LEDGER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call has changed a key; to be told while others are kept out of the map.
pub(crate) fn changed(entry: &Arc<Entry>, key: Key, operation: Operation, deed: Deed, site: StaticSite) {
    overrun::came(entry, Access { key: Some(key), act: Act::of(deed, operation), operation, site });
    let begins = matches!(deed, Deed::Appeared | Deed::Replaced | Deed::Removed)
        && !WHOLE.has(site)
        && task::may_be_dropped();
    if OPEN.load(Relaxed) == 0 && !begins {
        return;
    }
    let mut guard = ledger();
    let ledger = guard.get_or_insert_with(Ledger::default);
    let actor = crate::guard::actor();
    let place = (entry.id.0, key.0);
    ledger.settle(place, deed, site, actor);
    let mut is_new = false;
    let begun = if begins { ledger.update(site) } else { None };
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
            .filter(|((of, _), _)| *of == map)
            .map(|(_, half)| address(half.update.first))
            .collect();
        ledger.mended.extend(mended);
        ledger.halves.retain(|(of, _), _| *of != map);
    });
}

/// A map is gone, or a lock; what was left behind in it stays known.
pub(crate) fn map_gone(map: u64) {
    count(Some(map));
    with_open(|ledger| ledger.halves.retain(|(of, _), half| *of != map || half.left));
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

impl Ledger {
    /// Ends the halves that a change completes, or takes back.
    fn settle(&mut self, place: Place, deed: Deed, site: StaticSite, actor: u64) {
        if self.halves.is_empty() || deed == Deed::Missed {
            return;
        }
        let completes = |(at, half): &(&Place, &Half)| {
            half.actor == actor && half.update.is_second(site) && (**at == place || at.0 != place.0)
        };
        // Of several that one task has begun alike, one: rather its own than what a dropped one left.
        let own = self.halves.iter().filter(completes);
        let completed = own.min_by_key(|(at, half)| (**at != place, half.left, half.at)).map(|(at, _)| *at);
        self.halves.retain(|at, half| {
            if completed == Some(*at) {
                return false;
            }
            let again = std::ptr::eq(half.update.first, site);
            if *at == place && !again {
                self.mended.insert(address(half.update.first));
            }
            *at != place
        });
    }

    /// The update that begins at a site; the source is read once.
    fn update(&mut self, site: StaticSite) -> Option<Arc<Update>> {
        let read = || {
            let text = source(site.file())?;
            let partner = text::partner(&text, site.line(), site.column())?;
            Some(Arc::new(Update { first: site, partner }))
        };
        let update = self.updates.entry(address(site)).or_insert_with(read).clone();
        let update = update.filter(|_| !self.mended.contains(&address(site)));
        if update.is_none() {
            WHOLE.add(site);
        }
        update
    }

    /// The stack of the one who awaits: without the functions that an update's first half was reached through;
    /// `None` where that was another way than the source's.
    fn path(&mut self, update: &Arc<Update>, stack: RawStack) -> Option<RawStack> {
        if update.partner.callers.is_empty() {
            return Some(stack);
        }
        let first = address(update.first);
        for (index, &pointer) in stack.iter().enumerate() {
            if self.callers.len() >= JUDGEMENTS {
                self.callers.clear();
            }
            match *self.callers.entry((first, pointer)).or_insert_with(|| reached(update, pointer)) {
                Reached::Within => {}
                Reached::Through => return Some(RawStack::from(&stack[index..])),
                Reached::Otherwise => return None,
            }
        }
        None
    }

    fn begin(&mut self, place: Place, half: Half) {
        static AT_EXIT: Once = Once::new();
        AT_EXIT.call_once(|| os::at_exit(tell));
        // The same call on the same path, by one that owns one future at a time: the one before is over.
        let before =
            |earlier: &Half| !earlier.left && earlier.actor == half.actor && earlier.stack == half.stack;
        if self.halves.values().any(before) && self.judge(&half.stack, &half.stack) {
            self.halves
                .values_mut()
                .filter(|earlier| before(earlier))
                .for_each(|earlier| earlier.left = true);
        }
        if self.halves.len() < HALVES {
            self.halves.insert(place, half);
        }
    }

    fn pass(&mut self, site: StaticSite) {
        let actor = crate::guard::actor();
        let asks = |half: &Half| !half.left && half.actor == actor && !half.asked.contains(&address(site));
        let own: Vec<Place> =
            self.halves.iter().filter(|(_, half)| asks(half)).map(|(place, _)| *place).collect();
        if !own.is_empty() {
            let now = stack::capture();
            for place in own {
                let Some(past) = self.halves.get(&place).map(|half| Arc::clone(&half.stack)) else {
                    continue;
                };
                let is_over = self.judge(&past, &now);
                if let Some(half) = self.halves.get_mut(&place) {
                    half.left = is_over;
                    half.asked.push(address(site));
                }
            }
        }
    }

    /// Whether the future that stood on one stack must be over on another one of the same actor.
    fn judge(&mut self, past: &RawStack, now: &RawStack) -> bool {
        let pair = (Arc::clone(past), Arc::clone(now));
        if let Some(known) = self.judgements.get(&pair) {
            return *known;
        }
        let steps = || Some((chain::steps(past)?, chain::steps(now)?));
        let is_over = steps().is_some_and(|(then, present)| {
            if past == now { chain::is_single(&then) } else { chain::is_over(&then, &present) }
        });
        if self.judgements.len() < JUDGEMENTS {
            self.judgements.insert(pair, is_over);
        }
        is_over
    }

    /// Tasks that are not among those that their runtime has any more: of each kind of update the oldest ones.
    /// Which of several kinds a missing task had begun cannot be said.
    fn missing(&mut self, gone: Option<u64>) -> Vec<Gone> {
        let mut missing = Vec::new();
        for (number, runtime) in &self.runtimes {
            let theirs = |half: &&Half| {
                let spawned = half.actor & ActorId::RUNTIME != 0 && half.actor & task::TASK != 0;
                spawned && !half.left && half.runtime == *number
            };
            let mut kinds: BTreeMap<u64, BTreeMap<u64, &Half>> = BTreeMap::new();
            let mut orphans: BTreeMap<u64, &Half> = BTreeMap::new();
            for half in self.halves.values().filter(theirs) {
                kinds.entry(address(half.update.first)).or_default().insert(half.actor, half);
                if half.update.partner.is_near && gone == Some(half.container) {
                    orphans.insert(half.actor, half);
                }
            }
            let alive = runtime.alive();
            let fewer = kinds.into_values().filter(|kind| kind.len() > alive);
            let mut tasks: BTreeSet<u64> = fewer.flat_map(|kind| oldest(kind, alive)).collect();
            tasks.extend(oldest(orphans, 0));
            if !tasks.is_empty() {
                missing.push(Gone { runtime: runtime.clone(), tasks });
            }
        }
        missing
    }

    /// What was left behind: of each kind of update the oldest, and how many there are.
    fn left(&mut self) -> Vec<(Half, usize)> {
        let mut found: BTreeMap<u64, (Half, usize)> = BTreeMap::new();
        for half in std::mem::take(&mut self.halves).into_values() {
            let site = address(half.update.first);
            if !half.left || self.mended.contains(&site) {
                continue;
            }
            match found.get_mut(&site) {
                Some((oldest, count)) => {
                    *count += 1;
                    if half.at < oldest.at {
                        *oldest = half;
                    }
                }
                None => _ = found.insert(site, (half, 1)),
            }
        }
        found.into_values().collect()
    }
}

/// What the frame at an address is on the way to an update's first half.
fn reached(update: &Update, pointer: usize) -> Reached {
    let (file, partner) = (update.first.file(), &update.partner);
    for function in stack::functions(&RawStack::from([pointer].as_slice())) {
        if !function.user {
            continue;
        }
        let is_here = function.file.ends_with(&file.replace('\\', "/"));
        if is_here && partner.callers.iter().any(|lines| lines.contains(&function.line)) {
            return Reached::Through;
        }
        // The first of the user's frames is the one that makes the call.
        if !is_here || function.line != update.first.line() {
            return Reached::Otherwise;
        }
    }
    Reached::Within
}

/// All but the last `alive` of those tasks that a runtime counts.
fn oldest(kind: BTreeMap<u64, &Half>, alive: usize) -> Vec<u64> {
    let mut tasks: Vec<(Nanos, u64)> = kind
        .into_iter()
        .filter(|(_, half)| chain::is_counted(&half.stack))
        .map(|(actor, half)| (half.at, actor))
        .collect();
    tasks.sort_unstable();
    let gone = tasks.len().saturating_sub(alive);
    tasks.into_iter().take(gone).map(|(_, actor)| actor).collect()
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

impl Half {
    fn tell(self, count: usize) {
        let Half { update, entry, operation, actor, thread, at, stack, .. } = self;
        let (now, partner) = (clock::now(), &update.partner);
        let site = Site { line: partner.line, column: partner.column, ..Site::from(update.first) };
        let second = Operation::ALL.iter().find(|known| known.word() == partner.name).copied();
        let line = |text: String| {
            let line = text.lines().nth(partner.line as usize - 1)?.trim();
            Some(line.chars().take(160).collect())
        };
        let missing = Side {
            role: Role::Missing,
            operation: second.unwrap_or(operation),
            actor: thread::describe(actor),
            source: source(update.first.file()).and_then(line).unwrap_or_default(),
            site,
            held_for: None,
            stack: Stack::absent("it never ran; the source has it after the first half on every way"),
        };
        let times = if count == 1 { String::new() } else { format!(", {count} times") };
        let cause = match partner.category {
            Category::LeakedEntry => format!(
                "`{operation}` put an entry in, and its future was dropped at an `.await` before `{}` took it out again{times}",
                partner.name
            ),
            _ => format!(
                "a future was dropped at an `.await` between `{operation}` and the `{}` that completes the update{times}",
                partner.name
            ),
        };
        let thread = if actor == thread { 0 } else { thread };
        let first = Party {
            role: Role::Begun,
            operation,
            actor,
            thread,
            site: Some(update.first),
            held_for: Some(now.since(at)),
            stack: Taken::At(stack, ""),
        };
        let collision = Collision {
            category: partner.category,
            grade: None,
            at: now,
            map: entry.facts(),
            parties: vec![first],
            cause,
            cure: None,
            otherwise: Otherwise::GoOn,
            may_panic: false,
        };
        let _ = raise::raise_with(collision, vec![missing]);
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
