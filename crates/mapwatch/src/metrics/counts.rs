//! Events to metrics.

use super::place;
use ::metrics::{Unit, counter, describe_counter, describe_gauge, gauge};
use mapwatch_core::event::event::{Holders, MapTraffic};
use mapwatch_core::event::{Ending, Event, MapId, Panic};
use mapwatch_triage::classify;
use std::collections::{BTreeSet, HashMap};

/// Functions told apart.
const FUNCTIONS: usize = 512;
/// Maps told apart, by name.
const TITLES: usize = 256;
/// What is beyond that.
const OTHER: &str = "other";

/// What a gauge has to give back when its map is gone.
#[derive(Debug, Default)]
struct Share {
    title: String,
    holders: u64,
    waiters: u64,
    entries: u64,
}

/// What is remembered between events.
#[derive(Debug, Default)]
pub(super) struct Counts {
    maps: HashMap<MapId, Share>,
    titles: BTreeSet<String>,
    functions: BTreeSet<(String, String)>,
}

impl Counts {
    /// Takes in what happened.
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::MapMade(made) => self.name(made.id, title(&made.name, &made.type_name)),
            Event::MapNamed(named) => self.name(named.id, &named.name),
            Event::MapGone(gone) => self.forget(gone.id),
            Event::Growth(growth) => {
                counter!("mapwatch_map_growths_total", "map" => self.title(growth.map)).increment(1);
            }
            Event::Holders(inside) => self.inside(inside),
            Event::Traffic(traffic) => traffic.maps.iter().for_each(|map| self.traffic(map)),
            Event::Conflict(conflict) => {
                let map = self.bounded(title(&conflict.map.name, &conflict.map.type_name));
                let category = conflict.category.code();
                counter!("mapwatch_conflicts_total", "category" => category, "map" => map).increment(1);
            }
            Event::Panic(panic) => self.panic(panic),
            Event::TaskStates(states) => gauge!("mapwatch_tasks_alive").set(states.alive as f64),
            Event::TaskEnded(ended) => {
                counter!("mapwatch_tasks_ended_total", "ending" => word(ended.ending)).increment(1);
            }
            Event::Loss(loss) => {
                counter!("mapwatch_events_lost_total", "lane" => loss.lane.word()).increment(loss.count);
            }
            _ => {}
        }
    }

    fn panic(&mut self, panic: &Panic) {
        // The one classifier, that of the screens and of the triage of logs.
        let cause = classify::of(&panic.message, &panic.stack.frames, Some(&panic.location)).category;
        let mut place = place::of(panic);
        if !self.functions.contains(&place) {
            if self.functions.len() < FUNCTIONS {
                self.functions.insert(place.clone());
            } else {
                place = (OTHER.to_owned(), OTHER.to_owned());
            }
        }
        let labels = [("category", cause.code().to_owned()), ("crate", place.0), ("function", place.1)];
        counter!("mapwatch_panics_total", &labels).increment(1);
        if !panic.caught_by.is_empty() {
            counter!("mapwatch_panics_caught_total", "layer" => panic.caught_by.clone()).increment(1);
        }
    }

    fn traffic(&mut self, map: &MapTraffic) {
        let title = self.title(map.map);
        for (access, count) in [("read", map.reads), ("write", map.writes), ("iterate", map.iterations)] {
            if count > 0 {
                counter!("mapwatch_map_operations_total", "map" => title.clone(), "access" => access)
                    .increment(count);
            }
        }
        let times = [
            ("mapwatch_map_holds_total", "mapwatch_map_held_nanoseconds_total", &map.held),
            ("mapwatch_map_waits_total", "mapwatch_map_waited_nanoseconds_total", &map.waited),
        ];
        for (how_often, how_long, sites) in times.into_iter().filter(|(_, _, sites)| !sites.is_empty()) {
            counter!(how_often, "map" => title.clone()).increment(sites.iter().map(|site| site.count).sum());
            counter!(how_long, "map" => title.clone()).increment(sites.iter().map(|site| site.total.0).sum());
        }
        if let Some(length) = map.length {
            self.share(map.map, |share| &mut share.entries, "mapwatch_map_entries", length);
        }
    }

    fn inside(&mut self, inside: &Holders) {
        let (holders, waiters) = (inside.holders.len() as u64, inside.waiters.len() as u64);
        self.share(inside.map, |share| &mut share.holders, "mapwatch_map_holders", holders);
        self.share(inside.map, |share| &mut share.waiters, "mapwatch_map_waiters", waiters);
    }

    /// One map's share of a gauge is `now`; maps of one name are added up.
    fn share(&mut self, map: MapId, part: fn(&mut Share) -> &mut u64, name: &'static str, now: u64) {
        let Some(share) = self.maps.get_mut(&map) else { return };
        let before = std::mem::replace(part(share), now);
        gauge!(name, "map" => share.title.clone()).increment(now as f64 - before as f64);
    }

    fn name(&mut self, map: MapId, title: &str) {
        self.forget(map);
        let title = self.bounded(title);
        self.maps.insert(map, Share { title, ..Share::default() });
    }

    fn forget(&mut self, map: MapId) {
        self.share(map, |share| &mut share.holders, "mapwatch_map_holders", 0);
        self.share(map, |share| &mut share.waiters, "mapwatch_map_waiters", 0);
        self.share(map, |share| &mut share.entries, "mapwatch_map_entries", 0);
        self.maps.remove(&map);
    }

    fn title(&self, map: MapId) -> String {
        self.maps.get(&map).map_or_else(|| OTHER.to_owned(), |share| share.title.clone())
    }

    /// A map's name while there are few.
    fn bounded(&mut self, title: &str) -> String {
        if !self.titles.contains(title) {
            if self.titles.len() >= TITLES {
                return OTHER.to_owned();
            }
            self.titles.insert(title.to_owned());
        }
        title.to_owned()
    }
}

/// What a map is called by.
fn title<'a>(name: &'a str, type_name: &'a str) -> &'a str {
    if name.is_empty() { type_name } else { name }
}

fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Completed => "completed",
        Ending::Panicked => "panicked",
        Ending::Cancelled => "cancelled",
        Ending::NeverPolled => "never-polled",
        Ending::Leaked => "leaked",
        _ => OTHER,
    }
}

/// Tells the recorder what each metric counts.
pub(super) fn describe() {
    describe_counter!("mapwatch_panics_total", "panics by root cause, crate and function");
    describe_counter!("mapwatch_panics_caught_total", "panics that a recovery layer caught");
    describe_counter!("mapwatch_conflicts_total", "conflicts of watched maps");
    describe_counter!("mapwatch_map_operations_total", "reads, writes and iterations");
    describe_counter!("mapwatch_map_holds_total", "guards given back");
    describe_counter!("mapwatch_map_held_nanoseconds_total", Unit::Nanoseconds, "time of guards given back");
    describe_counter!("mapwatch_map_waits_total", "waits for guards");
    describe_counter!("mapwatch_map_waited_nanoseconds_total", Unit::Nanoseconds, "time of waits for guards");
    describe_counter!("mapwatch_map_growths_total", "tables that moved");
    describe_counter!("mapwatch_tasks_ended_total", "watched tasks, threads and scopes by their end");
    describe_counter!("mapwatch_events_lost_total", "events that the recorder could not keep");
    describe_gauge!("mapwatch_map_holders", "guards alive");
    describe_gauge!("mapwatch_map_waiters", "waits for guards under way");
    describe_gauge!("mapwatch_map_entries", "entries");
    describe_gauge!("mapwatch_tasks_alive", "watched tasks alive");
}
