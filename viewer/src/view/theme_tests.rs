//! Every screen under every theme: what must hold of each cell, and a few frames with their styles.
#![allow(clippy::unwrap_used, reason = "a screen that cannot be drawn has failed")]

use super::tests::{WAYS, go};
use crate::keymap::Command;
use crate::model::Model;
use crate::model::sources::Excerpt;
use crate::model::ui::{Look, Screen, ThemeName};
use crate::msg::Msg;
use crate::testing::{busy_shop, cells, check_snapshot, live, send};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const SIZES: [(u16, u16); 2] = [(80, 24), (160, 50)];

/// What lies over a screen, or is marked on it.
const OVER: [(&str, &[Command]); 4] = [
    ("orders", &[Command::Screen(1), Command::Sort]),
    ("processes", &[Command::Processes]),
    ("a mark", &[Command::Screen(2), Command::Mark, Command::Down]),
    ("formats", &[Command::Screen(3), Command::Write]),
];

fn looks() -> impl Iterator<Item = Look> {
    let of = |theme| [false, true].map(|ascii| Look { theme, ascii, mouse: false });
    ThemeName::ALL.into_iter().flat_map(of)
}

/// Each picture by its name: the screens with source in colours, and what lies over them.
fn pictures() -> Vec<(String, Model)> {
    let ways = WAYS.into_iter().chain(OVER);
    let mut all: Vec<(String, Model)> = ways
        .map(|(name, way)| {
            let mut model = live(&busy_shop());
            go(&mut model, way);
            (name.to_owned(), model)
        })
        .collect();
    all.push(("source".to_owned(), with_source()));
    all
}

/// A finding's page with a line of source in which every part of the syntax occurs.
fn with_source() -> Model {
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Screen(3), Command::Open]);
    let Some(Screen::Conflict(id)) = model.ui.screens.last() else { panic!("no finding is shown") };
    let sites: Vec<_> =
        model.world.findings.get(*id).unwrap().first.sides.iter().map(|side| side.site.clone()).collect();
    let found = sites.into_iter().map(|site| {
        let first = site.line.saturating_sub(2).max(1);
        let line = "    let one: Vec<u8> = call(\"text\", 17); vec![1]; // said";
        (site, Some(Excerpt { first, lines: vec![line.to_owned(); 5] }))
    });
    let found = found.collect();
    send(&mut model, Msg::Source(found));
    model
}

/// Draws all pictures at all sizes under one look.
fn under(look: Look, mut each: impl FnMut(&str, &Buffer)) {
    for (name, mut model) in pictures() {
        model.ui.look = look;
        for (columns, rows) in SIZES {
            each(&format!("{name} at {columns}x{rows}, {look:?}"), &cells(&model, columns, rows));
        }
    }
}

fn symbols(buffer: &Buffer) -> Vec<String> {
    buffer.content().iter().map(|cell| cell.symbol().to_owned()).collect()
}

/// What each theme may do with a cell.
fn check(theme: ThemeName, cell: &Cell) -> Result<(), &'static str> {
    let (front, back) = (cell.fg, cell.bg);
    if front == back && front != Color::Reset {
        return Err("text in the colour of what is behind it");
    }
    if cell.modifier.intersects(Modifier::HIDDEN | Modifier::SLOW_BLINK | Modifier::RAPID_BLINK) {
        return Err("hidden, or it blinks");
    }
    let allowed: &[Color] = match theme {
        ThemeName::Mono => &[],
        ThemeName::Dark => {
            &[Color::Red, Color::Green, Color::Yellow, Color::Blue, Color::Magenta, Color::Cyan]
        }
        ThemeName::Light => &[Color::Red, Color::Green, Color::Blue, Color::Magenta],
        ThemeName::HighContrast => {
            &[Color::LightRed, Color::LightGreen, Color::LightYellow, Color::LightMagenta, Color::LightCyan]
        }
    };
    if back != Color::Reset || front != Color::Reset && !allowed.contains(&front) {
        return Err("a colour that the theme does not have");
    }
    let (dim, bold) = (cell.modifier.contains(Modifier::DIM), cell.modifier.contains(Modifier::BOLD));
    match theme {
        ThemeName::HighContrast if dim => Err("dim"),
        ThemeName::HighContrast if front != Color::Reset && !bold => Err("in colour, but not bold"),
        _ => Ok(()),
    }
}

#[test]
fn the_pictures_are_of_every_screen() {
    let number = |screen: &Screen| match screen {
        Screen::Overview => 0,
        Screen::Maps => 1,
        Screen::Tasks => 2,
        Screen::Conflicts => 3,
        Screen::Panics => 4,
        Screen::Findings => 5,
        Screen::Advice => 6,
        Screen::Log => 7,
        Screen::Holders => 8,
        Screen::Map(_) => 9,
        Screen::Task(_) => 10,
        Screen::Panic(_) => 11,
        Screen::Conflict(_) => 12,
        Screen::Help => 13,
        Screen::Line(_) => 14,
    };
    let shown: BTreeSet<i32> = pictures()
        .iter()
        .map(|(_, model)| number(model.ui.screens.last().unwrap_or(&Screen::Overview)))
        .collect();
    assert_eq!(shown, (0..15).collect());
}

#[test]
fn every_cell_keeps_to_its_theme() {
    for look in looks() {
        let mut colours = BTreeSet::new();
        under(look, |name, buffer| {
            for (index, cell) in buffer.content().iter().enumerate() {
                if let Err(why) = check(look.theme, cell) {
                    panic!("{name}: {why}: {cell:?} at {:?}", buffer.pos_of(index));
                }
                colours.insert(format!("{:?}", cell.fg));
            }
        });
        // A theme that has gone grey keeps to every rule above.
        let least = if look.theme == ThemeName::Mono { 1 } else { 5 };
        assert!(colours.len() >= least, "{look:?}: {colours:?}");
    }
}

#[test]
fn a_theme_changes_no_letter_and_ascii_only_marks() {
    for ascii in [false, true] {
        let mut first: Vec<Vec<String>> = Vec::new();
        for theme in ThemeName::ALL {
            let mut number = 0;
            under(Look { theme, ascii, mouse: false }, |name, buffer| {
                let drawn = symbols(buffer);
                match first.get(number) {
                    Some(first) if theme != ThemeName::ALL[0] => assert!(*first == drawn, "{name}"),
                    _ => first.push(drawn),
                }
                number += 1;
            });
        }
    }
    let mut marked: Vec<Vec<String>> = Vec::new();
    under(Look::default(), |_, buffer| marked.push(symbols(buffer)));
    let mut marked = marked.into_iter();
    under(Look { ascii: true, ..Look::default() }, |name, buffer| {
        for (plain, marked) in symbols(buffer).iter().zip(marked.next().unwrap()) {
            // The sign of microseconds is text.
            assert!(plain.is_ascii() || *plain == "µ", "{name}: {plain}");
            assert!(!marked.is_ascii() || *plain == marked, "{name}: `{plain}` stands for `{marked}`");
        }
    });
}

/// Lines of a frame, each followed by its styles: from column to column, what differs from plain text.
fn styled(buffer: &Buffer) -> String {
    let mut text = String::new();
    let style = |cell: &Cell| {
        let mut words = Vec::new();
        if cell.fg != Color::Reset {
            words.push(format!("{:?}", cell.fg).to_lowercase());
        }
        if cell.bg != Color::Reset {
            words.push(format!("on {:?}", cell.bg).to_lowercase());
        }
        words.extend(cell.modifier.iter_names().map(|(name, _)| name.to_lowercase()));
        words.join("+")
    };
    for row in buffer.content().chunks(usize::from(buffer.area.width)) {
        let line: String = row.iter().map(Cell::symbol).collect();
        let _ = writeln!(text, "{}", line.trim_end());
        let mut column = 0;
        for run in row.chunk_by(|one, other| style(one) == style(other)) {
            let end = column + run.len();
            if !style(&run[0]).is_empty() {
                let _ = writeln!(text, "    {column}..{end} {}", style(&run[0]));
            }
            column = end;
        }
    }
    text
}

#[test]
fn the_overview_and_a_finding_look_as_they_did_under_each_theme() {
    for theme in ThemeName::ALL {
        for (name, mut model) in [("overview", live(&busy_shop())), ("source", with_source())] {
            model.ui.look.theme = theme;
            let theme = theme.word().replace(' ', "-");
            check_snapshot(&format!("styles-{name}-{theme}"), &styled(&cells(&model, 80, 24)));
        }
    }
}
