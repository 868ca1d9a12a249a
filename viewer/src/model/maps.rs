//! What is acted on in one session: its maps, and for each who is inside, what flows, how it grew.

use super::series::{Flow, Pace, Rates, Series};
use super::shards::Shards;
use super::sizes::{Size, Sizes};
use super::times::Times;
use imbl::{OrdMap, OrdSet};
use mapwatch_event::event::{Growth, Holders, Holding, MapMade, MapNamed, MapTraffic, Recent, SiteTraffic};
use mapwatch_event::{
    ActorId, Conflict, MapId, MapKind, Nanos, NearMiss, Operation, Provocation, SiteId, Spread,
};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

/// Maps kept of one session; of more, the oldest that are gone go first.
pub const MAPS: usize = 20_000;
/// Growths, recent operations, and busy sites kept of one map.
pub const GROWTHS: usize = 64;
/// See [`GROWTHS`].
pub const RECENT: usize = 64;
/// See [`GROWTHS`].
pub const SITES: usize = 128;
/// Holders kept of one map: a read lock may have thousands.
pub const HOLDERS: usize = 1024;

/// All maps of a session.
#[derive(Clone, Debug, Default)]
pub struct Maps {
    all: OrdMap<MapId, Arc<Map>>,
    gone: OrdSet<(Nanos, MapId)>,
    inhabited: OrdSet<MapId>,
    waiting: OrdMap<ActorId, MapId>,
    /// Who is inside of maps that somebody waits for, and of how many.
    in_the_way: OrdMap<ActorId, usize>,
    /// Maps that were let go.
    pub dropped: u64,
    weight: usize,
    copied: usize,
}

/// One map.
#[derive(Clone, Debug)]
pub struct Map {
    /// Its number in the session.
    pub id: MapId,
    /// What sort of container; `None` where it was used before it was announced.
    pub kind: Option<MapKind>,
    /// Its name; empty where it was given none.
    pub name: Arc<str>,
    /// Its full type.
    pub type_name: Arc<str>,
    /// Bytes of one entry, without what it points to; `None` where that was not told.
    pub entry_bytes: Option<u64>,
    /// Where it was made.
    pub made: SiteId,
    /// When it was announced.
    pub made_at: Nanos,
    /// When it was dropped.
    pub gone_at: Option<Nanos>,
    /// Entries, as last told.
    pub length: Option<u64>,
    /// Capacity, as last told.
    pub capacity: Option<u64>,
    /// Operations since the session began (or since this viewer attached).
    pub total: Pace,
    /// Operations in the last second.
    pub flow: Flow,
    /// Operations over time.
    pub series: Arc<Series>,
    /// How often its table moved.
    pub grown: u64,
    /// Entries that moved when it did.
    pub moved: u64,
    /// Time of the calls that made it move.
    pub paused: Nanos,
    /// The longest of them.
    pub longest_pause: Nanos,
    /// Entries and capacity over its life.
    pub sizes: Arc<Sizes>,
    /// The last growths, oldest first.
    pub growths: Arc<VecDeque<(Nanos, Growth)>>,
    /// Who is inside.
    pub holders: Arc<Vec<Holding>>,
    /// Who waits to get in, longest first.
    pub waiters: Arc<Vec<Holding>>,
    /// For how long guards were held.
    pub held: Arc<Times>,
    /// For how long calls waited.
    pub waited: Arc<Times>,
    /// The last operations told, oldest first.
    pub recent: Arc<VecDeque<Recent>>,
    /// Conflicts in it.
    pub conflicts: u64,
    /// Near misses and delays, as last told.
    pub provocation: Arc<Provocation>,
    /// How the accesses are spread over shards and keys, as last told.
    pub spread: Arc<Spread>,
    /// How that changed over time.
    pub shards: Arc<Shards>,
    sites: Arc<HashMap<(SiteId, Operation), u64>>,
}

impl Map {
    fn new(id: MapId, at: Nanos) -> Map {
        Map {
            id,
            kind: None,
            name: Arc::default(),
            type_name: Arc::default(),
            entry_bytes: None,
            made: SiteId(0),
            made_at: at,
            gone_at: None,
            length: None,
            capacity: None,
            total: Pace::default(),
            flow: Flow::default(),
            series: Arc::default(),
            grown: 0,
            moved: 0,
            paused: Nanos(0),
            longest_pause: Nanos(0),
            sizes: Arc::default(),
            growths: Arc::default(),
            holders: Arc::default(),
            waiters: Arc::default(),
            held: Arc::default(),
            waited: Arc::default(),
            recent: Arc::default(),
            conflicts: 0,
            provocation: Arc::default(),
            spread: Arc::default(),
            shards: Arc::default(),
            sites: Arc::default(),
        }
    }

    /// The kind as a Rust programmer writes it.
    #[must_use]
    pub fn kind_word(&self) -> &'static str {
        self.kind.map_or("?", MapKind::type_word)
    }

    /// Bytes of so many entries, without what they point to.
    #[must_use]
    pub fn bytes_of(&self, entries: u64) -> Option<u64> {
        self.entry_bytes.map(|bytes| bytes.saturating_mul(entries))
    }

    /// Bytes of its table: of the room for entries, or of the entries where no room was told (trees).
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.bytes_of(self.capacity.or(self.length)?)
    }

    /// Operations per second at `now`, over the last second; zero when nothing was told for a while.
    #[must_use]
    pub fn rates_at(&self, now: Nanos) -> Rates {
        self.flow.rates_at(now)
    }

    /// Operations per second, as a mean over its life between `from` and `now`.
    #[must_use]
    pub fn mean_rates(&self, from: Nanos, now: Nanos) -> Rates {
        Pace { span: now.since(from), ..self.total }.rates()
    }

    /// Bytes that it takes, near enough.
    #[must_use]
    pub fn weight(&self) -> usize {
        size_of::<Map>() + self.parts().iter().map(|(_, bytes)| bytes).sum::<usize>()
    }

    /// Bytes that it does not share with an earlier state of itself.
    fn weight_beside(&self, earlier: &Map) -> usize {
        let pairs = self.parts().into_iter().zip(earlier.parts());
        let own = pairs.filter(|(now, before)| now.0 != before.0).map(|(now, _)| now.1);
        size_of::<Map>() + own.sum::<usize>()
    }

    /// What it shares with its states in kept worlds as long as nothing is told of it: which one, and its bytes.
    fn parts(&self) -> [(usize, usize); 11] {
        fn part<T: ?Sized>(part: &Arc<T>, bytes: usize) -> (usize, usize) {
            (Arc::as_ptr(part).cast::<()>().addr(), bytes)
        }
        const SLOT: usize = 16;
        const SITE: usize = 48;
        let holding = size_of::<Holding>();
        let spread = (self.spread.shards.len() + self.spread.keys.len()) * size_of::<u64>();
        [
            part(&self.type_name, self.type_name.len() + self.name.len()),
            part(&self.series, self.series.len() * SLOT),
            part(&self.sizes, self.sizes.len() * size_of::<Size>()),
            part(&self.sites, self.sites.len() * SITE),
            part(&self.growths, self.growths.len() * size_of::<(Nanos, Growth)>()),
            part(&self.recent, self.recent.len() * size_of::<Recent>()),
            part(&self.provocation, self.provocation.near_misses.len() * size_of::<NearMiss>()),
            part(&self.spread, spread),
            part(&self.shards, self.shards.weight()),
            part(&self.holders, self.holders.len() * holding),
            part(&self.waiters, self.waiters.len() * holding),
        ]
    }

    /// Since when the longest holder is inside.
    #[must_use]
    pub fn held_since(&self) -> Option<Nanos> {
        self.holders.iter().map(|holding| holding.since).min()
    }

    /// Operations by site, busiest first.
    #[must_use]
    pub fn hot_sites(&self) -> Vec<(SiteId, Operation, u64)> {
        let mut sites: Vec<_> = self.sites.iter().map(|((site, op), count)| (*site, *op, *count)).collect();
        sites.sort_unstable_by_key(|(site, op, count)| (u64::MAX - count, *site, *op));
        sites
    }

    fn flowed(&mut self, at: Nanos, span: Nanos, traffic: &MapTraffic, from: Nanos) {
        let pace = Pace::of(at, span, traffic);
        self.length = traffic.length.or(self.length);
        self.capacity = traffic.capacity.or(self.capacity);
        self.resized(at);
        self.total.add(&pace);
        Arc::make_mut(&mut self.series).add(&pace);
        self.flow.add(&pace, self.made_at.max(from));
        // A part that nothing was told of stays shared with kept worlds.
        if !traffic.sites.is_empty() {
            let sites = Arc::make_mut(&mut self.sites);
            for SiteTraffic { site, operation, count } in &traffic.sites {
                let sum = sites.entry((*site, *operation)).or_default();
                *sum = sum.saturating_add(*count);
            }
            self.forget_quiet_sites();
        }
        for (times, told) in [(&mut self.held, &traffic.held), (&mut self.waited, &traffic.waited)] {
            if !told.is_empty() {
                Arc::make_mut(times).add(told);
            }
        }
        if !traffic.recent.is_empty() {
            let recent = Arc::make_mut(&mut self.recent);
            recent.extend(traffic.recent.iter().cloned());
            recent.drain(..recent.len().saturating_sub(RECENT));
        }
    }

    /// Notes how large it is, where that was told.
    fn resized(&mut self, at: Nanos) {
        if self.length.is_some() || self.capacity.is_some() {
            let (length, capacity) = (self.length.unwrap_or(0), self.capacity.unwrap_or(0));
            let size = Size { at, length, capacity };
            if !self.sizes.ends_as(size) {
                Arc::make_mut(&mut self.sizes).add(size);
            }
        }
    }

    fn grew(&mut self, at: Nanos, growth: Growth) {
        self.grown += 1;
        self.moved = self.moved.saturating_add(growth.moved);
        self.paused = Nanos(self.paused.0.saturating_add(growth.took.0));
        self.longest_pause = self.longest_pause.max(growth.took);
        self.capacity = Some(growth.after);
        self.resized(at);
        let growths = Arc::make_mut(&mut self.growths);
        growths.push_back((at, growth));
        if growths.len() > GROWTHS {
            growths.pop_front();
        }
    }

    /// The quieter half goes when there are too many, so that this is rare.
    fn forget_quiet_sites(&mut self) {
        if self.sites.len() > SITES {
            let quiet: Vec<_> = self.hot_sites().drain(SITES / 2..).collect();
            let sites = Arc::make_mut(&mut self.sites);
            for (site, operation, _) in quiet {
                sites.remove(&(site, operation));
            }
        }
    }
}

impl Maps {
    /// A map, by its number.
    #[must_use]
    pub fn get(&self, id: MapId) -> Option<&Map> {
        self.all.get(&id).map(|map| &**map)
    }

    /// All maps, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Map> {
        self.all.values().map(|map| &**map)
    }

    /// Maps that somebody is inside of, or waits for, by number.
    pub fn inhabited(&self) -> impl Iterator<Item = &Map> {
        self.inhabited.iter().filter_map(|id| self.get(*id))
    }

    /// What somebody waits for: the map, and how.
    #[must_use]
    pub fn awaited_by(&self, actor: ActorId) -> Option<(&Map, &Holding)> {
        let map = self.get(*self.waiting.get(&actor)?)?;
        Some((map, map.waiters.iter().find(|wait| wait.actor == actor)?))
    }

    /// Whether it is inside of a map that somebody waits for.
    #[must_use]
    pub fn is_in_the_way(&self, actor: ActorId) -> bool {
        self.in_the_way.contains_key(&actor)
    }

    /// How many wait for one of them.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many are kept, dropped ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many are alive.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.all.len() - self.gone.len()
    }

    /// Bytes that all of them take, near enough.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Bytes that were copied so far because a kept world shares what was to be changed.
    #[must_use]
    pub fn copied(&self) -> usize {
        self.copied
    }

    /// Changes a map that is known, and keeps the count of its bytes.
    fn change(&mut self, id: MapId, change: impl FnOnce(&mut Map)) {
        let Some(map) = self.all.get_mut(&id) else { return };
        let before = map.weight();
        let shared = Arc::get_mut(map).is_none().then(|| Arc::clone(map));
        let map = Arc::make_mut(map);
        change(map);
        self.copied += shared.map_or(0, |earlier| map.weight_beside(&earlier));
        self.weight = self.weight + map.weight() - before;
    }

    /// The same of one that may have been used before it was announced.
    fn meet(&mut self, id: MapId, at: Nanos, change: impl FnOnce(&mut Map)) {
        if !self.all.contains_key(&id) {
            self.make_room();
            let map = Map::new(id, at);
            self.weight += map.weight();
            self.all.insert(id, Arc::new(map));
        }
        self.change(id, change);
    }

    fn make_room(&mut self) {
        while self.all.len() >= MAPS {
            let gone = self.gone.get_min().copied();
            if let Some(gone) = gone {
                self.gone.remove(&gone);
            }
            let gone = gone.map(|(_, id)| id);
            let Some(victim) = gone.or(self.all.keys().next().copied()) else { return };
            self.settle(victim, Vec::new(), Vec::new());
            self.weight -= self.all.remove(&victim).map_or(0, |map| map.weight());
            self.dropped += 1;
        }
    }

    /// A map is announced.
    pub fn made(&mut self, made: MapMade, at: Nanos) {
        self.meet(made.id, at, |map| {
            map.kind = Some(made.kind);
            map.name = made.name.into();
            map.type_name = made.type_name.into();
            map.entry_bytes = made.entry_bytes;
            map.made = made.made;
        });
    }

    /// A map got a name.
    pub fn named(&mut self, named: MapNamed) {
        self.change(named.id, |map| map.name = named.name.into());
    }

    /// A map was dropped.
    pub fn gone(&mut self, id: MapId, at: Nanos) {
        if self.get(id).is_some_and(|map| map.gone_at.is_none()) {
            self.change(id, |map| map.gone_at = Some(at));
            self.settle(id, Vec::new(), Vec::new());
            self.gone.insert((at, id));
        }
    }

    /// A table moved.
    pub fn grew(&mut self, at: Nanos, growth: Growth) {
        self.meet(growth.map, at, |map| map.grew(at, growth));
    }

    /// Who is inside a map; replaces what was told before.
    pub fn hold(&mut self, holders: Holders) {
        // Samples may come after the fact that the map is gone.
        if self.get(holders.map).is_some_and(|map| map.gone_at.is_none()) {
            self.settle(holders.map, holders.holders, holders.waiters);
        }
    }

    /// Somebody has come to an end: its waits are over, and so are the guards of these maps.
    pub fn left(&mut self, actor: ActorId, gave_back: &[MapId]) {
        let awaited = self.waiting.get(&actor).copied();
        let maps: BTreeSet<MapId> = gave_back.iter().copied().chain(awaited).collect();
        for id in maps {
            let Some(map) = self.get(id) else { continue };
            let others = |list: &[Holding]| -> Vec<Holding> {
                list.iter().filter(|holding| holding.actor != actor).cloned().collect()
            };
            let is_back = gave_back.contains(&id);
            let holders = if is_back { others(&map.holders) } else { map.holders.to_vec() };
            let waiters = others(&map.waiters);
            self.settle(id, holders, waiters);
        }
    }

    fn settle(&mut self, id: MapId, mut holders: Vec<Holding>, mut waiters: Vec<Holding>) {
        holders.truncate(HOLDERS);
        waiters.truncate(HOLDERS);
        if holders.is_empty() && waiters.is_empty() {
            self.inhabited.remove(&id);
        } else {
            self.inhabited.insert(id);
        }
        let (holders, waiters) = (Arc::new(holders), Arc::new(waiters));
        if let Some(map) = self.all.get(&id).filter(|map| !map.waiters.is_empty()) {
            for holding in map.holders.iter() {
                let left = self.in_the_way.get(&holding.actor).map_or(0, |maps| maps - 1);
                match left {
                    0 => self.in_the_way.remove(&holding.actor),
                    left => self.in_the_way.insert(holding.actor, left),
                };
            }
        }
        if self.all.contains_key(&id) && !waiters.is_empty() {
            for holding in holders.iter() {
                *self.in_the_way.entry(holding.actor).or_insert(0) += 1;
            }
        }
        let waiting = Arc::clone(&waiters);
        let mut before = Arc::default();
        self.change(id, |map| {
            map.holders = holders;
            before = std::mem::replace(&mut map.waiters, waiters);
        });
        for wait in before.iter() {
            if self.waiting.get(&wait.actor) == Some(&id) {
                self.waiting.remove(&wait.actor);
            }
        }
        for wait in waiting.iter() {
            self.waiting.insert(wait.actor, id);
        }
    }

    /// What flowed in a span, of a session whose traffic is told since `from`.
    pub fn flowed(&mut self, at: Nanos, span: Nanos, traffic: &MapTraffic, from: Nanos) {
        self.meet(traffic.map, at, |map| map.flowed(at, span, traffic, from));
    }

    /// Near misses and delays in a map; replaces what was told before.
    pub fn provoked(&mut self, at: Nanos, told: Provocation) {
        self.meet(told.map, at, |map| map.provocation = Arc::new(told));
    }

    /// How the accesses of a map are spread; replaces what was told before.
    pub fn spread(&mut self, at: Nanos, told: Spread) {
        self.meet(told.map, at, |map| {
            if !told.shards.is_empty() {
                Arc::make_mut(&mut map.shards).add(at, &told.shards);
            }
            map.spread = Arc::new(told);
        });
    }

    /// A conflict in one of them; the conflict itself repeats what the map is.
    pub fn met(&mut self, conflict: &Conflict) {
        let facts = &conflict.map;
        self.meet(facts.id, conflict.at, |map| {
            map.conflicts += 1;
            map.kind = map.kind.or(Some(facts.kind));
            map.length = facts.length.or(map.length);
            if map.name.is_empty() {
                map.name = facts.name.as_str().into();
            }
            if map.type_name.is_empty() {
                map.type_name = facts.type_name.as_str().into();
            }
        });
    }
}
