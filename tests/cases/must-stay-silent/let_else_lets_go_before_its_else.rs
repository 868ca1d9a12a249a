//! TRAP: the temporaries of a `let … else` are gone before the `else` runs, those of a plain `if` before its body.
use dashmap::DashMap; // MAP-IMPORT
use std::cell::RefCell; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::RwLock; // MAP-IMPORT

fn id(names: &RwLock<HashMap<String, usize>>, name: &str) -> usize {
    let Some(id) = names.read().unwrap().get(name).copied() else {
        let mut names = names.write().unwrap();
        let next = names.len();
        return *names.entry(name.to_owned()).or_insert(next);
    };
    id
}

fn hit(hits: &DashMap<u32, u32>, page: u32) {
    if hits.get(&page).is_some_and(|hits| *hits > 2) {
        hits.remove(&page);
    }
    let Some(count) = hits.get(&page).map(|hits| *hits) else {
        hits.insert(page, 1);
        return;
    };
    hits.insert(page, count + 1);
}

fn main() {
    let names = RwLock::new(HashMap::new());
    let hits = DashMap::new();
    let stack = RefCell::new(vec![1]);
    for turn in 0..20 {
        id(&names, ["a", "b", "c"][turn % 3]);
        hit(&hits, turn as u32 % 4);
        if stack.borrow().len() < 5 {
            stack.borrow_mut().push(turn);
        }
        let Some(_top) = stack.borrow_mut().pop() else { stack.borrow_mut().push(0); continue };
        stack.borrow_mut().push(turn);
    }
}
