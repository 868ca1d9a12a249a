//! How a message changes the model, and what must be done outside of it.
//!
//! This is the only code that changes a [`Model`]. It does no I/O: what has to be done outside is an
//! [`Effect`], which the runner carries out and answers with [`Msg::Told`].

pub mod menu;
pub mod mouse;
pub mod navigate;
pub mod prompt;
pub mod travel;

use crate::export::Format;
use crate::keymap::Command;
use crate::model::Model;
use crate::model::findings::FindingId;
use crate::model::list::{ListId, RowKey};
use crate::model::panics::PanicId;
use crate::model::query::Fields as _;
use crate::model::reading::Sighting;
use crate::model::session::SessionId;
use crate::model::tape::{Journey, What};
use crate::model::ui::{Folding, MapKey, Note, Provided, Screen, TaskKey};
use crate::model::world::World;
use crate::msg::{Measured, MenuStep, Msg, StreamMsg};
use crate::text::grouped;
use mapwatch_event::{Frame, Report, Side, Site};
use std::time::Duration;

/// How long a sentence stays at the bottom.
const NOTE: Duration = Duration::from_secs(4);

/// Something to do outside of the model.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Leave the viewer.
    Quit,
    /// Listen to the mouse, or no longer.
    Mouse(bool),
    /// Stop as a job of the shell.
    Suspend,
    /// Draw everything anew.
    Repaint,
    /// Copy this text to the clipboard.
    Copy(String),
    /// Read the source around these sites, with the executables that they belong to; the answer is
    /// [`Msg::Source`].
    Read(Vec<(Site, String)>),
    /// Play a part of the tape; the answer is [`Msg::Travelled`].
    Travel(Box<Journey>),
    /// Write a report of this world to a file that does not exist yet; the answer is [`Msg::Written`].
    Write(Format, Box<World>),
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
    if matches!(msg, Msg::Command(_) | Msg::Prompt(_) | Msg::Menu(_) | Msg::Travelled(_)) {
        model.ui.revision += 1;
    }
    let ready = !matches!(msg, Msg::Stream(..) | Msg::Measured(_));
    let leads =
        matches!(msg, Msg::Command(_) | Msg::Prompt(_) | Msg::Menu(_) | Msg::Travelled(_) | Msg::Mouse(_));
    lead(model, leads);
    let effect = take_in(model, msg);
    lead(model, leads);
    if ready {
        model.make_ready();
    }
    effect.or_else(|| missing_source(model))
}

/// Source that the screen would show and that nobody has looked for.
fn missing_source(model: &Model) -> Option<Effect> {
    let (sites, session): (Vec<&Site>, SessionId) = match model.ui.screen() {
        Screen::Conflict(id) => {
            let sighting = model.sighting(id)?;
            (sighting.conflict.sides.iter().map(|side| &side.site).collect(), sighting.seen.session)
        }
        // The call that ended it says which of several ways that was.
        Screen::Task(key) => (vec![model.task_row(key)?.cancelled_at()?], key.session),
        _ => return None,
    };
    let session = model.seen().sessions.get(&session);
    let executable = session.map(|session| session.header.executable.clone()).unwrap_or_default();
    let sites = sites.into_iter().filter(|site| !model.sources.knows(site));
    let missing: Vec<(Site, String)> = sites.map(|site| (site.clone(), executable.clone())).collect();
    (!missing.is_empty()).then_some(Effect::Read(missing))
}

/// What the user did may lead the selection of the list that is shown out of the picture.
fn lead(model: &mut Model, leads: bool) {
    if let Some(list) = model.ui.screen().list().filter(|_| leads) {
        model.ui.list_mut(list).led = true;
    }
}

fn take_in(model: &mut Model, msg: Msg) -> Option<Effect> {
    match msg {
        Msg::Tick(clock) => {
            model.world.clock = clock;
            let is_over = |note: &Note| note.until <= clock || navigate::is_refuted(model, note.provided);
            if model.ui.note.as_ref().is_some_and(is_over) {
                model.ui.note = None;
            }
        }
        Msg::Stream(stream, msg) => {
            if let StreamMsg::Opened(_, Some(bytes)) = &msg {
                model.tape.expect(*bytes);
            }
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
        Msg::Source(found) => {
            for (site, excerpt) in found {
                model.sources.add(site, excerpt);
            }
        }
        Msg::Travelled(sight) => return travel::arrive(model, *sight),
        Msg::SourcesEnded => model.world.ended = true,
        Msg::Command(command) => return obey(model, command),
        Msg::Unbound(key) => {
            let help = model
                .ui
                .keys
                .of(Command::Help)
                .first()
                .map(|key| format!("; {} shows what others do", key.name()));
            tell(model, format!("{key} does nothing{}", help.unwrap_or_default()));
        }
        Msg::Prompt(edit) => return prompt::edit(model, edit),
        Msg::Menu(MenuStep::By(by)) => menu::step(model, by),
        Msg::Menu(MenuStep::Take) => return menu::take(model),
        Msg::Menu(MenuStep::Close) => model.ui.menu = None,
        Msg::Mouse(at) => return mouse::obey(model, at),
        Msg::Resized(columns, rows) => model.ui.size = (columns, rows),
        Msg::Measured(measured) => measure(model, measured),
        Msg::Written(format, told) => {
            menu::written(model, format);
            tell(model, told);
        }
        Msg::Told(text) => tell(model, text),
    }
    None
}

fn obey(model: &mut Model, command: Command) -> Option<Effect> {
    model.ui.first_run = false;
    // What was said about the last command says nothing about this one.
    model.ui.note = None;
    match command {
        Command::Quit => return Some(Effect::Quit),
        Command::Leave => return (!navigate::back(model)).then_some(Effect::Quit),
        Command::Suspend => return Some(Effect::Suspend),
        Command::Repaint => return Some(Effect::Repaint),
        Command::Copy => return copy(model),
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
        Command::Sort | Command::Columns | Command::Processes | Command::Theme | Command::Write => {
            menu::open(model, command);
        }
        Command::Mouse => {
            model.ui.look.mouse ^= true;
            let listens = model.ui.look.mouse;
            tell(
                model,
                if listens { "the mouse is listened to" } else { "the mouse is the terminal's again" },
            );
            return Some(Effect::Mouse(listens));
        }
        Command::Invert => invert(model),
        Command::Mark => navigate::mark(model),
        Command::NextMark => navigate::next_mark(model),
        Command::Follow => follow(model),
        Command::Frames => fold(model),
        movement => navigate::go(model, movement),
    }
    None
}

/// Puts a sentence at the bottom for a while.
pub fn tell(model: &mut Model, text: impl Into<String>) {
    tell_provided(model, text, Provided::Always);
}

/// The same, as long as what it says is so.
pub fn tell_provided(model: &mut Model, text: impl Into<String>, provided: Provided) {
    let until = model.world.clock + NOTE;
    model.ui.note = Some(Note { text: text.into(), until, provided });
}

/// What the frame really showed decides how far one can scroll.
fn measure(model: &mut Model, measured: Measured) {
    model.ui.measured = measured;
    let screen = model.ui.screen();
    match screen.list() {
        Some(list) => {
            let list = model.ui.list_mut(list);
            (list.top, list.page, list.led) = (measured.top, measured.page, false);
            if let Some((at, key)) = measured.selected {
                list.at = at;
                list.selected = list.selected.map(|_| key);
            }
        }
        None => {
            model.ui.scrolled.insert(screen, measured.top);
        }
    }
}

/// The picture stops; the world goes on behind it.
fn pause(model: &mut Model) {
    if model.frozen.is_none() && !model.world.is_live() {
        return tell(model, "the program has ended: there is nothing to stop");
    }
    model.ui.travel = None;
    model.frozen = match model.frozen.take() {
        Some(_) => None,
        None => Some(Box::new(model.world.clone())),
    };
}

fn fold(model: &mut Model) {
    if !matches!(model.ui.screen(), Screen::Conflict(_) | Screen::Panic(_) | Screen::Log) {
        return tell(model, "no backtrace here; conflicts, panics and the Log have some");
    }
    let (folding, sentence) = match model.ui.folding {
        Folding::User => (Folding::All, "all frames of each backtrace"),
        Folding::All => (Folding::User, "of each backtrace your own frames"),
    };
    model.ui.folding = folding;
    tell(model, sentence);
}

fn invert(model: &mut Model) {
    match model.ui.screen().list() {
        Some(list) => model.ui.list_mut(list).inverted ^= true,
        None => tell(model, "this screen has one order; lists can be sorted"),
    }
}

fn follow(model: &mut Model) {
    if let Screen::Conflict(id) = model.ui.screen() {
        return newest(model, id);
    }
    let list = match model.ui.screen().list() {
        Some(list @ (ListId::Log | ListId::Conflicts)) => list,
        _ => {
            return tell(
                model,
                "Log and Conflicts can be followed; the page of a conflict goes to its newest",
            );
        }
    };
    let chosen = model.ui.list_mut(list);
    if list == ListId::Conflicts {
        // The newest row is the last one only in this order.
        chosen.sort = list.columns().iter().position(|column| column.title == "latest").unwrap_or(0);
        chosen.inverted = true;
    }
    chosen.follow ^= true;
    let sentence = if chosen.follow { "following the newest row" } else { "no longer following" };
    tell(model, sentence);
}

/// The page of a conflict shows the newest sighting of it.
fn newest(model: &mut Model, id: FindingId) {
    match model.sighting(id) {
        Some(Sighting { since: 0, .. }) => tell(model, "this is the newest one"),
        Some(Sighting { finding, .. }) => {
            let count = grouped(finding.count);
            model.read_newest(id);
            tell(model, format!("the newest of {count}"));
        }
        None => {}
    }
}

/// The finding that a command on this screen is about.
fn finding_at_hand(model: &Model) -> Option<Sighting<'_>> {
    let findings = &model.seen().findings;
    let finding = match model.ui.screen() {
        Screen::Conflict(id) => return model.sighting(id),
        Screen::Conflicts | Screen::Findings => match model.selected() {
            Some(RowKey::Finding(id)) => findings.get(id),
            _ => None,
        },
        Screen::Map(key) => model.findings_of(key).first().copied(),
        Screen::Overview => model.newest_finding(),
        _ => None,
    };
    finding.map(Sighting::newest)
}

fn copy(model: &mut Model) -> Option<Effect> {
    let text = match model.ui.screen() {
        Screen::Line(id) => model.seen().log.get(id).map(|line| line.text.clone()),
        Screen::Log | Screen::Maps | Screen::Tasks | Screen::Panics | Screen::Holders => {
            match model.selected() {
                Some(RowKey::Guard(key)) => model.guard_row(key).map(|row| row.whole()),
                Some(RowKey::Task(key)) => model.task_row(key).map(|row| row.whole()),
                Some(RowKey::Panic(id)) => model.panic_row(id).map(|row| row.whole()),
                Some(RowKey::Line(id)) => model.seen().log.get(id).map(|line| line.text.clone()),
                Some(RowKey::Map(key)) => {
                    model.map_row(key).map(|row| format!("{} at {}", row.title(), row.made()))
                }
                _ => None,
            }
        }
        _ => finding_at_hand(model).map(|sighting| Report::new(sighting.conflict).to_string()),
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
        Screen::Maps => match model.selected() {
            Some(RowKey::Map(key)) => map_site(key),
            _ => None,
        },
        Screen::Map(key) => map_site(key),
        Screen::Tasks => match model.selected() {
            Some(RowKey::Task(key)) => task_site(model, key),
            _ => None,
        },
        Screen::Holders => match model.selected() {
            Some(RowKey::Guard(key)) => {
                let row = model.guard_row(key)?;
                Some((row.map.session.site(row.holding.site).cloned()?, row.map.session.id))
            }
            _ => None,
        },
        Screen::Task(key) => task_site(model, key),
        Screen::Panics => match model.selected() {
            Some(RowKey::Panic(id)) => panic_site(model, id),
            _ => None,
        },
        Screen::Panic(id) => panic_site(model, id),
        _ => {
            let sighting = finding_at_hand(model)?;
            let sides = &sighting.conflict.sides;
            let side = match model.ui.screen() {
                Screen::Conflict(_) => sides.get(model.ui.side.min(sides.len().checked_sub(1)?)),
                _ => sighting.conflict.attempt(),
            };
            Some((whole_path(side?), sighting.seen.session))
        }
    }
}

/// Where a task panicked or was cancelled, else where it was spawned.
fn task_site(model: &Model, key: TaskKey) -> Option<(Site, SessionId)> {
    let row = model.task_row(key)?;
    if let Some(panicked) = row.panicked() {
        return Some((panicked.place.clone(), key.session));
    }
    let cancelled = row.life.cancelled.as_ref().and_then(|cancelled| cancelled.site);
    Some((row.session.site(cancelled.unwrap_or(row.life.site)).cloned()?, key.session))
}

fn panic_site(model: &Model, id: PanicId) -> Option<(Site, SessionId)> {
    let group = model.panic_row(id)?.group;
    Some((group.latest.location.clone(), group.last_seen.session))
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
