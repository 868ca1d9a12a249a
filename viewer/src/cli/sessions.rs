//! `mapview sessions`: the recorded runs.

use super::{Common, Verdict, complain};
use crate::report;
use crate::store::{BYTES, Store, Stored, time_words};
use crate::text::{clean, counted, cut};
use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Arguments.
#[derive(Debug, Args)]
pub struct Sessions {
    #[command(subcommand)]
    action: Option<Action>,
    /// Of these, only `--json` and `-o` mean something here.
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Give a run a name; a named run is never pruned
    Name {
        /// Number in the list (1 is the newest), name, or beginning of the folder's name
        run: String,
        /// The name; empty to take it away
        name: String,
    },
    /// Remove runs
    Remove {
        /// Number in the list (1 is the newest), name, or beginning of the folder's name
        #[arg(required = true)]
        runs: Vec<String>,
    },
    /// Remove the oldest runs without a name
    Prune {
        /// How many to keep
        #[arg(long, default_value_t = crate::store::RUNS)]
        keep: usize,
    },
}

/// Lists the runs, or changes the list.
///
/// # Errors
///
/// With a sentence.
pub fn sessions(sessions: &Sessions) -> anyhow::Result<Verdict> {
    let store = Store::of_user().context("the recorded runs could not be found")?;
    match &sessions.action {
        None => list(&store, &sessions.common)?,
        Some(Action::Name { run, name }) => {
            store.name(run, &clean(name)).map_err(|why| anyhow!("{}", clean(&why)))?;
        }
        Some(Action::Remove { runs }) => {
            // By their folders: numbers move while one removes.
            let found: Result<Vec<Stored>, String> = runs.iter().map(|run| store.find(run)).collect();
            for run in found.map_err(|why| anyhow!("{}", clean(&why)))? {
                store.remove(&run.id).map_err(|why| anyhow!("{}", clean(&why)))?;
            }
        }
        Some(Action::Prune { keep }) => {
            let gone = store.prune(*keep, BYTES).context("the recorded runs could not be pruned")?;
            complain(&format!("{} removed", counted(gone, "run")));
        }
    }
    Ok(Verdict::Nothing)
}

fn list(store: &Store, common: &Common) -> anyhow::Result<()> {
    let runs = store.list().context("the recorded runs could not be listed")?;
    let text = if common.json {
        let runs: Vec<Value> = runs.iter().map(object).collect();
        format!("{:#}\n", json!({ "schema": report::json::SCHEMA, "runs": runs }))
    } else {
        table(&runs)
    };
    report::deliver(&text, common.output.as_deref()).context("the list could not be written")
}

fn object(run: &Stored) -> Value {
    json!({
        "id": run.id,
        "folder": run.folder,
        "name": run.about.name,
        "command": run.about.command,
        "started_unix_micros": run.about.started_unix_micros,
        "bytes": run.bytes,
        "files": run.files,
        "verdict": run.about.verdict,
        "recording": run.is_being_recorded(),
    })
}

fn table(runs: &[Stored]) -> String {
    if runs.is_empty() {
        return "no recorded runs: `mapview run` and `mapview attach` make them\n".to_owned();
    }
    let mut out = String::new();
    let names = runs.iter().map(|run| crate::text::width(&run.about.name)).max().unwrap_or(0).clamp(4, 24);
    for (index, run) in runs.iter().enumerate() {
        let about = &run.about;
        let verdict = match (run.is_being_recorded(), about.verdict.is_empty()) {
            (true, _) => "being recorded",
            (false, true) => "the viewer did not come to its end",
            (false, false) => &about.verdict,
        };
        let name = cut(&clean(&about.name), names, '~');
        let gap = " ".repeat(names.saturating_sub(crate::text::width(&name)));
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{:>3}  {}  {name}{gap}  {:>9}  {}\n     {}",
            index + 1,
            time_words(about.started_unix_micros),
            crate::text::bytes(run.bytes),
            cut(&clean(&about.command), 60, '~'),
            clean(verdict),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::About;

    #[test]
    fn sizes_are_of_one_kind_and_comparable_at_a_glance() {
        let run = |bytes| Stored {
            id: "a".into(),
            folder: "a".into(),
            about: About { command: "shop".into(), ..About::default() },
            bytes,
            files: Vec::new(),
        };
        let text = table(&[run(9_626 << 10), run(10 << 20), run(512)]);
        for size in ["  9.4 MiB  shop", " 10.0 MiB  shop", "    512 B  shop"] {
            assert!(text.contains(size), "{text}");
        }
    }
}
