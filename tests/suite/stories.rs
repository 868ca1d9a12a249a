//! Every example does what its first lines say.

use crate::program::{command, example, stderr, stdout};

/// Runs an example until it says `headline` and exits with 101; a race that does not happen is given `tries`.
fn tells(name: &str, headline: &str, names: &[&str], tries: usize) {
    let program = example(name);
    let mut said = String::new();
    for _ in 0..tries {
        let output = command(&program).output().unwrap();
        said = stderr(&output);
        if output.status.code() == Some(101) {
            assert!(said.contains(headline), "{name}:\n{said}");
            for part in names {
                assert!(said.contains(part), "{name} does not name {part}:\n{said}");
            }
            return;
        }
    }
    panic!("{name} was not caught in {tries} tries:\n{said}");
}

#[test]
fn double_writer() {
    tells(
        "double_writer",
        "mapwatch: concurrent map writes: `insert` on `orders`",
        &["writer-0", "writer-1"],
        50,
    );
}

#[test]
fn iterate_and_write() {
    let headline = "mapwatch: concurrent map iteration and map write: `remove` on `sessions`";
    tells(
        "iterate_and_write",
        headline,
        &["for session in sessions.iter()", "sessions.remove(session.key())"],
        1,
    );
}

#[test]
fn uninitialised() {
    tells("uninitialised", "mapwatch: assignment to entry in nil map: `insert`", &["uninitialised.rs"], 1);
}

#[test]
fn growth() {
    tells("growth", "concurrent map iteration and map write", &["growth.rs", "`insert`"], 1);
}

#[test]
fn header_stomp() {
    tells("header_stomp", "map header overwritten", &["header-corruption", "header_stomp.rs"], 1);
}

#[test]
fn shared_unsafe() {
    tells("shared_unsafe", "concurrent map writes", &["shared_unsafe.rs"], 1);
}

#[test]
fn detection_prints_its_table() {
    let output = command(example("detection")).arg("2").output().unwrap();
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(table.lines().filter(|line| line.starts_with("| ")).count(), 5, "{table}");
}

/// How often the uncured form fails is the machine's matter; the cured one never does.
#[test]
fn store_buffer() {
    let output = command(example("store_buffer")).arg("500").output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output);
    assert!(
        said.contains("| nothing | 500 | ") && said.contains("| a SeqCst fence | 500 | 0 | 0 |"),
        "{said}"
    );
}
