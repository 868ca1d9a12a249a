//! mapview: the terminal viewer of mapwatch.
//!
//! It starts a program, attaches to one, or opens a recording, and shows the maps, who is inside them, and the
//! conflicts with both their sides; on a terminal as screens, elsewhere as a report.
//!
//! The inside has Elm's shape. Sources (threads), the clock and the keyboard send [`msg::Msg`];
//! [`update::update`] is the only code that changes the [`model::Model`]; [`view::view`] draws it and changes
//! nothing. Live, recorded and replayed events take the same path.
//!
//! | module | holds |
//! |---|---|
//! | [`cli`] | arguments to exit code; one file per subcommand |
//! | [`source`] | threads that read lines: files, sockets, child processes |
//! | [`settings`] | the configuration file, and what was chosen last time |
//! | [`store`] | recorded runs in the state directory |
//! | [`msg`] | everything that can happen to the viewer |
//! | [`model`] | what is known; free of drawing, keys and clocks |
//! | [`update`] | how a message changes the model, and what must be done outside of it |
//! | [`keymap`] | keys to commands: one table, from which the help screen is made |
//! | [`view`] | one file per screen; pure |
//! | [`theme`] | colours and glyphs |
//! | [`terminal`], [`runner`] | raw mode and the way back; the loop |
//! | [`report`], [`export`] | the viewer's own reports; what other tools read, one file per format |
//! | [`fingerprint`], [`baseline`] | what a finding is recognised by in another run; the known ones |
//! | [`stress`] | many runs of one program: how often each finding is found |
//! | [`os`] | what depends on the operating system |
//! | [`text`] | making strangers' text safe and fitting it into columns |
//! | [`demo`] | the workload of `mapview demo` |

pub mod baseline;
pub mod cli;
pub mod demo;
pub mod export;
pub mod fingerprint;
pub mod keymap;
pub mod model;
pub mod msg;
pub mod os;
pub mod report;
pub mod runner;
pub mod settings;
pub mod source;
pub mod store;
pub mod stress;
pub mod terminal;
#[cfg(test)]
mod testing;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
