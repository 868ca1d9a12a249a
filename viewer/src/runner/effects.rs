//! What is done outside of the model when the user asks for it. Each answers with a sentence for the bottom
//! row; an empty one says nothing.

use crate::terminal;
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

/// Writes the report to a new file in the current folder.
#[must_use]
pub fn write(text: &str) -> String {
    match write_new(Path::new("."), text) {
        Ok(path) => format!("wrote {}", path.display()),
        Err(error) => format!("could not write the report: {error}"),
    }
}

/// The first name that is free: nothing is overwritten.
fn write_new(folder: &Path, text: &str) -> io::Result<PathBuf> {
    for number in 1..1000 {
        let name = if number == 1 {
            "mapview-report.txt".to_owned()
        } else {
            format!("mapview-report-{number}.txt")
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
        let first = write_new(folder.path(), "one").unwrap();
        let second = write_new(folder.path(), "two").unwrap();
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
    fn editors_are_told_the_line_in_their_own_way() {
        let site = Site { file: "a.rs".into(), line: 7, column: 3 };
        assert_eq!(arguments("/usr/bin/vim", Path::new("a.rs"), &site), ["+7", "a.rs"]);
        assert_eq!(arguments("code", Path::new("a.rs"), &site), ["-g", "a.rs:7:3"]);
        assert_eq!(arguments("hx", Path::new("a.rs"), &site), ["a.rs:7:3"]);
    }
}
