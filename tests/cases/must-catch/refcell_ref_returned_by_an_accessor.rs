//! CLASS: b   MAP: RefCell<BTreeMap> in a thread local   DETERMINISTIC: yes
//! PATTERN: an accessor gives a `Ref` of a part; the loop over it calls what changes the whole.
//! EXPECT-CATEGORY: reentrant-borrow
//! EXPECT-SITES: SITE-A (items) + SITE-B (drop_item)
use std::cell::{Ref, RefCell}; // MAP-IMPORT
use std::collections::BTreeMap; // MAP-IMPORT

struct Cart {
    items: RefCell<BTreeMap<u32, u32>>,
}

impl Cart {
    fn items(&self) -> Ref<'_, BTreeMap<u32, u32>> {
        Ref::map(self.items.borrow(), |items| items) // SITE-A
    }

    fn drop_item(&self, item: u32) -> Option<u32> {
        self.items.borrow_mut().remove(&item) // SITE-B
    }
}

fn main() {
    let cart = Cart { items: RefCell::new((0..3).map(|n| (n, n)).collect()) };
    for (item, count) in cart.items().iter() {
        if *count == 0 {
            cart.drop_item(*item);
        }
    }
    println!("NO-SYMPTOM");
}
