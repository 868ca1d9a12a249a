//! Frames as text, and what keys do, without a terminal.

use super::desk::{Ask, Desk};
use super::lines;
use crate::cli::triage::memory::Edit;
use crate::keymap::{Key, Keys};
use crate::model::ui::Look;
use mapwatch_triage::Triage;
use mapwatch_triage::summary::{Known, State};

/// Two bugs of one file, one with followers and a rate, and one of Go.
const LOG: &str = "2026-11-23T15:00:01Z thread 'w' panicked at src/m.rs:3:5:\n2026-11-23T15:00:01Z index out of bounds: the len is 0 but the index is 3\n\
    2026-11-23T15:01:01Z thread 'w' panicked at src/m.rs:3:5:\n2026-11-23T15:01:01Z index out of bounds: the len is 0 but the index is 4\n\
    2026-11-23T15:02:01Z thread 'a' panicked at src/m.rs:9:7:\n2026-11-23T15:02:01Z called `Option::unwrap()` on a `None` value\n\
    panic: runtime error: integer divide by zero\n\ngoroutine 1 [running]:\nmain.pay(0x1)\n\t/app/main.go:7 +0x1d\n";

fn desk() -> Desk {
    let mut triage = Triage::new().workers(1);
    triage.read_bytes("app.log", LOG.as_bytes());
    let mut summary = triage.finish();
    assert_eq!(summary.groups.len(), 3);
    for group in &summary.groups {
        let known = Known {
            state: State::New,
            first_seen: None,
            last_seen: None,
            count: group.count,
            note: String::new(),
        };
        summary.known.insert(group.fingerprint.clone(), known);
    }
    Desk::new(summary)
}

fn text(desk: &mut Desk, columns: usize, rows: usize) -> String {
    let look = Look { ascii: true, ..Look::default() };
    let lines = lines(desk, look, columns, rows);
    assert_eq!(lines.len(), rows);
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

fn press(desk: &mut Desk, keys: &str) -> Option<Ask> {
    let keys = keys.chars().map(|c| match c {
        '\r' => Key::Enter,
        '\x1b' => Key::Esc,
        c => Key::Char(c),
    });
    keys.fold(None, |_, key| desk.press(&Keys::default(), key))
}

#[test]
fn the_first_screen_says_what_to_do_first() {
    for (columns, rows) in [(80, 24), (160, 50)] {
        let screen = text(&mut desk(), columns, rows);
        assert!(screen.contains("3 bugs, 4 reports"), "{screen}");
        assert!(screen.contains("first: "), "{screen}");
        assert!(screen.contains("index-out-of-bounds"), "{screen}");
        assert!(screen.contains("####"), "{screen}");
        assert!(screen.contains("q quit"), "{screen}");
        let list = screen.lines().filter(|line| line.contains(" new ")).count();
        assert_eq!(list, 3, "{screen}");
    }
    assert!(
        text(&mut desk(), 160, 50).lines().any(|line| line.contains("src/m.rs:3:5") && line.contains('#'))
    );
}

#[test]
fn no_size_is_too_small() {
    for (columns, rows) in [(1, 1), (2, 3), (10, 4), (40, 10)] {
        let mut desk = desk();
        for keys in ["", "j", "\r", "G", "?", "q", "q"] {
            press(&mut desk, keys);
            text(&mut desk, columns, rows);
        }
    }
}

#[test]
fn a_bug_has_a_page() {
    let mut desk = desk();
    press(&mut desk, "\r");
    let page = text(&mut desk, 100, 60);
    for told in [
        "index out of bounds",
        "src/m.rs:3:5",
        "2 times",
        "a minute at its worst",
        "cure",
        "before",
        "2026-11-23",
    ] {
        assert!(page.contains(told), "{told}:\n{page}");
    }
    // The next bug, without going back.
    press(&mut desk, "e");
    assert!(!text(&mut desk, 100, 60).contains("index out of bounds"));
    // A page that is longer than the screen can be read to its end, and no further.
    text(&mut desk, 60, 10);
    press(&mut desk, "G");
    let end = text(&mut desk, 60, 10);
    assert!(end.lines().nth(8).is_some_and(|line| !line.is_empty()), "{end}");
    press(&mut desk, "q");
    assert!(text(&mut desk, 100, 30).contains("3 bugs"));
}

#[test]
fn filters_and_searches_look_at_what_is_told() {
    for (filter, left) in [
        ("category:index-out-of-bounds", 1),
        ("language:go", 1),
        ("-language:go", 2),
        ("src/m.rs:9", 1),
        ("count>1", 1),
        ("state:new unwrap", 1),
        ("file:app", 3),
        ("nothing-like-it", 0),
    ] {
        let mut desk = desk();
        press(&mut desk, &format!("f{filter}\r"));
        assert_eq!(desk.rows().len(), left, "{filter}");
        press(&mut desk, "\x1b");
        assert_eq!(desk.rows().len(), 3, "{filter}");
    }
    let mut desk = desk();
    press(&mut desk, "/main.pay\r");
    assert_eq!(desk.group().map(|group| group.top_frame.as_str()), Some("main.pay"));
    press(&mut desk, "/no such words\r");
    assert!(text(&mut desk, 80, 24).contains("nothing fits"));
}

#[test]
fn the_selected_bug_stays_selected_in_every_order() {
    let mut desk = desk();
    press(&mut desk, "j");
    let selected = desk.group().map(|group| group.fingerprint.clone());
    for key in ["s", "s", "s", "s", "I", "I"] {
        press(&mut desk, key);
        assert_eq!(desk.group().map(|group| group.fingerprint.clone()), selected, "{key}");
    }
}

#[test]
fn the_history_is_told_and_the_screen_shows_it() {
    let mut desk = desk();
    let print = desk.group().map(|group| group.fingerprint.clone()).unwrap_or_default();
    for (keys, edit, shown) in [
        ("r", Edit::Resolve(print.clone()), "resolved"),
        ("i", Edit::Ignore(print.clone()), "ignored"),
        ("u", Edit::Reopen(print.clone()), "ongoing"),
        ("Asee the runbook\r", Edit::Note(print.clone(), "see the runbook".to_owned()), "noted"),
    ] {
        assert_eq!(press(&mut desk, keys), Some(Ask::Remember(edit.clone())), "{keys}");
        desk.remembered(&edit);
        assert!(text(&mut desk, 100, 24).contains(shown), "{keys}");
    }
    press(&mut desk, "\r");
    assert!(text(&mut desk, 100, 60).contains("see the runbook"));
    assert_eq!(press(&mut desk, "qq"), Some(Ask::Quit));
}
