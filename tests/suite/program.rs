//! Running a program, and reading what it leaves behind.

use mapwatch_event::wire::{decode_line, Line};
use mapwatch_event::{Conflict, Event};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A command without the caller's own settings.
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    for name in [
        "MAPWATCH",
        "MAPWATCH_OUT",
        "MAPWATCH_CONNECT",
        "MAPWATCH_STDERR",
        "MAPWATCH_CAPTURE",
        "MAPWATCH_PROVOKE",
    ] {
        command.env_remove(name);
    }
    command.env_remove("RUST_BACKTRACE");
    command
}

/// A file of this test's own, gone before and after.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let scratch =
            Scratch(std::env::temp_dir().join(format!("mapwatch-test-{}-{name}", std::process::id())));
        let _ = std::fs::remove_file(&scratch.0);
        scratch
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Every line of a recording; a line that cannot be read fails the test.
pub fn lines(recording: &Path) -> Vec<Line> {
    let bytes = std::fs::read(recording).unwrap();
    bytes.split_inclusive(|byte| *byte == b'\n').map(|line| decode_line(line).unwrap()).collect()
}

/// The conflicts of a recording.
pub fn conflicts(recording: &Path) -> Vec<Conflict> {
    let conflict = |line| match line {
        Line::Event { event: Event::Conflict(conflict), .. } => Some(*conflict),
        _ => None,
    };
    lines(recording).into_iter().filter_map(conflict).collect()
}

/// What was printed on standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An example of the workspace, built if nobody did.
pub fn example(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let profile = own.parent().and_then(Path::parent).unwrap();
    let path = profile.join("examples").join(name);
    if !path.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "-p", "mapwatch-examples", "--example", name]);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "{name} could not be built");
    }
    path
}

/// What was printed on standard output.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
