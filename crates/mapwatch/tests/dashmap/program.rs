//! The original's public methods and traits, one after the other.

use super::dashmap::mapref::entry::Entry;
use super::dashmap::mapref::multiple::{RefMulti, RefMutMulti};
use super::dashmap::mapref::one::{MappedRef, MappedRefMut, Ref, RefMut};
use super::dashmap::try_result::TryResult;
use super::dashmap::{
    DashMap, DashSet, OccupiedEntry, ReadOnlyView, TryReserveError, VacantEntry, iter, iter_set,
};
use std::collections::hash_map::RandomState;

#[test]
fn makers() {
    let state = RandomState::new();
    let maps: [DashMap<u32, u32>; 8] = [
        DashMap::new(),
        DashMap::with_capacity(8),
        DashMap::with_shard_amount(4),
        DashMap::with_capacity_and_shard_amount(8, 4),
        DashMap::with_hasher(state.clone()),
        DashMap::with_capacity_and_hasher(8, state.clone()),
        DashMap::with_hasher_and_shard_amount(state.clone(), 4),
        DashMap::with_capacity_and_hasher_and_shard_amount(8, state, 4),
    ];
    assert!(maps.iter().all(DashMap::is_empty) && maps[1].capacity() >= 8);
    assert_eq!(maps[0].hash_usize(&1), maps[0].hash_usize(&1));
    let _: &RandomState = maps[0].hasher();
    let mut map: DashMap<u32, u32> = [(1, 1), (2, 2)].into_iter().collect();
    map.extend([(3, 3)]);
    let reserved: Result<(), TryReserveError> = map.try_reserve(100);
    assert!(reserved.is_ok() && map.capacity() >= 100);
    map.remove(&1);
    map.shrink_to_fit();
    assert_eq!(map.clone().len(), 2);
    assert_eq!(DashMap::<u8, u8>::default().len(), 0);
}

#[test]
fn values_and_guards() {
    let map: DashMap<String, (u32, String)> = DashMap::new();
    assert!(map.insert("a".to_owned(), (1, "x".to_owned())).is_none());
    assert_eq!(map.insert("a".to_owned(), (2, "y".to_owned())), Some((1, "x".to_owned())));
    let one: Ref<'_, String, (u32, String)> = map.get("a").unwrap();
    assert_eq!((one.key().as_str(), one.value().0, one.pair().1.0, one.0), ("a", 2, 2, 2));
    assert!(format!("{one:?}").starts_with("Ref"));
    let part: MappedRef<'_, String, (u32, String), String> = one.map(|value| &value.1);
    let text: &str = part.as_ref();
    assert_eq!((text, format!("{part}").as_str(), part.key().as_str()), ("y", "y", "a"));
    let part = part.try_map(|text| text.chars().next().and(None::<&u8>)).unwrap_err();
    assert_eq!(part.len(), 1);
    drop(part);
    let mut two: RefMut<'_, String, (u32, String)> = map.get_mut("a").unwrap();
    two.0 += 1;
    two.value_mut().0 += 1;
    *two.pair_mut().1 = (5, "z".to_owned());
    let mut part: MappedRefMut<'_, String, (u32, String), u32> = two.map(|value| &mut value.0);
    *part += 1;
    *part.value_mut() += 1;
    assert_eq!(*part.value(), 7);
    drop(part);
    let shared = map.get_mut("a").unwrap().downgrade();
    assert_eq!(shared.0, 7);
    let again = map.get("a").unwrap();
    assert_eq!(again.0, shared.0);
    assert!(map.try_get_mut("a").is_locked());
    drop((shared, again));
    assert!(map.try_get("a").is_present() && map.try_get("b").is_absent());
    match map.try_get_mut("a") {
        TryResult::Present(mut value) => value.0 = 9,
        TryResult::Absent | TryResult::Locked => panic!("it is there"),
    }
    map.alter("a", |_, value| (value.0 + 1, value.1));
    map.alter_all(|_, value| (value.0 + 1, value.1));
    assert_eq!(map.view("a", |_, value| value.0), Some(11));
    assert!(map.contains_key("a") && !map.contains_key("b"));
    assert!(map.remove_if("a", |_, value| value.0 == 0).is_none());
    assert!(map.remove_if_mut("a", |_, value| value.0 == 11).is_some());
    assert!(map.remove("a").is_none());
}

#[test]
fn entries() {
    let map: DashMap<u32, u32> = DashMap::new();
    *map.entry(1).or_insert(1) += 1;
    *map.entry(1).or_default() += 1;
    *map.entry(2).or_insert_with(|| 5) += 1;
    assert_eq!(*map.entry(1).and_modify(|value| *value *= 2).or_insert(0), 6);
    assert!(map.entry(9).or_try_insert_with(|| Err::<u32, _>("no")).is_err());
    assert_eq!(*map.entry(3).insert(7), 7);
    let occupied: OccupiedEntry<'_, u32, u32> = map.entry(3).insert_entry(8);
    assert_eq!((*occupied.key(), *occupied.get()), (3, 8));
    assert_eq!(occupied.remove_entry(), (3, 8));
    match map.entry(4) {
        Entry::Vacant(vacant) => {
            let vacant: VacantEntry<'_, u32, u32> = vacant;
            assert_eq!(*vacant.key(), 4);
            assert_eq!(*vacant.insert_entry(1).get(), 1);
        }
        Entry::Occupied(_) => panic!("it is vacant"),
    }
    match map.entry(4) {
        Entry::Occupied(mut occupied) => {
            *occupied.get_mut() += 1;
            assert_eq!(occupied.insert(9), 2);
            assert_eq!(occupied.replace_entry(10), (4, 9));
        }
        Entry::Vacant(_) => panic!("it is there"),
    }
    assert_eq!(map.entry(4).key(), &4);
    assert_eq!(map.entry(4).into_key(), 4);
    assert!(map.try_entry(4).is_some());
    let held = map.get(&4).unwrap();
    assert!(map.try_entry(4).is_none());
    drop(held);
}

#[test]
fn walks_and_traits() {
    let map: DashMap<u32, u32> = (0..100).map(|key| (key, key)).collect();
    let walk: iter::Iter<'_, u32, u32> = map.iter();
    assert_eq!(walk.clone().count(), 100);
    let sum: u32 = walk.map(|item: RefMulti<'_, u32, u32>| *item.key() + *item.value() + *item).sum();
    assert_eq!(sum, 3 * 4950);
    for mut item in map.iter_mut() {
        let item: &mut RefMutMulti<'_, u32, u32> = &mut item;
        *item.value_mut() += 1;
        *item.pair_mut().1 += 1;
    }
    let kept: Vec<_> = map.iter().collect();
    assert_eq!(kept.len(), 100);
    drop(kept);
    map.retain(|key, value| {
        *value += 1;
        key % 2 == 0
    });
    assert_eq!((&map).into_iter().count(), 50);
    let few: DashMap<u32, u32> = DashMap::new();
    assert_eq!(&few << (1, 2), None);
    assert_eq!((*(&few >> &1), &few & &1), (2, true));
    *(&few | &1) += 1;
    assert_eq!(format!("{few:?}"), "{1: 3}");
    assert_eq!(&few - &1, Some((1, 3)));
    let mut all: Vec<(u32, u32)> = map.clone().into_iter().collect();
    all.sort_unstable();
    assert_eq!(all[1], (2, 5));
    map.clear();
    let view: ReadOnlyView<u32, u32> = few.into_read_only();
    assert!(view.is_empty() && view.capacity() < 100 && view.get(&1).is_none() && !view.contains_key(&1));
    assert!(view.get_key_value(&1).is_none() && view.iter().chain(view.iter()).next().is_none());
    assert_eq!(view.keys().count() + view.values().count(), 0);
    assert!(view.clone().into_inner().is_empty());
}

#[test]
fn sets() {
    let mut set: DashSet<u32> = (0..10).collect();
    assert!(set.insert(10) && !set.insert(10) && set.contains(&10));
    assert_eq!((set.remove(&10), set.remove_if(&9, |_| true)), (Some(10), Some(9)));
    set.extend([9]);
    assert_eq!(set.get(&9).as_deref(), Some(&9));
    let walk: iter_set::Iter<'_, u32, RandomState, DashMap<u32, (), RandomState>> = set.iter();
    assert_eq!(walk.map(|key| *key.key()).sum::<u32>(), 45);
    set.retain(|key| *key < 5);
    assert_eq!((set.len(), set.clone().into_iter().count(), set.is_empty()), (5, 5, false));
    set.shrink_to_fit();
    set.clear();
    assert_eq!(format!("{:?}", DashSet::<u8>::from_iter([1])), "{1: ()}");
}

#[test]
fn shards_themselves() {
    use super::dashmap::SharedValue;
    use std::hash::BuildHasher;
    let mut map: DashMap<u32, &'static str> = DashMap::with_shard_amount(4);
    let (shard, hasher) = (map.determine_map(&42), map.hasher().clone());
    assert_eq!(map.determine_shard(map.hash_usize(&42)), shard);
    let hash = |(key, _): &(u32, SharedValue<&'static str>)| hasher.hash_one(key);
    let entry = (42, SharedValue::new("forty two"));
    map.shards_mut()[shard].get_mut().insert(hash(&entry), entry, hash);
    assert_eq!((map.shards().len(), map.shards()[shard].read().len()), (4, 1));
    assert_eq!(*map.get(&42).unwrap(), "forty two");
    assert_eq!(map.clone().into_read_only().shards().len(), 4);
    assert_eq!(map.into_shards().iter().map(|shard| shard.read().len()).sum::<usize>(), 1);
    assert!(DashSet::<u32>::new().shards().len() > 1);
}

#[cfg(feature = "dashmap_rayon")]
#[test]
fn parallel_walks() {
    use rayon::iter::{
        FromParallelIterator, IntoParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator,
        ParallelExtend, ParallelIterator,
    };
    let numbers = || (0..1000_u32).into_par_iter();
    let mut map = DashMap::<u32, u32>::from_par_iter(numbers().map(|key| (key, key)));
    map.par_extend([(1000, 1000)]);
    (&map).par_extend([(1001, 1001)]);
    map.par_iter_mut().for_each(|mut item| *item += 1);
    (&mut map).into_par_iter().for_each(|mut item| *item.value_mut() += 1);
    let mut parallel =
        super::dashmap::rayon::map::Iter::map(map.par_iter(), |item| *item.value() - *item.key())
            .collect::<Vec<u32>>();
    parallel.dedup();
    assert_eq!(parallel, [2]);
    // A worker has its own guards, and looks at the same map meanwhile.
    assert!(map.par_iter().all(|item| map.contains_key(item.key())));
    let view = map.clone().into_read_only();
    assert_eq!(view.par_iter().map(|item| *item.key()).sum::<u32>(), 501_501);
    assert_eq!(view.into_par_iter().count() + map.into_par_iter().count(), 2004);
    let mut set = DashSet::<u32>::from_par_iter(numbers());
    set.par_extend([1000]);
    (&set).par_extend([1001]);
    assert_eq!(set.par_iter().map(|key| *key).max(), Some(1001));
    assert_eq!(set.into_par_iter().count(), 1002);
    let _: &dyn Fn(&mut DashMap<u32, u32>) = &|map| map.par_iter_mut().for_each(drop);
}

#[cfg(feature = "dashmap_arbitrary")]
#[test]
fn arbitrary_maps() {
    use arbitrary::{Arbitrary, Unstructured};
    let bytes: Vec<u8> = (0..64).map(|byte| byte * 2 + 1).collect();
    let map = DashMap::<u8, u8>::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
    assert!(!map.is_empty());
}

#[cfg(feature = "dashmap_typesize")]
#[test]
fn sizes() {
    use super::dashmap::DashMap;
    use std::collections::hash_map::DefaultHasher;
    use std::hash::BuildHasherDefault;
    use typesize::TypeSize;

    #[derive(Clone, Default)]
    struct Hasher(BuildHasherDefault<DefaultHasher>);
    impl TypeSize for Hasher {}
    impl std::hash::BuildHasher for Hasher {
        type Hasher = DefaultHasher;
        fn build_hasher(&self) -> DefaultHasher {
            self.0.build_hasher()
        }
    }

    let (map, set) = (DashMap::<u8, u8, Hasher>::default(), DashSet::<u8, Hasher>::default());
    let before = map.extra_size();
    for key in 0..200 {
        map.insert(key, key);
        set.insert(key);
    }
    assert!(map.extra_size() > before && set.extra_size() > 200);
}

/// A hasher whose `hash_one` gives something else than its steps, as some do for speed.
#[derive(Clone, Default)]
struct TwoFaced(std::hash::BuildHasherDefault<std::collections::hash_map::DefaultHasher>);

impl std::hash::BuildHasher for TwoFaced {
    type Hasher = std::collections::hash_map::DefaultHasher;

    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }

    fn hash_one<T: std::hash::Hash>(&self, key: T) -> u64 {
        !self.0.hash_one(key)
    }
}

#[test]
fn the_hash_of_a_key_is_made_in_steps_everywhere() {
    let map: DashMap<u32, u32, TwoFaced> = DashMap::with_hasher(TwoFaced::default());
    for key in 0..500 {
        assert_eq!(map.insert(key, key), None);
        *map.entry(key).or_insert(0) += 1;
        map.alter(&key, |_, value| value + 1);
        assert_eq!(map.view(&key, |_, value| *value), Some(key + 2));
        assert_eq!(map.get(&key).map(|value| *value), Some(key + 2));
    }
    assert_eq!(map.len(), 500);
    assert!((0..500).all(|key| map.remove_if(&key, |_, value| *value == key + 2).is_some()));
}

#[test]
fn guards_go_to_other_threads_and_their_parts_stay() {
    fn goes<T: Send + Sync>() {}
    goes::<Ref<'_, String, u8>>();
    goes::<RefMut<'_, String, u8>>();
    goes::<RefMulti<'_, String, u8>>();
    goes::<RefMutMulti<'_, String, u8>>();
    goes::<OccupiedEntry<'_, String, u8>>();
    goes::<VacantEntry<'_, String, u8>>();
    goes::<iter::Iter<'_, String, u8, RandomState, DashMap<String, u8>>>();
    goes::<iter::IterMut<'_, String, u8, RandomState, DashMap<String, u8>>>();

    /// `true` by the inherent method alone, which only what is `Send` has.
    struct IsSend<T>(std::marker::PhantomData<T>);
    trait NotSend {
        fn is_send(&self) -> bool {
            false
        }
    }
    impl<T> NotSend for IsSend<T> {}
    impl<T: Send> IsSend<T> {
        fn is_send(&self) -> bool {
            true
        }
    }
    assert!(IsSend::<Ref<'_, String, u8>>(std::marker::PhantomData).is_send());
    assert!(!IsSend::<MappedRef<'_, String, u8, u8>>(std::marker::PhantomData).is_send());
    assert!(!IsSend::<MappedRefMut<'_, String, u8, u8>>(std::marker::PhantomData).is_send());
}

/// A key that says, when it goes, whether its shard is locked.
struct Goes(String, &'static str);

impl PartialEq for Goes {
    fn eq(&self, other: &Goes) -> bool {
        self.0 == other.0
    }
}

impl Eq for Goes {}

impl std::hash::Hash for Goes {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl std::borrow::Borrow<String> for Goes {
    fn borrow(&self) -> &String {
        &self.0
    }
}

static GOING: std::sync::LazyLock<DashMap<Goes, u8>> = std::sync::LazyLock::new(DashMap::new);

thread_local! {
    static GONE: std::cell::RefCell<Vec<(&'static str, bool)>> = const { std::cell::RefCell::new(Vec::new()) };
}

impl Drop for Goes {
    fn drop(&mut self) {
        let is_locked = GOING.try_get_mut(&self.0).is_locked();
        GONE.with_borrow_mut(|gone| gone.push((self.1, is_locked)));
    }
}

#[test]
fn keys_go_when_the_originals_go() {
    fn key(mark: &'static str) -> Goes {
        Goes("one".to_owned(), mark)
    }
    let gone = || GONE.with_borrow_mut(std::mem::take);
    GOING.insert(key("first"), 1);
    GOING.insert(key("again"), 2);
    assert_eq!(gone(), [("again", false)]);
    match GOING.entry(key("asked")) {
        Entry::Occupied(entry) => assert_eq!(entry.remove(), 2),
        Entry::Vacant(_) => panic!("it is there"),
    }
    assert_eq!(gone(), [("first", true), ("asked", false)]);
    GOING.insert(key("second"), 3);
    match GOING.entry(key("asked")) {
        Entry::Occupied(entry) => drop(entry.remove_entry()),
        Entry::Vacant(_) => panic!("it is there"),
    }
    assert_eq!(gone(), [("asked", false), ("second", false)]);
    GOING.insert(key("third"), 4);
    match GOING.entry(key("asked")) {
        Entry::Occupied(entry) => drop(entry.replace_entry(5)),
        Entry::Vacant(_) => panic!("it is there"),
    }
    assert_eq!(gone(), [("third", false)]);
    drop(GOING.remove(&"one".to_owned()));
    assert_eq!(gone(), [("asked", false)]);
}
