//! The trap file: what is known of pairs of sites, kept from run to run and merged over processes.
//!
//! One line for each pair, `trap CHANCE DELAYED | OTHER` or `ordered SITE | SITE`. It lies under the build's own
//! target folder, one per package, so that a test runner with a process per test learns from run to run, and
//! `cargo clean` forgets. `MAPWATCH_TRAPS` names another file, or `off`.
//!
//! Several processes may write at once: each merges under a lock file and puts a new file in the old one's place.
//! Lines that cannot be read are skipped, and told once on standard error; what cannot be written is done without.

use super::plan::{Known, Pair};
use crate::{policy, stderr};
use std::fmt::Write;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// A lock file older than this was left behind by a process that died.
const STALE: Duration = Duration::from_secs(5);
/// How often a lock file of somebody else's is looked at again, a millisecond apart.
const TRIES: u32 = 20;
/// Bytes that are read of a file.
const LONGEST: u64 = 4 << 20;

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

/// What earlier runs knew. Lines that say nothing are told, once, with their number.
pub(super) fn read() -> Known {
    let Some(path) = path() else { return Known::default() };
    let (known, unread) = read_from(path);
    if unread > 0 && policy::current().stderr {
        let lines = if unread == 1 { "1 line".to_owned() } else { format!("{unread} lines") };
        stderr::say(&format!("mapwatch: traps: {lines} of {} could not be read\n", path.display()));
    }
    known
}

/// What a file knows, and how many of its lines could not be read. One that is not there knows nothing.
fn read_from(path: &Path) -> (Known, usize) {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    match read {
        Ok(_) => parse(&String::from_utf8_lossy(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (Known::default(), 0),
        Err(_) => (Known::default(), 1),
    }
}

/// Adds what this process knows to the file.
pub(super) fn merge(mine: &Known) {
    if let Some(path) = path() {
        merge_into(path, mine);
    }
}

fn merge_into(path: &Path, mine: &Known) {
    if let Some(folder) = path.parent() {
        let _ = std::fs::create_dir_all(folder);
    }
    let lock = path.with_extension("lock");
    let taken = || OpenOptions::new().write(true).create_new(true).open(&lock).is_ok();
    let mut tries = 0;
    while !taken() {
        let age = std::fs::metadata(&lock).and_then(|lock| lock.modified()).ok();
        if age.and_then(|made| made.elapsed().ok()).is_some_and(|age| age > STALE) {
            let _ = std::fs::remove_file(&lock);
        }
        tries += 1;
        if tries > TRIES {
            // Another process writes: what this one knows comes with its next news.
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let merged = union(read_from(path).0, mine);
    let new = path.with_extension(format!("{}.new", std::process::id()));
    // Whoever reads meanwhile has the whole old file or the whole new one.
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

/// What a text knows, and how many of its lines say nothing.
fn parse(text: &str) -> (Known, usize) {
    let mut known = Known::default();
    let mut unread = 0;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(pair) = line.strip_prefix("ordered ").and_then(pair) {
            known.ordered.insert(pair);
        } else if let Some((chance, sites)) = line.strip_prefix("trap ").and_then(|rest| rest.split_once(' '))
            && let (Ok(chance), Some(pair)) = (chance.parse::<u32>(), pair(sites))
        {
            known.chances.insert(pair, chance.min(1000));
        } else {
            unread += 1;
        }
    }
    (known, unread)
}

fn pair(sites: &str) -> Option<Pair> {
    let (one, other) = sites.split_once(" | ")?;
    Some((one.to_owned(), other.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test without its files has failed")]
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
        assert_eq!(parse(&print(&written)), (written.clone(), 0));
        let text = format!("{}trap x y\ntrap 5 one\n\u{0}\n\nordered \n", print(&written));
        assert_eq!(parse(&text), (written, 4));
    }

    #[test]
    fn many_who_write_at_once_leave_a_whole_file_and_a_broken_one_is_mended() {
        let folder = std::env::temp_dir().join(format!("mapwatch-traps-{}", std::process::id()));
        let path = folder.join("package.traps");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&path, b"trap 7\xff\xfe\n\0\0\0").unwrap();
        assert_eq!(read_from(&path), (Known::default(), 2));
        let names: Vec<String> = (0..4).map(|writer| format!("src/{writer}.rs:1:1")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                let path = &path;
                scope.spawn(move || {
                    for chance in 1..=25 {
                        merge_into(path, &known(&[(name, "b", chance)], &[]));
                        assert_eq!(read_from(path).1, 0, "half a file was seen");
                    }
                });
            }
        });
        names.iter().for_each(|name| merge_into(&path, &known(&[(name, "b", 30)], &[])));
        let all: Vec<(&str, &str, u32)> = names.iter().map(|name| (name.as_str(), "b", 30)).collect();
        assert_eq!(read_from(&path), (known(&all, &[]), 0));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "locks and new files are left behind");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn two_processes_know_more_than_one() {
        let theirs = known(&[("a", "b", 1000), ("c", "d", 700)], &[]);
        let mine = known(&[("a", "b", 600), ("e", "f", 1000)], &[("c", "d")]);
        assert_eq!(union(theirs, &mine), known(&[("a", "b", 600), ("e", "f", 1000)], &[("c", "d")]));
    }
}
