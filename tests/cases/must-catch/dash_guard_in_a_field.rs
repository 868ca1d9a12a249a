//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: a handle has the guard in a field; a method of the registry is called while the handle lives.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (get_mut) + SITE-B (alter)
use dashmap::mapref::one::RefMut; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT

struct Handle<'a> {
    room: RefMut<'a, u32, Vec<String>>,
}

struct Rooms {
    rooms: DashMap<u32, Vec<String>>,
}

impl Rooms {
    fn open(&self, id: u32) -> Option<Handle<'_>> {
        self.rooms.get_mut(&id).map(|room| Handle { room }) // SITE-A
    }

    fn trim(&self, id: u32) {
        self.rooms.alter(&id, |_, lines| lines.into_iter().rev().take(2).collect()); // SITE-B
    }
}

impl Handle<'_> {
    fn say(&mut self, rooms: &Rooms, line: &str) {
        self.room.push(line.to_owned());
        if self.room.len() > 2 {
            rooms.trim(*self.room.key());
        }
    }
}

fn main() {
    let rooms = Rooms { rooms: DashMap::new() };
    rooms.rooms.insert(1, Vec::new());
    let mut handle = rooms.open(1).unwrap();
    for line in ["a", "b", "c"] {
        handle.say(&rooms, line);
    }
    println!("NO-SYMPTOM");
}
