//! `mapview run -- CMD…`: a program, and every watched process below it.

use super::look::{Face, look};
use super::outputs::{Judge, Outputs};
use super::{Common, Verdict, record};
use crate::model::world::World;
use crate::msg::Msg;
use crate::os::Leash;
use crate::runner::Patience;
use crate::source::Feed;
use crate::source::child::{Program, Running, Streams};
use crate::source::directory::{self, Make};
#[cfg(unix)]
use crate::source::listener::Listener;
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use crossbeam_channel::Receiver;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The end of the help.
pub const AFTER_HELP: &str = "\
The program finds the viewer by MAPWATCH_CONNECT in its environment; MAPWATCH=panic is set unless it is set
already. With screens, its output is on the Log screen and its input is closed. With a report, it keeps the
terminal; its standard output goes to standard error, where the report goes to standard output.";

/// How long a program may take to end when the viewer quits.
const TO_END: Duration = Duration::from_secs(2);

/// Arguments.
#[derive(Debug, Args)]
pub struct Run {
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    pub command: Vec<OsString>,
    /// Whose exit code to end with
    #[arg(long, value_enum, default_value = "mapview", value_name = "WHOSE")]
    pub exit_code: ExitCodeOf,
    /// How to look.
    #[command(flatten)]
    pub common: Common,
    /// What CI wants.
    #[command(flatten)]
    pub outputs: Outputs,
}

/// Whose exit code to end with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ExitCodeOf {
    /// The viewer's: 0 no finding, 1 a finding above a note, 2 could not look.
    #[default]
    Mapview,
    /// The program's; 128 and the signal's number where one ended it.
    Child,
    /// The program's where it failed, else the viewer's: for CI.
    Either,
}

/// Runs it and looks.
///
/// # Errors
///
/// Where it cannot be started or looked at.
pub fn run(run: &Run) -> anyhow::Result<Verdict> {
    let judge = run.outputs.judge()?;
    let (executable, arguments) = run.command.split_first().context("there is no program to run")?;
    let streams = match (run.common.face(), &run.common.output) {
        (Face::Screens, _) => Streams::Captured,
        (Face::Report, Some(_)) => Streams::Inherited,
        (Face::Report, None) => Streams::ToStandardError,
    };
    let program = Program {
        executable: executable.clone(),
        arguments: arguments.to_vec(),
        streams,
        environment: Vec::new(),
    };
    let (world, verdict) = watch(&program, &run.common, &judge)?;
    let ending = world.program.as_ref().and_then(|program| program.ending.as_ref());
    let failed = ending.is_some_and(|ending| ending.shell_code() != 0);
    match (run.exit_code, ending) {
        (ExitCodeOf::Child, Some(ending)) => Ok(Verdict::Code(ending.shell_code())),
        (ExitCodeOf::Either, Some(ending)) if failed => Ok(Verdict::Code(ending.shell_code())),
        _ => Ok(verdict),
    }
}

/// Starts a program, looks until it has ended (with a report) or the user quits (with screens); then it has
/// ended, too.
///
/// # Errors
///
/// Where it cannot be started or looked at.
pub fn watch(program: &Program, common: &Common, judge: &Judge) -> anyhow::Result<(World, Verdict)> {
    let (feed, messages) = Feed::new();
    let (feed, recorded) = record::begin(common, &program.words(), feed);
    let started = start(program, feed)?;
    let mut patience = Forward { leash: started.leash, streams: program.streams };
    let (world, verdict) = look(common, judge, messages, None, &mut patience)?;
    record::end(common, recorded, &world);
    Ok((world, verdict))
}

/// A child that ends with the viewer, however the viewer ends.
pub(super) struct Started {
    pub(super) leash: Leash,
    /// Told when the child has ended and everybody has been heard.
    ended: Receiver<()>,
}

impl Drop for Started {
    /// Politely at first, then not.
    fn drop(&mut self) {
        if self.ended.try_recv().is_ok() {
            return;
        }
        self.leash.terminate();
        if self.ended.recv_timeout(TO_END).is_err() {
            self.leash.kill();
            // Whoever does not end by this is the kernel's.
            let _ = self.ended.recv_timeout(TO_END);
        }
    }
}

/// Starts it, and listens for whatever is watched below it.
#[cfg(unix)]
pub(super) fn start(program: &Program, feed: Feed) -> anyhow::Result<Started> {
    let path = socket_path()?;
    let listener = Listener::start(&path, feed.clone())
        .with_context(|| format!("the socket {} could not be made", path.display()))?;
    let running = program
        .start(listener.path(), &feed)
        .with_context(|| format!("could not start `{}`", program.words()))?;
    let leash = running.leash();
    let (tell, ended) = crossbeam_channel::bounded(1);
    std::thread::Builder::new()
        .name("mapview-child".to_owned())
        .spawn(move || {
            wait(running);
            listener.finish();
            let _ = feed.send(Msg::SourcesEnded);
            let _ = tell.send(());
        })
        .context("no thread could be started")?;
    Ok(Started { leash, ended })
}

#[cfg(not(unix))]
pub(super) fn start(_program: &Program, _feed: Feed) -> anyhow::Result<Started> {
    anyhow::bail!("this needs Unix sockets; record with MAPWATCH_OUT=FILE and use `mapview open FILE`")
}

fn wait(running: Running) {
    // It cannot fail for a child of ours that nobody else waits for.
    let _ = running.wait();
}

fn socket_path() -> anyhow::Result<PathBuf> {
    let directory = directory::directory(Make::Yes).context("the directory of sockets could not be made")?;
    Ok(directory.join(format!("viewer-{}.sock", std::process::id())))
}

/// Passes signals on to the child and waits for its end.
struct Forward {
    leash: Leash,
    streams: Streams,
}

impl Patience for Forward {
    fn asked(&mut self, signal: i32, times: u32) -> bool {
        const FROM_THE_KEYBOARD: i32 = 2;
        // A child that shares the terminal has got this one from it.
        let has_it = signal == FROM_THE_KEYBOARD && self.streams != Streams::Captured;
        match times {
            1 if has_it => {}
            1 => self.leash.terminate(),
            2 => self.leash.kill(),
            _ => return true,
        }
        false
    }
}
