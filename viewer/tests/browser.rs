//! The HTML report in a real browser: `cargo test -p mapview --test browser -- --ignored`.
//!
//! Not part of every run: a browser is large, and not on every machine.
#![allow(clippy::unwrap_used, reason = "a page that a browser cannot read has failed")]

use std::path::Path;
use std::process::{Command, Stdio};

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

#[test]
#[ignore = "starts a browser"]
fn a_browser_reads_the_page_as_it_was_written_and_loads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/1.1.jsonl");
    let mut export = Command::new(env!("CARGO_BIN_EXE_mapview"));
    export.args(["export", "--format", "html", "-o"]).arg(&page).arg(recording).stdin(Stdio::null());
    assert!(export.status().unwrap().success());
    let output = BROWSERS
        .iter()
        .find_map(|browser| {
            Command::new(browser)
                .args([
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--enable-logging=stderr",
                    "--dump-dom",
                ])
                .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
                .arg(format!("file://{}", page.display()))
                .stdin(Stdio::null())
                .output()
                .ok()
        })
        .expect("no browser on this machine");
    let dom = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    let text = std::fs::read_to_string(&page).unwrap();
    // What the browser makes of it has every element that was written: none was moved, closed early or dropped.
    for tag in ["<table", "<tr", "<td", "<section", "<details", "<svg", "<rect", "<path", "<h2", "<h3", "<li"]
    {
        assert_eq!(dom.matches(tag).count(), text.matches(tag).count(), "{tag}");
    }
    assert!(dom.contains("self-deadlock") && dom.contains("viewer/src/demo/guards.rs"), "{dom}");
    assert!(!log.contains("CONSOLE"), "the page complains: {log}");
}
