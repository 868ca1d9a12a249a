//! How accesses are spread over shards and keys: counted while somebody records, told once a second.

use super::{Map, Tally};
use mapwatch_event::{Event, HotKey, MapId, Nanos, Spread};
use std::hash::{BuildHasher as _, RandomState};

/// Keys that are counted of one map; the hottest of any stream are among so many (Metwally, Agrawal and El Abbadi,
/// "Efficient computation of frequent and top-k elements in data streams", 2005).
const COUNTED: usize = 64;
/// Keys that are told.
const TOLD: usize = 8;
/// Time between two tellings.
const PERIOD: Nanos = Nanos(1_000_000_000);

/// The keys of one map.
#[derive(Debug, Default)]
pub(super) struct Keys {
    counted: Vec<Counted>,
    samples: u64,
    told: Spread,
}

/// A key that took the place of a rarer one inherits its count, as an error that is known.
#[derive(Clone, Copy, Debug)]
struct Counted {
    number: u64,
    count: u64,
    inherited: u64,
}

impl Keys {
    pub(super) fn count(&mut self, number: u64) {
        self.samples += 1;
        if let Some(known) = self.counted.iter_mut().find(|known| known.number == number) {
            known.count += 1;
            return;
        }
        if self.counted.len() < COUNTED {
            self.counted.push(Counted { number, count: 1, inherited: 0 });
        } else if let Some(rarest) = self.counted.iter_mut().min_by_key(|known| known.count) {
            *rarest = Counted { number, count: rarest.count + 1, inherited: rarest.count };
        }
    }

    /// The hottest, by what is certain of them; a key that was seen once is not hot.
    fn hottest(&self, secret: &RandomState) -> Vec<HotKey> {
        let certain = |known: &Counted| known.count - known.inherited;
        let mut hot: Vec<&Counted> = self.counted.iter().filter(|known| certain(known) > 1).collect();
        hot.sort_by_key(|known| (std::cmp::Reverse(certain(known)), known.number));
        // The number itself would give a small key away: it is made by a hash that everybody can compute.
        let told =
            |known: &&Counted| HotKey { hash: secret.hash_one(known.number) as u32, count: certain(known) };
        hot.iter().take(TOLD).map(told).collect()
    }
}

impl Map {
    fn spread(&self, id: u64, secret: &RandomState) -> Spread {
        let shards = self.entry.visits();
        let keys = self.keys.hottest(secret);
        // Where no key stands out, how many were looked at is no news.
        let samples = if keys.is_empty() { 0 } else { self.keys.samples };
        Spread { map: MapId(id), shards, keys, samples }
    }
}

impl Tally {
    /// What has changed since it was told last.
    pub(super) fn tell_spread(&mut self, now: Nanos, last: bool) {
        let is_due = last || now.since(self.spread_told) >= PERIOD;
        if is_due {
            self.spread_told = now;
        }
        // Of a map that is gone nothing will be known later.
        for (id, map) in self.maps.iter_mut().filter(|(_, map)| is_due || map.gone) {
            let spread = map.spread(*id, &self.secret);
            let is_news = spread != map.keys.told && (!spread.shards.is_empty() || !spread.keys.is_empty());
            if is_news {
                map.keys.told.clone_from(&spread);
                self.out.push((now, Event::Spread(spread)));
            }
        }
    }

    /// What was told last of each map, for a latecomer.
    pub(super) fn spreads_for_latecomers(&self, now: Nanos, told: &mut Vec<(Nanos, Event)>) {
        let known = self.maps.values().map(|map| &map.keys.told).filter(|spread| spread.map != MapId(0));
        told.extend(known.map(|spread| (now, Event::Spread(spread.clone()))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hottest_stand_out_of_a_crowd_under_names_that_tell_nothing() {
        let mut keys = Keys::default();
        for turn in 0..20_000u64 {
            keys.count(if turn % 4 == 0 { 7 } else { 1000 + turn * 31 % 9973 });
            keys.count(if turn % 10 == 0 { 8 } else { 90_000 + turn });
        }
        let secret = RandomState::new();
        let hottest = keys.hottest(&secret);
        assert_eq!(hottest[0].hash, secret.hash_one(7u64) as u32);
        assert_eq!(hottest[1].hash, secret.hash_one(8u64) as u32);
        assert!((4_000..=5_000).contains(&hottest[0].count), "{hottest:?}");
        assert!(keys.counted.len() <= COUNTED && hottest.len() <= TOLD);
    }

    #[test]
    fn keys_that_came_once_are_not_hot() {
        let mut keys = Keys::default();
        (0..10_000).for_each(|number| keys.count(number));
        assert_eq!(keys.hottest(&RandomState::new()), []);
    }
}
