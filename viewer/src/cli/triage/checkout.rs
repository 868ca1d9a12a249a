//! A checkout of the source, where one is named: the line that panicked, and who changed it last.
//!
//! Nothing is guessed: a place is looked up only below the folder that was named, and only where the log's path
//! ends like a file there.

use mapwatch_event::Site;
use mapwatch_triage::Summary;
use mapwatch_triage::group::Group;
use mapwatch_triage::summary::Suspect;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Groups that are looked up; the first ones are what is looked at.
const GROUPS: usize = 10;
/// Places of a group.
const PLACES: usize = 3;

/// Looks up the first groups.
pub(super) fn look_up(summary: &mut Summary, root: &Path) {
    for group in summary.groups.iter().take(GROUPS) {
        let mut suspects: Vec<Suspect> = Vec::new();
        for site in places(group) {
            let Some(path) = find(root, &site.file) else { continue };
            let mut suspect = blame(root, &path, site.line).unwrap_or_default();
            suspect.source = line(&path, site.line).unwrap_or_default();
            suspect.place = site;
            suspects.push(suspect);
        }
        if !suspects.is_empty() {
            summary.suspects.insert(group.fingerprint.clone(), suspects);
        }
    }
}

/// Where it panicked and the innermost frames of the application, each line once.
fn places(group: &Group) -> Vec<Site> {
    let frames = group.frames.iter().filter(|frame| frame.user && frame.line > 0);
    let frames =
        frames.map(|frame| Site { file: frame.file.clone(), line: frame.line, column: frame.column });
    let mut places: Vec<Site> = Vec::new();
    for site in group.location.iter().cloned().chain(frames) {
        let tail = |file: &str| file.trim_start_matches("./").to_owned();
        let known =
            places.iter().any(|other| other.line == site.line && tail(&other.file) == tail(&site.file));
        if !known && places.len() < PLACES {
            places.push(site);
        }
    }
    places
}

/// The file of the checkout that a log's path ends with.
fn find(root: &Path, file: &str) -> Option<PathBuf> {
    let file = file.replace('\\', "/");
    let parts: Vec<&str> = file.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return None;
    }
    (0..parts.len()).map(|from| root.join(parts[from..].join("/"))).find(|path| path.is_file())
}

fn line(path: &Path, number: u32) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().nth(usize::try_from(number).ok()?.checked_sub(1)?)?;
    Some(line.trim().chars().take(160).collect())
}

fn blame(root: &Path, path: &Path, line: u32) -> Option<Suspect> {
    let range = format!("{line},{line}");
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["blame", "--porcelain", "-L", &range, "--"])
        .arg(path.strip_prefix(root).ok()?)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let field =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
    let commit: String = text.split(' ').next()?.chars().take(12).collect();
    // Lines that are not committed yet have a number of zeros only.
    let commit = if commit.bytes().all(|byte| byte == b'0') { String::new() } else { commit };
    let at = field("author-time ").parse::<i64>().ok().map(|seconds| seconds.saturating_mul(1_000_000));
    Some(Suspect { commit, author: field("author "), title: field("summary "), at, ..Suspect::default() })
}
