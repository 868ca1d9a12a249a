//! Guards made of dashmap's shards, under real threads: what the sanitizers and Miri are pointed at.
#![cfg(feature = "dashmap")]
#![allow(clippy::unwrap_used, reason = "a test may fall over")]

use dashmap::{DashMap, SharedValue};
use mapwatch_core::guard::Held;
use mapwatch_core::lent::{Items, LentMut, LentRef, Writing};
use std::hash::BuildHasher;

type Map = DashMap<String, Vec<u32>>;

/// Rounds per thread: enough for a sanitizer to meet many orders, few enough for Miri.
const ROUNDS: u32 = if cfg!(miri) { 10 } else { 2_000 };
const KEYS: u32 = 13;

fn hash(map: &Map, key: &str) -> u64 {
    map.hasher().hash_one(key)
}

fn shard(map: &Map, hash: u64) -> usize {
    map.determine_shard(hash as usize)
}

fn look<'m>(map: &'m Map, key: &str) -> Option<LentRef<'m, String, Vec<u32>>> {
    let hash = hash(map, key);
    let guard = map.shards()[shard(map, hash)].read();
    LentRef::find(guard.into(), |table| table.get(hash, |(known, _)| known == key)).ok()
}

type Change<'m> = LentMut<'m, String, Vec<u32>>;

fn change<'m>(map: &'m Map, hash: u64, key: &str) -> Result<Change<'m>, Writing<'m, String, Vec<u32>>> {
    let guard = map.shards()[shard(map, hash)].write();
    LentMut::find_mut(guard.into(), |table| table.get_mut(hash, |(known, _)| known == key))
}

/// Puts an entry in where there is none; moves, shrinks and takes it out where there is one.
fn turn(map: &Map, number: u32) {
    let key = format!("key {}", number % KEYS);
    let hash_of_it = hash(map, &key);
    match change(map, hash_of_it, &key) {
        Err(shard) => {
            let put = LentMut::find_mut(shard, |table| {
                let entry = (key.clone(), SharedValue::new(vec![number]));
                Some(table.insert_entry(hash_of_it, entry, |(key, _)| hash(map, key)))
            });
            assert_eq!(put.unwrap_or_else(|_| panic!("it was put in")).pair().0, &key);
        }
        Ok(mut lent) => match number % 4 {
            0 => {
                let (_shard, (old, values)) = lent.take(hash_of_it);
                assert!(old == key && !values.is_empty());
            }
            1 => {
                let (_shard, (old, values)) = lent.replace(hash_of_it, key.clone(), vec![number; 3]);
                assert!(old == key && !values.is_empty());
            }
            2 => {
                lent.pair_mut().1.push(number);
                let shared = lent.downgrade();
                assert_eq!(shared.pair().1.last(), Some(&number));
            }
            _ => {
                let mut last =
                    lent.map_mut(|values| values.last_mut()).unwrap_or_else(|_| panic!("never empty"));
                *last.pair_mut().1 += 1;
                assert_eq!(last.pair().0, &key);
            }
        },
    }
}

#[test]
fn what_is_lent_stays_as_it_is_while_others_change_the_rest() {
    let map: Map = DashMap::with_shard_amount(2);
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let map = &map;
            scope.spawn(move || (0..ROUNDS).for_each(|round| turn(map, round.wrapping_mul(7 + thread))));
        }
        for _ in 0..ROUNDS {
            let Some(lent) = look(&map, "key 5") else { continue };
            let first = lent.map(|values| values.first()).unwrap_or_else(|_| panic!("never empty"));
            assert_eq!(first.pair().0, "key 5");
            std::hint::black_box(*first.pair().1);
        }
    });
}

#[test]
fn items_keep_their_shard_and_are_each_given_once() {
    let map: Map = DashMap::with_shard_amount(2);
    (0..40).for_each(|number| _ = map.insert(format!("key {number}"), vec![number]));
    let mut count = 0;
    for lock in map.shards() {
        let mut items = Items::writing(Held::none(), lock.write().into());
        let mut all: Vec<_> = items.by_ref().collect();
        drop(items);
        assert!(lock.try_read().is_none(), "its items keep the shard");
        for item in &mut all {
            let (key, values) = item.pair_mut();
            values.push(key.len() as u32);
        }
        count += all.len();
    }
    assert_eq!(count, 40);
    for lock in map.shards() {
        let items = Items::reading(Held::none(), lock.read().into());
        let last = items.inspect(|item| assert_eq!(item.pair().1.len(), 2)).last();
        assert!(last.is_none_or(|item| lock.try_write().is_none() && !item.pair().0.is_empty()));
        assert!(lock.try_write().is_some());
    }
}
