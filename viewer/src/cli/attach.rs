//! `mapview attach [PID|NAME]…`: programs that run already.

use super::look::{Impatient, look};
use super::outputs::Outputs;
use super::{Common, Verdict, record};
use crate::source::directory::{self, Answer, Found, Make};
use crate::source::{Feed, socket};
use crate::text::{clean, counted};
use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use std::time::Duration;

/// Arguments.
#[derive(Debug, Args)]
pub struct Attach {
    /// Process ids, or names of executables; may be left out where there is only one
    #[arg(value_name = "PID|NAME")]
    pub targets: Vec<String>,
    /// Watch every program that can be watched, and those that come later; with names, every one of these names
    #[arg(long)]
    pub all: bool,
    /// Stop looking after this many seconds (with a report)
    #[arg(long = "for", value_name = "SECONDS")]
    pub seconds: Option<u64>,
    /// How to look.
    #[command(flatten)]
    pub common: Common,
    /// What CI wants.
    #[command(flatten)]
    pub outputs: Outputs,
}

/// Connects, and looks until the program ends or the user quits.
///
/// # Errors
///
/// Where there is no such program, or more than one of a name.
pub fn attach(attach: &Attach) -> anyhow::Result<Verdict> {
    let judge = attach.outputs.judge()?;
    let directory = directory::directory(Make::No).context("the directory of sockets could not be found")?;
    let (feed, messages) = Feed::new();
    let (title, chosen) = if attach.all {
        let names = attach.targets.join(" ");
        (format!("everybody {names}").trim_end().to_owned(), Vec::new())
    } else {
        let found = directory::list(&directory)
            .with_context(|| format!("the directory {} could not be read", directory.display()))?;
        let mut chosen: Vec<&Found> = Vec::new();
        let targets = attach.targets.iter().map(|target| Some(target.as_str()));
        let only = attach.targets.is_empty().then_some(None);
        for target in targets.chain(only) {
            let target = choose(&found, target)?;
            if chosen.iter().all(|other| other.pid != target.pid) {
                chosen.push(target);
            }
        }
        let names: Vec<String> = chosen
            .iter()
            .map(|found| format!("{} (attached to process {})", name(found), found.pid))
            .collect();
        (names.join(", "), chosen.iter().map(|found| (found.pid, found.path.clone())).collect())
    };
    let (feed, recorded) = record::begin(&attach.common, &title, feed);
    if attach.all {
        let names = attach.targets.clone();
        let wanted = move |found: &Found| {
            let named = |target: &String| *target == name(found) || *target == found.pid.to_string();
            matches!(found.answer, Answer::Header(_)) && (names.is_empty() || names.iter().any(named))
        };
        socket::attach_to_all(directory, feed, wanted).context("no thread could be started")?;
    } else {
        socket::attach(&chosen, &feed)
            .map_err(|failed| anyhow!("could not attach to process {}: {}", failed.pid, failed.error))?;
        drop(feed);
    }
    let until = attach.seconds.map(Duration::from_secs);
    let (world, verdict) = look(&attach.common, &judge, messages, until, &mut Impatient)?;
    record::end(&attach.common, recorded, &world);
    Ok(verdict)
}

fn choose<'a>(found: &'a [Found], target: Option<&str>) -> anyhow::Result<&'a Found> {
    let alive: Vec<&Found> =
        found.iter().filter(|found| !matches!(found.answer, Answer::Stale | Answer::Stranger)).collect();
    let Some(target) = target else {
        return match alive.as_slice() {
            [only] => Ok(only),
            [] => bail!("no program can be watched: none listens (mapview ps lists them)"),
            many => bail!("{} can be watched; say which:\n{}", counted(many.len(), "program"), lines(many)),
        };
    };
    if let Ok(pid) = target.parse::<u32>() {
        return match found.iter().find(|found| found.pid == pid) {
            Some(Found { answer: Answer::Stale, .. }) => {
                bail!("process {pid} has ended; only its socket is left")
            }
            Some(Found { answer: Answer::Stranger, .. }) => {
                bail!("process {pid} listens where programs of mapwatch do, but what it sends is no session")
            }
            Some(found) => Ok(found),
            None => {
                bail!("process {pid} cannot be watched: it has no socket (mapview ps lists those that have)")
            }
        };
    }
    let named: Vec<&Found> = alive.into_iter().filter(|found| name(found) == target).collect();
    match named.as_slice() {
        [only] => Ok(only),
        [] => bail!("no program named `{}` can be watched (mapview ps lists them)", clean(target)),
        many => bail!(
            "{} are named `{}`; say which by its id:\n{}",
            counted(many.len(), "program"),
            clean(target),
            lines(many)
        ),
    }
}

/// The executable without its folders.
#[must_use]
pub fn name(found: &Found) -> &str {
    match &found.answer {
        Answer::Header(header) => header.executable.rsplit(['/', '\\']).next().unwrap_or_default(),
        Answer::Stale | Answer::Silent(_) | Answer::Stranger => "",
    }
}

fn lines(found: &[&Found]) -> String {
    let lines: Vec<String> =
        found.iter().map(|found| format!("  {:>8}  {}", found.pid, name(found))).collect();
    lines.join("\n")
}
