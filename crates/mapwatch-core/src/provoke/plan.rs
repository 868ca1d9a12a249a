//! Where to delay: near misses, phases, and what is ordered anyway.
//!
//! | notion | here |
//! |---|---|
//! | near miss | two accesses to one map by two actors within 100 ms, one of them a write; of the last 5 per map |
//! | pair | the two sites of a near miss: a delay at the first may bring it out |
//! | phase | fewer than two actors among the last 16 accesses: nobody runs beside, nothing is a near miss |
//! | ordered | an actor was silent for at least half of another one's delay: it waited for it. Such a pair is dropped for good, and so are those of its next 5 accesses |
//! | chance | delays at a pair's first site begin as certain; each that brings nobody takes a tenth of it away; at nothing it stays |
//!
//! "For good" is our own: a pair that is dropped and found again at the next near miss costs a delay each time.

use super::DELAY;
use crate::site::StaticSite;
use mapwatch_event::Nanos;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Two accesses further apart are no near miss.
const NEAR: Nanos = Nanos(100_000_000);

/// Accesses remembered per map.
const PER_MAP: usize = 5;

/// Accesses that make a phase.
const PHASE: usize = 16;

/// Accesses of an actor that are ordered behind the delay that it waited for.
const FOLLOWING: u32 = 5;

/// What an unproductive delay leaves of a pair's chance, in thousandths: 0.1 is taken away.
const DECAY: u32 = 100;

/// The same before a lock: there nothing tells that the others waited, so two delays have to do.
const DECAY_AT_LOCKS: u32 = 500;
const CERTAIN: u32 = 1000;

/// Pairs of sites that nearly met, told of one map.
const TOLD: usize = 32;

/// Bounds, so that a long run stays small.
const MAPS: usize = 4096;
const ACTORS: usize = 4096;
const PAIRS: usize = 1024;

/// One access, before it is let go on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    pub(super) actor: u64,
    pub(super) map: u64,
    pub(super) site: StaticSite,
    pub(super) writes: bool,
    pub(super) stand: Stand,
    pub(super) at: Nanos,
    pub(super) alone: Alone,
}

/// Where an access stands when it is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// Inside an unsynchronised map.
    Inside,
    /// Between two steps of a walk. Where it began may be ordered by a lock that its steps are not under.
    Step,
    /// Before a lock. It keeps such accesses apart: a delay pays only between a look and an act.
    Lock,
}

/// Whether others can come while an access waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone {
    /// There are other threads.
    No,
    /// There are none; but the task lets the others run.
    Yields,
    /// There are none: nobody could come.
    Sleeps,
}

/// A site as text, the same in the next run; of a step, with a word more.
pub(super) type Place = String;

/// Two sites: of a chance, that of the delay first; of an order, the smaller first.
pub(super) type Pair = (Place, Place);

/// What is known of pairs: chances in thousandths, and those that are ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) chances: BTreeMap<Pair, u32>,
    pub(super) ordered: BTreeSet<Pair>,
}

/// A delay that was decided on.
#[derive(Clone, Debug)]
pub(super) struct Delay {
    actor: u64,
    map: u64,
    place: Place,
    from: Nanos,
    locks: bool,
}

#[derive(Debug)]
struct Over {
    delay: Delay,
    to: Nanos,
}

#[derive(Debug, Default)]
struct Actor {
    last: Nanos,
    /// The delay that it waited for, and how many more accesses follow it.
    follows: Option<(Place, u32)>,
    /// The map of its last access.
    map: u64,
    /// Its last delay.
    delayed: Option<Delayed>,
}

#[derive(Debug)]
struct Delayed {
    place: Place,
    map: u64,
    ended: Nanos,
    fruitful: bool,
}

/// Two sites that nearly met in a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Near {
    pub(super) sites: [StaticSite; 2],
    places: [Place; 2],
    pub(super) count: u64,
    /// Of a delay at the first, and at the second; in thousandths.
    pub(super) chances: [u32; 2],
    pub(super) ordered: bool,
}

/// What happened in one map, for whoever looks on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) near: Vec<Near>,
    pub(super) delays: u64,
    pub(super) fruitful: u64,
    pub(super) spent: Nanos,
    /// Delays that were not made, because nobody could have come.
    pub(super) in_vain: u64,
}

#[derive(Debug)]
struct Past {
    actor: u64,
    site: StaticSite,
    place: Place,
    writes: bool,
    at: Nanos,
}

/// The machine.
#[derive(Debug)]
pub(super) struct Plan {
    known: Known,
    changed: bool,
    maps: BTreeMap<u64, VecDeque<Past>>,
    shares: BTreeMap<u64, Share>,
    /// Maps whose share changed since it was told.
    fresh: BTreeSet<u64>,
    actors: BTreeMap<u64, Actor>,
    phase: VecDeque<u64>,
    delays: VecDeque<Over>,
    /// Maps at which somebody is being delayed.
    open: Vec<u64>,
    spent: Nanos,
    count: u32,
    random: u64,
}

impl Plan {
    pub(super) fn new(seed: u64, known: Known) -> Plan {
        Plan {
            known,
            changed: false,
            maps: BTreeMap::new(),
            shares: BTreeMap::new(),
            fresh: BTreeSet::new(),
            actors: BTreeMap::new(),
            phase: VecDeque::new(),
            delays: VecDeque::new(),
            open: Vec::new(),
            spent: Nanos(0),
            count: 0,
            random: seed | 1,
        }
    }

    /// How long all delays took so far.
    pub(super) const fn spent(&self) -> Nanos {
        self.spent
    }

    /// How many delays there were so far.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// What is known of pairs, if that changed since the last call.
    pub(super) fn take_news(&mut self) -> Option<Known> {
        std::mem::take(&mut self.changed).then(|| self.known.clone())
    }

    /// Notes an access; `Some` when it is to be delayed, if that is affordable.
    pub(super) fn access(&mut self, access: &Access, affordable: bool) -> Option<Delay> {
        let place = if access.stand == Stand::Step {
            format!("{} step", access.site)
        } else {
            access.site.to_string()
        };
        self.phase.push_back(access.actor);
        if self.phase.len() > PHASE {
            self.phase.pop_front();
        }
        let looked = self.actors.get(&access.actor);
        let looked =
            looked.is_some_and(|actor| actor.map == access.map && access.at.since(actor.last) <= NEAR);
        self.infer_order(access, &place);
        if self.phase.iter().any(|actor| *actor != access.actor) {
            self.note_near_misses(access, &place);
        }
        self.remember(access, place.clone());
        let pays = affordable && (access.stand != Stand::Lock || (access.writes && looked));
        if !pays || self.open.contains(&access.map) || self.is_alone_since(access) || !self.chosen(&place) {
            return None;
        }
        if access.alone == Alone::Sleeps {
            if let Some(share) = self.share(access.map) {
                share.in_vain += 1;
            }
            return None;
        }
        self.open.push(access.map);
        let Access { map, actor, at: from, stand, .. } = *access;
        Some(Delay { map, actor, place, from, locks: stand == Stand::Lock })
    }

    /// Notes that a delay is over; `productive` when somebody came.
    pub(super) fn delayed(&mut self, delay: &Delay, now: Nanos, productive: bool) {
        let took = now.since(delay.from);
        self.count += 1;
        self.spent.0 += took.0;
        if let Some(share) = self.share(delay.map) {
            share.delays += 1;
            share.fruitful += u64::from(productive);
            share.spent.0 += took.0;
        }
        if let Some(actor) = self.actors.get_mut(&delay.actor) {
            actor.last = now;
            let place = delay.place.clone();
            actor.delayed = Some(Delayed { place, map: delay.map, ended: now, fruitful: productive });
        }
        self.open.retain(|map| *map != delay.map);
        if productive {
            return;
        }
        self.changed = true;
        let decay = if delay.locks { DECAY_AT_LOCKS } else { DECAY };
        for ((place, _), chance) in &mut self.known.chances {
            if *place == delay.place {
                *chance = chance.saturating_sub(decay);
            }
        }
        // Nobody waits for one who has not taken the lock yet: silence meanwhile is chance.
        if delay.locks {
            return;
        }
        self.delays.push_back(Over { delay: delay.clone(), to: now });
        if self.delays.len() > PHASE {
            self.delays.pop_front();
        }
    }

    /// Notes that an actor's last delay brought something out after all.
    pub(super) fn paid_off(&mut self, actor: u64) {
        let Some(delayed) = self.actors.get_mut(&actor).and_then(|actor| actor.delayed.as_mut()) else {
            return;
        };
        let (map, news) = (delayed.map, !std::mem::replace(&mut delayed.fruitful, true));
        for ((place, _), chance) in &mut self.known.chances {
            if *place == delayed.place {
                *chance = CERTAIN;
            }
        }
        self.changed = true;
        if let Some(share) = self.share(map) {
            share.fruitful += u64::from(news);
        }
    }

    /// What happened in a map so far; `None` where there are too many.
    fn share(&mut self, map: u64) -> Option<&mut Share> {
        if self.shares.len() >= MAPS && !self.shares.contains_key(&map) {
            return None;
        }
        self.fresh.insert(map);
        Some(self.shares.entry(map).or_default())
    }

    /// The maps whose share changed since the last call, and their shares.
    pub(super) fn take_shares(&mut self) -> Vec<(u64, Share)> {
        std::mem::take(&mut self.fresh).into_iter().map(|map| (map, self.share_now(map))).collect()
    }

    /// All maps in which anything nearly met.
    pub(super) fn all_shares(&self) -> Vec<(u64, Share)> {
        self.shares.keys().map(|map| (*map, self.share_now(*map))).collect()
    }

    /// A share with what is known of its pairs by now.
    fn share_now(&self, map: u64) -> Share {
        let mut share = self.shares.get(&map).cloned().unwrap_or_default();
        for near in &mut share.near {
            let [one, other] = near.places.clone();
            let (there, back) = ((one.clone(), other.clone()), (other, one));
            let chance = |pair| self.known.chances.get(pair).copied().unwrap_or(0);
            near.chances = [chance(&there), chance(&back)];
            near.ordered = self.known.ordered.contains((&there).min(&back));
        }
        share
    }

    /// Whether nobody else has been to the map since this actor's last delay: a lock that is not fair would let
    /// it wait again and again, and keep the others waiting.
    fn is_alone_since(&self, access: &Access) -> bool {
        let delayed = self.actors.get(&access.actor).and_then(|actor| actor.delayed.as_ref());
        let Some(delayed) = delayed else { return false };
        !self.was_visited(access.map, access.actor, delayed.ended)
    }

    /// Whether anybody but this actor has been to the map since.
    pub(super) fn was_visited(&self, map: u64, actor: u64, since: Nanos) -> bool {
        let other = |past: &Past| past.actor != actor && past.at >= since;
        self.maps.get(&map).is_some_and(|past| past.iter().any(other))
    }

    /// Whether this actor waited for somebody's delay, now or a few accesses ago.
    fn infer_order(&mut self, access: &Access, place: &Place) {
        let Some(actor) = self.actors.get_mut(&access.actor) else { return };
        let waited = self.delays.iter().rev().find(|over| {
            let silent = over.to.0.min(access.at.0).saturating_sub(over.delay.from.0.max(actor.last.0));
            over.delay.actor != access.actor && actor.last < over.to && silent * 2 >= DELAY.0
        });
        if let Some(over) = waited {
            actor.follows = Some((over.delay.place.clone(), FOLLOWING));
        }
        let Some((behind, left)) = &mut actor.follows else { return };
        let there = (behind.clone(), place.clone());
        let back = (place.clone(), behind.clone());
        *left -= 1;
        if *left == 0 {
            actor.follows = None;
        }
        self.known.chances.remove(&there);
        self.known.chances.remove(&back);
        let pair = there.min(back);
        if self.shares.contains_key(&access.map) {
            self.fresh.insert(access.map);
        }
        self.changed |= self.known.ordered.len() < PAIRS && self.known.ordered.insert(pair);
    }

    fn note_near_misses(&mut self, access: &Access, place: &Place) {
        let Some(past) = self.maps.get(&access.map) else { return };
        let mut met = Vec::new();
        for past in past {
            let near = past.actor != access.actor
                && (past.writes || access.writes)
                && access.at.since(past.at) <= NEAR;
            if !near {
                continue;
            }
            let (there, back) = ((past.place.clone(), place.clone()), (place.clone(), past.place.clone()));
            if self.known.ordered.contains((&there).min(&back)) {
                continue;
            }
            let (sites, pair) = if there <= back {
                ([past.site, access.site], &there)
            } else {
                ([access.site, past.site], &back)
            };
            met.push((sites, [pair.0.clone(), pair.1.clone()]));
            if self.known.chances.len() >= PAIRS {
                continue;
            }
            for pair in [there, back] {
                self.changed |= !self.known.chances.contains_key(&pair);
                self.known.chances.entry(pair).or_insert(CERTAIN);
            }
        }
        if !met.is_empty()
            && let Some(share) = self.share(access.map)
        {
            met.into_iter().for_each(|(sites, places)| share.nearly_met(sites, places));
        }
    }

    fn remember(&mut self, access: &Access, place: Place) {
        if self.maps.len() < MAPS || self.maps.contains_key(&access.map) {
            let past = self.maps.entry(access.map).or_default();
            past.push_back(Past {
                actor: access.actor,
                site: access.site,
                place,
                writes: access.writes,
                at: access.at,
            });
            if past.len() > PER_MAP {
                past.pop_front();
            }
        }
        if self.actors.len() >= ACTORS {
            self.actors.retain(|_, actor| access.at.since(actor.last) <= NEAR);
        }
        let actor = self.actors.entry(access.actor).or_default();
        (actor.last, actor.map) = (access.at, access.map);
    }

    /// Rolls the dice for the best of the pairs that a site is in.
    fn chosen(&mut self, place: &Place) -> bool {
        let of = |((delayed, _), chance): (&Pair, &u32)| (delayed == place).then_some(*chance);
        let Some(chance) = self.known.chances.iter().filter_map(of).max() else { return false };
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % u64::from(CERTAIN) < u64::from(chance)
    }
}

impl Share {
    fn nearly_met(&mut self, sites: [StaticSite; 2], places: [Place; 2]) {
        if let Some(near) = self.near.iter_mut().find(|near| near.places == places) {
            near.count += 1;
        } else if self.near.len() < TOLD {
            self.near.push(Near { sites, places, count: 1, chances: [0; 2], ordered: false });
        }
    }
}

#[cfg(test)]
mod tests;
