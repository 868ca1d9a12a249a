//! Rows of lives and of panics, and of the list that joins panics with conflicts.

use super::Model;
use super::actors::{Known, Life};
use super::findings::happened;
use super::panicked::Panicked;
use super::panics::{PanicGroup, PanicId};
use super::query::{Field, Fields, Value};
use super::rows::{FindingRow, MapRow};
use super::session::Session;
use super::spells::{Is, Over};
use super::tape::Position;
use super::ui::TaskKey;
use super::world::World;
use mapwatch_event::event::Holding;
use mapwatch_event::task::Cancelled;
use mapwatch_event::{ActorId, Ending, MapId, Nanos, Site, SiteId, TaskState};

/// A life with its session.
#[derive(Clone, Copy, Debug)]
pub struct TaskRow<'a> {
    /// The session.
    pub session: &'a Session,
    /// Its number.
    pub id: ActorId,
    /// Who.
    pub known: &'a Known,
    /// Its life.
    pub life: &'a Life,
    /// The session's time now.
    pub now: Nanos,
}

/// The last that is known of a life.
#[derive(Clone, Debug)]
pub struct LastSeen {
    /// When.
    pub at: Nanos,
    /// What it did.
    pub what: String,
    /// Where.
    pub site: SiteId,
}

/// What a life does, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It waits for a guard.
    Blocked,
    /// A thread has begun with it; what it does was not told.
    Begun,
    /// See [`TaskState`].
    Alive(TaskState),
    /// See [`Ending`].
    Ended(Ending),
    /// It was alive when its process ended, or was last heard of.
    AliveAtEnd,
}

impl Doing {
    /// A word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Doing::Blocked => "blocked",
            Doing::Begun => "begun",
            Doing::Alive(state) => state.word(),
            Doing::AliveAtEnd => "alive at end",
            Doing::Ended(Ending::Completed) => "completed",
            Doing::Ended(Ending::Panicked) => "panicked",
            Doing::Ended(Ending::Cancelled) => "cancelled",
            Doing::Ended(Ending::NeverPolled) => "never polled",
            Doing::Ended(Ending::Leaked) => "leaked",
            Doing::Ended(_) => "ended",
        }
    }

    /// How much it asks for attention.
    #[must_use]
    pub fn urgency(self) -> u8 {
        match self {
            Doing::Alive(TaskState::Stranded) => 10,
            Doing::Blocked => 9,
            Doing::Ended(Ending::Panicked) => 8,
            Doing::Ended(Ending::Leaked) => 7,
            Doing::Ended(Ending::Cancelled | Ending::NeverPolled) => 6,
            Doing::Alive(TaskState::Running) => 5,
            Doing::Alive(TaskState::Woken) | Doing::Begun => 4,
            Doing::Alive(TaskState::Fresh) => 3,
            Doing::Alive(_) | Doing::AliveAtEnd => 2,
            Doing::Ended(_) => 0,
        }
    }
}

impl<'a> TaskRow<'a> {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> TaskKey {
        TaskKey { session: self.session.id, actor: self.id }
    }

    /// A life as a world knows it: that of the moment which is shown, or the present one, which knows more.
    #[must_use]
    pub fn of(world: &'a World, key: TaskKey) -> Option<TaskRow<'a>> {
        let session: &Session = world.sessions.get(&key.session)?;
        let known = session.actors.get(key.actor)?;
        let life = known.life.as_deref()?;
        Some(TaskRow { session, id: key.actor, known, life, now: session.now(world.clock) })
    }

    /// The name to call it by.
    #[must_use]
    pub fn title(&self) -> String {
        self.session.actors.title(self.id)
    }

    /// A map of its session, by its name.
    #[must_use]
    pub fn map_title(&self, id: MapId) -> String {
        let map = self.session.maps.get(id);
        let title = map.map(|map| MapRow { session: self.session, map, now: self.now }.title());
        title.unwrap_or_else(|| format!("map {id}"))
    }

    /// What it waits for.
    #[must_use]
    pub fn awaited(&self) -> Option<(MapRow<'a>, &'a Holding)> {
        let (map, wait) = self.session.maps.awaited_by(self.id)?;
        Some((MapRow { session: self.session, map, now: self.now }, wait))
    }

    /// What it holds now.
    pub fn held(&self) -> impl Iterator<Item = (MapRow<'a>, &'a Holding)> {
        let (id, session, now) = (self.id, self.session, self.now);
        session.maps.inhabited().flat_map(move |map| {
            let own = map.holders.iter().filter(move |holding| holding.actor == id);
            own.map(move |holding| (MapRow { session, map, now }, holding))
        })
    }

    /// What it does, or how it ended.
    #[must_use]
    pub fn doing(&self) -> Doing {
        match self.known.ending {
            Some((_, ending)) => Doing::Ended(ending),
            None if !self.session.is_live() => Doing::AliveAtEnd,
            None if self.session.maps.awaited_by(self.id).is_some() => Doing::Blocked,
            None if self.life.state == TaskState::Fresh && self.life.begun => Doing::Begun,
            None => Doing::Alive(self.life.state),
        }
    }

    /// What orders lives by their state: who is in somebody's way, then who cannot go on, then whoever else is alive;
    /// how the others ended is read after that.
    fn rank(&self) -> u8 {
        const ALIVE: u8 = 20;
        let doing = self.doing();
        match doing {
            _ if self.session.maps.is_in_the_way(self.id) => 2 * ALIVE,
            Doing::Blocked | Doing::Begun | Doing::Alive(_) => ALIVE + doing.urgency(),
            Doing::AliveAtEnd | Doing::Ended(_) => doing.urgency(),
        }
    }

    /// The moments of its life, in the order in which they were told, each with what happened.
    #[must_use]
    pub fn moments(&self) -> Vec<(Position, String)> {
        let mut moments = vec![(self.life.told, "spawned".to_owned())];
        for spell in self.life.spells().iter() {
            let map = self.map_title(spell.map);
            let (begins, ends) = match spell.is {
                Is::Waiting => ("begins to wait for", "waits no more for"),
                Is::Holding => ("holds", "gave back"),
            };
            moments.push((spell.told, format!("{begins} {map}")));
            if let Some((when, Over::Done)) = spell.over {
                moments.push((when.position, format!("{ends} {map}")));
            }
        }
        if let Some(over) = self.life.over {
            moments.push((over, self.doing().word().to_owned()));
        }
        moments.sort_by_key(|(position, _)| *position);
        moments.dedup_by_key(|(position, _)| *position);
        moments
    }

    /// The last thing that is known of one that is stranded: an access of a map, or a wait or a guard that was over. At
    /// which `.await` it is suspended since, nobody tells.
    #[must_use]
    pub fn last_seen(&self) -> Option<LastSeen> {
        let access = self.life.last_access.as_deref().map(|(map, access)| LastSeen {
            at: access.at,
            what: format!("`{}` on {}", access.operation, self.map_title(*map)),
            site: access.site,
        });
        let spells = self.life.spells().iter().map(|spell| LastSeen {
            at: spell.over.map_or(spell.since, |(when, _)| when.at),
            what: match spell.is {
                Is::Waiting => format!("a wait for {}", self.map_title(spell.map)),
                Is::Holding => format!("a guard of {}", self.map_title(spell.map)),
            },
            site: spell.site,
        });
        access.into_iter().chain(spells).max_by_key(|seen| seen.at)
    }

    /// Whether somebody is among those who spawned it, and whoever spawned them.
    #[must_use]
    pub fn descends_from(&self, actor: ActorId) -> bool {
        const GENERATIONS: usize = 32;
        let known = |id: ActorId| self.session.actors.get(id)?.life.as_ref();
        std::iter::successors(self.life.parent, |parent| known(*parent)?.parent)
            .take(GENERATIONS)
            .any(|parent| parent == actor)
    }

    /// The panic that ended it, where one did and is kept.
    #[must_use]
    pub fn panicked(&self) -> Option<&'a Panicked> {
        let is_over = matches!(self.known.ending, Some((_, Ending::Panicked)));
        is_over.then(|| self.session.last_panics.end_of(*self)).flatten()
    }

    /// For how long it has been so.
    #[must_use]
    pub fn spent(&self) -> Nanos {
        let since = match (self.known.ending, self.session.maps.awaited_by(self.id)) {
            (Some((at, _)), _) => at,
            (None, Some((_, wait))) => wait.since,
            (None, None) => self.life.since,
        };
        self.now.since(since)
    }

    /// From its beginning to its end, or to now.
    #[must_use]
    pub fn age(&self) -> Nanos {
        self.known.ending.map_or(self.now, |(at, _)| at).since(self.life.spawned)
    }

    /// The call that cancelled it, where one is known.
    #[must_use]
    pub fn cancelled_at(&self) -> Option<&'a Site> {
        self.session.site(self.life.cancelled.as_ref()?.site?)
    }

    /// How it was cancelled, in words that fit after its state.
    #[must_use]
    pub fn how(&self, cancelled: &Cancelled) -> &'static str {
        match self.known.ending {
            Some((_, Ending::Cancelled | Ending::NeverPolled | Ending::Leaked)) | None => {
                cancelled.kind.words()
            }
            // Blocking work that has begun, or a last poll that was under way.
            Some(_) => "in spite of an abort",
        }
    }

    /// The same on little room: who is in its way, and where, or who cancelled it.
    #[must_use]
    pub fn brief_story(&self) -> String {
        let name = |title: String| title.split_once(' ').map(|(_, name)| name.to_owned()).unwrap_or(title);
        let Some((map, _)) = self.awaited() else {
            let cancelled = self.life.cancelled.as_ref();
            let by = cancelled.and_then(|cancelled| Some((self.how(cancelled), cancelled.actor?)));
            let words = |(how, id)| format!("{how}, {}", name(self.session.actors.title(id)));
            return by.map_or_else(String::new, words);
        };
        match map.map.holders.first() {
            Some(first) if first.actor == self.id => format!("behind itself: {}", map.title()),
            Some(first) => {
                format!("behind {}: {}", name(self.session.actors.title(first.actor)), map.title())
            }
            None => format!("waits for {}", map.title()),
        }
    }

    /// What there is to say about what it does: whom it waits for, who cancelled it, what it holds.
    #[must_use]
    pub fn story(&self) -> String {
        if let Some((map, wait)) = self.awaited() {
            let holders = &map.map.holders;
            let behind = match holders.first() {
                Some(first) if first.actor == self.id => ", behind itself".to_owned(),
                Some(first) => format!(", behind {}", self.session.actors.title(first.actor)),
                None => String::new(),
            };
            return format!("waits to {} {}{behind}", wait.operation, map.title());
        }
        if let Some(cancelled) = &self.life.cancelled {
            let by =
                cancelled.actor.map_or_else(String::new, |id| format!(", {}", self.session.actors.title(id)));
            return format!("{}{by}", self.how(cancelled));
        }
        let held: Vec<String> = self.held().take(3).map(|(map, _)| map.title()).collect();
        match (held.is_empty(), self.doing()) {
            (false, _) => format!("holds {}", held.join(", ")),
            (true, Doing::Alive(TaskState::Stranded)) => "nobody is left to wake it".to_owned(),
            (true, _) => String::new(),
        }
    }
}

impl Fields for TaskRow<'_> {
    fn value(&self, field: Field) -> Value {
        let time = |time: Nanos| Value::Number(time.0 as f64);
        match field {
            Field::Actor => Value::Text(self.title()),
            Field::Kind => Value::Text(self.life.kind.word().to_owned()),
            Field::State => Value::Text(self.doing().word().to_owned()),
            Field::Urgency => Value::Number(f64::from(self.rank())),
            Field::Site => Value::Text(self.session.site_text(self.life.site)),
            Field::Map => Value::Text(self.story()),
            Field::Process => Value::Text(self.session.title()),
            Field::Text => {
                let fields = self.life.fields.iter().map(|field| format!("{}={}", field.name, field.value));
                Value::Text(fields.collect::<Vec<_>>().join(" "))
            }
            Field::Count => Value::Number(self.life.polls.count as f64),
            Field::Number => Value::Number(self.id.0 as f64),
            Field::Age => time(self.age()),
            Field::Held => time(self.spent()),
            Field::Busy => time(self.life.polls.busy),
            Field::Longest => time(self.life.polls.longest),
            _ => Value::Absent,
        }
    }

    fn alphabet(&self, field: Field) -> String {
        match field {
            // The number comes after the name, and is the order of equal rows.
            Field::Actor if !self.known.name.is_empty() => self.known.name.to_string(),
            field => self.value(field).text(),
        }
    }

    fn whole(&self) -> String {
        let mut text = format!(
            "{} {} {} {} {}",
            self.title(),
            self.life.kind.word(),
            self.doing().word(),
            self.session.site_text(self.life.site),
            self.story()
        );
        for field in &self.life.fields {
            text += &format!(" {}={}", field.name, field.value);
        }
        text
    }

    /// Of those that have ended, the last one: it is what has just happened.
    fn recency(&self) -> u64 {
        self.known.ending.map_or(0, |(at, _)| self.session.wall(at).0)
    }
}

/// A group of panics with the world that it was seen in.
#[derive(Clone, Copy, Debug)]
pub struct PanicRow<'a> {
    /// The group.
    pub group: &'a PanicGroup,
    /// The world.
    pub world: &'a World,
}

impl PanicRow<'_> {
    /// The root cause, in a few words.
    #[must_use]
    pub fn cause(&self) -> &'static str {
        self.group.cause.category.title()
    }
}

impl Fields for PanicRow<'_> {
    fn value(&self, field: Field) -> Value {
        let group = self.group;
        match field {
            Field::Category => Value::Text(format!("{} {}", self.cause(), group.cause.category.code())),
            Field::Grade => Value::Text("panic".to_owned()),
            Field::Text => Value::Text(group.headline().to_owned()),
            Field::Site => Value::Text(group.latest.location.to_string()),
            Field::Actor => Value::Text(group.latest.actor.to_string()),
            Field::State => Value::Text(if group.fatal > 0 { "fatal" } else { "unwound" }.to_owned()),
            Field::Process => {
                let process = self.world.sessions.get(&group.last_seen.session);
                process.map_or(Value::Absent, |session| Value::Text(session.title()))
            }
            Field::Count => Value::Number(group.count as f64),
            Field::Latest => Value::Number(group.last_seen.wall.0 as f64),
            Field::Age => Value::Number(self.world.until.since(group.last_seen.wall).0 as f64),
            _ => Value::Absent,
        }
    }

    fn alphabet(&self, field: Field) -> String {
        let actor = &self.group.latest.actor;
        match field {
            Field::Actor if !actor.name.is_empty() => format!("{} {}", actor.name, actor.id),
            field => self.value(field).text(),
        }
    }

    fn whole(&self) -> String {
        let latest = &self.group.latest;
        format!("{} {} {} {}", self.cause(), latest.message, latest.location, latest.actor)
    }
}

/// A row of the list that joins conflicts and panics.
#[derive(Clone, Copy, Debug)]
pub enum FoundRow<'a> {
    /// A conflict.
    Conflict(FindingRow<'a>),
    /// A group of panics.
    Panic(PanicRow<'a>),
}

impl Fields for FoundRow<'_> {
    fn value(&self, field: Field) -> Value {
        match (self, field) {
            (FoundRow::Conflict(row), Field::Site) => {
                let site = row.finding.latest.attempt().map(|side| side.site.to_string());
                site.map_or(Value::Absent, Value::Text)
            }
            (FoundRow::Conflict(row), Field::Text) => Value::Text(happened(&row.finding.latest)),
            (FoundRow::Conflict(row), field) => row.value(field),
            (FoundRow::Panic(row), field) => row.value(field),
        }
    }

    fn whole(&self) -> String {
        match self {
            FoundRow::Conflict(row) => row.whole(),
            FoundRow::Panic(row) => row.whole(),
        }
    }
}

impl Model {
    /// A life, by its key.
    #[must_use]
    pub fn task_row(&self, key: TaskKey) -> Option<TaskRow<'_>> {
        TaskRow::of(self.seen(), key)
    }

    /// All lives of the processes that are shown, in the order of their numbers.
    pub fn all_tasks(&self) -> impl Iterator<Item = TaskRow<'_>> {
        let clock = self.seen().clock;
        self.processes().flat_map(move |session| {
            let now = session.now(clock);
            session.actors.lives().map(move |(id, known, life)| TaskRow { session, id, known, life, now })
        })
    }

    /// A group of panics, by its number.
    #[must_use]
    pub fn panic_row(&self, id: PanicId) -> Option<PanicRow<'_>> {
        let world = self.seen();
        world.panics.get(id).map(|group| PanicRow { group, world })
    }

    /// All groups of panics of the processes that are shown.
    pub fn all_panics(&self) -> impl Iterator<Item = PanicRow<'_>> {
        let world = self.seen();
        let shown = move |row: &PanicRow<'_>| row.group.sessions.iter().any(|id| self.shows(*id));
        world.panics.iter().map(move |group| PanicRow { group, world }).filter(shown)
    }

    /// Conflicts of the processes that are shown, and panics that are not the end of one of them.
    pub fn all_found(&self) -> impl Iterator<Item = FoundRow<'_>> {
        let world = self.seen();
        let conflicts = self.findings().map(move |finding| FoundRow::Conflict(FindingRow { finding, world }));
        let panics = self.all_panics().filter(|row| row.group.on_their_own() > 0);
        conflicts.chain(panics.map(FoundRow::Panic))
    }
}
