//! TRAP: guards of two maps at once, always in one order; mapped and split guards of one value; guards in a struct that
//! goes before the next call.
use dashmap::mapref::one::Ref; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard}; // MAP-IMPORT
use std::cell::{RefCell, RefMut}; // MAP-IMPORT

struct View<'a> {
    user: Ref<'a, u32, String>,
    role: Ref<'a, String, u8>,
}

struct Directory {
    users: DashMap<u32, String>,
    roles: DashMap<String, u8>,
    last: Mutex<(u32, u8)>,
}

impl Directory {
    fn view(&self, id: u32) -> Option<View<'_>> {
        let user = self.users.get(&id)?;
        let role = self.roles.get(user.value())?;
        Some(View { user, role })
    }

    fn last_role(&self) -> MappedMutexGuard<'_, u8> {
        MutexGuard::map(self.last.lock(), |last| &mut last.1)
    }
}

fn main() {
    let directory = Directory { users: DashMap::new(), roles: DashMap::new(), last: Mutex::new((0, 0)) };
    for id in 0..10 {
        directory.users.insert(id, format!("user {}", id % 3));
        directory.roles.insert(format!("user {}", id % 3), id as u8);
    }
    for id in 0..10 {
        let sum = directory.view(id).map(|view| view.user.len() + usize::from(*view.role));
        *directory.last_role() = sum.unwrap_or(0) as u8;
        directory.roles.insert(format!("user {id}"), 1);
        directory.users.remove(&(id + 100));
    }
    let pair = RefCell::new((vec![1], vec![2]));
    let (mut left, mut right) = RefMut::map_split(pair.borrow_mut(), |(left, right)| (left, right));
    std::mem::swap(&mut *left, &mut *right);
    drop((left, right));
    assert_eq!(pair.borrow().0, [2]);
}
