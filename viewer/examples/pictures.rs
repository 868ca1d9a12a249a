//! The pictures of the README: `cargo run -p mapview --example pictures [FOLDER]`, from the root of the repository.
//!
//! Runs the scenarios of `mapview demo`, opens what they recorded, goes to the screens as a user would, and writes
//! each frame as the terminal would have shown it, as SVG; by default into `docs/pictures`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a picture that cannot be made is an error")]

use mapview::demo::{self, Visit};
use mapview::keymap::Command;
use mapview::model::Model;
use mapview::msg::{Msg, PromptEdit};
use mapview::runner::effects;
use mapview::source::file::{Recording, play_all};
use mapview::source::{Feed, player};
use mapview::update::{Effect, update};
use mapview::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const COLUMNS: u16 = 132;
const ROWS: u16 = 36;

/// File, scenario, and what the user does: commands, or text that is typed into the prompt.
const PICTURES: &[(&str, &str, &[Key])] = &[
    ("overview", "orders", &[]),
    ("map", "orders", &[Key::Command(Command::Screen(1)), Key::Find("orders"), Key::Command(Command::Open)]),
    (
        "conflict",
        "guards",
        &[Key::Command(Command::Screen(3)), Key::Find("deadlock"), Key::Command(Command::Open)],
    ),
    ("tasks", "tasks", &[Key::Command(Command::Screen(2))]),
    ("holders", "guards", &[Key::Command(Command::Screen(5)), Key::UntilSomebodyWaits]),
];

/// One step on the way to a picture.
#[derive(Clone, Copy, Debug)]
enum Key {
    /// A command, as a key gives it.
    Command(Command),
    /// Searches, and goes to the first match.
    Find(&'static str),
    /// Goes back through recorded time to a moment at which somebody waits for a guard.
    UntilSomebodyWaits,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, scenario] = &arguments[..]
        && word == "__demo"
    {
        demo::run(scenario, Visit::Brief).unwrap();
        return;
    }
    let folder = PathBuf::from(arguments.first().map_or("docs/pictures", String::as_str));
    std::fs::create_dir_all(&folder).unwrap();
    let recordings = tempfile::tempdir().unwrap();
    for (name, scenario, keys) in PICTURES {
        let recording = recordings.path().join(format!("{scenario}.jsonl"));
        if !recording.exists() {
            record(scenario, &recording);
        }
        let mut model = open(&recording);
        for key in *keys {
            press(&mut model, *key);
        }
        let path = folder.join(format!("{name}.svg"));
        std::fs::write(&path, svg(&frame(&mut model))).unwrap();
        println!("{}", path.display());
    }
}

/// Runs a scenario in a process of its own, which records itself.
fn record(scenario: &str, to: &Path) {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["__demo", scenario]).env("MAPWATCH", "panic").env("MAPWATCH_OUT", to);
    // Its panics are planted.
    command.env("MAPWATCH_STDERR", "off").stderr(std::process::Stdio::null());
    assert!(command.status().unwrap().success(), "{scenario} failed");
    // Frames name files by their whole paths: where this checkout lies is nobody's business.
    let here = format!("{}/", std::env::current_dir().unwrap().display());
    let text = std::fs::read_to_string(to).unwrap().replace(&here, "");
    std::fs::write(to, text).unwrap();
}

fn open(path: &Path) -> Model {
    let (feed, messages) = Feed::new();
    play_all(vec![Recording::open(path).unwrap()], feed).unwrap();
    let mut model = Model::default();
    tell(&mut model, Msg::Resized(COLUMNS, ROWS));
    for msg in &messages {
        tell(&mut model, msg);
    }
    model
}

/// Tells the model, and does what it asks for in turn.
fn tell(model: &mut Model, msg: Msg) {
    let mut effect = update(model, msg);
    while let Some(asked) = effect {
        effect = match asked {
            Effect::Travel(journey) => {
                let sight = player::play(*journey);
                update(model, Msg::Travelled(Box::new(sight)))
            }
            Effect::Read(sites) => update(model, Msg::Source(effects::read(sites))),
            _ => None,
        };
    }
}

fn press(model: &mut Model, key: Key) {
    match key {
        Key::Command(command) => tell(model, Msg::Command(command)),
        Key::Find(text) => {
            tell(model, Msg::Command(Command::Search));
            text.chars().for_each(|c| tell(model, Msg::Prompt(PromptEdit::Type(c))));
            tell(model, Msg::Prompt(PromptEdit::Accept));
        }
        Key::UntilSomebodyWaits => {
            let waits =
                |model: &Model| model.seen().sessions.values().any(|session| session.maps.waiting() > 0);
            for _ in 0..100 {
                if waits(model) {
                    return;
                }
                tell(model, Msg::Command(Command::Earlier));
            }
        }
    }
}

/// Draws twice: the first frame says how far one can scroll.
fn frame(model: &mut Model) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(COLUMNS, ROWS)).unwrap();
    for _ in 0..2 {
        let mut measured = None;
        terminal.draw(|frame| measured = Some(view(frame, model))).unwrap();
        tell(model, Msg::Measured(measured.unwrap()));
    }
    terminal.backend().buffer().clone()
}

/// Width and height of a cell, and where its text stands.
const CELL: (f32, f32, f32) = (8.0, 17.0, 13.0);
const BACKGROUND: &str = "#15191e";

fn svg(buffer: &Buffer) -> String {
    let (width, height) = (f32::from(COLUMNS) * CELL.0 + 16.0, f32::from(ROWS) * CELL.1 + 16.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-size=\"13\" \
         font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..ROWS {
        let cells: Vec<&Cell> = (0..COLUMNS).filter_map(|column| buffer.cell((column, row))).collect();
        let mut column = 0;
        for run in cells.chunk_by(|one, other| one.style() == other.style()) {
            write_run(&mut out, run, column, row);
            column += run.len();
        }
    }
    out + "</svg>\n"
}

/// Cells of one style beside each other: what fills them, and the words in them, each at its own place. (Blanks in
/// SVG have no width that one could rely on.)
fn write_run(out: &mut String, cells: &[&Cell], column: usize, row: u16) {
    let style = cells[0].modifier;
    let reversed = style.contains(Modifier::REVERSED);
    let colour = hex(cells[0].fg);
    let (x, y) = (|column: usize| 8.0 + column as f32 * CELL.0, 8.0 + f32::from(row) * CELL.1);
    let width = |cells: &[&Cell]| cells.len() as f32 * CELL.0;
    if reversed {
        let (x, width, height) = (x(column), width(cells), CELL.1);
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>"
        );
    }
    let fill = if reversed { BACKGROUND } else { colour };
    let bold = if style.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let dim = if style.contains(Modifier::DIM) { " opacity=\"0.6\"" } else { "" };
    let mut column = column;
    for word in cells.chunk_by(|one, other| (one.symbol() == " ") == (other.symbol() == " ")) {
        let text: String = word.iter().map(|cell| cell.symbol()).collect();
        if !text.trim().is_empty() {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let (x, y, width) = (x(column), y + CELL.2, width(word));
            let _ = writeln!(
                out,
                "<text x=\"{x}\" y=\"{y}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\" \
                 fill=\"{fill}\"{bold}{dim}>{text}</text>"
            );
        }
        column += word.len();
    }
}

/// The sixteen colours, as a dark terminal has them.
fn hex(colour: Color) -> &'static str {
    match colour {
        Color::Black => "#2b3036",
        Color::Red | Color::LightRed => "#f07178",
        Color::Green | Color::LightGreen => "#9ece6a",
        Color::Yellow | Color::LightYellow => "#e6b455",
        Color::Blue | Color::LightBlue => "#7aa2f7",
        Color::Magenta | Color::LightMagenta => "#c792ea",
        Color::Cyan | Color::LightCyan => "#6cc7d6",
        Color::DarkGray => "#7a828c",
        Color::White => "#ffffff",
        _ => "#d5dae0",
    }
}
