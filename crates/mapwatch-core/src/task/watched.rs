//! A future with a life.
//!
//! A bell serves whoever follows lives. Where accesses are only checked there is nobody, and the future is polled with
//! the waker that its executor gave.

use super::letting_go;
use super::life::{Cut, Life};
use super::presence::{self, Standing};
use crate::policy::{self, Mode};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};

/// What a watched future hands to whatever it waits for: it knows who rings it, and whether anybody still can.
#[derive(Debug)]
pub struct Bell {
    life: Arc<Life>,
    outer: Mutex<Waker>,
}

/// References to a bell that its own future keeps.
const OWN: usize = 2;

impl Bell {
    /// Rings for `outer` from now on; gives the identity of the clone that it keeps.
    fn set(&self, outer: &Waker) -> Identity {
        let kept = outer.clone();
        let identity = Identity::of(&kept);
        let mut place = self.outer.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, kept);
        drop(place);
        // An executor's destructor may do anything, also ring this bell.
        drop(before);
        identity
    }

    /// Whether nobody but its future has it: nobody can ring it any more.
    pub(super) fn is_forgotten(bell: &Weak<Bell>) -> bool {
        bell.strong_count() <= OWN
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Bell>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Bell>) {
        self.life.wake();
        let outer = self.outer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        outer.wake();
    }
}

/// Watching of one future: its life, and the bell once it was polled.
#[derive(Debug)]
struct Watch {
    life: Arc<Life>,
    standing: Standing,
    hung: Option<Hung>,
}

/// A bell, as its future has it.
#[derive(Debug)]
struct Hung {
    bell: Arc<Bell>,
    /// The same as a waker.
    waker: Waker,
    /// Whom it rings for: only its future changes that, and asks here instead of taking the bell's lock.
    outer: Identity,
}

/// Where a waker's data and functions are. Two that agree in both, while one of them is kept, wake the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity(usize, usize);

impl Identity {
    fn of(waker: &Waker) -> Identity {
        Identity(waker.data().addr(), std::ptr::from_ref(waker.vtable()).addr())
    }
}

/// The waker that the future inside is polled with while lives are followed.
fn ring_through<'a>(hung: &'a mut Option<Hung>, life: &Arc<Life>, outer: &Waker) -> &'a Waker {
    let hung = hung.get_or_insert_with(|| {
        // The clone is the one that is kept, and it may be elsewhere than what it was made from.
        let kept = outer.clone();
        let identity = Identity::of(&kept);
        let bell = Arc::new(Bell { life: Arc::clone(life), outer: Mutex::new(kept) });
        if let Some(story) = life.story() {
            let _ = story.bell.set(Arc::downgrade(&bell));
        }
        Hung { waker: Waker::from(Arc::clone(&bell)), bell, outer: identity }
    });
    if hung.outer != Identity::of(outer) {
        hung.outer = hung.bell.set(outer);
    }
    &hung.waker
}

pin_project! {
    /// A future whose life is told: spawned, polled, woken, idle, completed, panicked, cancelled, never polled.
    ///
    /// It runs on any executor. Watching costs two readings of the clock a poll while somebody records, and a few
    /// nanoseconds while nobody does.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Watched<F> {
        #[pin]
        future: Option<F>,
        watch: Option<Watch>,
        done: bool,
    }

    impl<F> PinnedDrop for Watched<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let Some(watch) = this.watch.take() else { return };
            if *this.done || watch.life.end().is_some() {
                return;
            }
            watch.life.appear();
            let cut = watch.life.being_dropped();
            let mut future = this.future;
            // Whatever the future's destructors do is still the task's doing.
            let drop = || presence::as_owner(&watch.life, || future.set(None));
            let let_go = letting_go::during(drop);
            watch.life.dropped(Cut { let_go, ..cut });
        }
    }
}

impl<F> Watched<F> {
    /// Watches a future that is a task of its own: what it locks is its own.
    pub fn task(future: F, life: Option<Arc<Life>>) -> Watched<F> {
        Watched::new(future, life, Standing::Task)
    }

    /// Watches a future that is part of a task, if there is one around it where it is polled.
    pub fn part(future: F, life: Option<Arc<Life>>) -> Watched<F> {
        Watched::new(future, life, Standing::Part)
    }

    fn new(future: F, life: Option<Arc<Life>>, standing: Standing) -> Watched<F> {
        let watch = life.map(|life| Watch { life, standing, hung: None });
        Watched { future: Some(future), watch, done: false }
    }

    /// Its life; `None` where nothing is watched.
    #[must_use]
    pub fn life(&self) -> Option<&Arc<Life>> {
        self.watch.as_ref().map(|watch| &watch.life)
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future.as_pin_mut().expect("it is there until it is dropped");
        let Some(watch) = this.watch.as_mut().filter(|_| policy::mode() != Mode::Off) else {
            return future.poll(cx);
        };
        let Watch { life, standing, hung } = watch;
        let follows = !policy::only_checks();
        if follows && life.count() == 0 {
            super::coverage::meet(life);
        }
        let waker = if follows { ring_through(hung, life, cx.waker()) } else { cx.waker() };
        let entered = presence::enter(life, *standing);
        let answer = future.poll(&mut Context::from_waker(waker));
        drop(entered);
        if answer.is_ready() {
            *this.done = true;
            life.complete();
        }
        if follows {
            super::coverage::sample();
        }
        answer
    }
}
