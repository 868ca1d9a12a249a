//! The tests that need more than one package.
//!
//! | module | shows that |
//! |---|---|
//! | [`allowances`] | what was found right is not told, and nothing else is kept back |
//! | [`tidy`] | the workspace keeps its own rules |
//! | [`cases`] | programs with a bug are caught, correct ones are left alone |
//! | [`endings`] | every ending has the same name in both reports and on the screen |
//! | [`lives`] | every way in which a task can end is told, and a panic with what its task was doing |
//! | [`provocation`] | delays bring rare races out, and leave correct programs alone |
//! | [`recovery`] | a panic in one request takes no other down, and is told with the request |
//! | [`stories`] | every example does what its first lines say |
//! | [`stream`] | what is recorded can be read, however the program ends |
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod allowances;
mod cases;
mod endings;
mod lives;
mod program;
mod provocation;
mod recovery;
mod stories;
#[cfg(unix)]
mod stream;
mod tidy;
