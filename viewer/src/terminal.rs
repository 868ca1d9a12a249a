//! The terminal in raw mode, and the way back.
//!
//! Whatever ends the screens (quitting, an error, a panic of any thread, a signal, Ctrl-Z), [`leave`] runs
//! first; it may run twice, and from any thread.

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{self, Stdout, Write};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the terminal is ours at the moment.
static OURS: AtomicBool = AtomicBool::new(false);

/// What draws.
///
/// Never dropped: a ratatui terminal shows the cursor when it is, and where the terminal has vanished it panics
/// over that. [`leave`] shows the cursor, too, and does not mind.
pub type Screens = ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>;

/// Gives the terminal back when it goes out of scope.
#[derive(Debug)]
pub struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
        // A frame may have been under way when another thread panicked and left: it hides the cursor at its end.
        let _ = execute!(io::stdout(), Show);
    }
}

/// Takes the terminal. From now on a panic of any thread gives it back before it is told, and calls `woken`.
///
/// # Errors
///
/// Where standard output is no terminal that can be set up.
pub fn take(woken: impl Fn() + Send + Sync + 'static) -> io::Result<(Screens, Guard)> {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        leave();
        previous(info);
        woken();
    }));
    let guard = Guard(());
    enter()?;
    Ok((ManuallyDrop::new(Terminal::new(CrosstermBackend::new(io::stdout()))?), guard))
}

/// Sets the terminal up, at first and after [`leave`].
///
/// # Errors
///
/// Those of the terminal.
pub fn enter() -> io::Result<()> {
    OURS.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Listens to the mouse, or no longer.
///
/// # Errors
///
/// Those of the terminal.
pub fn mouse(listens: bool) -> io::Result<()> {
    if listens {
        execute!(io::stdout(), EnableMouseCapture)
    } else {
        execute!(io::stdout(), DisableMouseCapture)
    }
}

/// Gives the terminal back as it was; does nothing where it is not ours.
pub fn leave() {
    if OURS.swap(false, Ordering::SeqCst) {
        // There is nobody left to tell that the terminal is gone.
        let _ =
            execute!(io::stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
        let _ = io::stdout().flush();
    }
}

/// Whether the terminal is ours: not after a panic of some thread.
#[must_use]
pub fn is_ours() -> bool {
    OURS.load(Ordering::SeqCst)
}

/// Copies text to the clipboard by way of the terminal (OSC 52), which works over ssh, too.
///
/// # Errors
///
/// Those of writing. Whether the terminal obeys cannot be known.
pub fn copy(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    write!(out, "\x1b]52;c;{}\x07", base64(text.as_bytes()))?;
    out.flush()
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| chunk.get(index).copied().map_or(0, u32::from);
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let used = digit <= chunk.len();
            let value = (group >> (18 - 6 * digit)) & 63;
            out.push(if used { char::from(DIGITS[value as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
