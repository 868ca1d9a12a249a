//! Who acts in one session: threads, tasks, scopes; and the lives of those that told them.
//!
//! A million tasks may be alive at once; of those that have ended only the last are kept.

use super::spells::{Is, Spells, When, changes};
use super::tape::Position;
use imbl::{OrdMap, OrdSet};
use mapwatch_event::event::{ActorGone, ActorSeen, Holding, Recent};
use mapwatch_event::task::{Cancelled, Field, TaskEnded, TaskNow, TaskPolls, TaskSpawned, TaskStates};
use mapwatch_event::{Actor, ActorId, ActorKind, Ending, MapId, Nanos, SiteId, TaskKind, TaskState};
use std::sync::Arc;

/// Actors kept; of more, the oldest ended ones go.
pub const ACTORS: usize = 1_000_000;
/// Ended ones kept.
pub const ENDED: usize = 50_000;
/// Changes of state kept of one life.
const CHANGES: usize = 48;
/// Fields kept of one life.
const FIELDS: usize = 16;
/// Neighbours that lie beside each other, about, as a power of two; and what the copy of all of them takes.
const NEIGHBOURS: u32 = 4;
const COPY: usize = 2 * (size_of::<Known>() << NEIGHBOURS);

/// All actors of a session.
#[derive(Clone, Debug, Default)]
pub struct Actors {
    all: OrdMap<ActorId, Known>,
    ended: OrdSet<(Nanos, ActorId)>,
    /// Actors that were let go.
    pub dropped: u64,
    /// Lives by state and ending.
    pub census: Census,
    copied: usize,
    /// Neighbours lie beside each other, and are copied together: these were changed last.
    changed: u64,
}

/// How many lives are in which state, or ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// By state: fresh, running, idle, woken, stranded.
    pub alive: [u64; 5],
    /// By ending: completed, panicked, cancelled, never polled, leaked.
    pub ended: [u64; 5],
    /// Alive when their process was last heard of.
    pub left: u64,
}

impl Census {
    /// Everybody alive.
    #[must_use]
    pub fn all_alive(&self) -> u64 {
        self.alive.iter().sum()
    }

    /// Everybody that was ever heard of.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.all_alive() + self.left + self.ended.iter().sum::<u64>()
    }

    /// The same of a process that is heard no longer: what its lives do now, nobody knows.
    #[must_use]
    pub fn of_the_past(self) -> Census {
        Census { alive: [0; 5], left: self.left + self.all_alive(), ..self }
    }
}

fn state_slot(state: TaskState) -> usize {
    match state {
        TaskState::Fresh => 0,
        TaskState::Running => 1,
        TaskState::Woken => 3,
        TaskState::Stranded => 4,
        _ => 2,
    }
}

fn ending_slot(ending: Ending) -> usize {
    match ending {
        Ending::Completed => 0,
        Ending::Panicked => 1,
        Ending::NeverPolled => 3,
        Ending::Leaked => 4,
        _ => 2,
    }
}

/// What is known of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Thread, task or scope.
    pub kind: ActorKind,
    /// Its name; empty where it has none.
    pub name: String,
    /// When and how it ended.
    pub ending: Option<(Nanos, Ending)>,
    /// Its life, where it told it.
    pub life: Option<Arc<Life>>,
}

/// A life that is told: of a watched task, thread or scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// What sort of work.
    pub kind: TaskKind,
    /// Where it was spawned.
    pub site: SiteId,
    /// Who spawned it.
    pub parent: Option<ActorId>,
    /// What it was told to carry.
    pub fields: Vec<Field>,
    /// When it was announced.
    pub spawned: Nanos,
    /// What it does, as last told.
    pub state: TaskState,
    /// Since when.
    pub since: Nanos,
    /// Its polls so far.
    pub polls: TaskPolls,
    /// Who woke it last.
    pub woken_by: Option<ActorId>,
    /// The thread that polled it last.
    pub thread: Option<ActorId>,
    /// Who or what ended it before it was done.
    pub cancelled: Option<Cancelled>,
    /// Maps of which it held a guard when its end began.
    pub holding: Vec<MapId>,
    /// What it did, and from when on: the last changes, oldest first.
    pub changes: Vec<(Nanos, TaskState)>,
    /// Whether earlier changes are no longer kept.
    pub forgot: bool,
    /// Until when it is known that no thread had begun with it, once one has.
    fresh_to: Nanos,
    /// Whether a thread has begun with it, by whatever was told: its state is told by samples, which may miss that.
    pub begun: bool,
    /// Where its beginning was told.
    pub told: Position,
    /// Where its end was.
    pub over: Option<Position>,
    spells: Option<Box<Spells>>,
    /// Its last access of a map that was told, once it is stranded: maps forget theirs.
    pub last_access: Option<Box<(MapId, Recent)>>,
}

impl Life {
    /// What it did at a moment, as far as that was told; `None` before it began, and where it is not known, or no
    /// longer.
    #[must_use]
    pub fn state_at(&self, at: Nanos) -> Option<TaskState> {
        if at < self.known_from() {
            return None;
        }
        let index = self.changes.partition_point(|(from, _)| *from <= at);
        let told = index.checked_sub(1).map_or(TaskState::Fresh, |index| self.changes[index].1);
        // That it was fresh is what is taken for true until the opposite is heard: from then on it is not.
        let is_untold = told == TaskState::Fresh && self.begun && at >= self.fresh_to;
        (!is_untold).then_some(told)
    }

    /// A thread has begun with it; until when none had is known as far as samples said so.
    fn begins(&mut self, fresh_to: Nanos) {
        if !self.begun {
            self.begun = true;
            self.fresh_to = self.fresh_to.max(fresh_to);
        }
    }

    /// What it waited for and held.
    #[must_use]
    pub fn spells(&self) -> &Spells {
        self.spells.as_deref().unwrap_or(Spells::NONE)
    }

    /// From when on it is known what it did.
    #[must_use]
    pub fn known_from(&self) -> Nanos {
        let first = self.changes.first().filter(|_| self.forgot);
        first.map_or(self.spawned, |(at, _)| *at)
    }

    /// Bytes that a copy of it takes, near enough.
    fn weight(&self) -> usize {
        size_of::<Life>() + self.changes.len() * size_of::<(Nanos, TaskState)>() + self.spells().weight()
    }

    fn change(&mut self, at: Nanos, state: TaskState) {
        if self.changes.last().is_none_or(|(_, last)| *last != state) {
            self.changes.push((at, state));
        }
        if self.changes.len() > CHANGES {
            self.changes.remove(0);
            self.forgot = true;
        }
    }
}

/// When the first poll of a life began, where its first word that is not "fresh" says so; else nothing is known of it.
fn first_poll(state: TaskState, since: Nanos, polls: &TaskPolls) -> Nanos {
    match state {
        TaskState::Running if polls.count <= 1 => since,
        TaskState::Idle | TaskState::Stranded if polls.count == 1 => since.since(polls.busy),
        _ => Nanos(0),
    }
}

/// A life to change: a copy of its own where a kept world has it as well, and its bytes then count as `copied`.
fn own<'l>(life: &'l mut Arc<Life>, copied: &mut usize) -> &'l mut Life {
    if Arc::get_mut(life).is_none() {
        *copied += life.weight();
    }
    Arc::make_mut(life)
}

impl Actors {
    /// An actor, by its number.
    #[must_use]
    pub fn get(&self, id: ActorId) -> Option<&Known> {
        self.all.get(&id)
    }

    /// As reports name it: ``thread 3 `settle` ``.
    #[must_use]
    pub fn title(&self, id: ActorId) -> String {
        self.actor(id).map_or_else(|| format!("actor {id}"), |actor| actor.to_string())
    }

    /// As events name it, wherever it runs.
    #[must_use]
    pub fn actor(&self, id: ActorId) -> Option<Actor> {
        let known = self.get(id)?;
        Some(Actor { id, kind: known.kind, name: known.name.clone(), on_thread: String::new() })
    }

    /// Everybody, by number.
    pub fn iter(&self) -> impl Iterator<Item = (ActorId, &Known)> {
        self.all.iter().map(|(id, known)| (*id, known))
    }

    /// Everybody who tells a life, by number.
    pub fn lives(&self) -> impl Iterator<Item = (ActorId, &Known, &Life)> {
        self.iter().filter_map(|(id, known)| Some((id, known, known.life.as_deref()?)))
    }

    /// Those that have ended, the last one first.
    pub fn latest_ended(&self) -> impl Iterator<Item = ActorId> {
        self.ended.iter().rev().map(|(_, id)| *id)
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// How many of them tell a life, at most; none where none was ever told.
    #[must_use]
    pub fn lives_at_most(&self) -> usize {
        usize::try_from(self.census.all()).unwrap_or(usize::MAX).min(self.all.len())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Bytes that were copied so far because a kept world may share what was to be changed; near enough.
    #[must_use]
    pub fn copied(&self) -> usize {
        self.copied
    }

    /// One of them is about to be changed.
    fn touch(&mut self, id: ActorId) {
        let neighbours = id.0 >> NEIGHBOURS;
        if neighbours != self.changed {
            self.changed = neighbours;
            self.copied += COPY;
        }
    }

    /// How many are alive.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.all.len() - self.ended.len()
    }

    /// An actor is announced, maybe once more with its name.
    pub fn seen(&mut self, seen: ActorSeen) {
        self.touch(seen.id);
        let known = Known { kind: seen.kind, name: seen.name, ending: None, life: None };
        self.all.entry(seen.id).and_modify(|old| old.name.clone_from(&known.name)).or_insert(known);
        self.make_room();
    }

    /// A life begins.
    pub fn spawned(&mut self, task: TaskSpawned, when: When) {
        self.touch(task.id);
        let mut fields = task.fields;
        fields.truncate(FIELDS);
        let life = Life {
            kind: task.kind,
            site: task.site,
            parent: task.parent,
            fields,
            spawned: when.at,
            state: TaskState::Fresh,
            since: when.at,
            polls: TaskPolls::default(),
            woken_by: None,
            thread: None,
            cancelled: None,
            holding: Vec::new(),
            changes: Vec::new(),
            forgot: false,
            fresh_to: when.at,
            begun: false,
            told: when.position,
            over: None,
            spells: None,
            last_access: None,
        };
        let known =
            Known { kind: task.kind.actor_kind(), name: task.name, ending: None, life: Some(Arc::new(life)) };
        match self.all.get_mut(&task.id) {
            // Told once more to a viewer that came late, or announced as an actor before.
            Some(old) if old.life.is_some() => old.name = known.name,
            Some(old) => {
                *old = Known { ending: old.ending, ..known };
                match old.ending {
                    Some((_, ending)) => self.census.ended[ending_slot(ending)] += 1,
                    None => self.census.alive[0] += 1,
                }
            }
            None => {
                self.all.insert(task.id, known);
                self.census.alive[0] += 1;
            }
        }
        self.make_room();
    }

    /// What tasks do at a moment; whether one of them is stranded that was not before.
    pub fn states(&mut self, states: TaskStates, at: Nanos) -> bool {
        let before = self.stranded();
        for now in states.tasks {
            self.state(now, at);
        }
        self.stranded() > before
    }

    /// How many are stranded.
    #[must_use]
    pub fn stranded(&self) -> u64 {
        self.census.alive[state_slot(TaskState::Stranded)]
    }

    /// An access of a map by whoever: of those who are stranded, the last one is kept.
    pub fn accessed(&mut self, map: MapId, access: &Recent) {
        let Some(life) = self.get(access.actor).and_then(|known| known.life.as_deref()) else { return };
        let is_later = life.last_access.as_ref().is_none_or(|last| last.1.at < access.at);
        if life.state != TaskState::Stranded || !is_later {
            return;
        }
        self.touch(access.actor);
        if let Some(life) = self.all.get_mut(&access.actor).and_then(|known| known.life.as_mut()) {
            own(life, &mut self.copied).last_access = Some(Box::new((map, access.clone())));
        }
    }

    fn state(&mut self, now: TaskNow, at: Nanos) {
        self.touch(now.id);
        let Some(known) = self.all.get_mut(&now.id).filter(|known| known.ending.is_none()) else { return };
        let Some(life) = &mut known.life else { return };
        let life = own(life, &mut self.copied);
        self.census.alive[state_slot(life.state)] -= 1;
        self.census.alive[state_slot(now.state)] += 1;
        match now.state {
            TaskState::Fresh if now.polls.count == 0 && !life.begun => life.fresh_to = life.fresh_to.max(at),
            state => life.begins(first_poll(state, now.since, &now.polls)),
        }
        life.change(now.since, now.state);
        life.state = now.state;
        life.since = now.since;
        life.polls = now.polls;
        life.woken_by = now.woken_by.or(life.woken_by);
        life.thread = now.thread.or(life.thread);
    }

    /// A sample of who is inside a map, and who waits to be: what differs from the one before it begins, or is over.
    pub fn inside(&mut self, map: MapId, before: [&[Holding]; 2], now: [&[Holding]; 2], when: When) {
        for (is, before, now_inside) in [(Is::Holding, before[0], now[0]), (Is::Waiting, before[1], now[1])] {
            let (came, went) = changes(before, now_inside);
            for holding in went {
                self.spell(holding.actor, |_| true, |spells| spells.is_over(is, map, holding, when));
            }
            for holding in came {
                let in_the_way = now[0].iter().find(|holder| holder.actor != holding.actor);
                let behind = in_the_way.filter(|_| is == Is::Waiting).map(|holder| holder.actor);
                let may_begin = |life: &Life| is == Is::Holding && life.spells().outlived.contains(&map);
                self.spell(holding.actor, may_begin, |spells| {
                    spells.begins(is, map, holding, behind, when);
                });
            }
        }
    }

    /// Changes the spells of a life that is under way; of one that has ended where a guard of it goes on.
    fn spell(&mut self, id: ActorId, outlived: impl FnOnce(&Life) -> bool, change: impl FnOnce(&mut Spells)) {
        let Some(known) = self.get(id) else { return };
        let Some(life) = known.life.as_deref() else { return };
        if known.ending.is_some() && (life.spells().outlived.is_empty() || !outlived(life)) {
            return;
        }
        self.touch(id);
        let Some(life) = self.all.get_mut(&id).and_then(|known| known.life.as_mut()) else { return };
        let life = own(life, &mut self.copied);
        // Who waits for a guard or has one is at work, whatever was told of its state before.
        life.begins(Nanos(0));
        change(life.spells.get_or_insert_default());
    }

    /// A life ends. Whether what it gave back is told depends on the version of the schema.
    pub fn ended(&mut self, task: TaskEnded, tells_what_it_gave_back: bool, when: When) {
        let Some(known) = self.all.get_mut(&task.id).filter(|known| known.ending.is_none()) else { return };
        if let Some(life) = known.life.as_mut().map(Arc::make_mut) {
            let says_more = !task.holding.is_empty() || !task.waited.is_empty() || !task.gave_back.is_empty();
            if life.spells.is_some() || says_more {
                life.spells.get_or_insert_default().end(&task, tells_what_it_gave_back, when);
            }
            if task.polls.count > 0 || matches!(task.ending, Ending::Completed | Ending::Panicked) {
                life.begins(Nanos(0));
            }
            life.over = Some(when.position);
            life.polls = task.polls;
            life.cancelled = task.cancelled;
            life.holding = task.holding;
        }
        self.gone(ActorGone { id: task.id, ending: task.ending }, when.at);
    }

    /// An actor's life ended.
    pub fn gone(&mut self, gone: ActorGone, at: Nanos) {
        self.touch(gone.id);
        if let Some(known) = self.all.get_mut(&gone.id)
            && known.ending.is_none()
        {
            if let Some(life) = &known.life {
                self.census.alive[state_slot(life.state)] -= 1;
                self.census.ended[ending_slot(gone.ending)] += 1;
            }
            known.ending = Some((at, gone.ending));
            self.ended.insert((at, gone.id));
            self.make_room();
        }
    }

    fn make_room(&mut self) {
        while self.all.len() > ACTORS || self.ended.len() > ENDED {
            let oldest = pop_oldest(&mut self.ended);
            let Some(id) = oldest.or(self.all.keys().next().copied()) else { return };
            if let Some(Known { ending: None, life: Some(life), .. }) = self.all.remove(&id) {
                self.census.alive[state_slot(life.state)] -= 1;
            }
            self.dropped += 1;
        }
    }
}

/// Takes the one that ended first.
fn pop_oldest(ended: &mut OrdSet<(Nanos, ActorId)>) -> Option<ActorId> {
    let oldest = *ended.get_min()?;
    ended.remove(&oldest);
    Some(oldest.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spawn(actors: &mut Actors, id: u64) {
        let task = TaskSpawned {
            id: ActorId(id),
            kind: TaskKind::Future,
            name: String::new(),
            site: SiteId(1),
            parent: None,
            runtime_id: None,
            fields: Vec::new(),
        };
        actors.spawned(task, When { at: Nanos(id), ..When::default() });
    }

    fn end(actors: &mut Actors, id: u64) {
        let polls = TaskPolls::default();
        let task = TaskEnded {
            id: ActorId(id),
            ending: Ending::Completed,
            cancelled: None,
            polls,
            holding: Vec::new(),
            waited: Vec::new(),
            gave_back: Vec::new(),
        };
        actors.ended(task, true, When { at: Nanos(1000 + id), ..When::default() });
    }

    #[test]
    fn the_oldest_ended_one_goes_first() {
        let mut actors = Actors::default();
        for id in 1..=ENDED as u64 + 2 {
            spawn(&mut actors, id);
        }
        for id in 2..=ENDED as u64 + 2 {
            end(&mut actors, id);
        }
        assert!(actors.get(ActorId(2)).is_none() && actors.get(ActorId(1)).is_some());
        assert_eq!((actors.alive(), actors.dropped), (1, 1));
        assert_eq!(actors.census.alive, [1, 0, 0, 0, 0]);
        assert_eq!(actors.census.all(), ENDED as u64 + 2, "who was let go is still counted");
    }

    #[test]
    fn a_life_is_what_was_told_of_it() {
        let mut actors = Actors::default();
        spawn(&mut actors, 7);
        spawn(&mut actors, 7);
        let now = |state, since| TaskNow {
            id: ActorId(7),
            state,
            since: Nanos(since),
            polls: TaskPolls { count: 3, ..TaskPolls::default() },
            woken_by: Some(ActorId(9)),
            thread: None,
        };
        actors.states(TaskStates { alive: 1, tasks: vec![now(TaskState::Running, 10)] }, Nanos(12));
        actors.states(TaskStates { alive: 1, tasks: vec![now(TaskState::Idle, 20)] }, Nanos(22));
        let life = actors.get(ActorId(7)).and_then(|known| known.life.clone()).expect("it told its life");
        let states = [5, 7, 12, 25].map(|at| life.state_at(Nanos(at)));
        // At its first word it had been polled three times: since when is not known.
        let expected = [None, None, Some(TaskState::Running), Some(TaskState::Idle)];
        assert_eq!(states, expected);
        assert_eq!(actors.census.alive, [0, 0, 1, 0, 0]);
        end(&mut actors, 7);
        end(&mut actors, 7);
        actors.states(TaskStates { alive: 0, tasks: vec![now(TaskState::Running, 30)] }, Nanos(32));
        assert_eq!((actors.census.alive, actors.census.ended), ([0; 5], [1, 0, 0, 0, 0]));
    }

    #[test]
    fn whoever_was_polled_was_not_fresh() {
        let mut actors = Actors::default();
        let polled = |count, busy| TaskPolls { count, busy: Nanos(busy), ..TaskPolls::default() };
        let word = |id, state, since, polls| TaskNow {
            id: ActorId(id),
            state,
            since: Nanos(since),
            polls,
            woken_by: None,
            thread: None,
        };
        let tell = |actors: &mut Actors, at, now| {
            actors.states(TaskStates { alive: 1, tasks: vec![now] }, Nanos(at));
        };
        let ends = |actors: &mut Actors, id, ending, polls| {
            let task = TaskEnded {
                id: ActorId(id),
                ending,
                cancelled: None,
                polls,
                holding: Vec::new(),
                waited: Vec::new(),
                gave_back: Vec::new(),
            };
            actors.ended(task, true, When { at: Nanos(90), ..When::default() });
        };
        (1..=6).for_each(|id| spawn(&mut actors, id));
        // Over before a sample came; fresh at a sample, and over before the next; never begun.
        ends(&mut actors, 1, Ending::Cancelled, polled(2, 3));
        tell(&mut actors, 40, word(2, TaskState::Fresh, 2, polled(0, 0)));
        ends(&mut actors, 2, Ending::Cancelled, polled(1, 3));
        ends(&mut actors, 3, Ending::NeverPolled, polled(0, 0));
        // One poll that is under way or over says when it began.
        tell(&mut actors, 40, word(4, TaskState::Running, 30, polled(1, 0)));
        tell(&mut actors, 40, word(5, TaskState::Idle, 30, polled(1, 10)));
        // It has a guard: no sample of its state came so far.
        let holding = Holding {
            actor: ActorId(6),
            operation: mapwatch_event::Operation::Read,
            site: SiteId(1),
            since: Nanos(20),
        };
        actors.inside(MapId(1), [&[], &[]], [&[holding], &[]], When { at: Nanos(25), ..When::default() });
        let seen = |id, at| {
            let life = actors.get(ActorId(id)).and_then(|known| known.life.as_deref()).expect("a life");
            life.state_at(Nanos(at))
        };
        let (fresh, running, idle) =
            (Some(TaskState::Fresh), Some(TaskState::Running), Some(TaskState::Idle));
        assert_eq!([seen(1, 1), seen(1, 50)], [None, None]);
        assert_eq!([seen(2, 10), seen(2, 39), seen(2, 41)], [fresh, fresh, None]);
        assert_eq!([seen(3, 10), seen(3, 80)], [fresh, fresh]);
        assert_eq!([seen(4, 10), seen(4, 29), seen(4, 30)], [fresh, fresh, running]);
        assert_eq!([seen(5, 19), seen(5, 20), seen(5, 30)], [fresh, None, idle]);
        assert_eq!([seen(6, 10), seen(6, 22)], [None, None]);
    }

    #[test]
    fn a_guard_that_outlives_its_life_is_over_when_it_is_given_back() {
        let mut actors = Actors::default();
        let when = |at: u64| When { at: Nanos(at), position: Position(at) };
        let holding = |site| Holding {
            actor: ActorId(7),
            operation: mapwatch_event::Operation::Read,
            site: SiteId(site),
            since: Nanos(site),
        };
        let (early, late, waits) = ([holding(10)], [holding(10), holding(11)], [holding(12)]);
        spawn(&mut actors, 7);
        actors.inside(MapId(1), [&[], &[]], [&early, &[]], when(15));
        let polls = TaskPolls::default();
        let task = TaskEnded {
            id: ActorId(7),
            ending: Ending::Completed,
            cancelled: None,
            polls,
            holding: vec![MapId(1)],
            waited: Vec::new(),
            gave_back: Vec::new(),
        };
        actors.ended(task, true, when(20));
        // No sample had seen the second guard before the end; nobody waits after it.
        actors.inside(MapId(1), [&early, &[]], [&late, &waits], when(25));
        actors.inside(MapId(2), [&[], &[]], [&late, &[]], when(26));
        actors.inside(MapId(1), [&late, &waits], [&[], &[]], when(30));
        let life = actors.get(ActorId(7)).and_then(|known| known.life.clone()).expect("it told its life");
        let over = Some((when(30), super::super::spells::Over::Done));
        let told: Vec<_> =
            life.spells().iter().map(|spell| (spell.is, spell.map, spell.site.0, spell.over)).collect();
        assert_eq!(told, [(Is::Holding, MapId(1), 10, over), (Is::Holding, MapId(1), 11, over)]);
    }

    #[test]
    fn whoever_ended_before_its_life_was_told_has_ended() {
        let mut actors = Actors::default();
        actors.seen(ActorSeen { id: ActorId(7), kind: ActorKind::Task, name: "late".into() });
        actors.gone(ActorGone { id: ActorId(7), ending: Ending::Completed }, Nanos(5));
        spawn(&mut actors, 7);
        assert_eq!((actors.census.alive, actors.census.ended), ([0; 5], [1, 0, 0, 0, 0]));
    }
}
