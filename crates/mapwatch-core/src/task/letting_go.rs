//! What a future lets go of as it is dropped: waits that are broken off, guards that are given back.
//!
//! Whoever ends a wait or gives a guard back says so to the recorder, on the thread that does it; while a watched
//! future is dropped here, it is said to its life, too. So nobody has to look for them: a thousand tasks that wait
//! for one lock are dropped in the time of a thousand drops.

use crate::recorder::Span;
use crate::site::StaticSite;
use mapwatch_event::Nanos;
use std::cell::{Cell, RefCell};

/// Kept of one life; the first ones, which are innermost.
const KEPT: usize = 16;

/// One wait or guard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LetGo {
    pub(crate) what: Span,
    pub(crate) map: u64,
    pub(crate) site: StaticSite,
    pub(crate) span: Nanos,
}

thread_local! {
    /// One list for each future that is being dropped on this thread, the outermost first.
    static OPEN: RefCell<Vec<Vec<LetGo>>> = const { RefCell::new(Vec::new()) };
    /// How many there are: while there is none, a guard pays for this look alone.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Does `drop`, and tells what was let go of meanwhile.
pub(super) fn during(drop: impl FnOnce()) -> Vec<LetGo> {
    /// Closes the list, also when a destructor panics.
    struct Open(bool);

    impl Open {
        fn close(&mut self) -> Option<Vec<LetGo>> {
            if !std::mem::take(&mut self.0) {
                return None;
            }
            DEPTH.set(DEPTH.get() - 1);
            with(Vec::pop).flatten()
        }
    }

    impl Drop for Open {
        fn drop(&mut self) {
            self.close();
        }
    }

    let is_open = with(|open| open.push(Vec::new())).is_some();
    DEPTH.set(DEPTH.get() + usize::from(is_open));
    let mut open = Open(is_open);
    drop();
    open.close().unwrap_or_default()
}

/// A wait or a guard ends on this thread.
#[inline]
pub(crate) fn note(what: Span, map: u64, site: StaticSite, span: Nanos) {
    if DEPTH.get() == 0 {
        return;
    }
    with(|open| {
        for list in open.iter_mut().filter(|list| list.len() < KEPT) {
            list.push(LetGo { what, map, site, span });
        }
    });
}

/// The lists; `None` where the thread is about to end.
fn with<R>(act: impl FnOnce(&mut Vec<Vec<LetGo>>) -> R) -> Option<R> {
    OPEN.try_with(|open| open.try_borrow_mut().ok().map(|mut open| act(&mut open))).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, Location, catch_unwind};

    #[test]
    fn each_future_has_what_went_with_it_and_with_those_inside() {
        let at = Location::caller();
        let tell = |map| note(Span::Held, map, at, Nanos(1));
        let mut inner = Vec::new();
        tell(1);
        let outer = during(|| {
            tell(2);
            inner = during(|| tell(3));
            let panicked = catch_unwind(AssertUnwindSafe(|| during(|| panic!("a destructor"))));
            assert!(panicked.is_err());
            tell(4);
        });
        tell(5);
        let maps = |all: &[LetGo]| all.iter().map(|one| one.map).collect::<Vec<_>>();
        assert_eq!((maps(&outer), maps(&inner)), (vec![2, 3, 4], vec![3]));
        let many = during(|| (0..100).for_each(tell));
        assert_eq!(many.len(), KEPT);
    }
}
