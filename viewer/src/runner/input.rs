//! The keyboard: a thread that turns the terminal's events into keys.
//!
//! While an editor has the terminal the thread is parked: otherwise it would read the editor's keys.

use crate::keymap::Key;
use crate::msg::Mouse;
use crossbeam_channel::{Receiver, Sender, unbounded};
use ratatui::crossterm::event::{
    self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the thread waits for a key before it looks whether it is to park.
const LOOK: Duration = Duration::from_millis(200);

/// What the terminal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// A key.
    Key(Key),
    /// Text was pasted.
    Pasted(String),
    /// Something was done with the mouse.
    Mouse(Mouse),
    /// The terminal has another size.
    Resized(u16, u16),
    /// The terminal is gone.
    Lost,
}

/// The thread.
#[derive(Debug)]
pub struct Input {
    pressed: Receiver<Pressed>,
    gate: Arc<Gate>,
}

#[derive(Debug, Default)]
struct Gate {
    state: Mutex<Parking>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Parking {
    wanted: bool,
    parked: bool,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, Parking> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, until: impl Fn(&Parking) -> bool) -> MutexGuard<'_, Parking> {
        self.changed
            .wait_while(self.lock(), |parking| !until(parking))
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, change: impl FnOnce(&mut Parking)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

impl Input {
    /// Starts to read.
    ///
    /// # Errors
    ///
    /// Where no thread could be started.
    pub fn start() -> io::Result<Input> {
        let (sender, pressed) = unbounded();
        let gate = Arc::new(Gate::default());
        let of_thread = Arc::clone(&gate);
        std::thread::Builder::new()
            .name("mapview-keys".to_owned())
            .spawn(move || read(&sender, &of_thread))?;
        Ok(Input { pressed, gate })
    }

    /// What was pressed.
    #[must_use]
    pub fn pressed(&self) -> &Receiver<Pressed> {
        &self.pressed
    }

    /// Runs something that has the keyboard for itself.
    pub fn while_parked<R>(&self, run: impl FnOnce() -> R) -> R {
        self.gate.set(|parking| parking.wanted = true);
        drop(self.gate.wait(|parking| parking.parked));
        let result = run();
        self.gate.set(|parking| parking.wanted = false);
        result
    }
}

fn read(pressed: &Sender<Pressed>, gate: &Gate) {
    loop {
        if gate.lock().wanted {
            gate.set(|parking| parking.parked = true);
            drop(gate.wait(|parking| !parking.wanted));
            gate.set(|parking| parking.parked = false);
        }
        let said = match event::poll(LOOK) {
            Ok(false) => continue,
            Ok(true) => event::read().map(understand),
            Err(error) => Err(error),
        };
        let sent = match said {
            Ok(Some(said)) => pressed.send(said),
            Ok(None) => continue,
            Err(_) => {
                // A parked or ended reader needs no answer.
                gate.set(|parking| parking.parked = true);
                let _ = pressed.send(Pressed::Lost);
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

fn understand(event: Event) -> Option<Pressed> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => key_of(key).map(Pressed::Key),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                Some(Pressed::Mouse(Mouse::Click(mouse.column, mouse.row)))
            }
            MouseEventKind::ScrollDown => Some(Pressed::Mouse(Mouse::Wheel(1))),
            MouseEventKind::ScrollUp => Some(Pressed::Mouse(Mouse::Wheel(-1))),
            _ => None,
        },
        Event::Paste(text) => Some(Pressed::Pasted(text)),
        Event::Resize(columns, rows) => Some(Pressed::Resized(columns, rows)),
        _ => None,
    }
}

fn key_of(key: KeyEvent) -> Option<Key> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char(c) if ctrl => Key::Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(_) if key.modifiers.contains(KeyModifiers::ALT) => return None,
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        _ => return None,
    })
}
