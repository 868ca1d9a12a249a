//! A future with a life.

use super::letting_go;
use super::life::Life;
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
    fn set(&self, outer: &Waker) {
        self.outer.lock().unwrap_or_else(PoisonError::into_inner).clone_from(outer);
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
    bell: Option<(Arc<Bell>, Waker)>,
}

impl Watch {
    /// The waker that the future inside is polled with.
    fn ring_through<'a>(&'a mut self, outer: &Waker) -> &'a Waker {
        let Watch { life, bell, .. } = self;
        let (bell, waker) = bell.get_or_insert_with(|| {
            let bell = Arc::new(Bell { life: Arc::clone(life), outer: Mutex::new(outer.clone()) });
            let _ = life.bell.set(Arc::downgrade(&bell));
            (Arc::clone(&bell), Waker::from(bell))
        });
        bell.set(outer);
        waker
    }
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
            let (cancel, holding) = watch.life.being_dropped();
            let mut future = this.future;
            // Whatever the future's destructors do is still the task's doing.
            let drop = || presence::as_owner(&watch.life, || future.set(None));
            let let_go = letting_go::during(drop);
            watch.life.dropped(cancel, holding, let_go);
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
        let watch = life.map(|life| Watch { life, standing, bell: None });
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
        if watch.life.count() == 0 {
            super::coverage::meet(&watch.life);
        }
        let (life, standing) = (Arc::clone(&watch.life), watch.standing);
        let waker = watch.ring_through(cx.waker());
        let entered = presence::enter(&life, standing);
        let answer = future.poll(&mut Context::from_waker(waker));
        drop(entered);
        if answer.is_ready() {
            *this.done = true;
            life.complete();
        }
        super::coverage::sample();
        answer
    }
}
