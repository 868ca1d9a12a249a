//! How a message changes the model, and what must be done outside of it.
//!
//! This is the only code that changes a [`Model`]. It does no I/O: what has to be done outside is an
//! [`Effect`], which the runner carries out and answers with [`Msg::Told`].

pub mod navigate;
pub mod prompt;
pub mod travel;

use crate::keymap::Command;
use crate::model::Model;
use crate::model::findings::Finding;
use crate::model::session::SessionId;
use crate::model::tape::{Journey, What};
use crate::model::ui::{FindingSort, Folding, MapKey, Note, Screen, Sort};
use crate::msg::{Measured, Msg};
use crate::report;
use mapwatch_event::{Frame, Report, Side, Site};
use std::time::Duration;

/// How long a sentence stays at the bottom.
const NOTE: Duration = Duration::from_secs(4);

/// Something to do outside of the model.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Leave the viewer.
    Quit,
    /// Stop as a job of the shell.
    Suspend,
    /// Draw everything anew.
    Repaint,
    /// Copy this text to the clipboard.
    Copy(String),
    /// Play a part of the tape; the answer is [`Msg::Travelled`].
    Travel(Box<Journey>),
    /// Write this report to a file that does not exist yet.
    Write(String),
    /// Open a place in an editor.
    Edit {
        /// The place; its path is as the compiler knew it.
        site: Site,
        /// The executable that it belongs to: the file may lie near it.
        executable: String,
    },
}

/// Takes in one message.
pub fn update(model: &mut Model, msg: Msg) -> Option<Effect> {
    match msg {
        Msg::Tick(clock) => {
            model.world.clock = clock;
            if model.ui.note.as_ref().is_some_and(|note| note.until <= clock) {
                model.ui.note = None;
            }
        }
        Msg::Stream(stream, msg) => {
            let (before, what) = (model.world.position, What::of(stream, &msg));
            model.world.stream(stream, msg);
            model.tape.note(before, what, &mut model.world);
        }
        Msg::Refused(why) => {
            let before = model.world.position;
            model.world.refused(why.clone());
            model.tape.note(before, What::Refused(why), &mut model.world);
        }
        Msg::Warned(what) => model.world.warned(what),
        Msg::Travelled(world, trouble) => return travel::arrive(model, world, trouble),
        Msg::SourcesEnded => model.world.ended = true,
        Msg::Command(command) => return obey(model, command),
        Msg::Prompt(edit) => return prompt::edit(model, edit),
        Msg::Resized(columns, rows) => model.ui.size = (columns, rows),
        Msg::Measured(measured) => measure(model, measured),
        Msg::Told(text) => tell(model, text),
    }
    None
}

fn obey(model: &mut Model, command: Command) -> Option<Effect> {
    match command {
        Command::Quit => return Some(Effect::Quit),
        Command::Leave => return (!navigate::back(model)).then_some(Effect::Quit),
        Command::Suspend => return Some(Effect::Suspend),
        Command::Repaint => return Some(Effect::Repaint),
        Command::Copy => return copy(model),
        Command::Write => return Some(Effect::Write(report::text::render(model.seen()))),
        Command::Edit => return edit(model),
        Command::Search | Command::Filter | Command::GoTo => prompt::open(model, command),
        Command::NextMoment
        | Command::PreviousMoment
        | Command::Later
        | Command::Earlier
        | Command::LineForward
        | Command::LineBack => return travel::go(model, command),
        Command::NextMatch => prompt::step(model, 1),
        Command::PreviousMatch => prompt::step(model, -1),
        Command::Pause => pause(model),
        Command::Sort | Command::Invert => arrange(model, command),
        Command::Follow => follow(model),
        Command::Frames => {
            model.ui.folding = match model.ui.folding {
                Folding::User => Folding::All,
                Folding::All => Folding::User,
            };
        }
        movement => navigate::go(model, movement),
    }
    None
}

/// Puts a sentence at the bottom for a while.
pub fn tell(model: &mut Model, text: impl Into<String>) {
    let until = model.world.clock + NOTE;
    model.ui.note = Some(Note { text: text.into(), until });
}

/// What the frame really showed decides how far one can scroll.
fn measure(model: &mut Model, measured: Measured) {
    model.ui.measured = measured;
    match model.ui.screen() {
        Screen::Maps => model.ui.maps.top = measured.top,
        Screen::Conflicts => model.ui.conflicts.top = measured.top,
        Screen::Log => model.ui.log.top = measured.top,
        page => {
            model.ui.scrolled.insert(page, measured.top);
        }
    }
}

/// The picture stops; the world goes on behind it.
fn pause(model: &mut Model) {
    model.ui.travel = None;
    model.frozen = match model.frozen.take() {
        Some(_) => None,
        None => Some(Box::new(model.world.clone())),
    };
}

fn arrange(model: &mut Model, command: Command) {
    let invert = command == Command::Invert;
    let ui = &mut model.ui;
    match ui.screen() {
        Screen::Maps if invert => ui.maps.inverted ^= true,
        Screen::Conflicts if invert => ui.conflicts.inverted ^= true,
        Screen::Maps => ui.maps.sort = ui.maps.sort.next(),
        Screen::Conflicts => ui.conflicts.sort = ui.conflicts.sort.next(),
        _ => tell(model, "this screen has one order; Maps and Conflicts can be sorted"),
    }
}

fn follow(model: &mut Model) {
    let ui = &mut model.ui;
    let follow = match ui.screen() {
        Screen::Log => &mut ui.log.follow,
        Screen::Conflicts => {
            // The newest row is the last one only in this order.
            ui.conflicts.sort = FindingSort::Latest;
            ui.conflicts.inverted = true;
            &mut ui.conflicts.follow
        }
        _ => return tell(model, "Log and Conflicts can be followed"),
    };
    *follow ^= true;
    let sentence = if *follow { "following the newest row" } else { "no longer following" };
    tell(model, sentence);
}

/// The finding that a command on this screen is about.
fn finding_at_hand(model: &Model) -> Option<&Finding> {
    let findings = &model.seen().findings;
    match model.ui.screen() {
        Screen::Conflict(id) => findings.get(id),
        Screen::Conflicts => model.ui.conflicts.row(&model.finding_keys()).and_then(|id| findings.get(id)),
        Screen::Map(key) => model.findings_of(key).first().copied(),
        Screen::Overview => findings.newest(),
        _ => None,
    }
}

fn copy(model: &mut Model) -> Option<Effect> {
    let text = match model.ui.screen() {
        Screen::Log => {
            let selected = model.ui.log.row(&model.log_keys());
            model.log_rows().into_iter().find(|line| Some(line.id) == selected).map(|line| line.text.clone())
        }
        Screen::Maps => {
            let key = model.ui.maps.row(&model.map_keys());
            key.and_then(|key| model.map_row(key)).map(|row| format!("{} at {}", row.title(), row.made()))
        }
        _ => finding_at_hand(model).map(|finding| Report::new(&finding.latest).to_string()),
    };
    if text.is_none() {
        tell(model, "nothing to copy here");
    }
    text.map(Effect::Copy)
}

/// The site that `o` opens, and its session: of the chosen side of a conflict, else where the map was made.
fn site_at_hand(model: &Model) -> Option<(Site, SessionId)> {
    let map_site = |key: MapKey| {
        let row = model.map_row(key)?;
        Some((row.session.site(row.map.made).cloned()?, key.session))
    };
    match model.ui.screen() {
        Screen::Maps => model.ui.maps.row(&model.map_keys()).and_then(map_site),
        Screen::Map(key) => map_site(key),
        _ => {
            let finding = finding_at_hand(model)?;
            let sides = &finding.latest.sides;
            let side = match model.ui.screen() {
                Screen::Conflict(_) => sides.get(model.ui.side.min(sides.len().checked_sub(1)?)),
                _ => finding.latest.attempt(),
            };
            Some((whole_path(side?), finding.last_seen.session))
        }
    }
}

/// The site of a side, with the absolute path where its stack knows it.
fn whole_path(side: &Side) -> Site {
    let Site { file, line, column } = side.site.clone();
    let same = |frame: &&Frame| frame.line == line && frame.file.ends_with(&file);
    let file = side.stack.frames.iter().find(same).map_or(file, |frame| frame.file.clone());
    Site { file, line, column }
}

fn edit(model: &mut Model) -> Option<Effect> {
    let Some((site, session)) = site_at_hand(model) else {
        tell(model, "no site to open here");
        return None;
    };
    let session = model.seen().sessions.get(&session);
    let executable = session.map(|session| session.header.executable.clone()).unwrap_or_default();
    Some(Effect::Edit { site, executable })
}
