//! One run of one process, as far as it has told.

use super::actors::Actors;
use super::maps::Maps;
use super::moment::Wall;
use super::panicked::LastPanics;
use super::series::{Pace, Series};
use super::spells::When;
use super::tape::Position;
use crate::text::counted;
use imbl::{HashMap, OrdMap, OrdSet};
use mapwatch_event::event::{EndReason, Event, Holders, Loss, Traffic};
use mapwatch_event::task::{Coverage, TaskEnded, TaskStates};
use mapwatch_event::wire::Schema;
use mapwatch_event::{Category, Conflict, ConflictId, Header, Lane, MapId, Nanos, Panic, Seq, Site, SiteId};
use std::collections::BTreeMap;
use std::time::Duration;

/// Sites kept of one session; a program has fewer.
const SITES: usize = 200_000;
/// Numbers of conflicts kept, to tell a repeated announcement from a new conflict.
const CONFLICTS: usize = 100_000;

/// Runtimes kept.
const RUNTIMES: usize = 256;

/// One session of the viewer, numbered in the order in which they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Where a stream comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The viewer connected to this process.
    Attached(u32),
    /// A process connected to the viewer.
    Joined,
    /// A recording, and its path.
    File(String),
    /// The viewer itself, about the program that it started.
    Program,
}

impl Origin {
    /// Whether a process is at the other end.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self, Origin::Attached(_) | Origin::Joined)
    }

    /// For "place:line: reason".
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Origin::Attached(pid) => format!("process {pid}"),
            Origin::Joined => "connection".to_owned(),
            Origin::File(path) => path.clone(),
            Origin::Program => "program".to_owned(),
        }
    }
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// More may come.
    Open,
    /// It ended in order.
    Ended(EndReason),
    /// Its stream ended without an end: the program was killed or crashed, or the recording is cut.
    Cut,
}

impl State {
    /// A word or two.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            State::Open => "running",
            State::Ended(EndReason::Exit) => "exit",
            State::Ended(EndReason::Abort) => "abort",
            State::Ended(_) => "ended",
            State::Cut => "cut off",
        }
    }
}

/// Says whether a session of this schema can be read; the error is a sentence for people.
///
/// # Errors
///
/// Where its major version is not ours, or it is no version at all.
pub fn readable_schema(schema: &str) -> Result<(), String> {
    match Schema::parse(schema) {
        Some(version) if version.is_readable() => Ok(()),
        Some(version) if version > Schema::CURRENT => Err(format!(
            "it was written with schema {version}, this mapview reads {}.x: a newer mapview is needed",
            Schema::CURRENT.major
        )),
        Some(version) => Err(format!(
            "it was written with schema {version}, this mapview reads {}.x: an older mapview is needed",
            Schema::CURRENT.major
        )),
        None => Err(format!("its schema `{schema}` is no version")),
    }
}

/// What was lost of one lane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// How many since the session began.
    pub total: u64,
    /// Why, as last told.
    pub reason: String,
}

/// One session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its number in this viewer.
    pub id: SessionId,
    /// Where it comes from.
    pub origin: Origin,
    /// Its first line; all blank where the recording has none.
    pub header: Header,
    /// Where it stands.
    pub state: State,
    /// The latest time stamp heard.
    pub last_at: Nanos,
    /// Events heard.
    pub events: u64,
    /// Events that its sequence numbers say are missing.
    pub missed: u64,
    /// Conflicts heard.
    pub conflicts: u64,
    /// Panics heard of.
    pub panics: u64,
    /// What its recorder lost.
    pub lost: BTreeMap<Lane, Lost>,
    /// Who acts.
    pub actors: Actors,
    /// What is acted on.
    pub maps: Maps,
    /// From when on traffic was told: a viewer that comes late does not know what was before.
    pub told_from: Option<Nanos>,
    /// Operations of all maps over time.
    pub series: Series,
    sites: HashMap<SiteId, Site>,
    seen_conflicts: OrdMap<ConflictId, (Category, Nanos)>,
    seen_panics: OrdSet<u64>,
    /// The last panics, for the lives that they ended.
    pub last_panics: LastPanics,
    /// How many tasks of each runtime are watched, as last told.
    pub coverage: BTreeMap<u64, Coverage>,
    last_seq: Option<Seq>,
    last_heard: Duration,
    /// Where the world is that is taking in an event of it.
    pub position: Position,
    /// Whether an end says what it gave back: its schema's minor version is 5 or later.
    ends_tell_all: bool,
}

impl Session {
    /// A session that begins.
    #[must_use]
    pub fn new(id: SessionId, origin: Origin, header: Header, clock: Duration) -> Session {
        let ends_tell_all = Schema::parse(&header.schema).is_some_and(|schema| schema.minor >= 5);
        Session {
            id,
            origin,
            header,
            state: State::Open,
            last_at: Nanos(0),
            events: 0,
            missed: 0,
            conflicts: 0,
            panics: 0,
            lost: BTreeMap::new(),
            actors: Actors::default(),
            maps: Maps::default(),
            told_from: None,
            series: Series::default(),
            sites: HashMap::new(),
            seen_conflicts: OrdMap::new(),
            seen_panics: OrdSet::new(),
            last_panics: LastPanics::default(),
            coverage: BTreeMap::new(),
            last_seq: None,
            last_heard: clock,
            position: Position::default(),
            ends_tell_all,
        }
    }

    /// The executable without its folders.
    #[must_use]
    pub fn name(&self) -> &str {
        let path = &self.header.executable;
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        if name.is_empty() { "unknown program" } else { name }
    }

    /// Name and process id.
    #[must_use]
    pub fn title(&self) -> String {
        if self.header.pid == 0 {
            return self.name().to_owned();
        }
        format!("{} (pid {})", self.name(), self.header.pid)
    }

    /// Executable and arguments.
    #[must_use]
    pub fn command_line(&self) -> String {
        let mut line = self.header.executable.clone();
        for argument in &self.header.arguments {
            line.push(' ');
            line.push_str(argument);
        }
        line
    }

    /// The line of the log about its beginning.
    #[must_use]
    pub fn greeting(&self) -> String {
        let Header { policy, schema, .. } = &self.header;
        let title = self.title();
        match &self.origin {
            Origin::File(path) if schema.is_empty() => format!("{path}: a session without its beginning"),
            Origin::File(path) => format!("{path}: {title}, policy {policy}, format {schema}"),
            Origin::Attached(_) => format!("attached to {title}, policy {policy}, format {schema}"),
            Origin::Joined | Origin::Program => {
                format!("{title} connected, policy {policy}, format {schema}")
            }
        }
    }

    /// What it means that its stream ended without an end.
    #[must_use]
    pub fn cut_words(&self) -> &'static str {
        match self.origin {
            Origin::File(_) => "the recording ends early",
            Origin::Attached(_) | Origin::Joined | Origin::Program => {
                "its stream ended without an end: it was killed, or it crashed"
            }
        }
    }

    /// Its time at the viewer's clock `clock`: it goes on between two events of a live session.
    #[must_use]
    pub fn now(&self, clock: Duration) -> Nanos {
        if self.state != State::Open || !self.origin.is_live() {
            return self.last_at;
        }
        Nanos(self.last_at.0.saturating_add(Nanos::from(clock.saturating_sub(self.last_heard)).0))
    }

    /// A moment of it on the wall clock.
    #[must_use]
    pub fn wall(&self, at: Nanos) -> Wall {
        Wall::of(&self.header, at)
    }

    /// Bytes that it takes at most.
    #[must_use]
    pub fn weight(&self) -> usize {
        const ACTOR: usize = 160;
        const SITE: usize = 120;
        const REST: usize = 8 << 10;
        self.maps.weight() + self.actors.len() * ACTOR + self.sites.len() * SITE + REST
    }

    /// Bytes that were copied so far because a kept world shares what was to be changed.
    #[must_use]
    pub fn copied(&self) -> usize {
        self.maps.copied() + self.actors.copied()
    }

    /// A site by its number.
    #[must_use]
    pub fn site(&self, id: SiteId) -> Option<&Site> {
        self.sites.get(&id)
    }

    /// A site as text; `?` for one that was not announced.
    #[must_use]
    pub fn site_text(&self, id: SiteId) -> String {
        self.site(id).map_or_else(|| "?".to_owned(), Site::to_string)
    }

    /// Whether it is in the middle, and rates are of this moment; else they are means over the whole session.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == State::Open
    }

    /// Counts an event by its sequence number. A snapshot repeats old numbers: only a gap after the highest
    /// one counts, and none before the first.
    pub fn count(&mut self, seq: Seq) {
        self.events += 1;
        match self.last_seq {
            Some(last) if seq.0 > last.0 => {
                self.missed = self.missed.saturating_add(seq.0 - last.0 - 1);
                self.last_seq = Some(seq);
            }
            None if seq.0 > 0 => self.last_seq = Some(seq),
            _ => {}
        }
    }

    /// Sets its clock by a time stamp.
    pub fn heard(&mut self, at: Nanos, clock: Duration) {
        if at >= self.last_at {
            self.last_at = at;
            self.last_heard = clock;
        }
    }

    /// Counts a conflict; false where it was announced before.
    pub fn saw_conflict(&mut self, conflict: &Conflict) -> bool {
        if self.seen_conflicts.insert(conflict.id, (conflict.category, conflict.at)).is_some() {
            return false;
        }
        if self.seen_conflicts.len() > CONFLICTS
            && let Some((oldest, _)) = self.seen_conflicts.get_min().copied()
        {
            self.seen_conflicts.remove(&oldest);
        }
        self.conflicts += 1;
        self.maps.met(conflict);
        true
    }

    /// Counts a panic; `None` where it was announced before, else the category and the time of the conflict that
    /// started it, where one did.
    pub fn saw_panic(&mut self, panic: &Panic) -> Option<Option<(Category, Nanos)>> {
        if self.seen_panics.insert(panic.id).is_some() {
            return None;
        }
        if self.seen_panics.len() > CONFLICTS
            && let Some(oldest) = self.seen_panics.get_min().copied()
        {
            self.seen_panics.remove(&oldest);
        }
        self.panics += 1;
        Some(panic.conflict.and_then(|id| self.seen_conflicts.get(&id).copied()))
    }

    /// Takes in an event that concerns this session alone.
    pub fn apply(&mut self, at: Nanos, event: Event) {
        match event {
            Event::Site(seen) if self.sites.len() < SITES => {
                self.sites.insert(seen.id, seen.site);
            }
            Event::Actor(seen) => self.actors.seen(seen),
            Event::ActorGone(gone) => self.actors.gone(gone, at),
            Event::TaskSpawned(task) => self.actors.spawned(task, self.when(at)),
            Event::TaskStates(states) => self.states(states, at),
            Event::TaskEnded(task) => self.task_ended(task, at),
            Event::Coverage(coverage) if self.coverage.len() < RUNTIMES => {
                self.coverage.insert(coverage.runtime, coverage);
            }
            Event::MapMade(made) => self.maps.made(made, at),
            Event::MapNamed(named) => self.maps.named(named),
            Event::MapGone(gone) => {
                self.settled(&Holders { map: gone.id, holders: Vec::new(), waiters: Vec::new() }, at);
                self.maps.gone(gone.id, at);
            }
            Event::Growth(growth) => self.maps.grew(at, growth),
            Event::Holders(holders) => {
                self.settled(&holders, at);
                self.maps.hold(holders);
            }
            Event::Traffic(traffic) => self.flowed(at, &traffic),
            Event::Loss(loss) => self.lost(loss),
            Event::Spread(told) => self.maps.spread(at, told),
            Event::Provocation(told) => self.maps.provoked(at, told),
            _ => {}
        }
    }

    fn when(&self, at: Nanos) -> When {
        When { at, position: self.position }
    }

    /// Who came into a map, or went, since the last sample of it.
    fn settled(&mut self, now: &Holders, at: Nanos) {
        let when = self.when(at);
        let Some(map) = self.maps.get(now.map).filter(|map| map.gone_at.is_none()) else { return };
        let before = [map.holders.as_slice(), map.waiters.as_slice()];
        self.actors.inside(now.map, before, [&now.holders, &now.waiters], when);
    }

    fn states(&mut self, states: TaskStates, at: Nanos) {
        if self.actors.states(states, at) {
            let all = self.maps.iter().flat_map(|map| map.recent.iter().map(|access| (map.id, access)));
            all.for_each(|(map, access)| self.actors.accessed(map, access));
        }
    }

    fn task_ended(&mut self, task: TaskEnded, at: Nanos) {
        let gave_back: Vec<MapId> = task.gave_back.iter().map(|guard| guard.map).collect();
        self.maps.left(task.id, &gave_back);
        self.actors.ended(task, self.ends_tell_all, self.when(at));
    }

    fn flowed(&mut self, at: Nanos, traffic: &Traffic) {
        let from = *self.told_from.get_or_insert(at.since(traffic.span));
        let mut sum = Pace { at, span: traffic.span, ..Pace::default() };
        for map in &traffic.maps {
            sum.add(&Pace::of(at, traffic.span, map));
            self.maps.flowed(at, traffic.span, map, from);
            // It may be told after the state that it led to.
            if self.actors.stranded() > 0 {
                map.recent.iter().for_each(|access| self.actors.accessed(map.map, access));
            }
        }
        self.series.add(&sum);
    }

    fn lost(&mut self, loss: Loss) {
        let lost = self.lost.entry(loss.lane).or_default();
        lost.total = loss.total.max(lost.total);
        lost.reason = loss.reason;
    }

    /// Losses in one line; empty where there are none.
    #[must_use]
    pub fn loss_words(&self) -> String {
        let mut parts: Vec<String> = self
            .lost
            .iter()
            .filter(|(_, lost)| lost.total > 0)
            .map(|(lane, lost)| {
                format!("{} {} ({})", crate::text::grouped(lost.total), lane.word(), lost.reason)
            })
            .collect();
        if self.missed > 0 {
            parts.push(counted(usize::try_from(self.missed).unwrap_or(usize::MAX), "undelivered event"));
        }
        parts.join(", ")
    }
}
