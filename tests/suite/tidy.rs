//! The workspace keeps its own rules; each of them is an absence that a reader can rely on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// All Rust files below a folder of the workspace, with their paths from its root.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The workspace crates that a package's ordinary dependencies name.
fn arrows(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let start = text.find("\n[dependencies]").map_or(text.len(), |start| start + 1);
    let section = text[start..].lines().skip(1).take_while(|line| !line.starts_with('['));
    let name = |line: &str| line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
    section.map(name).filter(|name| name.starts_with("mapwatch")).collect()
}

#[test]
fn the_arrows_are_the_designs() {
    let check = |manifest: &str, allowed: &[&str]| {
        let allowed: BTreeSet<String> = allowed.iter().map(ToString::to_string).collect();
        let found = arrows(manifest);
        assert!(found.is_subset(&allowed), "{manifest} depends on {found:?}, allowed are {allowed:?}");
    };
    check("crates/mapwatch-event/Cargo.toml", &[]);
    check("crates/mapwatch-core/Cargo.toml", &["mapwatch-event"]);
    check("crates/mapwatch/Cargo.toml", &["mapwatch-core", "mapwatch-triage"]);
    check("crates/mapwatch-tracing/Cargo.toml", &["mapwatch-core"]);
    check("crates/mapwatch-dashmap/Cargo.toml", &["mapwatch"]);
    check("crates/mapwatch-parking_lot/Cargo.toml", &["mapwatch"]);
    check("viewer/Cargo.toml", &["mapwatch-event", "mapwatch-triage", "mapwatch-vet", "mapwatch"]);
    check("crates/mapwatch-triage/Cargo.toml", &["mapwatch-event"]);
}

#[test]
fn unsafe_stands_on_the_island_alone() {
    let is_unsafe = |text: &str| {
        let code = |line: &&str| !line.trim_start().starts_with("//");
        text.lines().filter(code).any(|line| line.contains("unsafe {") || line.contains("unsafe impl"))
    };
    let named = fs::read_to_string(root().join("crates/mapwatch-core/src/lib.rs")).unwrap();
    let allowed: BTreeSet<String> = named
        .split("unsafe_code,")
        .skip(1)
        .filter_map(|after| after.split("mod ").nth(1))
        .filter_map(|module| module.split(';').next())
        .map(str::to_owned)
        .collect();
    for folder in ["crates", "viewer"] {
        for (name, _) in sources(folder).into_iter().filter(|(_, text)| is_unsafe(text)) {
            let module = name
                .strip_prefix("crates/mapwatch-core/src/")
                .unwrap_or_else(|| panic!("unsafe code in {name}"));
            let module = module.split(['/', '.']).next().unwrap_or_default();
            let in_tests = name.ends_with("loom_tests.rs");
            assert!(in_tests || allowed.contains(module), "{name} is no module that may");
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["crates", "viewer", "examples", "tests"] {
        for (name, text) in sources(folder) {
            assert!(text.starts_with("//"), "{name} does not begin with what it is for");
        }
    }
}

#[test]
fn no_file_is_called_mod() {
    for folder in ["crates", "viewer", "tests"] {
        for (name, _) in sources(folder) {
            assert!(!name.ends_with("/mod.rs"), "{name}");
        }
    }
}

#[test]
fn the_viewers_model_knows_no_terminal() {
    for (name, text) in sources("viewer/src").into_iter().filter(|(name, _)| name.contains("/model")) {
        assert!(!text.contains("ratatui") && !text.contains("crossterm"), "{name}");
    }
}

#[test]
fn the_viewer_links_the_runtime_in_one_module() {
    for (name, text) in sources("viewer/src") {
        let links = text.contains("use mapwatch::") || text.contains("mapwatch_core");
        assert!(!links || name.contains("/demo/"), "{name} uses the runtime crates");
    }
}

#[test]
fn the_nouns_do_no_io_and_read_no_clock() {
    for (name, text) in sources("crates/mapwatch-event/src") {
        for word in ["std::fs", "std::net", "std::time::Instant", "SystemTime", "std::io"] {
            assert!(!text.contains(word), "{name} uses {word}");
        }
    }
}
