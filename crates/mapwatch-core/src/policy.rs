//! What the user asked for: environment first, then what a builder says.
//!
//! | variable | values | default |
//! |---|---|---|
//! | `MAPWATCH` | `off`, `report`, `panic`, `strict`; setting it to any of the last three also records | `panic`, not recording |
//! | `MAPWATCH_OUT` | a file; `%p` becomes the process id; a session is appended | none |
//! | `MAPWATCH_CONNECT` | a Unix socket on which a viewer listens | none |
//! | `MAPWATCH_STDERR` | `off` keeps reports off standard error | on |
//! | `MAPWATCH_BACKTRACE` | `full` shows all frames | the user's |
//! | `MAPWATCH_STALL` | seconds (`2`, `0.5`) after which a wait is told with its holder; `off` | 1 |
//! | `MAPWATCH_ALLOW` | a file of findings that are right; see [`crate::allow`] | none |
//! | `MAPWATCH_PROVOKE` | `1` delays accesses where a race may hide; see the module `provoke` | off |
//! | `MAPWATCH_SEED` | a number: the dice of the delays | 1 |
//! | `MAPWATCH_TRAPS` | a file for what was learned of delays; `off` | under the target folder |
//! | `MAPWATCH_CAPTURE` | `sites`, `guards`, `always`: when stacks are taken beside those of a collision | `guards` |

use mapwatch_event::report::Frames;
use mapwatch_event::{Conflict, Policy};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// When a stack is taken although nothing has happened yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capture {
    /// Never: sites are enough.
    Sites,
    /// When a guard or an iterator that outlives its call is handed out.
    #[default]
    Guards,
    /// The same, and at every write that an iterator may still be walking over.
    Always,
}

/// What is asked for. Every field has a default; see the module's table.
#[derive(Clone, Debug)]
pub struct Config {
    /// What is done about findings.
    pub policy: Policy,
    /// Whether accesses are recorded and a socket is opened for viewers.
    pub record: bool,
    /// A file that gets the session.
    pub output: Option<PathBuf>,
    /// A viewer's socket to connect to.
    pub connect: Option<PathBuf>,
    /// Whether reports go to standard error.
    pub stderr: bool,
    /// How much of a backtrace reports show.
    pub frames: Frames,
    /// When stacks are taken.
    pub capture: Capture,
    /// After how long a wait is told with its holder; `None` for never.
    pub stall: Option<Duration>,
    /// Whether accesses are delayed where a race may hide. For tests: it makes them slower.
    pub provoke: bool,
    /// The dice of the delays.
    pub seed: u64,
}

impl Config {
    /// What the environment says. An unknown word is told on standard error and means the default.
    #[must_use]
    pub fn from_env() -> Config {
        let word = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let path = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let asked = word("MAPWATCH");
        let policy = match asked.as_deref().map(str::parse) {
            None => Policy::default(),
            Some(Ok(policy)) => policy,
            Some(Err(unknown)) => {
                crate::stderr::say(&format!("mapwatch: MAPWATCH: {unknown}; using panic\n"));
                Policy::default()
            }
        };
        let (output, connect) = (path("MAPWATCH_OUT"), path("MAPWATCH_CONNECT"));
        Config {
            policy,
            record: policy != Policy::Off && (asked.is_some() || output.is_some() || connect.is_some()),
            output,
            connect,
            stderr: word("MAPWATCH_STDERR").as_deref() != Some("off"),
            frames: if word("MAPWATCH_BACKTRACE").as_deref() == Some("full") {
                Frames::Full
            } else {
                Frames::User
            },
            capture: match word("MAPWATCH_CAPTURE").as_deref() {
                Some("sites") => Capture::Sites,
                Some("always") => Capture::Always,
                _ => Capture::Guards,
            },
            stall: stall(word("MAPWATCH_STALL").as_deref()),
            provoke: word("MAPWATCH_PROVOKE").is_some_and(|value| value != "0" && value != "off"),
            seed: word("MAPWATCH_SEED").and_then(|seed| seed.parse().ok()).unwrap_or(1),
        }
    }

    /// Puts this configuration in force. The first one wins: call it before the first use of a watched map.
    ///
    /// # Errors
    ///
    /// The configuration comes back when another one is in force already.
    pub fn install(self) -> Result<(), Config> {
        let mut mine = Some(self);
        let installed = CONFIG.get_or_init(|| mine.take().unwrap_or_else(Config::from_env));
        match mine {
            None => {
                start(installed);
                Ok(())
            }
            Some(config) => Err(config),
        }
    }
}

/// What `MAPWATCH_STALL` means.
fn stall(word: Option<&str>) -> Option<Duration> {
    const DEFAULT: Duration = Duration::from_secs(1);
    let Some(word) = word else { return Some(DEFAULT) };
    if word == "off" {
        return None;
    }
    let seconds = word.strip_suffix('s').unwrap_or(word).parse().ok();
    let span = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    if span.is_none() {
        crate::stderr::say(&format!(
            "mapwatch: MAPWATCH_STALL: expected seconds or off, got `{word}`; using 1\n"
        ));
    }
    Some(span.unwrap_or(DEFAULT))
}

static CONFIG: OnceLock<Config> = OnceLock::new();

/// A function that gets every conflict as a value.
pub type Handler = Arc<dyn Fn(&Conflict) + Send + Sync>;

static HANDLER: Mutex<Option<Handler>> = Mutex::new(None);

/// Calls `handler` with every conflict, before the report is printed and before any panic.
///
/// It runs on the thread of the attempt, inside the operation: it must not use the map in question.
/// A later call replaces the handler.
pub fn on_conflict(handler: impl Fn(&Conflict) + Send + Sync + 'static) {
    *HANDLER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(handler));
}

pub(crate) fn handler() -> Option<Handler> {
    HANDLER.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The configuration in force; the environment's if nobody installed one.
pub fn current() -> &'static Config {
    CONFIG.get_or_init(Config::from_env)
}

/// What every access has to do, in one byte that is read first of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// Nobody has looked at the configuration yet.
    Unset = 0,
    /// Check.
    Check = 1,
    /// Check and record.
    Record = 2,
    /// Neither.
    Off = 3,
    /// Check, and delay where a race may hide; recording or not is another matter.
    Provoke = 4,
}

static PROVOKING: AtomicBool = AtomicBool::new(false);

/// Whether accesses are delayed. Asked only where an access has more to do than its check.
#[inline]
pub(crate) fn is_provoking() -> bool {
    PROVOKING.load(Ordering::Relaxed)
}

static MODE: AtomicU8 = AtomicU8::new(Mode::Unset as u8);

/// Whether an access has nothing to do but its check.
#[inline]
pub(crate) fn only_checks() -> bool {
    MODE.load(Ordering::Relaxed) == Mode::Check as u8
}

/// The mode; settles it if nobody has.
#[inline]
pub(crate) fn mode() -> Mode {
    match MODE.load(Ordering::Relaxed) {
        1 => Mode::Check,
        2 => Mode::Record,
        3 => Mode::Off,
        4 => Mode::Provoke,
        _ => settle(),
    }
}

#[cold]
fn settle() -> Mode {
    start(current());
    match MODE.load(Ordering::Relaxed) {
        2 => Mode::Record,
        3 => Mode::Off,
        4 => Mode::Provoke,
        _ => Mode::Check,
    }
}

/// Sets the mode and starts the collector where one is wanted. Runs at most once per process.
fn start(config: &'static Config) {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let mode = match (config.policy, config.record) {
            (Policy::Off, _) => Mode::Off,
            (_, true) if crate::collector::start(config) => Mode::Record,
            _ if config.provoke => Mode::Provoke,
            _ => Mode::Check,
        };
        PROVOKING.store(config.provoke && mode != Mode::Off, Ordering::Relaxed);
        MODE.store(mode as u8, Ordering::Relaxed);
        if mode == Mode::Record {
            crate::panics::set_hook();
        }
    });
}

/// Stops recording for good, and the delays of a recorded session: the process forked, and the collector is the parent's.
pub(crate) fn stop_recording() {
    let (record, check) = (Mode::Record as u8, Mode::Check as u8);
    if MODE.compare_exchange(record, check, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
        PROVOKING.store(false, Ordering::Relaxed);
    }
}
