//! The half of the model that events write: sessions, findings, log, losses.
//!
//! Streams and sessions are not the same: a file may hold several sessions one after another (a header begins
//! the next), and a connection that never sends a header holds none.

use super::findings::Findings;
use super::log::{Log, Voice};
use super::moment::{Moment, Wall};
use super::panicked::Panicked;
use super::panics::Panics;
use super::program::{Ending, Program};
use super::session::{Origin, Session, SessionId, State, readable_schema};
use super::tape::{Interest, Point, Position};
use super::unread::Unread;
use crate::msg::{Close, ProgramMsg, StreamId, StreamMsg};
use crate::source::arrival::Arrival;
use mapwatch_event::{Ending as TaskEnding, Event, Header, Nanos};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Sessions kept with all their detail; of older ones that have ended, only the findings stay.
pub const SESSIONS: usize = 256;

/// What events told.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The viewer's clock, as last told.
    pub clock: Duration,
    /// How much was taken in.
    pub position: Position,
    /// The first moment that was heard of.
    pub began: Option<Wall>,
    /// When the first process that was heard of began its own clock: times are told by that. A program that the viewer
    /// started is heard of before it watches itself.
    pub zero: Option<Wall>,
    /// The latest one.
    pub until: Wall,
    /// Moments of interest since the tape was last told.
    pub fresh: Vec<Point>,
    /// One per process that was heard of, in the order in which they came.
    pub sessions: BTreeMap<SessionId, Arc<Session>>,
    /// Conflicts, joined by category and sites.
    pub findings: Findings,
    /// Panics, joined by place and message.
    pub panics: Panics,
    /// Output of the program and what happened to processes.
    pub log: Log,
    /// The program that the viewer started.
    pub program: Option<Program>,
    /// Lines that could not be read.
    pub unread: Unread,
    /// Events of all sessions.
    pub events: u64,
    /// Sessions whose detail was let go.
    pub sessions_dropped: u64,
    /// Nothing more will arrive.
    pub ended: bool,
    streams: BTreeMap<StreamId, Stream>,
    next_session: u64,
}

/// A stream that is open.
#[derive(Clone, Debug)]
struct Stream {
    origin: Origin,
    now: Now,
    /// Bytes in all and bytes read, where that is known.
    size: Option<u64>,
    read: u64,
}

/// What a stream is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Now {
    /// Nothing: the header is still to come.
    Waiting,
    /// A session.
    In(SessionId),
    /// A session of a schema that this version does not read.
    Skipping,
}

impl World {
    /// Whether some process still sends.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.sessions.values().any(|session| session.state == State::Open && session.origin.is_live())
    }

    /// Whether anybody was heard at all.
    #[must_use]
    pub fn heard_nobody(&self) -> bool {
        self.sessions.is_empty() && self.sessions_dropped == 0
    }

    /// The session shown where there is room for one: the newest that is open, else the newest.
    #[must_use]
    pub fn foremost(&self) -> Option<&Session> {
        let mut newest = self.sessions.values().rev();
        let first: &Session = newest.next()?;
        if first.state == State::Open {
            return Some(first);
        }
        newest.map(|session| &**session).find(|session| session.state == State::Open).or(Some(first))
    }

    /// Whether it is seen in the middle of some session: rates are then of that moment.
    #[must_use]
    pub fn is_midway(&self) -> bool {
        self.sessions.values().any(|session| session.is_live())
    }

    /// The moment that its pages are of: by the clock of the process where there is one alone, for what the viewer
    /// itself heard of the program (its output) may be later than all that the process told.
    #[must_use]
    pub fn now(&self) -> Wall {
        let mut all = self.sessions.values();
        match (all.next(), all.next(), self.sessions_dropped) {
            (Some(only), None, 0) => only.wall(only.now(self.clock)),
            _ => self.until,
        }
    }

    /// Time since the first process began its clock; where none did, since the first moment that was heard of.
    #[must_use]
    pub fn since_start(&self, moment: Wall) -> Nanos {
        moment.since(self.zero.or(self.began).unwrap_or(moment))
    }

    /// How much of the recordings that are being read has been read; `None` where none is.
    #[must_use]
    pub fn progress(&self) -> Option<f64> {
        let known = self.streams.values().filter_map(|stream| Some((stream.read, stream.size?)));
        let (read, size) = known.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        (size > 0).then(|| read as f64 / size as f64)
    }

    /// Bytes that it takes at most, as if it shared nothing with another one.
    #[must_use]
    pub fn weight(&self) -> usize {
        const FINDING: usize = 8 << 10;
        let sessions = self.sessions.values().map(|session| session.weight()).sum::<usize>();
        sessions + self.log.bytes() + (self.findings.len() + self.panics.len() + 1) * FINDING
    }

    /// Bytes that were copied so far because a kept world shares what was to be changed: of two worlds, the
    /// difference is what it costs to keep the earlier one.
    #[must_use]
    pub fn copied(&self) -> usize {
        self.sessions.values().map(|session| session.copied()).sum()
    }

    /// Takes in something of a stream.
    pub fn stream(&mut self, id: StreamId, msg: StreamMsg) {
        match msg {
            StreamMsg::Opened(origin, size) => self.opened(id, origin, size),
            StreamMsg::Arrived(batch) => {
                if let (Some(stream), Some(place)) = (self.streams.get_mut(&id), &batch.place) {
                    stream.read = place.offset + place.bytes;
                }
                batch.arrivals.into_iter().for_each(|arrival| self.take_in(id, arrival));
            }
            StreamMsg::Closed(close) => self.closed(id, &close),
        }
    }

    /// A stream begins.
    pub fn opened(&mut self, id: StreamId, origin: Origin, size: Option<u64>) {
        self.position.0 += 1;
        self.streams.insert(id, Stream { origin, now: Now::Waiting, size, read: 0 });
    }

    /// When a line says that it happened.
    #[must_use]
    pub fn wall(&self, id: StreamId, arrival: &Arrival) -> Option<Wall> {
        match arrival {
            Arrival::Header(header) => Some(Wall::of(header, Nanos(0))),
            Arrival::Program { at, .. } => Some(*at),
            Arrival::Event { at, .. } => match self.streams.get(&id)?.now {
                Now::In(session) => Some(self.sessions.get(&session)?.wall(*at)),
                Now::Waiting => Some(Wall(at.0)),
                Now::Skipping => None,
            },
            Arrival::Unknown { .. } | Arrival::Unread { .. } => None,
        }
    }

    fn reach(&mut self, wall: Wall) {
        self.began = Some(self.began.map_or(wall, |began| began.min(wall)));
        self.until = self.until.max(wall);
    }

    fn of_interest(&mut self, interest: Interest) {
        self.fresh.push(Point { position: self.position, wall: self.until, interest });
    }

    /// Takes in one line of a stream.
    pub fn take_in(&mut self, id: StreamId, arrival: Arrival) {
        self.position.0 += 1;
        if let Some(wall) = self.wall(id, &arrival) {
            self.reach(wall);
            if matches!(arrival, Arrival::Header(_)) {
                self.zero = Some(self.zero.map_or(wall, |zero| zero.min(wall)));
            }
        }
        let Some(Stream { origin, now, .. }) = self.streams.get(&id) else { return };
        match (arrival, *now) {
            (Arrival::Program { msg, .. }, _) => self.program(msg),
            (Arrival::Event { seq, at, event }, Now::In(session)) => self.event(session, seq, at, event),
            (Arrival::Event { .. }, Now::Skipping) => {}
            (Arrival::Event { seq, at, event }, Now::Waiting) => {
                // A recording whose beginning is gone: its events still say something.
                let session = self.open_session(id, origin.clone(), Header::default());
                self.event(session, seq, at, event);
            }
            (Arrival::Header(header), _) => self.begin(id, origin.clone(), *header),
            (Arrival::Unread { line, reason }, _) => self.unread.add(origin.place(), line, reason),
            (Arrival::Unknown { line, seq, kind }, now) => {
                self.unread.add(origin.place(), line, format!("unknown kind of event `{kind}`"));
                if let Now::In(session) = now
                    && let Some(session) = self.session_mut(session)
                {
                    session.count(seq);
                }
            }
        }
    }

    fn session_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.sessions.get_mut(&id).map(Arc::make_mut)
    }

    fn event(&mut self, id: SessionId, seq: mapwatch_event::Seq, at: Nanos, event: Event) {
        let clock = self.clock;
        let Some(session) = self.sessions.get_mut(&id).map(Arc::make_mut) else { return };
        self.events += 1;
        session.count(seq);
        session.heard(at, clock);
        session.position = self.position;
        match event {
            Event::Conflict(conflict) => {
                if session.saw_conflict(&conflict) {
                    let wall = session.wall(conflict.at);
                    let grade = conflict.grade;
                    self.findings.add(id, *conflict, wall);
                    self.of_interest(Interest::Conflict(grade));
                }
            }
            Event::Panic(panic) => {
                if let Some(cause) = session.saw_panic(&panic) {
                    let told = session.wall(at);
                    // What one wants to know stands in front: a line of the log is cut at its end.
                    let text = format!("{} panicked: {}, at {}", panic.actor, panic.message, panic.location);
                    // It is told after its backtrace was read, which takes long the first time.
                    let (cause, at) = cause.map_or((None, at), |(cause, at)| (Some(cause), at));
                    let wall = session.wall(at);
                    let (number, mut panicked) = (panic.id, Panicked::of(&panic));
                    panicked.group = self.panics.add(Moment { session: id, at, wall }, *panic, cause);
                    self.log.add_panic(told, text, panicked.group);
                    session.last_panics.add(number, panicked);
                    self.of_interest(Interest::Panic);
                }
            }
            Event::End(end) => {
                session.state = State::Ended(end.reason);
                let text = format!("{} ended ({})", session.title(), session.state.words());
                self.log.add(self.until, Voice::Viewer, text);
                self.of_interest(Interest::Process);
            }
            Event::TaskEnded(task) => {
                let of_interest = task.cancelled.is_some() || task.ending == TaskEnding::Panicked;
                session.apply(at, Event::TaskEnded(task));
                if of_interest {
                    self.of_interest(Interest::Task);
                }
            }
            Event::Holders(holders) => {
                let inhabited = !holders.holders.is_empty() || !holders.waiters.is_empty();
                session.apply(at, Event::Holders(holders));
                if inhabited {
                    self.of_interest(Interest::Inside);
                }
            }
            Event::Loss(loss) => {
                session.apply(at, Event::Loss(loss));
                self.of_interest(Interest::Loss);
            }
            event => session.apply(at, event),
        }
    }

    fn begin(&mut self, id: StreamId, origin: Origin, header: Header) {
        self.leave(id, false);
        if let Err(why) = readable_schema(&header.schema) {
            self.unread.add(origin.place(), 0, why.clone());
            self.log.add(self.until, Voice::Trouble, format!("process {}: {why}", header.pid));
            self.go(id, Now::Skipping);
            return;
        }
        self.open_session(id, origin, header);
    }

    fn open_session(&mut self, id: StreamId, origin: Origin, header: Header) -> SessionId {
        self.next_session += 1;
        let session = SessionId(self.next_session);
        let opened = Session::new(session, origin, header, self.clock);
        self.log.add(self.until, Voice::Viewer, opened.greeting());
        self.sessions.insert(session, Arc::new(opened));
        self.go(id, Now::In(session));
        self.of_interest(Interest::Process);
        self.drop_old_sessions();
        session
    }

    fn go(&mut self, id: StreamId, now: Now) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.now = now;
        }
    }

    /// The stream leaves its session: it has ended in order, or it is cut.
    fn leave(&mut self, id: StreamId, in_a_line: bool) {
        let Some(Stream { now: Now::In(session), .. }) = self.streams.get(&id) else { return };
        let Some(session) = self.sessions.get_mut(session).map(Arc::make_mut) else { return };
        if session.state == State::Open {
            session.state = State::Cut;
            let how = if in_a_line { ", in the middle of a line" } else { "" };
            let text = format!("{}: {}{how}", session.title(), session.cut_words());
            self.of_interest(Interest::Process);
            self.log.add(self.until, Voice::Trouble, text);
        }
    }

    /// A stream ends.
    pub fn closed(&mut self, id: StreamId, close: &Close) {
        self.position.0 += 1;
        let place = self.streams.get(&id).map(|stream| stream.origin.place());
        if let (Some(why), Some(place)) = (close.words(), place) {
            self.log.add(self.until, Voice::Trouble, format!("{place}: {why}"));
            self.unread.add(place, 0, why);
        }
        self.leave(id, *close == Close::Cut);
        self.streams.remove(&id);
    }

    /// Something about the viewer itself.
    pub fn warned(&mut self, what: String) {
        self.log.add(self.until, Voice::Trouble, what);
    }

    /// Somebody connected and was sent away.
    pub fn refused(&mut self, why: String) {
        self.position.0 += 1;
        self.log.add(self.until, Voice::Trouble, why.clone());
        self.unread.add("connection".to_owned(), 0, why);
    }

    /// Something of the program that the viewer started.
    fn program(&mut self, msg: ProgramMsg) {
        match msg {
            ProgramMsg::Started { pid, command } => {
                self.log.add(self.until, Voice::Viewer, format!("started {pid}: {command}"));
                self.program = Some(Program { pid, command, ending: None });
            }
            ProgramMsg::Output(which, line) => self.log.add(self.until, Voice::Program(which), line),
            ProgramMsg::Ended(ending) => {
                let voice = if ending == Ending::Code(0) { Voice::Viewer } else { Voice::Trouble };
                let name = self.program.as_ref().map_or("", Program::name);
                self.log.add(self.until, voice, format!("{name} {}", ending.words()));
                if let Some(program) = &mut self.program {
                    program.ending = Some(ending);
                }
            }
        }
    }

    /// Of many sessions (a long `cargo test`), the oldest ended ones go; those with findings last.
    fn drop_old_sessions(&mut self) {
        while self.sessions.len() > SESSIONS {
            let ended = |session: &&Arc<Session>| session.state != State::Open;
            let victim = self
                .sessions
                .values()
                .filter(ended)
                .min_by_key(|session| (session.conflicts > 0, session.id))
                .or(self.sessions.values().next())
                .map(|session| session.id);
            let Some(victim) = victim else { return };
            self.sessions.remove(&victim);
            self.sessions_dropped += 1;
        }
    }
}
