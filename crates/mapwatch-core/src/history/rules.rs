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
//! | a value, or the entries | changed it in place | removed it, by what it was before | follow a look or a walk | check-then-act, if the source says that what was changed decides (`decision`) |
//! | that the map was empty | put one in | stored over that one | | init-race, if the source says that this decides |
//! | how many entries there are | put one in | stored over that one | | check-then-act, if the source makes the key of that number |
//! | that the map in a lock was empty | filled it | put another map in its place | | init-race, if the source says that this decides |
//! | a map in a lock, and copied it | changed or replaced it | put a map in its place | | lost-update, if the source makes that one of the copy |
//! | a snapshot | stored a newer one | stored over that one | follow a load | stale-snapshot |
//! | a snapshot of another map, without the key | anybody published a newer one | removed an entry that came since the snapshot was taken | | stale-snapshot |
//!
//! The last but one column is what tells a decision from a coincidence (after Engler et al., *Bugs as Deviant
//! Behavior*, SOSP 2001): code that stores because of what it saw never stores without having looked, while a
//! `put` that serves everybody is soon seen to do so.

use super::decision::Reliance;
use super::key::Key;
use super::page::{Deed, Doer, Look, Past, Record};
use super::place;
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
    /// What the source has to say, too.
    pub(crate) reliance: Reliance,
}

/// What the usual cure of a hang has to do with it. A look that hands out a guard, and one under a lock: the guard was
/// let go before the act, as it has to be, and with it went what made the two one step.
const LOCK_LET_GO: &str = "look again under the lock that the insert takes, or use `entry` there: letting the lock go between look and act avoids a self-deadlock, and makes this a check-then-act";
const UPDATE_LET_GO: &str = "change the value in place (`entry`, `alter`, `get_mut`): dropping the guard first, which avoids a self-deadlock, makes this a check-then-act";
const UPDATE_UNDER_LOCK: &str = "read and store under one lock, or change the value in place (`entry`, `get_mut`): letting the lock go first, which avoids a self-deadlock, makes this a check-then-act";
const REMOVE_LET_GO: &str = "use `remove_if`, which looks and removes in one step: dropping the guard first, which avoids a self-deadlock, makes this a check-then-act";
const REMOVE_UNDER_LOCK: &str = "look again in the step that removes: under the same lock, or with `entry`; letting the lock go first makes this a check-then-act";

/// One row of the table: the finding, and who came between.
type Rule = fn(&Case) -> Option<(Finding, Doer)>;

/// The finding, and who came between.
pub(crate) fn judge(case: &Case) -> Option<(Finding, Doer)> {
    const RULES: [Rule; 4] =
        [stored_over_a_miss, stored_over_a_change, removed_another, stored_over_a_snapshot];
    if case.look.place.key == Key::SIZE {
        return stored_after_a_question(case);
    }
    if place::is_lock(case.kind) {
        return replaced_as_a_whole(case);
    }
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
        (MapKind::HashMap | MapKind::BTreeMap, false) => (Category::CheckThenAct, Some(LOCK_LET_GO)),
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
    Some((Finding { category, cause, cure, reliance: Reliance::Order }, between.by))
}

/// The key was seen by nobody who asked for the size only; that there was nothing is said of every key.
fn stored_after_a_question(case: &Case) -> Option<(Finding, Doer)> {
    let seen = case.look.seen;
    let is_asked = !seen.present || seen.value;
    if case.deed != Deed::Replaced || !is_asked || is_set(case.kind) || case.kind == MapKind::ArcSwap {
        return None;
    }
    let is_new = case.record.born.is_some_and(|born| born >= case.look.walks);
    let between = case
        .record
        .renewal
        .filter(|past| is_new && past.deed != Deed::Removed && past.by.actor != case.act.actor)?;
    let (came, act) = (between.by.operation, case.act.operation);
    let finding = if seen.value {
        Finding {
            category: Category::CheckThenAct,
            cause: format!(
                "the key was made of the number of entries, `{came}` of somebody else then took that key, and `{act}` stored over it"
            ),
            cure: Some("take keys from a counter (`fetch_add`), or count and insert under one lock"),
            reliance: Reliance::Length,
        }
    } else {
        Finding {
            category: Category::InitRace,
            cause: format!(
                "the map was empty, `{came}` of somebody else then put the entry in, and `{act}` stored over it"
            ),
            cure: Some(
                "look again under the lock that the fill takes, or use `OnceLock`, `LazyLock`, `entry`",
            ),
            reliance: Reliance::Emptiness,
        }
    };
    Some((finding, between.by))
}

/// The map in a lock was dropped for another, and with it what others had put there.
fn replaced_as_a_whole(case: &Case) -> Option<(Finding, Doer)> {
    let copied = case.look.seen.present;
    let past = if copied { Some(case.record.latest) } else { case.record.renewal };
    let between = since(case, past).filter(|past| copied || past.deed != Deed::Removed)?.by;
    let (look, came) = (case.look.by.operation, between.operation);
    let finding = if copied {
        Finding {
            category: Category::LostUpdate,
            cause: format!(
                "`{look}` copied the map, `{came}` of somebody else then changed it, and the changed copy was put in its place"
            ),
            cure: Some(
                "change the map in place under one write lock, or copy and store it under that lock, or keep it in an `ArcSwap` and use `rcu`",
            ),
            reliance: Reliance::Copy,
        }
    } else {
        Finding {
            category: Category::InitRace,
            cause: format!(
                "the map was empty, `{came}` of somebody else then filled it, and another map was put in its place"
            ),
            cure: Some("look again under the lock that the fill takes, or use `OnceLock`, `LazyLock`"),
            reliance: Reliance::Emptiness,
        }
    };
    Some((finding, between))
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
    let cure = match case.kind {
        _ if seen.taken => None,
        MapKind::HashMap | MapKind::BTreeMap => Some(UPDATE_UNDER_LOCK),
        MapKind::DashMap => Some(UPDATE_LET_GO),
        _ => None,
    };
    let finding = Finding { category: Category::LostUpdate, cause, cure, reliance: Reliance::Order };
    Some((finding, between.by))
}

/// The same finding where a miss stands for zero: a first count is lost like any other.
pub(crate) fn as_lost_update(finding: Finding, case: &Case) -> Finding {
    let is_miss = matches!(finding.category, Category::CheckThenAct | Category::InitRace);
    if !is_miss || case.deed != Deed::Replaced || finding.reliance != Reliance::Order || !case.look.seen.value
    {
        return finding;
    }
    let cure = if case.kind == MapKind::DashMap { None } else { Some(UPDATE_UNDER_LOCK) };
    Finding { category: Category::LostUpdate, cure, ..finding }
}

fn removed_another(case: &Case) -> Option<(Finding, Doer)> {
    let seen = case.look.seen;
    if case.deed != Deed::Removed || !seen.value || !case.habit.follows_values() {
        return None;
    }
    let walked = is_walk(case.look.by.operation);
    let between = match walked {
        false if seen.present => since(case, case.record.renewal),
        false => return None,
        true => replaced_since_walk(case),
    };
    let Some(between) = between.filter(|past| past.deed != Deed::Removed) else {
        return removed_what_was_changed(case, walked);
    };
    let cause = format!(
        "`{}` {} one value, `{}` of somebody else then put another in its place, and `{}` removed that one unseen",
        case.look.by.operation,
        if walked { "went over" } else { "read" },
        between.by.operation,
        case.act.operation
    );
    let cure = Some(cure_of_removal(case.kind));
    Some((Finding { category: Category::CheckThenAct, cause, cure, reliance: Reliance::Order }, between.by))
}

const fn cure_of_removal(kind: MapKind) -> &'static str {
    if matches!(kind, MapKind::DashMap) { REMOVE_LET_GO } else { REMOVE_UNDER_LOCK }
}

/// The entry is the one that was looked at, but its value was changed in place since.
fn removed_what_was_changed(case: &Case, walked: bool) -> Option<(Finding, Doer)> {
    let Record { latest, latest_walks, born, .. } = case.record;
    let ended = case.look.walks;
    let is_since = if walked {
        latest_walks >= ended && born.is_some_and(|born| born < ended)
    } else {
        latest.tick > case.look.tick
    };
    if !is_since || latest.deed != Deed::Changed || latest.by.actor == case.act.actor || is_set(case.kind) {
        return None;
    }
    let cause = format!(
        "`{}` {} the value, `{}` of somebody else then changed it where it stood, and `{}` removed it by what it was before",
        case.look.by.operation,
        if walked { "went over" } else { "read" },
        latest.by.operation,
        case.act.operation
    );
    let cure = Some(cure_of_removal(case.kind));
    Some((Finding { category: Category::CheckThenAct, cause, cure, reliance: Reliance::Value }, latest.by))
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
    let finding = Finding { category: Category::StaleSnapshot, cause, cure, reliance: Reliance::Order };
    Some((finding, between.by))
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
    Finding { category: Category::StaleSnapshot, cause, cure, reliance: Reliance::Order }
}

/// Whether it has elements without values: to put one in again changes nothing.
pub(crate) const fn is_set(kind: MapKind) -> bool {
    matches!(kind, MapKind::DashSet | MapKind::HashSet | MapKind::BTreeSet)
}

/// Whether a look went over all entries.
pub(crate) fn is_walk(operation: Operation) -> bool {
    operation.access() == Access::Iterate || operation == Operation::Clone
}
