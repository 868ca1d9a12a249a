//! The rows of each list: filtered, sorted, by id. Both the screens and the moving of selections ask here.

use super::Model;
use super::findings::{Finding, FindingId};
use super::log::{LineId, LogLine};
use super::maps::Map;
use super::series::Rates;
use super::session::Session;
use super::ui::{FindingSort, MapKey, MapSort, Screen};
use mapwatch_event::Nanos;
use std::cmp::{Ordering, Reverse};

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

    /// The name to call it by: its own, or its kind and where it was made.
    #[must_use]
    pub fn title(&self) -> String {
        if !self.map.name.is_empty() {
            return self.map.name.clone();
        }
        match self.session.site(self.map.made) {
            Some(site) => {
                let file = site.file.rsplit(['/', '\\']).next().unwrap_or(&site.file);
                format!("{} made at {}:{}", self.map.kind_word(), file, site.line)
            }
            None => format!("{} {}", self.map.kind_word(), self.map.id),
        }
    }

    /// Where it was made.
    #[must_use]
    pub fn made(&self) -> String {
        self.session.site_text(self.map.made)
    }

    /// Operations per second: of this moment while the program runs, else the mean over its life.
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

    fn haystack(&self) -> String {
        let kind = self.map.kind_word();
        format!("{} {kind} {} {} {}", self.title(), self.map.type_name, self.made(), self.session.title())
    }
}

impl Model {
    /// A map, by its key.
    #[must_use]
    pub fn map_row(&self, key: MapKey) -> Option<MapRow<'_>> {
        let world = self.seen();
        let session = world.sessions.get(&key.session)?;
        Some(MapRow { session, map: session.maps.get(key.map)?, now: session.now(world.clock) })
    }

    /// All maps of all sessions, in the order of their making.
    pub fn all_maps(&self) -> impl Iterator<Item = MapRow<'_>> {
        let world = self.seen();
        world.sessions.values().flat_map(|session| {
            let now = session.now(world.clock);
            session.maps.iter().map(move |map| MapRow { session, map, now })
        })
    }

    /// The rows of the Maps screen.
    #[must_use]
    pub fn map_rows(&self) -> Vec<MapRow<'_>> {
        let list = &self.ui.maps;
        let filter = Words::new(&list.filter);
        let mut rows: Vec<MapRow<'_>> =
            self.all_maps().filter(|row| filter.is_empty() || filter.match_all(&row.haystack())).collect();
        sort_maps(&mut rows, list.sort);
        if list.inverted {
            rows.reverse();
        }
        rows
    }

    /// The rows of the Conflicts screen.
    #[must_use]
    pub fn finding_rows(&self) -> Vec<&Finding> {
        let list = &self.ui.conflicts;
        let filter = Words::new(&list.filter);
        let findings = self.seen().findings.iter();
        let mut rows: Vec<&Finding> = findings
            .filter(|finding| filter.is_empty() || filter.match_all(&finding_haystack(finding)))
            .collect();
        match list.sort {
            FindingSort::Grade => rows.sort_by_key(|finding| Reverse(finding.grade)),
            FindingSort::Latest => rows.sort_by_key(|finding| Reverse(finding.recency())),
            FindingSort::Count => rows.sort_by_key(|finding| Reverse(finding.count)),
            FindingSort::Map => rows.sort_by_cached_key(|finding| finding.first.map.title()),
        }
        if list.inverted {
            rows.reverse();
        }
        rows
    }

    /// The rows of the Log screen.
    #[must_use]
    pub fn log_rows(&self) -> Vec<&LogLine> {
        let filter = Words::new(&self.ui.log.filter);
        self.seen().log.iter().filter(|line| filter.is_empty() || filter.match_all(&line.text)).collect()
    }

    /// Findings in one map, latest first.
    #[must_use]
    pub fn findings_of(&self, key: MapKey) -> Vec<&Finding> {
        let findings = self.seen().findings.iter();
        let mut found: Vec<&Finding> = findings.filter(|finding| finding.maps.contains(&key)).collect();
        found.sort_by_key(|finding| Reverse(finding.recency()));
        found
    }

    /// The map that a finding was last seen in, where it is still known.
    #[must_use]
    pub fn map_of(&self, finding: &Finding) -> Option<MapKey> {
        let key = MapKey { session: finding.last_seen.session, map: finding.latest.map.id };
        self.map_row(key).map(|row| row.key())
    }

    /// Keys of [`Model::map_rows`].
    #[must_use]
    pub fn map_keys(&self) -> Vec<MapKey> {
        self.map_rows().iter().map(MapRow::key).collect()
    }

    /// Keys of [`Model::finding_rows`].
    #[must_use]
    pub fn finding_keys(&self) -> Vec<FindingId> {
        self.finding_rows().iter().map(|finding| finding.id).collect()
    }

    /// Keys of [`Model::log_rows`].
    #[must_use]
    pub fn log_keys(&self) -> Vec<LineId> {
        self.log_rows().iter().map(|line| line.id).collect()
    }

    /// Which rows of the list that is shown contain what is searched for; empty where nothing is.
    #[must_use]
    pub fn matching(&self, search: &str) -> Vec<bool> {
        let words = Words::new(search);
        if words.is_empty() {
            return Vec::new();
        }
        match self.ui.screen() {
            Screen::Maps => self.map_rows().iter().map(|row| words.match_all(&row.haystack())).collect(),
            Screen::Conflicts => self
                .finding_rows()
                .iter()
                .map(|finding| words.match_all(&finding_haystack(finding)))
                .collect(),
            Screen::Log => self.log_rows().iter().map(|line| words.match_all(&line.text)).collect(),
            _ => Vec::new(),
        }
    }
}

fn finding_haystack(finding: &Finding) -> String {
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

/// The most (or the first by alphabet) comes first; equal ones stay in the order of their making.
fn sort_maps(rows: &mut Vec<MapRow<'_>>, sort: MapSort) {
    type Score = fn(&MapRow<'_>) -> f64;
    let score: Score = match sort {
        MapSort::Name => return rows.sort_by_cached_key(|row| row.title().to_lowercase()),
        MapSort::Kind => return rows.sort_by_key(|row| row.map.kind_word()),
        MapSort::Conflicts => |row| row.map.conflicts as f64,
        MapSort::Length => |row| row.map.length.map_or(-1.0, |length| length as f64),
        MapSort::Growths => |row| row.map.grown as f64,
        MapSort::Reads => |row| row.rates().reads,
        MapSort::Writes => |row| row.rates().writes,
        MapSort::Iterations => |row| row.rates().iterations,
        MapSort::Held => |row| row.held_for().map_or(-1.0, |held| held.0 as f64),
    };
    let mut scored: Vec<(f64, MapRow<'_>)> = rows.iter().map(|row| (score(row), *row)).collect();
    scored.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(Ordering::Equal));
    *rows = scored.into_iter().map(|(_, row)| row).collect();
}

/// Words that a text must contain, whatever their case.
#[derive(Clone, Debug)]
pub struct Words(Vec<String>);

impl Words {
    /// The words of a filter or a search.
    #[must_use]
    pub fn new(text: &str) -> Words {
        Words(text.split_whitespace().map(str::to_lowercase).collect())
    }

    /// Whether there is none: then nothing is hidden and nothing is marked.
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
