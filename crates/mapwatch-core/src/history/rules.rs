//! What the history proves: pure functions over a look, what happened since, and the act.
//!
//! | the actor saw | then somebody else | then it | and its calls at this site always | finding |
//! |---|---|---|---|---|
//! | no entry | put one in | stored over that one | follow a miss | check-then-act; init-race where the miss was seen under a read lock |
//! | no element of a set | put it in | put it in, too, and did not ask whether it was there | follow a miss | check-then-act |
//! | a value | changed or replaced it | stored a whole value over it | follow a look at the value | lost-update |
//! | a value, and took it out | put another in | stored over that one, as its very next act | follow such a removal | lost-update |
//! | a value | replaced it | removed what it never saw | follow a look or a walk | check-then-act |
//! | the entries, in a walk | replaced one | removed what it never saw | follow a look or a walk | check-then-act |
//! | a snapshot | stored a newer one | stored over that one | follow a load | stale-snapshot |
//! | a snapshot of another map, without the key | anybody published a newer one | removed an entry that came since the snapshot was taken | | stale-snapshot |
//!
//! The last but one column is what tells a decision from a coincidence (after Engler et al., *Bugs as Deviant
//! Behavior*, SOSP 2001): code that stores because of what it saw never stores without having looked, while a
//! `put` that serves everybody is soon seen to do so.

use super::page::{Deed, Doer, Look, Past, Record};
use super::sites::Habit;
use mapwatch_event::{Access, Category, MapKind, Operation};

/// All that a rule may look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) kind: MapKind,
    pub(crate) act: Doer,
    pub(crate) deed: Deed,
    /// The act's own earlier look.
    pub(crate) look: Look,
    pub(crate) record: Record,
    /// What acts at this site, this one included, came after so far.
    pub(crate) habit: Habit,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) category: Category,
    pub(crate) cause: String,
    pub(crate) cure: Option<&'static str>,
}

/// One row of the table: the finding, and who came between.
type Rule = fn(&Case) -> Option<(Finding, Doer)>;

/// The finding, and who came between.
pub(crate) fn judge(case: &Case) -> Option<(Finding, Doer)> {
    const RULES: [Rule; 4] =
        [stored_over_a_miss, stored_over_a_change, removed_another, stored_over_a_snapshot];
    RULES.iter().find_map(|rule| rule(case))
}

/// The change that came after the look, from somebody else.
fn since(case: &Case, past: Option<Past>) -> Option<Past> {
    past.filter(|past| past.tick > case.look.tick && past.by.actor != case.act.actor)
}

fn stored_over_a_miss(case: &Case) -> Option<(Finding, Doer)> {
    let is_snapshot = case.kind == MapKind::ArcSwap;
    if case.deed != Deed::Replaced || case.look.seen.present || is_snapshot || !case.habit.follows_misses() {
        return None;
    }
    let between = since(case, case.record.renewal).filter(|past| past.deed != Deed::Removed)?;
    let seen = case.look.seen;
    let (category, cure) = match (case.kind, seen.under_read_guard && seen.value) {
        (_, true) => (Category::InitRace, None),
        (MapKind::HashMap | MapKind::BTreeMap, false) => (
            Category::CheckThenAct,
            Some("look again under the lock that the insert takes, or use `entry` there"),
        ),
        (kind, false) if is_set(kind) => (
            Category::CheckThenAct,
            Some("ask `insert` instead: it answers whether the element is new, and says so to one only"),
        ),
        _ => (Category::CheckThenAct, Some("use `entry`, which looks and stores in one step")),
    };
    let stored = if is_set(case.kind) { "put it in a second time, without asking" } else { "stored over it" };
    let cause = format!(
        "`{}` saw no entry, `{}` of somebody else then put one in, and `{}` {stored}",
        case.look.by.operation, between.by.operation, case.act.operation
    );
    Some((Finding { category, cause, cure }, between.by))
}

fn stored_over_a_change(case: &Case) -> Option<(Finding, Doer)> {
    let is_snapshot = case.kind == MapKind::ArcSwap;
    let seen = case.look.seen;
    let reads = seen.value && !is_walk(case.look.by.operation) && !is_set(case.kind);
    if case.deed != Deed::Replaced || !reads || is_snapshot || !case.habit.follows_values() {
        return None;
    }
    // A miss at a site that stores after hits, too, is the zero of a counter.
    if !seen.present && case.habit.follows_misses() {
        return None;
    }
    let between = since(case, Some(case.record.latest))?;
    let (look, came, act) = (case.look.by.operation, between.by.operation, case.act.operation);
    let cause = if seen.taken {
        format!(
            "`{look}` took the entry out, `{came}` of somebody else then put one in, and `{act}` stored over that one"
        )
    } else {
        format!(
            "`{look}` read the value, `{came}` of somebody else then changed it, and `{act}` stored a whole value over that change"
        )
    };
    Some((Finding { category: Category::LostUpdate, cause, cure: None }, between.by))
}

fn removed_another(case: &Case) -> Option<(Finding, Doer)> {
    let seen = case.look.seen;
    if case.deed != Deed::Removed || !seen.value || !case.habit.follows_values() {
        return None;
    }
    let walked = is_walk(case.look.by.operation);
    let between = match walked {
        false if seen.present => since(case, case.record.renewal)?,
        false => return None,
        true => replaced_since_walk(case)?,
    };
    if between.deed == Deed::Removed {
        return None;
    }
    let cause = format!(
        "`{}` {} one value, `{}` of somebody else then put another in its place, and `{}` removed that one unseen",
        case.look.by.operation,
        if walked { "went over" } else { "read" },
        between.by.operation,
        case.act.operation
    );
    let cure = match case.kind {
        MapKind::DashMap => "use `remove_if`, which looks and removes in one step",
        _ => "look again in the step that removes: under the same lock, or with `entry`",
    };
    Some((Finding { category: Category::CheckThenAct, cause, cure: Some(cure) }, between.by))
}

/// The entry was there when the walk ended, and is another one now.
fn replaced_since_walk(case: &Case) -> Option<Past> {
    let ended = case.look.walks;
    let (born, died) = case.record.before?;
    let was_there = born < ended && ended <= died;
    let is_new = case.record.born.is_some_and(|born| born >= ended);
    case.record.renewal.filter(|past| was_there && is_new && past.by.actor != case.act.actor)
}

fn stored_over_a_snapshot(case: &Case) -> Option<(Finding, Doer)> {
    if case.kind != MapKind::ArcSwap || case.deed != Deed::Replaced || !case.habit.follows_values() {
        return None;
    }
    let between = since(case, case.record.renewal)?;
    let cause = format!(
        "`{}` took a snapshot, `{}` of somebody else then published a newer one, and `{}` replaced that one unseen",
        case.look.by.operation, between.by.operation, case.act.operation
    );
    let cure = Some("use `rcu`, or `compare_and_swap` in a loop");
    Some((Finding { category: Category::StaleSnapshot, cause, cure }, between.by))
}

/// What is wrong with an act on one map that relies on an old snapshot of another.
pub(crate) fn decided_on_a_snapshot(load: &Doer, act: &Doer) -> Finding {
    let cause = format!(
        "`{}` took a snapshot, a newer one was then published, and `{}` removed an entry that came since, because the old one does not list it",
        load.operation, act.operation
    );
    let cure = Some(
        "look into the newest snapshot in the step that removes (`remove_if`), or remove only what is older than the snapshot",
    );
    Finding { category: Category::StaleSnapshot, cause, cure }
}

/// Whether it has elements without values: to put one in again changes nothing.
pub(crate) const fn is_set(kind: MapKind) -> bool {
    matches!(kind, MapKind::DashSet | MapKind::HashSet | MapKind::BTreeSet)
}

/// Whether a look went over all entries.
pub(crate) fn is_walk(operation: Operation) -> bool {
    operation.access() == Access::Iterate || operation == Operation::Clone
}
