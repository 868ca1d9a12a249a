//! Streams that are cut at any place and have lost any of their samples: whoever has ended is never shown as alive.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]

use super::Model;
use super::life::Doing;
use crate::testing::{Session, live, recorded};
use mapwatch_event::event::{ActorGone, Event};
use mapwatch_event::task::{TaskEnded, TaskNow, TaskPolls, TaskSpawned, TaskStates};
use mapwatch_event::wire::{self, Line};
use mapwatch_event::{ActorId, Ending, Nanos, SiteId, TaskKind, TaskState};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

const STATES: [TaskState; 5] =
    [TaskState::Fresh, TaskState::Running, TaskState::Idle, TaskState::Woken, TaskState::Stranded];
const ENDINGS: [Ending; 5] =
    [Ending::Completed, Ending::Panicked, Ending::Cancelled, Ending::NeverPolled, Ending::Leaked];

fn spawned(id: u64, kind: TaskKind) -> Event {
    Event::TaskSpawned(TaskSpawned {
        id: ActorId(id),
        kind,
        name: format!("task {id}"),
        site: SiteId(1),
        parent: None,
        runtime_id: None,
        fields: Vec::new(),
    })
}

fn states(alive: &BTreeSet<u64>, dice: &mut Dice, at: u64) -> Event {
    let now = |id: &u64| TaskNow {
        id: ActorId(*id),
        state: dice.one_of(&STATES),
        since: Nanos(at),
        polls: TaskPolls::default(),
        woken_by: None,
        thread: None,
    };
    Event::TaskStates(TaskStates { alive: alive.len() as u64, tasks: alive.iter().map(now).collect() })
}

fn ended(id: u64, ending: Ending) -> Event {
    let (cancelled, polls, holding) = (None, TaskPolls::default(), Vec::new());
    Event::TaskEnded(TaskEnded {
        id: ActorId(id),
        ending,
        cancelled,
        polls,
        holding,
        waited: Vec::new(),
        gave_back: Vec::new(),
    })
}

/// Lives that begin, are sampled and end; those of threads are told to end as an actor's, too, before or after.
fn lives(dice: &mut Dice) -> Session {
    let mut session = Session::new(1, "lives");
    let (mut alive, mut next) = (BTreeSet::new(), 1);
    for at in 1..40 {
        match dice.below(4) {
            0 | 1 => {
                let kind = dice.one_of(&[TaskKind::Future, TaskKind::Thread]);
                session.event(at, spawned(next, kind));
                alive.insert(next);
                next += 1;
            }
            2 => _ = session.event(at, states(&alive, dice, at)),
            _ => {
                let Some(id) = alive.pop_first() else { continue };
                let ending = dice.one_of(&ENDINGS);
                let gone = Event::ActorGone(ActorGone { id: ActorId(id), ending });
                match dice.below(3) {
                    0 => _ = session.event(at, ended(id, ending)),
                    1 => _ = session.event(at, gone).event(at, ended(id, ending)),
                    _ => _ = session.event(at, ended(id, ending)).event(at, gone),
                }
            }
        }
    }
    session
}

/// The lines of a stream without some of its samples, cut after so many bytes.
fn damaged(whole: &Session, dice: &mut Dice, cut: impl FnOnce(&mut Dice, usize) -> usize) -> Session {
    let mut session = Session::new(1, "lives");
    session.bytes.clear();
    for line in whole.bytes.split_inclusive(|byte| *byte == b'\n') {
        let is_sample =
            matches!(wire::decode_line(line), Ok(Line::Event { event: Event::TaskStates(_), .. }));
        if !is_sample || dice.below(2) == 0 {
            session.raw(line);
        }
    }
    let at = cut(dice, session.bytes.len());
    session.bytes.truncate(at);
    session
}

/// Who had ended by the last whole line.
fn over(session: &Session) -> BTreeMap<ActorId, Ending> {
    let lines =
        session.bytes.split_inclusive(|byte| *byte == b'\n').filter_map(|line| wire::decode_line(line).ok());
    lines
        .filter_map(|line| match line {
            Line::Event { event: Event::TaskEnded(task), .. } => Some((task.id, task.ending)),
            Line::Event { event: Event::ActorGone(gone), .. } => Some((gone.id, gone.ending)),
            _ => None,
        })
        .collect()
}

fn check(model: &Model, over: &BTreeMap<ActorId, Ending>, is_open: bool) {
    let mut alive = 0;
    for row in model.all_tasks() {
        match (over.get(&row.id), row.doing()) {
            (Some(told), doing) => assert_eq!(doing, Doing::Ended(*told), "{}", row.title()),
            (None, Doing::AliveAtEnd) => assert!(!is_open),
            (None, doing) => {
                assert!(is_open && !matches!(doing, Doing::Ended(_)), "{} is {doing:?}", row.title());
                alive += 1;
            }
        }
    }
    for session in model.world.sessions.values().filter(|_| is_open) {
        assert_eq!(session.actors.census.all_alive(), alive, "{:?}", session.actors.census);
    }
}

#[test]
fn a_stream_that_is_cut_and_has_lost_samples_shows_nobody_alive_who_has_ended() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..40 {
        let whole = lives(&mut dice);
        for _ in 0..8 {
            let session = damaged(&whole, &mut dice, |dice, length| dice.below(length as u64 + 1) as usize);
            let over = over(&session);
            check(&live(&session), &over, true);
            check(&recorded(&session), &over, false);
        }
    }
}

#[test]
fn a_stream_can_be_cut_at_every_byte() {
    let mut dice = Dice(7);
    let mut session = damaged(&lives(&mut dice), &mut dice, |_, length| length.min(2_000));
    while !session.bytes.is_empty() {
        check(&live(&session), &over(&session), true);
        session.bytes.pop();
    }
}
