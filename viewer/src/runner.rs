//! The loops: with screens, and without.
//!
//! With screens, keys come before events, frames at most thirty a second and only when something changed; with
//! nothing to do, the loop sleeps. Without, the messages are taken in until the sources have ended.

pub mod effects;
pub mod input;
pub(crate) mod reading;

use crate::keymap::{self, Mode};
use crate::model::Model;
use crate::msg::{Msg, PromptEdit};
use crate::os::{self, Asked};
use crate::source::player;
use crate::update::{Effect, update};
use crate::{terminal, view};
use anyhow::{Context as _, bail};
use crossbeam_channel::{Receiver, Sender, never, select_biased, unbounded};
use input::{Input, Pressed};
use reading::Reading;
use std::time::{Duration, Instant};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// How often the picture moves by itself: ages, rates.
const MOVE: Duration = Duration::from_millis(500);
/// How long events are taken in before keys are looked at again.
const SLICE: Duration = Duration::from_millis(8);

/// How a loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The user quit, or the sources ended.
    Done,
    /// A signal asked for it.
    BySignal(i32),
}

/// What wakes the loop beside keys and events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wake {
    Signal(Asked),
    Panicked,
}

/// Shows the screens until the user quits.
///
/// # Errors
///
/// Where the terminal cannot be used, or a thread of the viewer panicked.
pub fn with_screens(mut model: Model, feed: &Receiver<Msg>) -> anyhow::Result<(Model, Left)> {
    let (wake, woken) = unbounded();
    let on_signal = wake.clone();
    os::on_signals(move |asked| {
        // The loop may have ended already.
        let _ = on_signal.send(Wake::Signal(asked));
    })
    .context("the signal handlers could not be installed")?;
    let (screens, guard) = terminal::take(move || {
        let _ = wake.send(Wake::Panicked);
    })
    .context("the terminal could not be set up")?;
    let size = screens.size()?;
    update(&mut model, Msg::Resized(size.width, size.height));
    terminal::mouse(model.ui.look.mouse).context("the terminal is gone")?;
    let input = Input::start().context("the keyboard could not be read")?;
    let mut runner = Runner {
        model,
        screens,
        input,
        woken,
        start: Instant::now(),
        drawn: None,
        dirty: true,
        moved: Instant::now(),
        answers: unbounded(),
    };
    let left = runner.run(feed);
    drop(guard);
    Ok((runner.model, left?))
}

struct Runner {
    model: Model,
    screens: terminal::Screens,
    input: Input,
    woken: Receiver<Wake>,
    start: Instant,
    drawn: Option<Instant>,
    dirty: bool,
    moved: Instant,
    /// What effects answer that take their time: journeys through recorded time, reports.
    answers: (Sender<Msg>, Receiver<Msg>),
}

impl Runner {
    fn run(&mut self, feed: &Receiver<Msg>) -> anyhow::Result<Left> {
        let mut feed = feed.clone();
        loop {
            self.draw_if_due()?;
            let keys = self.input.pressed().clone();
            let woken = self.woken.clone();
            let answers = self.answers.1.clone();
            let left = select_biased! {
                recv(woken) -> wake => self.wake(wake?)?,
                recv(keys) -> pressed => self.press(pressed?)?,
                recv(answers) -> msg => self.take_in(msg?, &never())?,
                recv(feed) -> msg => match msg {
                    Ok(msg) => self.take_in(msg, &feed)?,
                    Err(_) => {
                        feed = never();
                        None
                    }
                },
                default(self.patience()) => self.tick(),
            };
            if let Some(left) = left {
                return Ok(left);
            }
        }
    }

    /// How long the loop may sleep.
    fn patience(&self) -> Duration {
        if self.dirty {
            return self.drawn.map_or(Duration::ZERO, |drawn| FRAME.saturating_sub(drawn.elapsed()));
        }
        if self.model.is_moving() {
            MOVE.saturating_sub(self.moved.elapsed())
        } else {
            Duration::from_secs(3600)
        }
    }

    fn draw_if_due(&mut self) -> anyhow::Result<()> {
        if !self.dirty || self.drawn.is_some_and(|drawn| drawn.elapsed() < FRAME) {
            return Ok(());
        }
        if !terminal::is_ours() {
            bail!("a thread of the viewer panicked");
        }
        self.tell(Msg::Tick(self.start.elapsed()))?;
        let mut measured = None;
        let model = &self.model;
        self.screens
            .draw(|frame| measured = Some(view::view(frame, model)))
            .context("the terminal is gone")?;
        if let Some(measured) = measured {
            self.tell(Msg::Measured(measured))?;
        }
        self.drawn = Some(Instant::now());
        self.dirty = false;
        Ok(())
    }

    fn tell(&mut self, msg: Msg) -> anyhow::Result<Option<Left>> {
        let Some(effect) = update(&mut self.model, msg) else { return Ok(None) };
        self.carry_out(effect)
    }

    fn tick(&mut self) -> Option<Left> {
        if self.moved.elapsed() >= MOVE {
            self.moved = Instant::now();
            update(&mut self.model, Msg::Tick(self.start.elapsed()));
            self.dirty = true;
        }
        None
    }

    /// Takes in a message and those behind it, for a while.
    fn take_in(&mut self, first: Msg, feed: &Receiver<Msg>) -> anyhow::Result<Option<Left>> {
        let began = Instant::now();
        self.tell(Msg::Tick(self.start.elapsed()))?;
        self.tell(first)?;
        while began.elapsed() < SLICE
            && let Ok(msg) = feed.try_recv()
        {
            self.tell(msg)?;
        }
        self.dirty = true;
        Ok(None)
    }

    fn press(&mut self, pressed: Pressed) -> anyhow::Result<Option<Left>> {
        self.dirty = true;
        // The clock first: a note that the key leaves behind counts its time from here.
        self.tell(Msg::Tick(self.start.elapsed()))?;
        let mode = match (&self.model.ui.prompt, &self.model.ui.menu) {
            (Some(_), _) => Mode::Prompt,
            (None, Some(_)) => Mode::Menu,
            (None, None) => Mode::Commands,
        };
        match pressed {
            Pressed::Key(key) => match keymap::message(&self.model.ui.keys.clone(), mode, key) {
                Some(msg) => self.tell(msg),
                None => Ok(None),
            },
            Pressed::Pasted(text) if mode == Mode::Prompt => {
                for c in text.chars() {
                    self.tell(Msg::Prompt(PromptEdit::Type(c)))?;
                }
                Ok(None)
            }
            // Pasted text is no series of commands.
            Pressed::Pasted(_) => Ok(None),
            Pressed::Mouse(mouse) => self.tell(Msg::Mouse(mouse)),
            Pressed::Resized(columns, rows) => self.tell(Msg::Resized(columns, rows)),
            Pressed::Lost => bail!("the terminal is gone"),
        }
    }

    fn wake(&mut self, wake: Wake) -> anyhow::Result<Option<Left>> {
        match wake {
            Wake::Panicked => bail!("a thread of the viewer panicked"),
            Wake::Signal(Asked::End(signal)) => Ok(Some(Left::BySignal(signal))),
            Wake::Signal(Asked::Suspend) => self.carry_out(Effect::Suspend),
        }
    }

    fn carry_out(&mut self, effect: Effect) -> anyhow::Result<Option<Left>> {
        match effect {
            Effect::Quit => return Ok(Some(Left::Done)),
            Effect::Suspend => {
                terminal::leave();
                let stopped = os::suspend();
                self.come_back()?;
                if let Err(error) = stopped {
                    self.note(format!("could not stop: {error}"));
                }
            }
            Effect::Repaint => self.repaint()?,
            Effect::Mouse(listens) => terminal::mouse(listens).context("the terminal is gone")?,
            Effect::Travel(journey) => {
                self.aside("mapview-travel", move || Msg::Travelled(Box::new(player::play(*journey))))?;
            }
            Effect::Write(format, world) => {
                self.aside("mapview-write", move || Msg::Written(format, effects::write(format, &world)))?;
            }
            Effect::Read(sites) => return self.tell(Msg::Source(effects::read(sites))),
            Effect::Copy(text) => {
                let told = effects::copy(&text);
                self.note(told);
            }
            Effect::Edit { site, executable } => {
                terminal::leave();
                let told = self.input.while_parked(|| effects::edit(&site, &executable));
                self.come_back()?;
                self.note(told);
            }
        }
        Ok(None)
    }

    /// Does what may take long on a thread of its own; the screens go on meanwhile.
    fn aside(&self, name: &str, work: impl FnOnce() -> Msg + Send + 'static) -> anyhow::Result<()> {
        let answers = self.answers.0.clone();
        let work = move || {
            // The viewer may have ended meanwhile.
            let _ = answers.send(work());
        };
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .context("no thread could be started")?;
        Ok(())
    }

    /// Draws everything anew. Not by clearing the terminal: that asks it where the cursor is, and one that is slow
    /// to answer would end the viewer.
    fn repaint(&mut self) -> anyhow::Result<()> {
        let size = self.screens.size()?;
        self.screens.resize(size.into()).context("the terminal is gone")
    }

    /// The terminal is ours again; what is on it is not known.
    fn come_back(&mut self) -> anyhow::Result<()> {
        terminal::enter().context("the terminal could not be set up again")?;
        terminal::mouse(self.model.ui.look.mouse).context("the terminal is gone")?;
        self.repaint()?;
        let size = self.screens.size()?;
        update(&mut self.model, Msg::Resized(size.width, size.height));
        self.dirty = true;
        Ok(())
    }

    fn note(&mut self, text: String) {
        if !text.is_empty() {
            update(&mut self.model, Msg::Told(text));
        }
        self.dirty = true;
    }
}

/// What the loop without screens does when somebody asks it to end.
pub trait Patience {
    /// A signal came, for the `times`-th time; whether to stop looking now.
    fn asked(&mut self, signal: i32, times: u32) -> bool;
}

/// Takes everything in until the sources have ended, time is up, or somebody asks to stop.
///
/// # Errors
///
/// Where the signal handlers cannot be installed.
pub fn without_screens(
    mut model: Model,
    feed: &Receiver<Msg>,
    until: Option<Duration>,
    patience: &mut dyn Patience,
) -> anyhow::Result<(Model, Left)> {
    let (signalled, signals): (Sender<i32>, Receiver<i32>) = unbounded();
    os::on_signals(move |asked| match asked {
        Asked::End(signal) => {
            let _ = signalled.send(signal);
        }
        Asked::Suspend => {
            let _ = os::suspend();
        }
    })
    .context("the signal handlers could not be installed")?;
    let start = Instant::now();
    let mut reading = Reading::begin();
    let time_up = until.map_or_else(never, crossbeam_channel::after);
    let mut times = 0;
    loop {
        select_biased! {
            recv(signals) -> signal => {
                times += 1;
                let signal = signal.unwrap_or_default();
                if patience.asked(signal, times) {
                    // What has arrived is looked at.
                    while let Ok(msg) = feed.try_recv() {
                        update(&mut model, msg);
                    }
                    return Ok((model, Left::BySignal(signal)));
                }
            }
            recv(time_up) -> _ => return Ok((model, Left::Done)),
            recv(feed) -> msg => {
                let Ok(msg) = msg else { return Ok((model, Left::Done)) };
                update(&mut model, Msg::Tick(start.elapsed()));
                update(&mut model, msg);
                reading.show(model.world.progress(), model.world.events);
                if model.world.ended {
                    return Ok((model, Left::Done));
                }
            }
        }
    }
}
