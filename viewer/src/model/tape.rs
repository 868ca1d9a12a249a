//! What the world took in, in order; and so how it can be seen at any earlier moment.
//!
//! The tape keeps no event: only where each lies in a recording (the file that was opened, or the one that is
//! written while the viewer looks). From time to time it keeps the whole world; a copy shares what has not
//! changed since. To see a moment is to take the last such world before it and to play the lines between:
//! by the same code that played them first.
//!
//! Memory is bounded: when the worlds weigh too much, every other one goes. Beside them it keeps worlds that the last
//! journeys left on their way: who steps through time comes through the same lines again.

use super::moment::Wall;
use super::session::Origin;
use super::world::World;
use crate::msg::{Batch, Close, StreamId, StreamMsg};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Worlds kept.
const WORLDS: usize = 96;
/// Bytes that all kept worlds may take, over the last one.
const WEIGHT: usize = 256 << 20;
/// Lines between two of them, at first.
const EVERY: u64 = 4096;
/// Worlds of the last journeys kept.
const STATIONS: usize = 24;
/// Worlds that one journey leaves on its way, about, and the lines between two of them at least.
const PER_JOURNEY: u64 = 8;
const APART: u64 = 512;
/// Bytes of a line, about: how many lines a recording has is not known before it is read.
const LINE: u64 = 160;
/// Moments of interest kept.
const POINTS: usize = 20_000;
/// Lines of one stream that are one entry at most: a quiet stream sends its lines one by one.
const JOINED: u64 = 1024;

/// How much the world has taken in: lines, and beginnings and ends of streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

/// Lines of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<PathBuf>,
    /// Where they begin, in bytes.
    pub offset: u64,
    /// How long they are, in bytes.
    pub bytes: u64,
    /// The number of the first line, from 1.
    pub line: u64,
}

impl What {
    /// What a message of a stream is to the tape.
    #[must_use]
    pub fn of(stream: StreamId, msg: &StreamMsg) -> What {
        match msg {
            StreamMsg::Opened(origin, _) => What::Opened(stream, origin.clone()),
            StreamMsg::Closed(close) => What::Closed(stream, close.clone()),
            StreamMsg::Arrived(Batch { place: Some(place), .. }) => What::Lines(stream, place.clone()),
            StreamMsg::Arrived(_) => What::Unrecorded,
        }
    }
}

/// Something that the world took in.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the world was before.
    pub from: Position,
    /// The viewer's clock.
    pub clock: Duration,
    /// The latest moment that was heard of, afterwards.
    pub until: Wall,
    /// What.
    pub what: What,
}

/// See [`Entry`].
#[derive(Clone, Debug)]
pub enum What {
    /// A stream began.
    Opened(StreamId, Origin),
    /// Lines of a stream.
    Lines(StreamId, Place),
    /// Lines that were not recorded: these cannot be played again, and the world behind them is known only where
    /// it was kept.
    Unrecorded,
    /// A stream ended.
    Closed(StreamId, Close),
    /// Somebody was sent away.
    Refused(String),
}

/// A moment of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Where the world is just after it.
    pub position: Position,
    /// When.
    pub wall: Wall,
    /// Why it is of interest.
    pub interest: Interest,
}

/// Why a moment is of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// A process began to tell, or ended.
    Process,
    /// Two sides met.
    Conflict(mapwatch_event::Grade),
    /// Somebody panicked.
    Panic,
    /// A task was cancelled, or ended by a panic.
    Task,
    /// Something was lost on the way.
    Loss,
    /// Somebody is inside a map, or waits to be: of interest to the screen of holders alone.
    Inside,
}

/// Where a journey ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// After this many lines.
    At(Position),
    /// Before the first event that is later.
    Until(Wall),
}

/// What it takes to see an earlier moment: a world, and the lines to play into it.
#[derive(Clone, Debug)]
pub struct Journey {
    /// The world to begin with.
    pub world: World,
    /// What to play.
    pub entries: Vec<Entry>,
    /// When to stop.
    pub stop: Stop,
    /// Lines after which a world is left on the way.
    pub apart: u64,
}

/// What a journey came to see.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The world at its end.
    pub world: World,
    /// Worlds that it left on its way, in order.
    pub on_the_way: Vec<World>,
    /// Why it ended early, where it did.
    pub trouble: Option<String>,
}

/// The tape.
#[derive(Clone, Debug)]
pub struct Tape {
    entries: Vec<Entry>,
    points: Vec<Point>,
    /// Moments at which somebody held something; of too many, the oldest go.
    inhabited: VecDeque<Position>,
    worlds: Vec<World>,
    every: u64,
    /// Of the last journeys, in order.
    stations: Vec<World>,
}

impl Default for Tape {
    fn default() -> Tape {
        Tape {
            entries: Vec::new(),
            points: Vec::new(),
            inhabited: VecDeque::new(),
            worlds: Vec::new(),
            every: EVERY,
            stations: Vec::new(),
        }
    }
}

/// The index of what comes next behind a position, or before it, in a list that is ordered by positions; `before`
/// counts those at its beginning of which something is true.
fn next_to(
    position: Position,
    forward: bool,
    before: impl Fn(&dyn Fn(Position) -> bool) -> usize,
) -> Option<usize> {
    if forward { Some(before(&|at| at <= position)) } else { before(&|at| at < position).checked_sub(1) }
}

impl Tape {
    /// Notes what the world took in. `before` is where it was; the world itself is as it is afterwards.
    pub fn note(&mut self, before: Position, what: What, world: &mut World) {
        let Position(now) = world.position;
        for point in std::mem::take(&mut world.fresh) {
            match point.interest {
                Interest::Inside => self.inhabited.push_back(point.position),
                _ if self.points.len() < POINTS => self.points.push(point),
                _ => {}
            }
        }
        self.inhabited.drain(..self.inhabited.len().saturating_sub(POINTS));
        let until = world.until;
        if !self.join(before, now, &what, until) {
            self.entries.push(Entry { from: before, clock: world.clock, until, what });
        }
        let last = self.worlds.last().map_or(0, |world| world.position.0);
        if now - last >= self.every {
            self.worlds.push(world.clone());
            self.thin_out();
        }
    }

    /// Lines that follow those of the last entry in the same file belong to it.
    fn join(&mut self, before: Position, now: u64, what: &What, until: Wall) -> bool {
        let Some(last) = self.entries.last_mut() else { return false };
        match (&mut last.what, what) {
            (What::Lines(stream, place), What::Lines(next_stream, next)) => {
                let follows = stream == next_stream
                    && place.file == next.file
                    && place.offset + place.bytes == next.offset
                    && now - last.from.0 <= JOINED;
                if follows {
                    place.bytes += next.bytes;
                    last.until = until;
                }
                follows
            }
            (What::Unrecorded, What::Unrecorded) => {
                last.until = until;
                before >= last.from
            }
            _ => false,
        }
    }

    fn thin_out(&mut self) {
        // What lies between two worlds is shared but for what changed; and no copy weighs more than the whole.
        let cost = |pair: &[World]| pair[1].copied().saturating_sub(pair[0].copied()).min(pair[0].weight());
        let weight = |worlds: &[World]| worlds.windows(2).map(cost).sum::<usize>();
        while self.worlds.len() > 2 && (self.worlds.len() > WORLDS || weight(&self.worlds) > WEIGHT) {
            let mut index = 0;
            self.worlds.retain(|_| {
                index += 1;
                index % 2 == 0
            });
            self.every *= 2;
        }
    }

    /// A recording of this many bytes will be played. The worlds that would be thinned out later are not kept at all:
    /// each of them makes the world behind it copy what changes.
    pub fn expect(&mut self, bytes: u64) {
        let lines = bytes / LINE / (WORLDS as u64 / 2);
        while self.every < lines {
            self.every *= 2;
        }
    }

    /// Keeps what a journey left on its way; of too many, those go that are farthest from where it ended.
    pub fn keep(&mut self, on_the_way: Vec<World>, end: Position) {
        self.stations.extend(on_the_way);
        self.stations.sort_by_key(|world| world.position);
        self.stations.dedup_by_key(|world| world.position);
        while self.stations.len() > STATIONS {
            let last = self.stations.len() - 1;
            let far = |index: usize| self.stations[index].position.0.abs_diff(end.0);
            self.stations.remove(if far(0) > far(last) { 0 } else { last });
        }
    }

    /// How many worlds are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.worlds.len()
    }

    /// All moments of interest, in order.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The moment of interest at a position.
    #[must_use]
    pub fn at(&self, position: Position) -> Option<Point> {
        let index = self.points.partition_point(|point| point.position < position);
        self.points.get(index).filter(|point| point.position == position).copied()
    }

    /// The moment of interest before or after a position.
    #[must_use]
    pub fn neighbour(&self, position: Position, forward: bool) -> Option<Point> {
        let before = |is: &dyn Fn(Position) -> bool| self.points.partition_point(|point| is(point.position));
        self.points.get(next_to(position, forward, before)?).copied()
    }

    /// The moment before or after a position at which somebody held something.
    #[must_use]
    pub fn inhabited(&self, position: Position, forward: bool) -> Option<Position> {
        let before = |is: &dyn Fn(Position) -> bool| self.inhabited.partition_point(|at| is(*at));
        self.inhabited.get(next_to(position, forward, before)?).copied()
    }

    /// How to get to a moment, from the world that is seen now or from a kept one, whichever is nearer.
    ///
    /// It ends early where what lies between was not recorded.
    #[must_use]
    pub fn journey(&self, stop: Stop, seen: &World) -> Journey {
        let beyond = |world: &World| match stop {
            Stop::At(position) => world.position > position,
            Stop::Until(wall) => world.until > wall,
        };
        let nearest = |worlds: &[World]| {
            let index = worlds.partition_point(|world| !beyond(world)).checked_sub(1)?;
            Some(worlds[index].clone())
        };
        let seen = Some(seen).filter(|seen| !beyond(seen)).cloned();
        let starts = [nearest(&self.worlds), nearest(&self.stations), seen];
        let start = starts.into_iter().flatten().max_by_key(|world| world.position).unwrap_or_default();
        // The start may lie within an entry: the player skips what the world has taken in.
        let first = self.entries.partition_point(|entry| entry.from < start.position);
        let first = first - usize::from(self.reaches_beyond(first, start.position));
        let last = match stop {
            Stop::At(position) => self.entries.partition_point(|entry| entry.from < position),
            Stop::Until(wall) => self.entries.partition_point(|entry| entry.until <= wall) + 1,
        };
        let last = last.min(self.entries.len()).max(first);
        let recorded = |entry: &&Entry| !matches!(entry.what, What::Unrecorded);
        let entries = self.entries[first..last].iter().take_while(recorded).cloned().collect();
        let end = self.entries.get(last).map_or(start.position.0, |entry| entry.from.0);
        let apart = (end.saturating_sub(start.position.0) / PER_JOURNEY).max(APART);
        Journey { world: start, entries, stop, apart }
    }

    /// Whether the entry before `index` goes on behind `position`.
    fn reaches_beyond(&self, index: usize, position: Position) -> bool {
        let end = self.entries.get(index).map_or(u64::MAX, |entry| entry.from.0);
        index > 0 && end > position.0
    }
}
