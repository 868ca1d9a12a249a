//! What is done outside of the model when the user asks for it. Each answers with a sentence for the bottom
//! row; an empty one says nothing.

use crate::export::{self, Format};
use crate::model::sources::{AROUND, Excerpt};
use crate::model::world::World;
use crate::terminal;
use crate::text::clean;
use mapwatch_event::Site;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies to the clipboard.
#[must_use]
pub fn copy(text: &str) -> String {
    match terminal::copy(text) {
        Ok(()) => "copied, if the terminal allows it (OSC 52)".to_owned(),
        Err(error) => format!("could not copy: {error}"),
    }
}

/// Writes a report to a new file in the current folder, and says where.
#[must_use]
pub fn write(format: Format, world: &World) -> String {
    let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    match write_new(&folder, format.extension(), &export::write(format, world)) {
        Ok(path) => format!("wrote {}", path.display()),
        Err(error) => format!("could not write into {}: {error}", folder.display()),
    }
}

/// The first name that is free: nothing is overwritten.
fn write_new(folder: &Path, extension: &str, text: &str) -> io::Result<PathBuf> {
    for number in 1..1000 {
        let name = if number == 1 {
            format!("mapview-report.{extension}")
        } else {
            format!("mapview-report-{number}.{extension}")
        };
        let path = folder.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "there are a thousand of them already"))
}

/// The longest source file that is read.
const LONGEST: u64 = 8 << 20;

/// Reads the source around sites. Only source is read: a recording names paths, and nobody vouches for it.
#[must_use]
pub fn read(sites: Vec<(Site, String)>) -> Vec<(Site, Option<Excerpt>)> {
    let read = |(site, executable): (Site, String)| {
        let excerpt = excerpt(&site, &executable);
        (site, excerpt)
    };
    sites.into_iter().map(read).collect()
}

fn excerpt(site: &Site, executable: &str) -> Option<Excerpt> {
    let file = Path::new(&site.file);
    if file.extension()? != "rs" || site.line == 0 {
        return None;
    }
    let path = find(file, Path::new(executable))?;
    if path.metadata().ok()?.len() > LONGEST {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let first = site.line.saturating_sub(AROUND).max(1);
    let lines: Vec<String> = text
        .lines()
        .skip(first as usize - 1)
        .take(2 * AROUND as usize + 1)
        .map(|line| clean(&line.replace('\t', "    ")).into_owned())
        .collect();
    (!lines.is_empty()).then_some(Excerpt { first, lines })
}

/// Opens the place in `$VISUAL` or `$EDITOR`, and waits for it.
#[must_use]
pub fn edit(site: &Site, executable: &str) -> String {
    let editor =
        ["VISUAL", "EDITOR"].into_iter().filter_map(std::env::var_os).find(|editor| !editor.is_empty());
    let Some(editor) = editor else { return "set $EDITOR to open sites".to_owned() };
    let editor = editor.to_string_lossy().into_owned();
    let Some(path) = find(Path::new(&site.file), Path::new(executable)) else {
        return format!("{} was not found; start mapview in the checkout", site.file);
    };
    let mut words = editor.split_whitespace();
    let Some(program) = words.next() else { return "set $EDITOR to open sites".to_owned() };
    let mut command = Command::new(program);
    command.args(words).args(arguments(program, &path, site));
    match command.status() {
        Ok(status) if status.success() => String::new(),
        Ok(status) => format!("{program}: {status}"),
        Err(error) => format!("could not start {program}: {error}"),
    }
}

/// How an editor is told the line.
fn arguments(program: &str, path: &Path, site: &Site) -> Vec<String> {
    let path = path.display().to_string();
    let name =
        Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match name.as_str() {
        "code" | "codium" | "cursor" => {
            vec!["-g".to_owned(), format!("{path}:{}:{}", site.line, site.column)]
        }
        "hx" | "helix" | "zed" | "subl" => vec![format!("{path}:{}:{}", site.line, site.column)],
        _ => vec![format!("+{}", site.line), path],
    }
}

/// The file of a site: as it is, or below a folder above this one or above the executable (the compiler wrote
/// paths from the root of the workspace).
fn find(file: &Path, executable: &Path) -> Option<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let folders = here.ancestors().chain(executable.ancestors().skip(1));
    folders.map(|folder| folder.join(file)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write has failed")]
    use super::*;

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let first = write_new(folder.path(), "txt", "one").unwrap();
        let second = write_new(folder.path(), "txt", "two").unwrap();
        assert_ne!(first, second);
        assert_eq!(std::fs::read_to_string(first).unwrap(), "one");
    }

    #[test]
    fn the_file_is_found_near_the_executable() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("shop/src")).unwrap();
        std::fs::write(folder.path().join("shop/src/orders.rs"), "").unwrap();
        let executable = folder.path().join("target/debug/shop");
        let found = find(Path::new("shop/src/orders.rs"), &executable).unwrap();
        assert_eq!(found, folder.path().join("shop/src/orders.rs"));
        assert_eq!(find(Path::new("shop/src/none.rs"), &executable), None);
    }

    #[test]
    fn source_is_read_near_the_executable_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("src")).unwrap();
        let text: String = (1..=30).map(|line| format!("line {line}\t\u{1b}[31m\n")).collect();
        std::fs::write(folder.path().join("src/orders.rs"), &text).unwrap();
        std::fs::write(folder.path().join("src/secret.txt"), &text).unwrap();
        let executable = folder.path().join("target/debug/shop").display().to_string();
        let site = |file: &str, line| Site { file: file.into(), line, column: 1 };
        let found = excerpt(&site("src/orders.rs", 20), &executable).unwrap();
        assert_eq!((found.first, found.lines.len()), (14, 13));
        assert_eq!(found.line(20), Some("line 20    ␛[31m"));
        assert_eq!(excerpt(&site("src/orders.rs", 2), &executable).unwrap().first, 1);
        for (file, line) in
            [("src/secret.txt", 3), ("src/none.rs", 3), ("src/orders.rs", 0), ("src/orders.rs", 900)]
        {
            assert_eq!(excerpt(&site(file, line), &executable), None, "{file}");
        }
    }

    #[test]
    fn editors_are_told_the_line_in_their_own_way() {
        let site = Site { file: "a.rs".into(), line: 7, column: 3 };
        assert_eq!(arguments("/usr/bin/vim", Path::new("a.rs"), &site), ["+7", "a.rs"]);
        assert_eq!(arguments("code", Path::new("a.rs"), &site), ["-g", "a.rs:7:3"]);
        assert_eq!(arguments("hx", Path::new("a.rs"), &site), ["a.rs:7:3"]);
    }
}
