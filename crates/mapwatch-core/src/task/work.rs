//! A closure with a life: blocking work, a thread, a scope.

use super::life::Life;
use super::presence::{self, Standing};
use crate::thread;
use mapwatch_event::TaskKind;
use std::sync::Arc;

/// A closure's life before the closure runs; one that never does is told as such.
#[derive(Debug)]
pub struct Work(Option<Arc<Life>>);

impl Work {
    /// Work with this life; with none, nothing is watched.
    #[must_use]
    pub fn new(life: Option<Arc<Life>>) -> Work {
        Work(life)
    }

    /// Runs it, on the thread that calls.
    pub fn run<R>(mut self, act: impl FnOnce() -> R) -> R {
        let Some(life) = self.0.take() else { return act() };
        match life.kind {
            TaskKind::Thread => thread::adopt(&life),
            TaskKind::Blocking => super::coverage::meet(&life),
            _ => {}
        }
        let entered = presence::enter(&life, Standing::Task);
        let answer = act();
        drop(entered);
        life.complete();
        answer
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(life) = self.0.take() {
            life.appear();
            let cut = life.being_dropped();
            life.dropped(cut);
        }
    }
}
