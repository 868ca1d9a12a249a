//! A container that lies in a lock, taken as a whole: who asked whether it is empty, or copied it, and who then put
//! another in its place (`*lock.write() = next`).
//!
//! Nothing tells of such a store, but the old container is dropped where it lies, and whoever does that holds the
//! lock. A lock's place is known from the first look on that was made under it, and under no other guard; the lock
//! has the history, because the containers come and go.

use super::page::{Deed, Doer, Earlier, Seen};
use super::{Key, Leaf, Place, Suspicion, Trail, sites};
use crate::entry::{self, Entry};
use crate::guard::{self, Mode};
use crate::site::StaticSite;
use crate::thread;
use mapwatch_event::{MapKind, Operation};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether any place is known.
static ANY: AtomicBool = AtomicBool::new(false);

/// The calling actor saw that the container at `address` is empty, or copied it; `site` is where.
#[cold]
pub(crate) fn looked(container: &Entry, address: u64, operation: Operation, site: StaticSite) {
    let mut holds = guard::held_on(thread::desk());
    let (Some(hold), None) = (holds.next(), holds.next()) else { return };
    let Some(lock) = entry::find(hold.map).filter(|lock| is_lock(lock.kind)) else { return };
    ANY.store(true, Relaxed);
    lock.home.store(address, Relaxed);
    container.lock.store(lock.id.0, Relaxed);
    let copied = operation == Operation::Clone;
    let trail = Trail::new(&lock, site);
    sites::looked(site, container.shape);
    trail.write_look(Key::WHOLE, trail.doer(operation), Seen { present: copied, value: copied, ..Seen::ALL });
}

/// The container `container` was changed.
#[inline]
pub(super) fn changed(container: &Entry, by: Doer, deed: Deed) {
    let lock = container.lock.load(Relaxed);
    if lock != 0 {
        let place = Place { map: lock, key: Key::WHOLE };
        let leaf = Leaf::of(place);
        match leaf.open() {
            Some(mut page) => page.change(place, by, deed, 0),
            None => _ = leaf.void.fetch_add(1, Relaxed),
        }
    }
}

/// A container at `address` is about to be dropped.
#[inline]
pub(crate) fn dropped(address: u64) -> Suspicion {
    if ANY.load(Relaxed) { dropped_anywhere(address) } else { Suspicion::NONE }
}

#[cold]
fn dropped_anywhere(address: u64) -> Suspicion {
    let exclusive = guard::held_on(thread::desk()).filter(|hold| hold.mode == Mode::Exclusive);
    let at_home = |lock: &Arc<Entry>| is_lock(lock.kind) && lock.home.load(Relaxed) == address;
    let held = exclusive.filter_map(|hold| Some((entry::find(hold.map).filter(at_home)?, hold)));
    let Some((lock, hold)) = held.last() else { return Suspicion::NONE };
    let trail = Trail::new(&lock, hold.site);
    let (by, place) = (trail.doer(hold.operation), trail.place(Key::WHOLE));
    let leaf = Leaf::of(place);
    let Some(mut page) = leaf.open() else {
        leaf.void.fetch_add(1, Relaxed);
        return Suspicion::NONE;
    };
    let earlier = page.use_look(place, by.actor, trail.valid(leaf));
    let record = page.record(place);
    page.change(place, by, Deed::Replaced, 0);
    drop(page);
    match earlier {
        Earlier::Look(_) => trail.judge(by, Deed::Replaced, earlier, record),
        // Who replaces it unseen, as a reload does, overtakes others, and relies on nothing.
        Earlier::None | Earlier::Unknown => Suspicion::NONE,
    }
}

/// Whether what lies in it can be put in another's place.
pub(super) const fn is_lock(kind: MapKind) -> bool {
    matches!(kind, MapKind::Mutex | MapKind::RwLock)
}
