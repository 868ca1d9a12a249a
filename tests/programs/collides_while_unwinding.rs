//! A destructor uses a map that a guard further up still holds, while a panic unwinds: the second conflict must
//! not turn the panic into an abort. Exits with 0 when the panic could be caught, and the map is whole.

use mapwatch::SharedMap;

struct Farewell<'a>(&'a SharedMap<u32, u32>);

impl Drop for Farewell<'_> {
    fn drop(&mut self) {
        assert_eq!(self.0.insert(2, 2), None);
        assert!(!self.0.contains_key(&2));
        assert_eq!(self.0.iter().count(), 0);
        *self.0.entry(3).or_insert(3) += 1;
    }
}

fn main() {
    let map: SharedMap<u32, u32> = SharedMap::from([(1, 1)]);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut held = map.get_mut(&1).expect("there is one");
        let _farewell = Farewell(&map);
        *held += 1;
        panic!("the first panic");
    }));
    assert!(outcome.is_err());
    assert_eq!(map.get_cloned(&1), Some(2));
    assert_eq!(map.len(), 1);
}
