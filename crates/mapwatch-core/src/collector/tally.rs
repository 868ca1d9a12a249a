//! What happened since the last round, and what a latecomer has to know.

mod lives;
mod panic;
mod spread;

use crate::entry::Entry;
use crate::provoke::Telling;
use crate::recorder::{self, Decoded, Fact, TICK_SHIFT};
use crate::site::{self, StaticSite};
use crate::stack::{self, RawStack};
use crate::task::life::Life;
use crate::{guard, provoke, thread};
use lives::Lives;
use mapwatch_event::event::{
    ActorGone, ActorSeen, Event, Growth, Holders, Holding, Loss, MapGone, MapMade, MapNamed, MapTraffic,
    Recent, SiteSeen, SiteTime, SiteTraffic, Traffic,
};
use mapwatch_event::{
    Access, ActorId, ActorKind, Conflict, Ending, Lane, MapId, Nanos, Operation, Panic, PastOperation, Site,
    SiteId,
};
use spread::Keys;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::RandomState;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::Receiver;

/// Time between two traffic events.
const SPAN: Nanos = Nanos(100_000_000);
/// Operations kept per map for histories.
const HISTORY: usize = 16;
/// Operations of a span that are told one by one.
const RECENT: usize = 8;
/// Sites told per map and span.
const SITES: usize = 32;
/// Tasks remembered as announced; of older ones a later word announces them again.
const TASKS: usize = 65_536;
/// Conflicts, and panics, repeated to a latecomer.
const CONFLICTS: usize = 256;

/// One operation as the rings have it.
#[derive(Clone, Copy)]
struct Past {
    at: Nanos,
    actor: u64,
    operation: Operation,
    site: StaticSite,
}

/// Time spent by site: how often, in all, at most.
type Times = HashMap<u64, (StaticSite, u64, Nanos, Nanos)>;

/// One map's share.
struct Map {
    entry: Arc<Entry>,
    reads: u64,
    writes: u64,
    iterations: u64,
    sites: HashMap<(u64, Operation), (StaticSite, u64)>,
    held: Times,
    waited: Times,
    history: VecDeque<Past>,
    fresh: usize,
    gone: bool,
    keys: Keys,
}

/// Where the reading of one desk's ring stands.
#[derive(Default)]
struct Place {
    next: u64,
    actor: u64,
}

/// What is told once the names of its frames are known.
enum Unnamed {
    Panic(Nanos, Box<Panic>, RawStack),
    Ended(Arc<Life>),
}

/// The collector's memory.
pub(super) struct Tally {
    facts: Receiver<(Nanos, Fact)>,
    places: Vec<Place>,
    maps: BTreeMap<u64, Map>,
    sites: HashMap<Site, SiteId>,
    by_address: HashMap<u64, SiteId>,
    conflicts: VecDeque<(Nanos, Box<Conflict>)>,
    panics: VecDeque<(Nanos, Box<Panic>)>,
    inside: BTreeMap<MapId, Inside>,
    /// Tasks that only their runtime knows, and that were announced.
    tasks: BTreeSet<u64>,
    lives: Lives,
    /// What waits for the names of its frames.
    unnamed: VecDeque<Unnamed>,
    lost_samples: u64,
    lost_total: [u64; 2],
    span_began: Nanos,
    spread_told: Nanos,
    /// What keys are hashed with before they are told.
    secret: RandomState,
    out: Vec<(Nanos, Event)>,
}

impl Tally {
    pub(super) fn new(facts: Receiver<(Nanos, Fact)>) -> Tally {
        let mut tally = Tally {
            facts,
            places: Vec::new(),
            maps: BTreeMap::new(),
            sites: HashMap::new(),
            by_address: HashMap::new(),
            conflicts: VecDeque::new(),
            panics: VecDeque::new(),
            inside: BTreeMap::new(),
            tasks: BTreeSet::new(),
            lives: Lives::default(),
            unnamed: VecDeque::new(),
            lost_samples: 0,
            lost_total: [0; 2],
            span_began: Nanos(0),
            spread_told: Nanos(0),
            secret: RandomState::new(),
            out: Vec::new(),
        };
        for actor in thread::known() {
            tally.out.push((Nanos(0), actor_seen(actor.id, actor.name)));
        }
        tally
    }

    /// Takes everything that happened, and gives the events of this round.
    pub(super) fn round(&mut self, now: Nanos, last: bool) -> Vec<(Nanos, Event)> {
        self.tell_beginnings();
        self.take_facts();
        self.drain_rings(now);
        self.tell_endings();
        if last || now.since(self.span_began) >= SPAN {
            self.tell_traffic(now);
            self.tell_holders(now);
            self.tell_states(now, last);
            self.tell_provocation(now);
            self.tell_spread(now, last);
            self.tell_losses(now);
            self.forget_gone();
        }
        std::mem::take(&mut self.out)
    }

    /// Finds the names of the frames of one thing that waits for them; `None` when nothing does.
    pub(super) fn name_one(&mut self) -> Option<Vec<(Nanos, Event)>> {
        match self.unnamed.pop_front()? {
            Unnamed::Panic(at, panic, stack) => {
                let panic = Box::new(Panic { stack: stack::resolve(&stack, ""), ..*panic });
                if self.panics.len() == CONFLICTS {
                    self.panics.pop_front();
                }
                self.panics.push_back((at, panic.clone()));
                self.out.push((at, Event::Panic(panic)));
            }
            Unnamed::Ended(life) => self.tell_ending(&life),
        }
        Some(std::mem::take(&mut self.out))
    }

    fn take_facts(&mut self) {
        while let Ok((at, fact)) = self.facts.try_recv() {
            recorder::taken_out();
            self.take_fact(at, fact);
        }
    }

    fn take_fact(&mut self, at: Nanos, fact: Fact) {
        let event = match fact {
            Fact::ActorSeen(actor, name) => actor_seen(actor, name),
            Fact::ActorGone(id) => Event::ActorGone(ActorGone { id, ending: Ending::Completed }),
            Fact::MapMade(entry) => {
                let event = self.map_made(&entry, at);
                self.maps.insert(entry.id.0, Map::new(entry));
                event
            }
            Fact::MapNamed(entry) => {
                Event::MapNamed(MapNamed { id: entry.id, name: entry.name().into_owned() })
            }
            Fact::MapGone(id) => {
                if let Some(map) = self.maps.get_mut(&id.0) {
                    map.gone = true;
                }
                Event::MapGone(MapGone { id })
            }
            Fact::Growth { map, actor, site, capacity: (before, after), moved, took, iterators } => {
                let site = self.site(site, at);
                Event::Growth(Growth { map, actor, site, before, after, moved, took, iterators })
            }
            Fact::Conflict(conflict) => {
                if self.conflicts.len() == CONFLICTS {
                    self.conflicts.pop_front();
                }
                self.conflicts.push_back((at, conflict.clone()));
                Event::Conflict(conflict)
            }
            Fact::Panic(raw) => {
                // Its last operations may still be in the ring.
                self.drain_rings(crate::clock::now());
                let stack = Arc::clone(&raw.stack);
                self.unnamed.push_back(Unnamed::Panic(at, Box::new(self.panic(*raw)), stack));
                return;
            }
        };
        self.out.push((at, event));
    }

    fn map_made(&mut self, entry: &Entry, at: Nanos) -> Event {
        let shape = (entry.shape)();
        Event::MapMade(MapMade {
            id: entry.id,
            kind: entry.kind,
            name: entry.name().into_owned(),
            type_name: crate::entry::short_type(shape.type_name),
            entry_bytes: shape.entry_bytes.map(|bytes| bytes as u64),
            made: entry.made.map_or(SiteId::default(), |made| self.site(made, at)),
        })
    }

    /// The number of a site, announced when it is new.
    fn site(&mut self, site: StaticSite, at: Nanos) -> SiteId {
        let address = site::to_bits(site);
        if let Some(id) = self.by_address.get(&address) {
            return *id;
        }
        // The compiler may keep one place at several addresses.
        let place = Site::from(site);
        let next = SiteId(self.sites.len() as u64 + 1);
        let id = *self.sites.entry(place.clone()).or_insert(next);
        self.by_address.insert(address, id);
        if id == next {
            self.out.push((at, Event::Site(SiteSeen { id, site: place })));
        }
        id
    }

    fn drain_rings(&mut self, now: Nanos) {
        let mut early = Vec::new();
        for (index, desk) in thread::all_desks().into_iter().enumerate() {
            if self.places.len() <= index {
                self.places.push(Place { next: 0, actor: desk.actor.load(Relaxed) });
            }
            let Some(ring) = desk.ring.get() else { continue };
            let Place { next, mut actor } = self.places[index];
            let maps = &mut self.maps;
            let drained = ring.drain(next, |record| {
                if !take_record(maps, &mut actor, record, now) {
                    early.push((actor, record));
                }
            });
            self.lost_samples += drained.lost;
            self.places[index] = Place { next: drained.next, actor };
        }
        if !early.is_empty() {
            self.take_early(early, now);
        }
    }

    /// Takes records of maps that were made after this round had taken its facts. What is still unknown then
    /// belongs to a map whose making was lost, or that is gone.
    fn take_early(&mut self, records: Vec<(u64, [u64; 2])>, now: Nanos) {
        self.take_facts();
        for (mut actor, record) in records {
            self.lost_samples += u64::from(!take_record(&mut self.maps, &mut actor, record, now));
        }
    }

    fn tell_traffic(&mut self, now: Nanos) {
        let span = now.since(self.span_began);
        self.span_began = now;
        let mut touched = Vec::new();
        for (id, map) in &mut self.maps {
            if map.reads + map.writes + map.iterations > 0 || !map.held.is_empty() || !map.waited.is_empty() {
                touched.push((*id, map.take_span()));
            }
        }
        let mut maps = Vec::with_capacity(touched.len());
        for (id, span) in touched {
            maps.push(self.in_words(MapId(id), span, now));
        }
        if !maps.is_empty() {
            self.out.push((now, Event::Traffic(Traffic { span, maps })));
        }
    }

    fn in_words(&mut self, map: MapId, span: Span, now: Nanos) -> MapTraffic {
        let Span { length, capacity, reads, writes, iterations, mut sites, held, waited, recent } = span;
        let (held, waited) = (self.times(held, now), self.times(waited, now));
        sites.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        sites.truncate(SITES);
        let sites = sites
            .into_iter()
            .map(|(site, operation, count)| SiteTraffic { site: self.site(site, now), operation, count })
            .collect();
        recent.iter().for_each(|past| self.meet_task(past.actor, now));
        let recent = recent
            .into_iter()
            .map(|past| Recent {
                at: past.at,
                actor: ActorId(past.actor),
                operation: past.operation,
                site: self.site(past.site, now),
            })
            .collect();
        MapTraffic { map, length, capacity, reads, writes, iterations, sites, held, waited, recent }
    }

    fn times(&mut self, times: Times, now: Nanos) -> Vec<SiteTime> {
        let mut times: Vec<_> = times.into_values().collect();
        times.sort_by_key(|(_, _, total, _)| std::cmp::Reverse(*total));
        times.truncate(SITES);
        let told =
            |(site, count, total, longest)| SiteTime { site: self.site(site, now), count, total, longest };
        times.into_iter().map(told).collect()
    }

    /// Who holds a guard of which map, and who waits for one, where that changed.
    fn tell_holders(&mut self, now: Nanos) {
        let mut inside: BTreeMap<MapId, Inside> = BTreeMap::new();
        for desk in thread::all_desks() {
            for (map, guard) in desk.chain().flat_map(thread::Desk::guards) {
                let place = (guard.actor, guard.operation, guard.site, guard.since);
                inside.entry(MapId(map)).or_default().0.push(self.holding(place, now));
            }
            for hold in guard::held_on(desk) {
                let place = (hold.actor, hold.operation, hold.site, hold.since);
                inside.entry(MapId(hold.map)).or_default().0.push(self.holding(place, now));
            }
        }
        for wait in guard::waiting() {
            let place = (wait.actor, wait.operation, wait.site, wait.since);
            inside.entry(MapId(wait.map)).or_default().1.push(self.holding(place, now));
        }
        for (map, now_inside) in &inside {
            if self.inside.get(map) != Some(now_inside) {
                self.out.push((now, holders(*map, now_inside)));
            }
        }
        for map in self.inside.keys().filter(|map| !inside.contains_key(map)) {
            self.out.push((now, holders(*map, &Inside::default())));
        }
        self.inside = inside;
    }

    fn holding(
        &mut self,
        (actor, operation, site, since): (u64, Operation, StaticSite, Nanos),
        now: Nanos,
    ) -> Holding {
        self.meet_task(actor, now);
        Holding { actor: ActorId(actor), operation, site: self.site(site, now), since }
    }

    /// Announces a task when it is first spoken of; the runtime tells of none.
    fn meet_task(&mut self, actor: u64, now: Nanos) {
        if actor & ActorId::RUNTIME != 0 && self.tasks.insert(actor) {
            if self.tasks.len() > TASKS {
                self.tasks.pop_first();
            }
            let (id, name) = (ActorId(actor), String::new());
            self.out.push((now, Event::Actor(ActorSeen { id, kind: ActorKind::Task, name })));
        }
    }

    fn tell_provocation(&mut self, now: Nanos) {
        let told = provoke::tell(Telling::News, |site| self.site(site, now));
        self.out.extend(told.into_iter().map(|told| (now, Event::Provocation(told))));
    }

    fn tell_losses(&mut self, now: Nanos) {
        let losses = [
            (Lane::Facts, recorder::lost_facts(), "too many facts at once"),
            (
                Lane::Samples,
                std::mem::take(&mut self.lost_samples),
                "a thread was faster than its ring was read",
            ),
        ];
        for (index, (lane, count, reason)) in losses.into_iter().enumerate() {
            if count > 0 {
                self.lost_total[index] += count;
                let loss = Loss { lane, count, total: self.lost_total[index], reason: reason.to_owned() };
                self.out.push((now, Event::Loss(loss)));
            }
        }
    }

    fn forget_gone(&mut self) {
        self.maps.retain(|_, map| !map.gone);
    }

    /// The last operations on a map, oldest first.
    pub(super) fn history(&mut self, map: MapId) -> Vec<PastOperation> {
        let now = crate::clock::now();
        self.take_facts();
        self.drain_rings(now);
        let Some(map) = self.maps.get(&map.0) else { return Vec::new() };
        let past = map.history.iter().map(|past| PastOperation {
            at: past.at,
            actor: thread::describe(past.actor),
            operation: past.operation,
            site: past.site.into(),
        });
        past.collect()
    }

    /// Everything a latecomer has to be told first.
    pub(super) fn snapshot(&mut self, now: Nanos) -> Vec<(Nanos, Event)> {
        let mut told: Vec<(Nanos, Event)> = Vec::new();
        let mut sites: Vec<_> =
            self.sites.iter().map(|(site, id)| SiteSeen { id: *id, site: site.clone() }).collect();
        sites.sort_by_key(|site| site.id);
        told.extend(sites.into_iter().map(|site| (now, Event::Site(site))));
        told.extend(thread::known().into_iter().map(|actor| (now, actor_seen(actor.id, actor.name))));
        self.lives_for_latecomers(now, &mut told);
        let entries: Vec<_> = self.maps.values().map(|map| Arc::clone(&map.entry)).collect();
        for entry in entries {
            told.push((now, self.map_made(&entry, now)));
        }
        told.extend(self.inside.iter().map(|(map, inside)| (now, holders(*map, inside))));
        let provocation = provoke::tell(Telling::Everything, |site| self.site(site, now));
        told.extend(provocation.into_iter().map(|told| (now, Event::Provocation(told))));
        self.spreads_for_latecomers(now, &mut told);
        told.extend(self.conflicts.iter().map(|(at, conflict)| (*at, Event::Conflict(conflict.clone()))));
        told.extend(self.panics.iter().map(|(at, panic)| (*at, Event::Panic(panic.clone()))));
        told
    }
}

/// Who has guards of a map, and who waits for one.
type Inside = (Vec<Holding>, Vec<Holding>);

fn holders(map: MapId, (holders, waiters): &Inside) -> Event {
    Event::Holders(Holders { map, holders: holders.clone(), waiters: waiters.clone() })
}

/// What one map did in a span.
struct Span {
    length: Option<u64>,
    capacity: Option<u64>,
    reads: u64,
    writes: u64,
    iterations: u64,
    sites: Vec<(StaticSite, Operation, u64)>,
    held: Times,
    waited: Times,
    recent: Vec<Past>,
}

impl Map {
    fn new(entry: Arc<Entry>) -> Map {
        Map {
            entry,
            reads: 0,
            writes: 0,
            iterations: 0,
            sites: HashMap::new(),
            held: Times::new(),
            waited: Times::new(),
            history: VecDeque::with_capacity(HISTORY),
            fresh: 0,
            gone: false,
            keys: Keys::default(),
        }
    }

    fn count(&mut self, past: Past) {
        match past.operation.access() {
            Access::Read => self.reads += 1,
            Access::Write => self.writes += 1,
            Access::Iterate => self.iterations += 1,
        }
        let key = (site::to_bits(past.site), past.operation);
        self.sites.entry(key).or_insert((past.site, 0)).1 += 1;
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(past);
        self.fresh += 1;
    }

    fn take_span(&mut self) -> Span {
        let fresh = std::mem::take(&mut self.fresh).min(RECENT).min(self.history.len());
        Span {
            length: self.entry.length(),
            capacity: self.entry.capacity(),
            reads: std::mem::take(&mut self.reads),
            writes: std::mem::take(&mut self.writes),
            iterations: std::mem::take(&mut self.iterations),
            sites: self
                .sites
                .drain()
                .map(|((_, operation), (site, count))| (site, operation, count))
                .collect(),
            held: std::mem::take(&mut self.held),
            waited: std::mem::take(&mut self.waited),
            recent: self.history.iter().skip(self.history.len() - fresh).copied().collect(),
        }
    }
}

fn actor_seen(id: ActorId, name: String) -> Event {
    Event::Actor(ActorSeen { id, kind: ActorKind::Thread, name })
}

/// Adds one record to its map's share; `false` when no such map is known.
fn take_record(maps: &mut BTreeMap<u64, Map>, actor: &mut u64, record: [u64; 2], now: Nanos) -> bool {
    match recorder::decode(record) {
        Some(Decoded::Switch(to)) => *actor = to,
        Some(Decoded::Access { map, site, operation, ticks }) => {
            let Some(map) = maps.get_mut(&map) else { return false };
            map.count(Past { at: whole_time(ticks, now), actor: *actor, operation, site });
        }
        Some(Decoded::Span { what, map, site, took }) => {
            let Some(map) = maps.get_mut(&map) else { return false };
            let times = match what {
                recorder::Span::Held => &mut map.held,
                recorder::Span::Waited => &mut map.waited,
            };
            let time = times.entry(site::to_bits(site)).or_insert((site, 0, Nanos(0), Nanos(0)));
            (time.1, time.2, time.3) = (time.1 + 1, Nanos(time.2.0 + took.0), time.3.max(took));
        }
        Some(Decoded::Key { map, number }) => {
            let Some(map) = maps.get_mut(&map) else { return false };
            map.keys.count(number);
        }
        None => {}
    }
    true
}

/// The time of a record, whose upper bits are those of the round that reads it.
fn whole_time(ticks: u32, now: Nanos) -> Nanos {
    let current = now.0 >> TICK_SHIFT;
    let age = (current as u32).wrapping_sub(ticks);
    Nanos(current.saturating_sub(u64::from(age)) << TICK_SHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gets_its_whole_time_back_across_the_wrap() {
        let now = Nanos((7 << 32 | 5) << TICK_SHIFT);
        assert_eq!(whole_time(5, now), now);
        assert_eq!(whole_time(u32::MAX, now), Nanos(((7 << 32 | 5) - 6) << TICK_SHIFT));
    }
}
