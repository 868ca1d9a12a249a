//! The programs that `mapview demo` runs.
//!
//! The only part of this package that may link the runtime crates: it is the watched program, not the viewer.

mod accident;
mod guards;
mod orders;
mod requests;
mod tasks;

use std::io::Write as _;
use std::time::Duration;

/// How long a scenario runs; long enough to look around, short enough to end by itself.
const OPEN_FOR: Duration = Duration::from_secs(120);
/// The same when nobody looks and only the report is wanted: every accident once or twice.
const BRIEFLY: Duration = Duration::from_secs(4);

/// How long a scenario is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// Somebody looks around.
    Long,
    /// Only the report is wanted.
    Brief,
}

/// A program with planted bugs.
#[derive(Debug)]
pub struct Scenario {
    /// What to call it.
    pub name: &'static str,
    /// What it shows.
    pub about: &'static str,
    run: fn(Duration) -> std::io::Result<()>,
}

/// All scenarios; the first one runs where none is named.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "orders",
        about: "an order service whose threads collide in its maps, and whose requests wait for each other",
        run: orders::run,
    },
    Scenario { name: "guards", about: "guards that are held too long: hangs, refused", run: guards::run },
    Scenario {
        name: "tasks",
        about: "tasks, threads and scopes that end in every way there is",
        run: tasks::run,
    },
];

/// Runs a scenario until it ends by itself.
///
/// # Errors
///
/// When there is no such scenario, or no thread can be had.
pub fn run(name: &str, visit: Visit) -> anyhow::Result<()> {
    let names = || SCENARIOS.iter().map(|scenario| scenario.name).collect::<Vec<_>>().join(", ");
    let Some(scenario) = SCENARIOS.iter().find(|scenario| scenario.name == name) else {
        anyhow::bail!("no scenario `{name}`; there are: {}", names());
    };
    if visit == Visit::Long {
        // Whoever still looks around should know why everything stops. A closed output is no reason not to run.
        let minutes = OPEN_FOR.as_secs() / 60;
        let _ = writeln!(
            std::io::stdout(),
            "demo `{name}`: {}; it ends by itself after {minutes} minutes",
            scenario.about
        );
    }
    (scenario.run)(if visit == Visit::Brief { BRIEFLY } else { OPEN_FOR })?;
    Ok(())
}
