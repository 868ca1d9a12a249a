//! How the second side of a conflict gets the first one's testimony.
//!
//! The attempt files a summons under the map's key, sets `CONTESTED`, and waits a bounded time. The holder sees
//! the bit when its operation ends and answers every summons under the key while it is still inside. Whoever
//! never answers (it is suspended, blocked, or left just before the bit was set) is described without a stack.

use crate::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// One question, and its answer when it comes.
#[derive(Debug)]
pub struct Summons<T> {
    key: u64,
    answer: Mutex<Option<T>>,
    answered: Condvar,
}

impl<T> Summons<T> {
    /// Waits until an answer comes, `still_inside` says that none will, or `limit` is over.
    ///
    /// `still_inside` is asked every millisecond; one last look follows its first `false`, because a holder
    /// answers before it leaves.
    pub fn wait(&self, limit: Duration, still_inside: impl Fn() -> bool) -> Option<T> {
        let began = Instant::now();
        let mut answer = lock(&self.answer);
        loop {
            if let Some(answer) = answer.take() {
                return Some(answer);
            }
            let inside = still_inside();
            if let Some(answer) = answer.take() {
                return Some(answer);
            }
            if !inside || began.elapsed() >= limit {
                return None;
            }
            answer = self.wait_a_little(answer);
        }
    }

    #[cfg(not(loom))]
    fn wait_a_little<'a>(&'a self, answer: MutexGuard<'a, Option<T>>) -> MutexGuard<'a, Option<T>> {
        match self.answered.wait_timeout(answer, Duration::from_millis(1)) {
            Ok((answer, _)) => answer,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }

    /// Loom has no time: it lets the others run instead.
    #[cfg(loom)]
    fn wait_a_little<'a>(&'a self, answer: MutexGuard<'a, Option<T>>) -> MutexGuard<'a, Option<T>> {
        drop(answer);
        loom::thread::yield_now();
        lock(&self.answer)
    }
}

/// All open questions.
#[derive(Debug)]
pub struct Docket<T> {
    open: Mutex<Vec<Arc<Summons<T>>>>,
}

impl<T> Docket<T> {
    /// A docket with no open question.
    #[cfg(not(loom))]
    #[must_use]
    pub const fn new() -> Docket<T> {
        Docket { open: Mutex::new(Vec::new()) }
    }

    /// A docket with no open question.
    #[cfg(loom)]
    #[must_use]
    pub fn new() -> Docket<T> {
        Docket { open: Mutex::new(Vec::new()) }
    }

    /// Files a question under `key`; set the bit afterwards.
    pub fn file(&self, key: u64) -> Arc<Summons<T>> {
        let summons = Arc::new(Summons { key, answer: Mutex::new(None), answered: Condvar::new() });
        lock(&self.open).push(Arc::clone(&summons));
        summons
    }

    /// Answers every open question under `key`; `testimony` is made once for each.
    pub fn answer(&self, key: u64, mut testimony: impl FnMut() -> T) {
        let asked: Vec<_> = {
            let mut open = lock(&self.open);
            let (asked, rest) = open.drain(..).partition(|summons| summons.key == key);
            *open = rest;
            asked
        };
        for summons in asked {
            *lock(&summons.answer) = Some(testimony());
            summons.answered.notify_all();
        }
    }

    /// Withdraws a question, answered or not.
    pub fn withdraw(&self, summons: &Arc<Summons<T>>) {
        lock(&self.open).retain(|open| !Arc::ptr_eq(open, summons));
    }
}

impl<T> Default for Docket<T> {
    fn default() -> Docket<T> {
        Docket::new()
    }
}

/// None of our own code panics while it holds one of these locks, so poison tells nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
