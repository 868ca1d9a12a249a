//! Two sides met: what is said, and what is done.
//!
//! The conflict is made as a value, handed to the handler and the stream, printed once per finding, and only
//! then does anything panic. While a panic unwinds already, nothing here starts a second one.

use crate::allow;
use crate::policy::{self, Config};
use crate::protocol::summons::{Docket, Summons};
use crate::site::StaticSite;
use crate::stack::{self, RawStack};
use crate::{notes, outlet, recorder, stderr, task, thread};
use mapwatch_event::{
    Access, Category, Conflict, ConflictId, Grade, MapFacts, Nanos, Operation, Outcome, Policy, Report, Role,
    Side, Site, Stack,
};
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long an attempt waits for the holder's testimony.
const PATIENCE: Duration = Duration::from_millis(100);

/// Findings whose text has been printed; beyond that many, all further ones are printed again.
const REMEMBERED: usize = 4096;

/// What is known of a side's stack.
#[derive(Clone, Debug)]
pub(crate) enum Taken {
    /// Taken at the moment that the note names.
    At(RawStack, &'static str),
    /// Not to be had, and why.
    Not(&'static str),
}

/// One side, before it is put into words.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) role: Role,
    pub(crate) operation: Operation,
    pub(crate) actor: u64,
    /// The thread that the actor ran on; 0 where it is a thread itself.
    pub(crate) thread: u64,
    pub(crate) site: Option<StaticSite>,
    pub(crate) held_for: Option<Nanos>,
    pub(crate) stack: Taken,
}

impl Party {
    /// The calling thread, with its stack as it is now.
    pub(crate) fn caller(role: Role, operation: Operation, site: StaticSite) -> Party {
        let stack = Taken::At(stack::capture(), "");
        let (thread, task) = (thread::actor(), task::current());
        let (actor, thread) = task.map_or((thread, 0), |task| (task, thread));
        Party { role, operation, actor, thread, site: Some(site), held_for: None, stack }
    }

    fn side(&self) -> Side {
        let stack = match &self.stack {
            Taken::At(stack, note) => stack::resolve(stack, note),
            Taken::Not(why) => Stack::absent(*why),
        };
        let site: Site = self.site.map(Site::from).unwrap_or_default();
        let source = source_line(&site, &stack).unwrap_or_default();
        let Party { role, operation, actor, held_for, .. } = *self;
        Side {
            role,
            operation,
            actor: thread::describe_on(actor, self.thread),
            site,
            held_for,
            source,
            stack,
        }
    }
}

/// What becomes of the operation if nobody panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// It goes on: the memory is the program's own risk.
    GoOn,
    /// It is left out: going on would be undefined behaviour of ours.
    Refuse,
    /// The process ends: even unwinding would run the destructor of a broken map.
    Abort,
}

/// Everything known when two sides meet.
#[derive(Debug)]
pub(crate) struct Collision {
    pub(crate) category: Category,
    /// How sure, where that is not the category's own.
    pub(crate) grade: Option<Grade>,
    /// When they met: before anybody was asked to testify.
    pub(crate) at: Nanos,
    pub(crate) map: MapFacts,
    pub(crate) parties: Vec<Party>,
    pub(crate) cause: String,
    /// A better cure than the category's.
    pub(crate) cure: Option<String>,
    pub(crate) otherwise: Otherwise,
    /// Whether a panic may start here at all; not in destructors.
    pub(crate) may_panic: bool,
}

impl Collision {
    pub(crate) fn grade(&self) -> Grade {
        self.grade.unwrap_or(self.category.grade())
    }
}

/// What the caller has to do now.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Verdict {
    /// Panic with this message.
    Panic(String),
    /// Go on, or leave the operation out, as [`Otherwise`] said.
    Carry,
}

impl Verdict {
    /// Panics where that is the verdict; the panic's place is the caller's.
    #[track_caller]
    pub(crate) fn carry_out(self) {
        if let Verdict::Panic(message) = self {
            panic!("{message}");
        }
    }
}

thread_local! {
    /// Set while this thread raises: a handler that uses a watched map must not end up here again.
    static RAISING: Cell<bool> = const { Cell::new(false) };
}

/// Says what there is to say about a collision, and what is to be done.
pub(crate) fn raise(collision: Collision) -> Verdict {
    raise_with(collision, Vec::new())
}

/// The same, with sides that are in words already.
pub(crate) fn raise_with(collision: Collision, sides: Vec<Side>) -> Verdict {
    let config = policy::current();
    if allow::is_allowed(&collision) {
        return Verdict::Carry;
    }
    let outcome = decide(config, &collision);
    if RAISING.replace(true) {
        return Verdict::Carry;
    }
    let mut conflict = put_into_words(collision, outcome);
    conflict.sides.extend(sides);
    conflict.sides.sort_by_key(|side| side.role != Role::Cancel);
    if let Some(handler) = policy::handler() {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| handler(&conflict)));
    }
    let report = Report::new(&conflict).with_frames(config.frames);
    if config.stderr && is_news(&conflict) {
        stderr::say(&report.to_string());
    }
    let headline = report.headline();
    outlet::tell(outlet::Told::Conflict(&conflict));
    if outcome == Outcome::Panicked {
        crate::panics::because_of(conflict.id);
    }
    recorder::conflict(conflict);
    RAISING.set(false);
    match outcome {
        Outcome::Panicked => Verdict::Panic(headline),
        Outcome::Aborted => {
            crate::collector::finish(mapwatch_event::event::EndReason::Abort);
            std::process::abort()
        }
        Outcome::Reported | Outcome::Refused => Verdict::Carry,
    }
}

fn decide(config: &Config, collision: &Collision) -> Outcome {
    let wanted = match config.policy {
        Policy::Off | Policy::Report => false,
        Policy::Panic => collision.grade() == Grade::Certain,
        Policy::Strict => collision.grade() >= Grade::Suspect,
    };
    let possible = collision.may_panic && !std::thread::panicking();
    match collision.otherwise {
        Otherwise::Abort => Outcome::Aborted,
        Otherwise::GoOn if wanted && possible => Outcome::Panicked,
        Otherwise::GoOn => Outcome::Reported,
        Otherwise::Refuse if possible => Outcome::Panicked,
        Otherwise::Refuse => Outcome::Refused,
    }
}

pub(crate) fn put_into_words(collision: Collision, outcome: Outcome) -> Conflict {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let context = collision.parties.last().map_or_else(Vec::new, |party| notes::of(party.actor));
    Conflict {
        id: ConflictId(NEXT.fetch_add(1, Ordering::Relaxed)),
        category: collision.category,
        grade: collision.grade(),
        at: collision.at,
        history: recorder::history(collision.map.id),
        map: collision.map,
        sides: collision.parties.iter().map(Party::side).collect(),
        cause: collision.cause,
        cure: collision.cure.unwrap_or_else(|| collision.category.cure().to_owned()),
        context,
        outcome,
    }
}

/// Whether this finding's text has not been printed yet.
fn is_news(conflict: &Conflict) -> bool {
    static PRINTED: Mutex<Option<HashSet<u64>>> = Mutex::new(None);
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    let key = BuildHasherDefault::<DefaultHasher>::default().hash_one(conflict.same_finding_key());
    let mut printed = PRINTED.lock().unwrap_or_else(PoisonError::into_inner);
    let printed = printed.get_or_insert_with(HashSet::new);
    printed.len() >= REMEMBERED || printed.insert(key)
}

/// The source line at a site, where the source is there.
pub(crate) fn source_line(site: &Site, stack: &Stack) -> Option<String> {
    let text = source(site, Some(stack))?;
    let line = text.lines().nth(site.line.checked_sub(1)? as usize)?.trim();
    (!line.is_empty()).then(|| line.chars().take(160).collect())
}

/// The source file of a site, where it is there.
///
/// The compiler names files relative to where it was started; the debug information has the full path.
pub(crate) fn source(site: &Site, stack: Option<&Stack>) -> Option<String> {
    let same = |file: &&str| file.ends_with(site.file.as_str());
    let full = stack.and_then(|stack| stack.frames.iter().map(|frame| frame.file.as_str()).find(same));
    full.into_iter().chain([site.file.as_str()]).find_map(|path| std::fs::read_to_string(path).ok())
}

/// The category of two accesses that must not overlap.
pub(crate) fn category_of(one: Access, other: Access) -> Category {
    match (one, other) {
        (Access::Iterate, _) | (_, Access::Iterate) => Category::ConcurrentIterationWrite,
        (Access::Write, Access::Write) => Category::ConcurrentWrites,
        _ => Category::ConcurrentReadWrite,
    }
}

/// Open questions to holders, by map.
static DOCKET: Docket<RawStack> = Docket::new();

/// Asks the holder for its stack: `contest` sets the bit it looks at, `inside` tells whether it still can answer.
pub(crate) fn ask(key: u64, contest: impl FnOnce(), inside: impl Fn() -> bool) -> Taken {
    let summons: Arc<Summons<RawStack>> = DOCKET.file(key);
    contest();
    let testimony = summons.wait(PATIENCE, inside);
    DOCKET.withdraw(&summons);
    match testimony {
        Some(stack) => Taken::At(stack, "taken when it left the map"),
        None => Taken::Not("it left, or stayed, without a word; the site above is where it went in"),
    }
}

/// The holder's answer to everybody who asked.
#[cold]
pub(crate) fn testify(key: u64) {
    DOCKET.answer(key, stack::capture);
}
