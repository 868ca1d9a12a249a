//! The trap file: what is known of pairs of sites, kept from run to run and merged over processes.
//!
//! One line for each pair, `trap CHANCE DELAYED | OTHER` or `ordered SITE | SITE`. It lies under the build's own
//! target folder, one per package, so that a test runner with a process per test learns from run to run, and
//! `cargo clean` forgets. `MAPWATCH_TRAPS` names another file, or `off`.
//!
//! Whatever cannot be read or written is done without.

use super::plan::{Known, Pair};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// A lock file older than this was left behind by a process that died.
const STALE: Duration = Duration::from_secs(5);

/// Where the file is; `None` where there is no place for it.
fn path() -> Option<&'static Path> {
    static PATH: OnceLock<Option<PathBuf>> = OnceLock::new();
    PATH.get_or_init(find).as_deref()
}

fn find() -> Option<PathBuf> {
    if let Some(asked) = std::env::var_os("MAPWATCH_TRAPS").filter(|asked| !asked.is_empty()) {
        return (asked != "off").then(|| PathBuf::from(asked));
    }
    let program = std::env::current_exe().ok()?;
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file())?;
    let package = std::env::var("CARGO_PKG_NAME").ok().filter(|name| !name.is_empty());
    let name = package.or_else(|| Some(program.file_stem()?.to_str()?.to_owned()))?;
    Some(target.join("mapwatch").join(format!("{name}.traps")))
}

/// What earlier runs knew.
pub(super) fn read() -> Known {
    path().and_then(|path| std::fs::read_to_string(path).ok()).map(|text| parse(&text)).unwrap_or_default()
}

/// Adds what this process knows to the file.
pub(super) fn merge(mine: &Known) {
    let Some(path) = path() else { return };
    if let Some(folder) = path.parent() {
        let _ = std::fs::create_dir_all(folder);
    }
    let lock = path.with_extension("lock");
    if std::fs::OpenOptions::new().write(true).create_new(true).open(&lock).is_err() {
        let age = std::fs::metadata(&lock).and_then(|lock| lock.modified()).ok();
        if age.and_then(|made| made.elapsed().ok()).is_some_and(|age| age > STALE) {
            let _ = std::fs::remove_file(&lock);
        }
        // Another process writes: what this one knows comes with its next news.
        return;
    }
    let merged = union(read(), mine);
    let new = path.with_extension(format!("{}.new", std::process::id()));
    if std::fs::write(&new, print(&merged)).is_ok() {
        let _ = std::fs::rename(&new, path);
    }
    let _ = std::fs::remove_file(&lock);
}

/// Both; a pair that either found ordered is, and of two chances the newer one knows more.
fn union(mut theirs: Known, mine: &Known) -> Known {
    theirs.ordered.extend(mine.ordered.iter().cloned());
    for (pair, chance) in &mine.chances {
        theirs.chances.insert(pair.clone(), *chance);
    }
    let Known { chances, ordered } = &mut theirs;
    chances.retain(|(one, other), _| {
        !ordered.contains(&(one.clone(), other.clone())) && !ordered.contains(&(other.clone(), one.clone()))
    });
    theirs
}

fn print(known: &Known) -> String {
    let mut text = String::from("# mapwatch: pairs of sites at which a delay may pay\n");
    for ((one, other), chance) in &known.chances {
        let _ = writeln!(text, "trap {chance} {one} | {other}");
    }
    for (one, other) in &known.ordered {
        let _ = writeln!(text, "ordered {one} | {other}");
    }
    text
}

fn parse(text: &str) -> Known {
    let mut known = Known::default();
    for line in text.lines() {
        if let Some(pair) = line.strip_prefix("ordered ").and_then(pair) {
            known.ordered.insert(pair);
        } else if let Some((chance, sites)) = line.strip_prefix("trap ").and_then(|rest| rest.split_once(' '))
            && let (Ok(chance), Some(pair)) = (chance.parse::<u32>(), pair(sites))
        {
            known.chances.insert(pair, chance.min(1000));
        }
    }
    known
}

fn pair(sites: &str) -> Option<Pair> {
    let (one, other) = sites.split_once(" | ")?;
    Some((one.to_owned(), other.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(traps: &[(&str, &str, u32)], ordered: &[(&str, &str)]) -> Known {
        let own = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        Known {
            chances: traps.iter().map(|(one, other, chance)| (own(one, other), *chance)).collect(),
            ordered: ordered.iter().map(|(one, other)| own(one, other)).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_and_rubbish_is_skipped() {
        let written = known(&[("src/a b.rs:1:2", "src/c.rs:3:4", 900)], &[("a:1:1", "b:1:1")]);
        assert_eq!(parse(&print(&written)), written);
        let text = format!("{}trap x y\ntrap 5 one\n\u{0}\nordered \n", print(&written));
        assert_eq!(parse(&text), written);
    }

    #[test]
    fn two_processes_know_more_than_one() {
        let theirs = known(&[("a", "b", 1000), ("c", "d", 700)], &[]);
        let mine = known(&[("a", "b", 600), ("e", "f", 1000)], &[("c", "d")]);
        assert_eq!(union(theirs, &mine), known(&[("a", "b", 600), ("e", "f", 1000)], &[("c", "d")]));
    }
}
