//! Recorded runs in the user's state directory: made, listed, named, pruned.
//!
//! One folder per run below `$XDG_STATE_HOME/mapview/runs` (else `~/.local/state/mapview/runs`): `run.json` says
//! what it is, the other files are recordings (see [`crate::source::recording`]). Runs without a name are pruned,
//! oldest first, when there are too many or they are too large; a named one stays until somebody removes it.

use crate::os;
use crate::source::recording::Run;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Unnamed runs kept.
pub const RUNS: usize = 40;
/// Bytes of unnamed runs kept.
pub const BYTES: u64 = 2 << 30;

/// What is known of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The name that the user gave it; empty where there is none.
    #[serde(default)]
    pub name: String,
    /// What was run, or attached to.
    pub command: String,
    /// When, in microseconds since 1970-01-01 UTC.
    pub started_unix_micros: u64,
    /// The viewer that records it, while it does.
    #[serde(default)]
    pub viewer: Option<u32>,
    /// What the viewer said at its end; empty where it did not come to one.
    #[serde(default)]
    pub verdict: String,
}

/// A run in the directory.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The folder's name.
    pub id: String,
    /// The folder.
    pub folder: PathBuf,
    /// What it is.
    pub about: About,
    /// Bytes of all its files.
    pub bytes: u64,
    /// Its recordings, in the order of their making.
    pub files: Vec<PathBuf>,
}

/// The directory of runs.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

/// A run that is being recorded; says so when it no longer is.
#[derive(Debug)]
pub struct Recorded {
    /// For the sources.
    pub run: Run,
    about: About,
}

impl Recorded {
    /// What it is called in the list.
    #[must_use]
    pub fn id(&self) -> String {
        self.run.folder().file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The recording is over; `verdict` is what was found.
    pub fn end(mut self, verdict: String) {
        self.about.viewer = None;
        self.about.verdict = verdict;
        // What cannot be written is missing from the list, that is all.
        let _ = write_about(self.run.folder(), &self.about);
    }
}

impl Store {
    /// The user's own.
    ///
    /// # Errors
    ///
    /// Where there is no home directory.
    pub fn of_user() -> io::Result<Store> {
        Ok(Store { root: state_folder()?.join("runs") })
    }

    /// Another one.
    #[must_use]
    pub fn at(root: PathBuf) -> Store {
        Store { root }
    }

    /// Makes a run, and room for it.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn record(&self, command: &str) -> io::Result<Recorded> {
        os::make_private_directory(&self.root)?;
        self.prune(RUNS - 1, BYTES)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let about = About {
            command: command.to_owned(),
            started_unix_micros: u64::try_from(now.as_micros()).unwrap_or(u64::MAX),
            viewer: Some(std::process::id()),
            ..About::default()
        };
        let time = time_words(about.started_unix_micros).replace(' ', "T").replace(':', "-");
        let folder = self.root.join(format!("{time}-{}-{}", short(command), std::process::id()));
        os::make_private_directory(&folder)?;
        write_about(&folder, &about)?;
        Ok(Recorded { run: Run::into_folder(&folder), about })
    }

    /// All runs, newest first.
    ///
    /// # Errors
    ///
    /// Those of the operating system; a directory that is not there is empty.
    pub fn list(&self) -> io::Result<Vec<Stored>> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut runs: Vec<Stored> =
            entries.flatten().filter_map(|entry| Stored::read(&entry.path())).collect();
        runs.sort_by_key(|run| std::cmp::Reverse((run.about.started_unix_micros, run.id.clone())));
        Ok(runs)
    }

    /// The run with this name, number in the list (1 is the newest), or beginning of its folder's name.
    ///
    /// # Errors
    ///
    /// A sentence where there is none, or more than one.
    pub fn find(&self, word: &str) -> Result<Stored, String> {
        let runs = self.list().map_err(|error| format!("the recorded runs could not be listed: {error}"))?;
        if let Some(run) = runs.iter().find(|run| run.about.name == word || run.id == word) {
            return Ok(run.clone());
        }
        if let Ok(number) = word.parse::<usize>()
            && let Some(run) = number.checked_sub(1).and_then(|index| runs.get(index))
        {
            return Ok(run.clone());
        }
        let mut begun = runs.iter().filter(|run| run.id.starts_with(word) && !word.is_empty());
        match (begun.next(), begun.next()) {
            (Some(run), None) => Ok(run.clone()),
            (Some(_), Some(_)) => Err(format!("several recorded runs begin with `{word}`")),
            (None, _) => Err(format!("no recorded run is called `{word}` (mapview sessions lists them)")),
        }
    }

    /// Names a run; an empty name takes its name away.
    ///
    /// # Errors
    ///
    /// A sentence.
    pub fn name(&self, word: &str, name: &str) -> Result<(), String> {
        let run = self.find(word)?;
        let taken = self.list().unwrap_or_default();
        if !name.is_empty() && taken.iter().any(|other| other.about.name == name && other.id != run.id) {
            return Err(format!("another run is called `{name}` already"));
        }
        let about = About { name: name.to_owned(), ..run.about };
        write_about(&run.folder, &about).map_err(|error| format!("it could not be named: {error}"))
    }

    /// Removes the oldest unnamed runs beyond `runs` or `bytes`; how many went.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn prune(&self, runs: usize, bytes: u64) -> io::Result<usize> {
        let (mut kept, mut sum, mut gone) = (0, 0, 0);
        for run in self.list()? {
            if !run.about.name.is_empty() || run.is_being_recorded() {
                continue;
            }
            kept += 1;
            sum += run.bytes;
            if kept > runs || sum > bytes {
                remove(&run)?;
                gone += 1;
            }
        }
        Ok(gone)
    }

    /// Removes one run.
    ///
    /// # Errors
    ///
    /// A sentence.
    pub fn remove(&self, word: &str) -> Result<(), String> {
        let run = self.find(word)?;
        if run.is_being_recorded() {
            return Err(format!("{} is being recorded", run.id));
        }
        remove(&run).map_err(|error| format!("{} could not be removed: {error}", run.id))
    }
}

impl Stored {
    /// A folder, where it is a run.
    #[must_use]
    pub fn read(folder: &Path) -> Option<Stored> {
        let id = folder.file_name()?.to_str()?.to_owned();
        // A folder without a readable description was not made by us, and is left alone.
        let about = serde_json::from_slice(&fs::read(folder.join("run.json")).ok()?).ok()?;
        let mut files = Vec::new();
        let mut bytes = 0;
        for entry in fs::read_dir(folder).ok()?.flatten() {
            bytes += entry.metadata().map_or(0, |about| about.len());
            if entry.path().extension().is_some_and(|extension| extension == "jsonl") {
                files.push(entry.path());
            }
        }
        files.sort();
        Some(Stored { id, folder: folder.to_owned(), about, bytes, files })
    }

    /// Whether a viewer that is alive still writes it.
    #[must_use]
    pub fn is_being_recorded(&self) -> bool {
        self.about.viewer.is_some_and(os::is_alive)
    }
}

fn remove(run: &Stored) -> io::Result<()> {
    for file in &run.files {
        fs::remove_file(file)?;
    }
    fs::remove_file(run.folder.join("run.json"))?;
    // Something that is not ours may lie in it: then the folder stays.
    let _ = fs::remove_dir(&run.folder);
    Ok(())
}

fn write_about(folder: &Path, about: &About) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(about).map_err(io::Error::other)?;
    let new = folder.join("run.json.new");
    fs::write(&new, text)?;
    fs::rename(new, folder.join("run.json"))
}

/// The program's name, as far as a file name can hold it.
fn short(command: &str) -> String {
    let program = command.split_whitespace().next().unwrap_or("run");
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let kept: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).take(24).collect();
    if kept.is_empty() { "run".to_owned() } else { kept }
}

/// `$XDG_STATE_HOME/mapview`, else `~/.local/state/mapview`.
///
/// # Errors
///
/// Where there is no home directory.
pub fn state_folder() -> io::Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let home = || set("HOME").map(|home| home.join(".local/state"));
    let base =
        state.or_else(home).ok_or_else(|| io::Error::other("neither HOME nor XDG_STATE_HOME is set"))?;
    Ok(base.join("mapview"))
}

/// `2026-11-24 08:41:29`, UTC.
#[must_use]
pub fn time_words(unix_micros: u64) -> String {
    let seconds = unix_micros / 1_000_000;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// Days since 1970-01-01 as year, month, day; the Gregorian calendar repeats every 400 years.
fn civil(days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    const ERA: u64 = 146_097;
    let mut year = 1970 + days / ERA * 400;
    let mut left = days % ERA;
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    (year, month as u64 + 1, left + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write has failed")]
    use super::*;

    #[test]
    fn days_have_their_dates() {
        assert_eq!(time_words(0), "1970-01-01 00:00:00");
        assert_eq!(time_words(951_782_400_000_000), "2000-02-29 00:00:00");
        assert_eq!(time_words(1_700_000_000_000_000), "2023-11-14 22:13:20");
        assert_eq!(time_words(4_102_444_799_000_000), "2099-12-31 23:59:59");
    }

    fn run_with(store: &Store, command: &str, bytes: usize) -> String {
        let recorded = store.record(command).unwrap();
        fs::write(recorded.run.folder().join("0001-process.jsonl"), vec![b'x'; bytes]).unwrap();
        let folder = recorded.run.folder().file_name().unwrap().to_str().unwrap().to_owned();
        recorded.end("nothing found".into());
        // Two runs of one process in one second would have one name.
        let new = format!("{folder}-{}", store.list().unwrap().len());
        fs::rename(store.root.join(&folder), store.root.join(&new)).unwrap();
        new
    }

    #[test]
    fn runs_are_listed_named_and_pruned() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("runs"));
        assert!(store.list().unwrap().is_empty());
        let first = run_with(&store, "/usr/bin/shop --port 1", 10);
        let second = run_with(&store, "cargo test", 10);
        store.name(&first, "before").unwrap();
        assert!(store.name(&second, "before").is_err());
        assert_eq!(store.find("before").unwrap().id, first);
        assert_eq!(store.find("1").unwrap().id, store.list().unwrap()[0].id);
        assert!(store.find("nobody").is_err());
        assert_eq!(store.prune(0, BYTES).unwrap(), 1);
        let left = store.list().unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(
            (left[0].about.name.as_str(), left[0].about.verdict.as_str()),
            ("before", "nothing found")
        );
        store.remove("before").unwrap();
        assert!(store.list().unwrap().is_empty());
    }

    #[test]
    fn a_run_that_is_being_recorded_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("runs"));
        let recorded = store.record("shop").unwrap();
        assert_eq!(store.prune(0, 0).unwrap(), 0);
        assert!(store.remove("1").is_err());
        recorded.end(String::new());
        assert_eq!(store.prune(0, 0).unwrap(), 1);
    }
}
