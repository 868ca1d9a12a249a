//! CLASS: b   MAP: RefCell<Vec>   DETERMINISTIC: yes
//! PATTERN: a double buffer whose two sides are one.
//! EXPECT-CATEGORY: reentrant-borrow
//! EXPECT-SITES: SITE-A SITE-B (one call)
use std::cell::RefCell; // MAP-IMPORT
use std::rc::Rc;

fn main() {
    let front = Rc::new(RefCell::new(vec![1]));
    let back = front.clone();
    front.swap(&back); // SITE-A // SITE-B
    println!("NO-SYMPTOM");
}
