//! One run, from its start until it has ended, or was ended.

use crate::cli::run;
use crate::model::Model;
use crate::model::program::Ending;
use crate::msg::Msg;
use crate::os::Leash;
use crate::source::child::Program;
use crate::source::{self, Feed};
use crate::stress::Stop;
use crate::stress::trial::{End, Trial};
use crate::update::update;
use crossbeam_channel::{Receiver, after, select};
use mapwatch_event::Nanos;
use std::time::{Duration, Instant};

/// How long a run may take to end when it was asked to, and when it was killed after that.
const TO_END: Duration = Duration::from_secs(2);
/// How often it is shown that something goes on.
const PERIOD: Duration = Duration::from_millis(200);

/// A run to make.
pub(super) struct Turn<'a> {
    pub(super) program: &'a Program,
    pub(super) seed: u64,
    /// A run that takes longer hangs.
    pub(super) limit: Duration,
    /// What is left for all runs.
    pub(super) left: Option<Duration>,
    pub(super) signals: &'a Receiver<i32>,
}

/// What became of it.
pub(super) enum Outcome {
    /// It counts.
    Over(Box<Trial>),
    /// It was broken off, or not begun.
    Stopped(Stop),
}

/// Why a run is ended before it ends by itself.
#[derive(Clone, Copy)]
enum Cut {
    Hung,
    Stop(Stop),
}

/// Ends a run, more roughly each time.
struct Ender {
    leash: Leash,
    cut: Option<Cut>,
    times: u32,
}

impl Ender {
    /// The first reason stays. False where nothing is left to be done: whoever lives on is the kernel's.
    fn end(&mut self, why: Cut) -> bool {
        self.cut.get_or_insert(why);
        self.times += 1;
        match self.times {
            1 => self.leash.terminate(),
            2 => self.leash.kill(),
            _ => return false,
        }
        true
    }
}

impl Turn<'_> {
    /// Makes it; calls `show` now and then.
    pub(super) fn take(&self, mut show: impl FnMut()) -> anyhow::Result<Outcome> {
        if self.left.is_some_and(|left| left.is_zero()) {
            return Ok(Outcome::Stopped(Stop::Time));
        }
        if self.signals.try_recv().is_ok() {
            return Ok(Outcome::Stopped(Stop::Asked));
        }
        let (feed, messages) = Feed::new();
        let (wall, began) = (source::wall(), Instant::now());
        let started = run::start(self.program, feed)?;
        let mut ender = Ender { leash: started.leash, cut: None, times: 0 };
        let mut model = Model::default();
        self.listen(&messages, &mut model, &mut ender, &mut show);
        // What it has left behind in its group ends with it.
        ender.leash.kill();
        let took = Nanos::from(began.elapsed());
        let ending = model.world.program.as_ref().and_then(|program| program.ending.clone());
        let end = match ender.cut {
            Some(Cut::Stop(stop)) => return Ok(Outcome::Stopped(stop)),
            Some(Cut::Hung) => End::Hung,
            None => End::Itself(ending.unwrap_or(Ending::Unknown)),
        };
        Ok(Outcome::Over(Box::new(Trial::of(&model.world, self.seed, wall, took, end))))
    }

    /// Takes everything in until the run is over.
    fn listen(&self, messages: &Receiver<Msg>, model: &mut Model, ender: &mut Ender, show: &mut dyn FnMut()) {
        let began = Instant::now();
        let (span, late) = match self.left {
            Some(left) if left < self.limit => (left, Cut::Stop(Stop::Time)),
            _ => (self.limit, Cut::Hung),
        };
        let mut time_up = after(span);
        let mut shown: Option<Instant> = None;
        while !model.world.ended {
            if shown.is_none_or(|shown| shown.elapsed() >= PERIOD) {
                show();
                shown = Some(Instant::now());
            }
            let why = select! {
                recv(messages) -> msg => {
                    let Ok(msg) = msg else { return };
                    update(model, Msg::Tick(began.elapsed()));
                    update(model, msg);
                    continue;
                }
                recv(self.signals) -> _ => Cut::Stop(Stop::Asked),
                recv(time_up) -> _ => late,
                default(PERIOD) => continue,
            };
            time_up = after(TO_END);
            if !ender.end(why) {
                return;
            }
        }
    }
}
