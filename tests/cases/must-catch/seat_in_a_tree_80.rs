//! CASE: 80
//! CLASS: d   MAP: std Mutex<BTreeMap>   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: is the seat free? (lock released) then it is booked (lock taken again): booked twice, in a tree.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: SITE-A (the check that went stale) + SITE-B (the insert over the other booking)
use std::collections::BTreeMap; // MAP-IMPORT
use std::sync::Barrier;
use std::sync::Mutex; // MAP-IMPORT

struct Hall {
    seats: Mutex<BTreeMap<(u32, u32), String>>,
    paying: Barrier,
}

impl Hall {
    fn is_free(&self, seat: (u32, u32)) -> bool {
        !self.seats.lock().unwrap().contains_key(&seat) // SITE-A
    }

    fn book(&self, seat: (u32, u32), guest: &str) -> bool {
        if !self.is_free(seat) {
            return false;
        }
        self.paying.wait();
        self.seats.lock().unwrap().insert(seat, guest.to_string()); // SITE-B
        true
    }
}

fn main() {
    let hall = Hall { seats: Mutex::new(BTreeMap::new()), paying: Barrier::new(2) };
    let sold = std::thread::scope(|scope| {
        let guests = ["ada", "bob"].map(|guest| {
            let hall = &hall;
            scope.spawn(move || hall.book((4, 12), guest))
        });
        guests.into_iter().map(|guest| guest.join().unwrap()).filter(|sold| *sold).count()
    });
    println!("sold {sold} times");
}
