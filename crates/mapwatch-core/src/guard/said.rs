//! The words of each finding: who had what, who wanted what, and what keeps the guard alive.

use super::hold::Hold;
use super::judge::{Behind, Step};
use super::order::Edge;
use super::strand::{self, Strand};
use super::wait::Wait;
use super::{Latch, Mode, Part, Want, actor};
use crate::entry::{self, Entry};
use crate::raise::{self, Collision, Otherwise, Party, Taken, Verdict};
use crate::site::StaticSite;
use crate::stack::{self, RawStack};
use crate::task::TASK;
use crate::{clock, thread};
use mapwatch_event::{
    Category, Conflict, Grade, MapFacts, MapId, MapKind, Nanos, Operation, Outcome, Report, Role, Site,
};
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Hazards are told once per pair of sites, unless the policy panics on them.
fn is_first(category: Category, one: StaticSite, other: StaticSite) -> bool {
    static TOLD: Mutex<Option<HashSet<(Category, usize, usize)>>> = Mutex::new(None);
    if crate::policy::current().policy == mapwatch_event::Policy::Strict {
        return true;
    }
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let told = told.get_or_insert_with(HashSet::new);
    told.insert((category, std::ptr::from_ref(one).addr(), std::ptr::from_ref(other).addr()))
}

/// A guard as a side.
fn holder(hold: &Hold, now: Nanos) -> Party {
    let stack = match hold.stack() {
        Some((stack, false)) => Taken::At(stack, "taken when the guard was taken"),
        Some((stack, true)) => Taken::At(stack, "of a guard taken by the same call a moment earlier"),
        None => Taken::Not("no stack was taken; the site above is where the guard was taken"),
    };
    Party {
        role: Role::Holder,
        operation: hold.operation,
        actor: hold.actor,
        thread: hold.thread,
        site: Some(hold.site),
        held_for: Some(now.since(hold.since)),
        stack,
    }
}

/// A wait as a side.
fn waiter(wait: &Wait, role: Role, now: Nanos) -> Party {
    let stack = match &wait.stack {
        Some(stack) => Taken::At(Arc::clone(stack), "taken when it began to wait"),
        None => Taken::Not("it waits inside the call; the site above is the call"),
    };
    let held_for = (role == Role::Waiter && wait.since.0 != 0).then(|| now.since(wait.since));
    Party {
        role,
        operation: wait.operation,
        actor: wait.actor,
        thread: wait.thread,
        site: Some(wait.site),
        held_for,
        stack,
    }
}

/// This call as a side.
fn caller(want: Want, at: StaticSite) -> Party {
    Party { actor: actor(), thread: thread::actor(), ..Party::caller(Role::Attempt, want.operation, at) }
}

fn facts(map: u64) -> MapFacts {
    entry::find(map).map_or_else(|| unknown(map), |entry| facts_of(&entry))
}

fn facts_of(entry: &Entry) -> MapFacts {
    entry.facts()
}

/// A map that went away while it was spoken of.
fn unknown(map: u64) -> MapFacts {
    MapFacts {
        id: MapId(map),
        kind: MapKind::Mutex,
        name: "a container that is gone".to_owned(),
        type_name: String::new(),
        made: Site::default(),
        length: None,
    }
}

fn title(map: u64) -> String {
    facts(map).title()
}

/// Tells of a circle that the calling thread's wait closes.
pub(super) fn circle(latch: &Latch, circle: &[Step]) -> Verdict {
    raise::raise(collision(circle, latch.identity.entry().facts(), true, None))
}

/// Tells of a circle that stands: under a policy that lets it, or because it could not be sure before.
pub(super) fn standing(circle: &[Step]) {
    let Some(first) = circle.first() else { return };
    let collision = collision(circle, facts(first.wait.map), false, Some(Grade::Hazard));
    let _ = raise::raise(collision);
}

fn collision(circle: &[Step], map: MapFacts, may_panic: bool, grade: Option<Grade>) -> Collision {
    let now = clock::now();
    let (category, parties, cause, cure) = match circle {
        [Step { wait, behind: Behind::Guard(hold) }] => alone(wait, hold, &map, now),
        [Step { wait, behind: Behind::Writer(writer) }, Step { behind: Behind::Guard(hold), .. }]
            if hold.map == wait.map && hold.actor == wait.actor =>
        {
            behind_a_writer(wait, writer, hold, now)
        }
        _ => several(circle, now),
    };
    Collision {
        category,
        grade: grade.or(Some(Grade::Certain)),
        at: now,
        map,
        parties,
        cause,
        cure,
        otherwise: Otherwise::GoOn,
        may_panic,
    }
}

type Told = (Category, Vec<Party>, String, Option<String>);

/// One wait behind a guard that it keeps alive itself.
fn alone(wait: &Wait, hold: &Hold, map: &MapFacts, now: Nanos) -> Told {
    let parties = vec![holder(hold, now), waiter(wait, Role::Attempt, now)];
    let (first, second) = (hold.operation, wait.operation);
    let place = shard(hold.part, wait.part);
    if is_suspended(hold, wait) {
        let who = if hold.actor & TASK == 0 || hold.actor == wait.actor {
            "a future of this thread that is suspended".to_owned()
        } else {
            format!("task {}, which is suspended on this thread", mapwatch_event::ActorId(hold.actor))
        };
        let cause = format!(
            "`{second}` waits{place} for the guard of `{first}`, which belongs to {who}: it cannot be polled \
             while this thread waits"
        );
        return (Category::GuardAcrossAwait, parties, cause, None);
    }
    let kept = kept_alive(hold);
    let cause = match (hold.mode, wait.mode) {
        (Mode::Shared | Mode::Upgradable, Mode::Exclusive) if map.kind == MapKind::RwLock => {
            format!(
                "`{second}` waits until all readers have left, and one of them is this caller's own: {kept}"
            )
        }
        _ => format!("`{second}` would wait{place} for ever for a guard that its own caller keeps: {kept}"),
    };
    (Category::SelfDeadlock, parties, cause, Some(cure_of(hold, wait)))
}

/// A second read that queues behind a writer that waits for the first read.
fn behind_a_writer(wait: &Wait, writer: &Wait, hold: &Hold, now: Nanos) -> Told {
    let parties =
        vec![holder(hold, now), waiter(writer, Role::Waiter, now), waiter(wait, Role::Attempt, now)];
    let cause = format!(
        "the second `{}` queues behind a `{}` that waits for the first one's guard: {}",
        wait.operation,
        writer.operation,
        kept_alive(hold)
    );
    (Category::RecursiveRead, parties, cause, None)
}

/// Several actors, each behind the next.
fn several(circle: &[Step], now: Nanos) -> Told {
    // The first step is the caller's, who shall come last: its guard is what the last step stands behind.
    let mut parties = Vec::new();
    let mut words = Vec::new();
    let count = circle.len();
    for index in 1..=count {
        let (step, before) = (&circle[index % count], &circle[index - 1]);
        if let Behind::Guard(hold) = &before.behind {
            parties.push(holder(hold, now));
            words.push(format!("{} has `{}`", short(hold.actor), title_among(circle, hold.map)));
        }
        let role = if index == count { Role::Attempt } else { Role::Waiter };
        parties.push(waiter(&step.wait, role, now));
        words.push(format!("{} waits for `{}`", short(step.wait.actor), title_among(circle, step.wait.map)));
    }
    let cause = format!("a circle: {}", words.join(", "));
    (Category::Deadlock, parties, cause, None)
}

/// The title of a container; with its type, where another one of the circle is called alike (two fields that one
/// `derive(Default)` made).
fn title_among(circle: &[Step], map: u64) -> String {
    let own = facts(map);
    let title = own.title();
    let alike = |step: &Step| step.wait.map != map && facts(step.wait.map).title() == title;
    if circle.iter().any(alike) { format!("{title}, {}", own.type_name) } else { title }
}

fn short(actor: u64) -> String {
    thread::describe(actor).to_string()
}

/// Whether the guard belongs to a future that is suspended while this wait keeps its thread.
fn is_suspended(hold: &Hold, wait: &Wait) -> bool {
    // Two tasks take turns; only a task's number and its thread's may belong to one strand (`block_on`).
    if hold.actor & wait.actor & TASK != 0 && hold.actor != wait.actor {
        return true;
    }
    let Some((taken, earlier)) = hold.stack() else { return hold.actor != wait.actor };
    let Some(later) = &wait.stack else { return hold.actor != wait.actor };
    match strand::of(&taken, later) {
        Strand::Other => !earlier || hold.actor != wait.actor,
        Strand::Same => false,
        // Of several futures of one shape, polled side by side: one alone comes to a call again only in a loop.
        Strand::Unsure => hold.actor != wait.actor || std::ptr::eq(hold.site, wait.site),
    }
}

/// " on shard 3".
fn shard(one: Part, other: Part) -> String {
    match (one, other) {
        (Part::Shard(shard), _) | (_, Part::Shard(shard)) => format!(" on shard {shard}"),
        _ => String::new(),
    }
}

/// Tells of a call that only another shard saved.
#[track_caller]
pub(super) fn lucky(latch: &Latch, hold: &Hold, want: Want, at: StaticSite, shards: usize) {
    let now = clock::now();
    let attempt = caller(want, at);
    let suspended = other_strand(hold, &attempt);
    let category = if suspended { Category::GuardAcrossAwait } else { Category::SelfDeadlockHazard };
    if !is_first(category, hold.site, at) {
        return;
    }
    let kept = if suspended { "a future that is suspended keeps it".to_owned() } else { kept_alive(hold) };
    let cause = format!(
        "the guard of `{}` is alive, and `{}` needed a shard: it was another one this time, with 1 chance in {shards} \
         to hang; {kept}",
        hold.operation, want.operation
    );
    hazard(latch, category, vec![holder(hold, now), attempt], cause, Some(CURE_SCOPE.to_owned())).carry_out();
}

/// Tells of a second read by one that reads already.
pub(super) fn recursive(latch: &Latch, hold: &Hold, want: Want, at: StaticSite) -> Verdict {
    let attempt = caller(want, at);
    let strand = strand_to(hold, &attempt);
    if strand == Strand::Other || hold.suspends && strand != Strand::Same {
        return Verdict::Carry;
    }
    if !is_first(Category::RecursiveRead, hold.site, at) {
        return Verdict::Carry;
    }
    let cause = format!(
        "this caller reads already: the second `{}` waits for ever as soon as a writer waits between the two; {}",
        want.operation,
        kept_alive(hold)
    );
    hazard(latch, Category::RecursiveRead, vec![holder(hold, clock::now()), attempt], cause, None)
}

/// Tells of a guard of a suspended task on a thread that runs another one.
pub(super) fn across_await(latch: &Latch, hold: &Hold, want: Want, at: StaticSite) -> Verdict {
    let attempt = caller(want, at);
    if !super::judge::is_news(Category::GuardAcrossAwait, hold.site, at)
        || !is_anothers(hold, &attempt)
        || !is_first(Category::GuardAcrossAwait, hold.site, at)
    {
        return Verdict::Carry;
    }
    let task = mapwatch_event::ActorId(hold.actor);
    let cause = if hold.map == latch.id() {
        format!(
            "task {task} was suspended with the guard of `{}` alive; this call has to do with the same container",
            hold.operation
        )
    } else {
        format!(
            "task {task} was suspended with its guard of `{}` alive: its thread runs other tasks meanwhile, such as \
             this call on `{}`; whichever needs that container will block the thread",
            title(hold.map),
            title(latch.id())
        )
    };
    let map = facts(hold.map);
    let collision = Collision {
        category: Category::GuardAcrossAwait,
        grade: None,
        at: clock::now(),
        map,
        parties: vec![holder(hold, clock::now()), attempt],
        cause,
        cure: None,
        otherwise: Otherwise::GoOn,
        may_panic: true,
    };
    raise::raise(collision)
}

/// Tells of orders that close a ring and never met: `earlier` in the order in which they would wait, behind `now`.
pub(super) fn inversion(latch: &Latch, earlier: &[Edge], now: &Edge) -> Verdict {
    let Some(next) = earlier.first() else { return Verdict::Carry };
    if !is_first(Category::LockOrderInversion, next.site, now.site) {
        return Verdict::Carry;
    }
    let moment = clock::now();
    let side = |edge: &Edge, role: Role| Party {
        role,
        operation: edge.operation,
        actor: edge.actor,
        thread: edge.thread,
        site: Some(edge.site),
        held_for: None,
        stack: Taken::At(Arc::clone(&edge.stack), ""),
    };
    let first = |edge: &Edge| Party { held_for: None, ..holder(&edge.first, moment) };
    let mut words = String::new();
    let mut parties = Vec::new();
    for edge in earlier {
        let (one, other) = (title(edge.first.map), title(edge.to));
        let ago = moment.since(edge.at);
        words += &format!("{} took `{one}` and then `{other}`, {ago} ago; ", short(edge.actor));
        parties.extend([first(edge), side(edge, Role::Waiter)]);
    }
    parties.extend([first(now), side(now, Role::Attempt)]);
    let (one, other) = (title(now.first.map), title(latch.id()));
    let each = if earlier.len() == 1 { "the other" } else { "the next" };
    let cause =
        format!("{words}{} takes `{one}` and then `{other}`: each may wait for {each}", short(now.actor));
    hazard(latch, Category::LockOrderInversion, parties, cause, None)
}

/// Tells of a wait that lasts.
pub(super) fn stall(wait: &Wait, holders: &[Hold]) {
    let now = clock::now();
    let mut parties: Vec<Party> = holders.iter().take(4).map(|hold| holder(hold, now)).collect();
    parties.push(waiter(wait, Role::Waiter, now));
    let who = holders.first().map_or(0, |hold| hold.actor);
    let more = match holders.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let cause = format!(
        "`{}` has waited for {} behind a guard of {}{more}, which may wait for something that is not watched",
        wait.operation,
        now.since(wait.since),
        short(who)
    );
    let _ = raise::raise(Collision {
        category: Category::Stall,
        grade: None,
        at: now,
        map: facts(wait.map),
        parties,
        cause,
        cure: None,
        otherwise: Otherwise::GoOn,
        may_panic: false,
    });
}

fn hazard(
    latch: &Latch,
    category: Category,
    parties: Vec<Party>,
    cause: String,
    cure: Option<String>,
) -> Verdict {
    raise::raise(Collision {
        category,
        grade: None,
        at: clock::now(),
        map: latch.identity.entry().facts(),
        parties,
        cause,
        cure,
        otherwise: Otherwise::GoOn,
        may_panic: true,
    })
}

/// Whether a guard belongs to another task than the one that calls. Of two tasks one is suspended, or on this very
/// stack below an executor that blocks; a task's number and its thread's may be one strand.
fn is_anothers(hold: &Hold, attempt: &Party) -> bool {
    match &attempt.stack {
        Taken::At(later, _) if hold.actor & attempt.actor & TASK != 0 => !strand::is_nested(later),
        _ => strand_to(hold, attempt) != Strand::Same,
    }
}

fn strand_to(hold: &Hold, attempt: &Party) -> Strand {
    match &attempt.stack {
        Taken::At(later, _) => strand::after(hold, Some(later)),
        _ => Strand::Unsure,
    }
}

fn other_strand(hold: &Hold, attempt: &Party) -> bool {
    strand_to(hold, attempt) == Strand::Other
}

// ---- refused borrows ----

/// The guards that stand in the way of a borrow.
fn in_the_way(latch: &Latch, want: Want) -> Vec<Hold> {
    let map = latch.id();
    super::held_on(thread::desk()).filter(|hold| hold.map == map && hold.mode.excludes(want.mode)).collect()
}

fn refused(latch: &Latch, want: Want, at: StaticSite, holds: &[Hold]) -> Collision {
    let now = clock::now();
    let attempt = caller(want, at);
    let across = holds
        .iter()
        .any(|hold| hold.actor != attempt.actor && hold.actor & TASK != 0 || other_strand(hold, &attempt));
    let cause = match holds {
        [] => "a borrow is outstanding that was not seen to begin".to_owned(),
        [hold, ..] if across => {
            format!("the future that called `{}` is suspended with its borrow alive", hold.operation)
        }
        [hold] => format!("the borrow of `{}` is still alive: {}", hold.operation, kept_alive(hold)),
        [hold, rest @ ..] => {
            format!(
                "{} borrows are still alive, the first by `{}`: {}",
                rest.len() + 1,
                hold.operation,
                kept_alive(hold)
            )
        }
    };
    let mut parties: Vec<Party> = holds.iter().map(|hold| holder(hold, now)).collect();
    parties.push(attempt);
    let cure = across.then(|| "end the borrow before the `.await`: copy out what is needed".to_owned());
    Collision {
        category: Category::ReentrantBorrow,
        grade: None,
        at: now,
        map: latch.identity.entry().facts(),
        parties,
        cause,
        cure,
        otherwise: Otherwise::GoOn,
        may_panic: true,
    }
}

/// Tells of a refused borrow, and panics where the policy says so.
#[track_caller]
pub(super) fn reentrant(latch: &Latch, want: Want, at: StaticSite) {
    let holds = in_the_way(latch, want);
    raise::raise(refused(latch, want, at, &holds)).carry_out();
}

/// Why a borrow was refused: all sides, put into words when somebody reads them.
///
/// Shown by `Debug` and `Display`, with the headline first. Making one costs a walk over the stack.
pub struct Refusal {
    facts: Mutex<Option<Collision>>,
    text: OnceLock<String>,
}

pub(super) fn refusal(latch: &Latch, want: Want, at: StaticSite) -> Refusal {
    let holds = in_the_way(latch, want);
    let facts = refused(latch, want, at, &holds);
    Refusal { facts: Mutex::new(Some(facts)), text: OnceLock::new() }
}

impl Refusal {
    /// The report.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner).take();
            facts.map_or_else(String::new, |facts| {
                let conflict: Conflict = raise::put_into_words(facts, Outcome::Reported);
                Report::new(&conflict).to_string()
            })
        })
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

// ---- what keeps a guard alive ----

const CURE_SCOPE: &str = "copy what you need out of the guard and let it end before the second call, or do both under one guard \
     (`entry`, `get_mut`); dropping the guard first makes it a check-then-act";

fn cure_of(hold: &Hold, wait: &Wait) -> String {
    if hold.is_call {
        return "let what runs inside the call do without the map: take the entries out first, and let them go outside"
            .to_owned();
    }
    match (hold.operation, wait.operation) {
        (Operation::Iter | Operation::IterMut, _) => {
            "collect the keys first and act after the loop, or use `retain`".to_owned()
        }
        (Operation::Read, Operation::Write) => {
            "end the read guard before `write` and look again under the write lock, or take the write lock at once"
                .to_owned()
        }
        (Operation::Lock, _) => "use the guard that is there, or end it (a block, `drop`) before the second `lock`, and look again there: what the first one saw may have changed".to_owned(),
        _ => CURE_SCOPE.to_owned(),
    }
}

/// What keeps a guard alive, as far as its statement tells.
fn kept_alive(hold: &Hold) -> String {
    if hold.is_call {
        return "that call has not come back: it runs a destructor, a comparison or a closure under its lock"
            .to_owned();
    }
    let stack = hold.stack().map(|(stack, _)| stack);
    let statement = statement(hold.site, stack.as_ref()).unwrap_or_default();
    let starts = |word: &str| statement.starts_with(word);
    let holds = |word: &str| statement.contains(word);
    if holds("if let ") || starts("else if let ") {
        "the guard in the head of this `if let` lives to the end of its body".to_owned()
    } else if holds("while let ") {
        "the guard in the head of this `while let` lives to the end of each turn".to_owned()
    } else if holds("match ") {
        "the guard in the head of this `match` lives to the end of its last arm".to_owned()
    } else if starts("for ") {
        "the iterator of this `for` keeps its guard until the loop has ended".to_owned()
    } else if let Some(name) = statement.strip_prefix("let ").and_then(bound) {
        format!("`{name}` lives to the end of its block, or until it is dropped")
    } else {
        "it is a temporary of its statement, or was handed to somebody who keeps it".to_owned()
    }
}

/// The name that a `let` binds; nothing where it binds a pattern that lets the guard go.
fn bound(rest: &str) -> Option<&str> {
    let name = rest.strip_prefix("mut ").unwrap_or(rest);
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    Some(&name[..end]).filter(|name| !name.is_empty() && *name != "_")
}

/// The text of the statement that a site is in, from its first line to the site's.
fn statement(site: StaticSite, stack: Option<&RawStack>) -> Option<String> {
    let resolved = stack.map(|stack| stack::resolve(stack, ""));
    let place = Site::from(site);
    let text = raise::source(&place, resolved.as_ref())?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let last = (place.line as usize).checked_sub(1)?;
    let ends = |line: &str| line.is_empty() || line.ends_with([';', '{', '}', ',']) || line.starts_with("//");
    let first = (0..last).rev().take(6).take_while(|index| !ends(lines[*index])).last().unwrap_or(last);
    Some(lines.get(first..=last)?.join(" "))
}
