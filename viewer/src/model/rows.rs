//! The rows of each list: filtered, sorted, by key. Both the screens and the moving of selections ask here.

use super::Model;
use super::findings::{Finding, FindingId};
use super::life::FoundRow;
use super::list::{ListId, Order, RowKey};
use super::log::{LogLine, Voice};
use super::maps::Map;
use super::program::Output;
use super::query::{Field, Fields, Query, Value};
use super::reading::Sighting;
use super::series::Rates;
use super::session::{Session, SessionId};
use super::ui::{Folding, MapKey};
use super::world::World;
use crate::text;
use mapwatch_event::Nanos;
use std::cmp::{Ordering, Reverse};
use std::sync::Arc;
use std::time::Duration;

/// Where a map was made that std made: it hides its caller.
const INSIDE_STD: &str = "inside std";
/// The same, with what it means.
pub const MADE_BY_STD: &str = "inside std, by `collect`, `Default` or the like";

/// A map with its session.
#[derive(Clone, Copy, Debug)]
pub struct MapRow<'a> {
    /// The session.
    pub session: &'a Session,
    /// The map.
    pub map: &'a Map,
    /// The session's time now.
    pub now: Nanos,
}

impl MapRow<'_> {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> MapKey {
        MapKey { session: self.session.id, map: self.map.id }
    }

    /// The name to call it by: its own, or its kind and where it was made, or its type.
    #[must_use]
    pub fn title(&self) -> String {
        if !self.map.name.is_empty() {
            return self.map.name.to_string();
        }
        match self.session.site(self.map.made) {
            Some(site) if site.is_in_std() => self.map.type_name.to_string(),
            Some(site) => {
                let file = site.file.rsplit(['/', '\\']).next().unwrap_or(&site.file);
                format!("{} made at {}:{}", self.map.kind_word(), file, site.line)
            }
            None => format!("{} {}", self.map.kind_word(), self.map.id),
        }
    }

    /// Where it was made, unless std hides that.
    #[must_use]
    pub fn made(&self) -> String {
        match self.session.site(self.map.made) {
            Some(site) if site.is_in_std() => INSIDE_STD.to_owned(),
            _ => self.session.site_text(self.map.made),
        }
    }

    /// Whether std made it, and hides for whom.
    #[must_use]
    pub fn is_made_by_std(&self) -> bool {
        self.session.site(self.map.made).is_some_and(mapwatch_event::Site::is_in_std)
    }

    /// Operations per second: of this moment while the program runs, else the mean over the session.
    #[must_use]
    pub fn rates(&self) -> Rates {
        if self.session.is_live() {
            return self.map.rates_at(self.now);
        }
        self.map.mean_rates(self.session.told_from.unwrap_or_default(), self.now)
    }

    /// For how long the longest holder has been inside.
    #[must_use]
    pub fn held_for(&self) -> Option<Nanos> {
        self.map.held_since().map(|since| self.now.since(since))
    }

    /// `waited-for`, `held`, `gone`, `idle`, `busy`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.map {
            map if map.gone_at.is_some() => "gone",
            map if !map.waiters.is_empty() => "blocked",
            map if !map.holders.is_empty() => "held",
            _ if self.rates().sum() > 0.0 => "busy",
            _ => "idle",
        }
    }
}

impl Fields for MapRow<'_> {
    fn value(&self, field: Field) -> Value {
        let map = self.map;
        let count = |count: Option<u64>| count.map_or(Value::Absent, |count| Value::Number(count as f64));
        let time = |time: Nanos| Value::Number(time.0 as f64);
        match field {
            Field::Map => Value::Text(self.title()),
            Field::Kind => Value::Text(map.kind_word().to_owned()),
            Field::Type => Value::Text(map.type_name.to_string()),
            Field::Site => Value::Text(self.made()),
            Field::Process => Value::Text(self.session.title()),
            Field::State => Value::Text(self.state().to_owned()),
            Field::Count => count(Some(map.conflicts)),
            Field::Entries => count(map.length),
            Field::Capacity => count(map.capacity),
            Field::Bytes => count(map.bytes()),
            Field::Growths => count(Some(map.grown)),
            Field::Reads => Value::Number(self.rates().reads),
            Field::Writes => Value::Number(self.rates().writes),
            Field::Iterations => Value::Number(self.rates().iterations),
            Field::Held => self.held_for().map_or(Value::Absent, time),
            Field::Age => time(self.now.since(map.made_at)),
            _ => Value::Absent,
        }
    }

    fn whole(&self) -> String {
        let kind = self.map.kind_word();
        format!("{} {kind} {} {} {}", self.title(), self.map.type_name, self.made(), self.session.title())
    }

    /// Those that are there before those that were.
    fn recency(&self) -> u64 {
        u64::from(self.map.gone_at.is_none())
    }
}

/// A finding with the world that it was seen in.
#[derive(Clone, Copy, Debug)]
pub struct FindingRow<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The world.
    pub world: &'a World,
}

impl Fields for FindingRow<'_> {
    fn value(&self, field: Field) -> Value {
        let finding = self.finding;
        let conflict = &finding.first;
        let sides = |text: &dyn Fn(&mapwatch_event::Side) -> String| {
            let sides: Vec<String> = conflict.sides.iter().map(text).collect();
            Value::Text(sides.join(" "))
        };
        match field {
            Field::Map => Value::Text(conflict.map.title()),
            Field::Kind => Value::Text(conflict.map.kind.type_word().to_owned()),
            Field::Type => Value::Text(conflict.map.type_name.clone()),
            Field::Site => sides(&|side| side.site.to_string()),
            // Those who are listed.
            Field::Actor => {
                let who = super::findings::who(&finding.latest, ToString::to_string);
                Value::Text(who.join(" "))
            }
            Field::Operation => sides(&|side| side.operation.to_string()),
            Field::Category => {
                Value::Text(format!("{} {}", conflict.category.code(), conflict.category.title()))
            }
            Field::Grade => Value::Text(finding.grade.word().to_owned()),
            Field::Process => {
                let process = self.world.sessions.get(&finding.last_seen.session);
                process.map_or(Value::Absent, |session| Value::Text(session.title()))
            }
            Field::State => Value::Text(finding.outcome_words()),
            Field::Count => Value::Number(finding.count as f64),
            Field::Latest => Value::Number(finding.last_seen.wall.0 as f64),
            Field::Age => Value::Number(self.world.until.since(finding.last_seen.wall).0 as f64),
            _ => Value::Absent,
        }
    }

    fn whole(&self) -> String {
        let finding = self.finding;
        let conflict = &finding.first;
        let mut text = format!(
            "{} {} {} {} {}",
            conflict.category.code(),
            conflict.category.title(),
            finding.grade,
            conflict.map.title(),
            conflict.map.type_name
        );
        for side in &conflict.sides {
            text += &format!(" {} {} {}", side.operation, side.actor, side.site);
        }
        text
    }
}

/// A line of the log with the world that it was said in.
#[derive(Clone, Copy, Debug)]
pub struct LineRow<'a> {
    /// The line.
    pub line: &'a LogLine,
    /// The world.
    pub world: &'a World,
}

/// The word for who speaks.
#[must_use]
pub fn level(voice: Voice) -> &'static str {
    match voice {
        Voice::Viewer => "mapview",
        Voice::Trouble => "trouble",
        Voice::Program(Output::Stdout) => "out",
        Voice::Program(Output::Stderr) => "err",
    }
}

impl Fields for LineRow<'_> {
    fn value(&self, field: Field) -> Value {
        match field {
            Field::Level => Value::Text(level(self.line.voice).to_owned()),
            Field::Text => Value::Text(self.line.text.clone()),
            Field::Age => Value::Number(self.world.until.since(self.line.at).0 as f64),
            _ => Value::Absent,
        }
    }

    fn whole(&self) -> String {
        self.line.text.clone()
    }
}

/// Rows that were worked out beforehand: a long list is not sorted anew for every frame.
#[derive(Clone, Debug)]
pub struct Ready {
    list: ListId,
    revision: u64,
    until: Duration,
    keys: Arc<[RowKey]>,
    found: Option<usize>,
}

/// Rows that a list may have to be worked out in every frame.
const SHORT: usize = 2_000;
/// How long the rows of a longer list stand, at least.
const STAND: Duration = Duration::from_millis(250);

impl Model {
    /// A map, by its key.
    #[must_use]
    pub fn map_row(&self, key: MapKey) -> Option<MapRow<'_>> {
        let world = self.seen();
        let session = world.sessions.get(&key.session)?;
        Some(MapRow { session, map: session.maps.get(key.map)?, now: session.now(world.clock) })
    }

    /// A finding, by its number.
    #[must_use]
    pub fn finding_row(&self, id: FindingId) -> Option<FindingRow<'_>> {
        let world = self.seen();
        world.findings.get(id).map(|finding| FindingRow { finding, world })
    }

    /// How many sides a finding has.
    #[must_use]
    pub fn sides(&self, id: FindingId) -> usize {
        self.sighting(id).map_or(0, |sighting| sighting.conflict.sides.len())
    }

    /// Whether the user wants to see this process.
    #[must_use]
    pub fn shows(&self, session: SessionId) -> bool {
        !self.ui.hidden_processes.contains(&session)
    }

    /// The processes that the user wants to see.
    pub fn processes(&self) -> impl DoubleEndedIterator<Item = &Session> {
        self.seen().sessions.values().map(|session| &**session).filter(|session| self.shows(session.id))
    }

    /// All maps of the processes that are shown, in the order of their making.
    pub fn all_maps(&self) -> impl Iterator<Item = MapRow<'_>> {
        let clock = self.seen().clock;
        self.processes().flat_map(move |session| {
            let now = session.now(clock);
            session.maps.iter().map(move |map| MapRow { session, map, now })
        })
    }

    /// Maps that somebody is inside of, or waits for.
    pub fn inhabited(&self) -> impl Iterator<Item = MapRow<'_>> {
        let clock = self.seen().clock;
        self.processes().flat_map(move |session| {
            let now = session.now(clock);
            session.maps.inhabited().map(move |map| MapRow { session, map, now })
        })
    }

    /// All findings of the processes that are shown, in the order of their coming.
    pub fn findings(&self) -> impl DoubleEndedIterator<Item = &Finding> {
        let everything = self.ui.hidden_processes.is_empty();
        let shown = move |finding: &&Finding| everything || finding.sessions.iter().any(|id| self.shows(*id));
        self.seen().findings.iter().filter(shown)
    }

    /// The finding of the processes that are shown that was seen last.
    #[must_use]
    pub fn newest_finding(&self) -> Option<&Finding> {
        self.findings().max_by_key(|finding| finding.recency())
    }

    /// Findings in one map, latest first.
    #[must_use]
    pub fn findings_of(&self, key: MapKey) -> Vec<&Finding> {
        let findings = self.seen().findings.iter();
        let mut found: Vec<&Finding> = findings.filter(|finding| finding.maps.contains(&key)).collect();
        found.sort_by_key(|finding| Reverse(finding.recency()));
        found
    }

    /// The map that a finding was seen in, where it is still known.
    #[must_use]
    pub fn map_of(&self, sighting: Sighting<'_>) -> Option<MapKey> {
        let key = MapKey { session: sighting.seen.session, map: sighting.conflict.map.id };
        self.map_row(key).map(|row| row.key())
    }

    /// How many rows a list has without its filter.
    #[must_use]
    pub fn row_count(&self, list: ListId) -> usize {
        match list {
            ListId::Maps => self.processes().map(|session| session.maps.len()).sum(),
            // Whoever tells no life is no row; where there are many, nearly all tell theirs.
            ListId::Tasks => self.processes().map(|session| session.actors.lives_at_most()).sum(),
            ListId::Panics => self.all_panics().count(),
            ListId::Holders => {
                self.inhabited().map(|row| row.map.holders.len() + row.map.waiters.len()).sum()
            }
            ListId::Findings => self.all_found().count(),
            ListId::Conflicts => self.findings().count(),
            ListId::Log => self.seen().log.len(),
        }
    }

    /// The rows of a list as they are shown.
    #[must_use]
    pub fn rows(&self, list: ListId) -> Arc<[RowKey]> {
        match self.ready_for(list) {
            Some(ready) => Arc::clone(&ready.keys),
            None => self.work_out(list).into(),
        }
    }

    fn ready_for(&self, list: ListId) -> Option<&Ready> {
        self.ready.as_ref().filter(|ready| {
            ready.list == list && ready.revision == self.ui.revision && self.world.clock < ready.until
        })
    }

    /// Works the rows of the list that is shown out, where it is a long one and they have stood for long enough.
    pub fn make_ready(&mut self) {
        let Some(list) = self.ui.screen().list() else { return };
        if self.row_count(list) <= SHORT {
            self.ready = None;
        } else if self.ready_for(list).is_none() {
            let keys: Arc<[RowKey]> = self.work_out(list).into();
            // The longer the list, the longer it stands: sorting must not take the time of everything else.
            let stand = STAND * (1 + u32::try_from(keys.len() / 50_000).unwrap_or(1000));
            let until = self.world.clock + stand;
            self.ready = Some(Ready { list, revision: self.ui.revision, until, keys, found: None });
            let found = self.match_count(list);
            self.ready = self.ready.take().map(|ready| Ready { found: Some(found), ..ready });
        }
    }

    fn work_out(&self, list: ListId) -> Vec<RowKey> {
        let chosen = self.ui.list(list);
        let query = Query::parse(&chosen.filter, list.fields());
        let world = self.seen();
        let mut keys = match list {
            ListId::Maps => self.sorted(list, self.all_maps(), &query, |row| RowKey::Map(row.key())),
            ListId::Tasks => self.sorted(list, self.all_tasks(), &query, |row| RowKey::Task(row.key())),
            ListId::Panics => self.sorted(list, self.all_panics(), &query, |row| RowKey::Panic(row.group.id)),
            ListId::Holders => self.sorted(list, self.all_guards(), &query, |row| RowKey::Guard(row.key())),
            ListId::Findings => self.sorted(list, self.all_found(), &query, |row| match row {
                FoundRow::Conflict(row) => RowKey::Finding(row.finding.id),
                FoundRow::Panic(row) => RowKey::Panic(row.group.id),
            }),
            ListId::Conflicts => {
                let rows = self.findings().map(|finding| FindingRow { finding, world });
                self.sorted(list, rows, &query, |row| RowKey::Finding(row.finding.id))
            }
            ListId::Log => {
                let folded = self.ui.folding == Folding::User;
                let lines = world.log.iter().filter(|line| !folded || !line.is_of_a_backtrace());
                let rows = lines.map(|line| LineRow { line, world });
                self.sorted(list, rows, &query, |row| RowKey::Line(row.line.id))
            }
        };
        if chosen.inverted {
            keys.reverse();
        }
        keys
    }

    /// Equal rows stay in the order of their making.
    fn sorted<R: Fields>(
        &self,
        list: ListId,
        rows: impl Iterator<Item = R>,
        query: &Query,
        key: impl Fn(&R) -> RowKey,
    ) -> Vec<RowKey> {
        let rows = rows.filter(|row| query.is_empty() || query.holds(row));
        let columns = list.columns();
        let by = columns[self.ui.list(list).sort.min(columns.len() - 1)];
        let number = |row: &R| match (row.value(by.field), by.field) {
            (Value::Number(number), _) => number,
            (Value::Text(word), Field::Grade) => grade_rank(&word),
            _ => -1.0,
        };
        match by.order {
            Order::Made | Order::No => rows.map(|row| key(&row)).collect(),
            Order::Most => {
                let by_recency = matches!(by.field, Field::Urgency | Field::Count);
                let recency = |row: &R| if by_recency { row.recency() } else { 0 };
                let keyed = rows.map(|row| (number(&row), recency(&row), key(&row)));
                let mut keyed: Vec<(f64, u64, RowKey)> = keyed.collect();
                keyed.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(Ordering::Equal).then(b.1.cmp(&a.1)));
                keyed.into_iter().map(|(.., key)| key).collect()
            }
            Order::Alphabet => {
                let text = |row: &R| text::in_order(&row.alphabet(by.field));
                let mut keyed: Vec<(String, RowKey)> = rows.map(|row| (text(&row), key(&row))).collect();
                keyed.sort_by(|a, b| a.0.cmp(&b.0));
                keyed.into_iter().map(|(_, key)| key).collect()
            }
        }
    }

    /// Asks a row of any list; `None` where it is no longer there.
    fn ask<R>(&self, key: RowKey, question: impl FnOnce(&dyn Fields) -> R) -> Option<R> {
        match key {
            RowKey::Map(key) => self.map_row(key).map(|row| question(&row)),
            RowKey::Task(key) => self.task_row(key).map(|row| question(&row)),
            RowKey::Panic(id) => self.panic_row(id).map(|row| question(&row)),
            RowKey::Guard(key) => self.guard_row(key).map(|row| question(&row)),
            RowKey::Finding(id) => self.finding_row(id).map(|row| question(&row)),
            RowKey::Line(id) => {
                let world = self.seen();
                world.log.get(id).map(|line| question(&LineRow { line, world }))
            }
        }
    }

    /// Whether a row contains all these words.
    #[must_use]
    pub fn row_matches(&self, key: RowKey, words: &Words) -> bool {
        self.ask(key, |row| words.match_all(&row.whole())).unwrap_or(false)
    }

    /// The field of a row that has a word, among those that its list can be asked for, and all that stands there.
    #[must_use]
    pub fn field_with(&self, list: ListId, key: RowKey, word: &str) -> Option<(Field, String)> {
        let has = |row: &dyn Fields| {
            let texts = list.fields().iter().map(|field| (*field, row.value(*field).text()));
            texts.into_iter().find(|(_, text)| text.to_lowercase().contains(word))
        };
        self.ask(key, has).flatten()
    }

    /// How many rows of a list match its search.
    #[must_use]
    pub fn match_count(&self, list: ListId) -> usize {
        let words = Words::new(&self.ui.list(list).search);
        if words.is_empty() {
            return 0;
        }
        if let Some(Ready { found: Some(found), .. }) = self.ready_for(list) {
            return *found;
        }
        self.rows(list).iter().filter(|key| self.row_matches(**key, &words)).count()
    }

    /// What rows of a list have in a field, for the completion of filters.
    #[must_use]
    pub fn values(&self, list: ListId, field: Field) -> Vec<String> {
        const LOOKED_AT: usize = 2_000;
        let text = |value: Value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        };
        let world = self.seen();
        match list {
            ListId::Maps => {
                self.all_maps().take(LOOKED_AT).filter_map(|row| text(row.value(field))).collect()
            }
            ListId::Tasks if field == Field::State => TASK_STATES.map(str::to_owned).to_vec(),
            ListId::Tasks if field == Field::Map => {
                self.all_maps().take(LOOKED_AT).map(|row| row.title()).collect()
            }
            ListId::Tasks => {
                self.all_tasks().take(LOOKED_AT).filter_map(|row| text(row.value(field))).collect()
            }
            ListId::Panics => self.all_panics().filter_map(|row| text(row.value(field))).collect(),
            ListId::Holders => {
                self.all_guards().take(LOOKED_AT).filter_map(|row| text(row.value(field))).collect()
            }
            ListId::Findings => self.all_found().filter_map(|row| text(row.value(field))).collect(),
            ListId::Conflicts if field == Field::Category => {
                self.findings().map(|finding| finding.category().code().to_owned()).collect()
            }
            ListId::Conflicts => self
                .findings()
                .take(LOOKED_AT)
                .filter_map(|finding| text(FindingRow { finding, world }.value(field)))
                .collect(),
            ListId::Log if field == Field::Text => Vec::new(),
            ListId::Log => ["mapview", "trouble", "out", "err"].map(str::to_owned).to_vec(),
        }
    }
}

/// What a task can be asked to be.
const TASK_STATES: [&str; 11] = [
    "blocked",
    "running",
    "idle",
    "woken",
    "stranded",
    "fresh",
    "completed",
    "panicked",
    "cancelled",
    "never polled",
    "leaked",
];

fn grade_rank(word: &str) -> f64 {
    ["note", "suspect", "hazard", "panic", "certain"]
        .iter()
        .position(|grade| *grade == word)
        .map_or(-1.0, |rank| rank as f64)
}

/// Words that a text must contain, whatever their case.
#[derive(Clone, Debug)]
pub struct Words(Vec<String>);

impl Words {
    /// The words of a search.
    #[must_use]
    pub fn new(text: &str) -> Words {
        Words(text.split_whitespace().map(str::to_lowercase).collect())
    }

    /// Whether there is none: then nothing is marked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the text contains all of them.
    #[must_use]
    pub fn match_all(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().all(|word| text.contains(word))
    }
}
