//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: the arm of a vacant entry asks how many there are.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (entry) + SITE-B (len)
use dashmap::mapref::entry::Entry; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT

struct Peers(DashMap<String, u16>);

impl Peers {
    fn is_full(&self) -> bool {
        self.0.len() >= 3 // SITE-B
    }

    fn add(&self, name: &str, port: u16) -> bool {
        match self.0.entry(name.to_owned()) { // SITE-A
            Entry::Occupied(mut there) => {
                there.insert(port);
                true
            }
            Entry::Vacant(_) if self.is_full() => false,
            Entry::Vacant(place) => {
                place.insert(port);
                true
            }
        }
    }
}

fn main() {
    let peers = Peers(DashMap::new());
    peers.add("a", 1);
    println!("NO-SYMPTOM");
}
