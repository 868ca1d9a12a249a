//! The first row (screens, and how the program is), the last row (hints, prompt, or a sentence).

use super::View;
use super::doc::{Lines, fit, span};
use super::words;
use crate::keymap::{self, Command};
use crate::model::Model;
use crate::model::about;
use crate::model::query::Query;
use crate::model::ui::{Menu, Prompt, PromptKind, Screen, Writing};
use crate::msg::Measured;
use crate::text;
use crate::update::prompt::completions;
use crate::update::{menu, navigate};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use std::time::Duration;

/// Rows that advice on a filter takes at most.
const ADVICE: usize = 4;
/// What stands behind the screens while the keys are shown.
const HELP: &str = " Help ";
/// Columns that a time takes while it is typed.
const TYPED: usize = 14;
/// Columns of the count behind a screen's name: `(2)`.
const COUNT: usize = 3;
/// What takes longer says for how long.
const LONG: Duration = Duration::from_millis(500);

/// The parts of the terminal.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// Screens and state.
    pub head: Rect,
    /// The screen.
    pub body: Rect,
    /// Recorded time, while another moment than the present is shown.
    pub scrubber: Rect,
    /// Hints.
    pub foot: Rect,
}

/// Divides the terminal; on a small one the screen goes first.
#[must_use]
pub fn parts(area: Rect, travels: bool) -> Parts {
    let head = match area.height {
        0..4 => 0,
        4..12 => 1,
        _ => 2,
    };
    let foot = u16::from(area.height >= 3);
    let scrubber = u16::from(travels && area.height >= 6);
    let part = |y: u16, height: u16| Rect { y: area.y + y, height, ..area };
    Parts {
        head: part(0, head),
        body: part(head, area.height - head - foot - scrubber),
        scrubber: part(area.height - foot - scrubber, scrubber),
        foot: part(area.height - foot, foot),
    }
}

/// How screens are named, where there is not room for whole names.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    Whole,
    Short,
    Current,
}

/// For each tab, the column behind it.
#[must_use]
pub fn tab_ends(view: &View<'_>) -> [u16; 9] {
    let (names, room) = names(view);
    tabs(view, names, room).1.map(|end| u16::try_from(end).unwrap_or(u16::MAX))
}

/// The longest names that fit, and the room that is kept for the count of those who wait: it comes and goes all the
/// time, and would take the screens behind it along.
fn names(view: &View<'_>) -> (Names, usize) {
    let fits = |(names, room): &(Names, usize)| tabs(view, *names, *room).0.width() <= view.width;
    [(Names::Whole, COUNT), (Names::Short, COUNT), (Names::Short, 0)]
        .into_iter()
        .find(fits)
        .unwrap_or((Names::Current, 0))
}

fn tabs(view: &View<'_>, names: Names, room: usize) -> (Line<'static>, [usize; 9]) {
    let mut ends = [0; 9];
    let theme = view.theme;
    let current = view.model.ui.screen();
    let mut line = Line::default();
    for (number, tab) in Screen::TABS.iter().enumerate() {
        let number = number + 1;
        let here = *tab == current.tab();
        let name = match names {
            Names::Current if !here => String::new(),
            Names::Whole => format!(" {}", tab.title()),
            Names::Short | Names::Current => format!(" {}", tab.short_title()),
        };
        line.push_span(span(format!(" {number}{name}"), if here { theme.tab() } else { theme.text() }));
        let count = if name.is_empty() { 0 } else { count(view.model, *tab) };
        let mut rest = String::new();
        if count > 0 {
            rest = format!("({})", text::short_number(count as f64).trim_end_matches(".0"));
        }
        if *tab == Screen::Holders && !name.is_empty() {
            rest = format!("{rest:<room$}");
        }
        let style = match (here, count > 0) {
            (true, _) => theme.tab(),
            (false, true) => theme.trouble(),
            (false, false) => theme.text(),
        };
        rest.push_str(if here { " " } else { "" });
        line.push_span(span(rest, style));
        ends[number - 1] = line.width();
    }
    // The names of the screens say more than that this is the help.
    if current == Screen::Help && line.width() + HELP.len() <= view.width {
        line.push_span(span(HELP, theme.tab()));
    }
    (line, ends)
}

/// The first rows: screens; how the program is.
#[must_use]
pub fn head(view: &View<'_>) -> Lines {
    let theme = view.theme;
    let line = |count: usize| span(theme.glyphs.horizontal.to_string().repeat(count), theme.quiet());
    let status = status(view);
    let room = view.width.saturating_sub(6);
    let status = if status.width() > room { fit(status, room, theme.glyphs.cut) } else { status };
    let mut rule = Line::from(vec![line(2.min(view.width)), Span::raw(" ")]);
    let used = status.width() + 4;
    rule.spans.extend(status.spans);
    rule.push_span(Span::raw(" "));
    rule.push_span(line(view.width.saturating_sub(used)));
    let (names, room) = names(view);
    vec![tabs(view, names, room).0, rule]
}

/// What there is to look at: problems, not things.
fn count(model: &Model, tab: Screen) -> usize {
    let world = model.seen();
    match tab {
        Screen::Conflicts => world.findings.len(),
        Screen::Panics => world.panics.len(),
        Screen::Holders => model.processes().map(|session| session.maps.waiting()).sum(),
        _ => 0,
    }
}

fn status(view: &View<'_>) -> Line<'static> {
    let theme = view.theme;
    let world = view.model.seen();
    if view.model.ui.travel.is_some() {
        // Two moments of interest may be milliseconds apart.
        let at = text::moment(world.since_start(view.model.moment()));
        let mut line = Line::from(span(format!("{} the moment {at}", theme.glyphs.chosen), theme.trouble()));
        if let Some(happened) = words::happened(view) {
            line.push_span(span(format!(": {happened}"), theme.text()));
        }
        return line;
    }
    if let Some(waiting) = view.model.waiting() {
        let text = format!(
            "{} paused, {} wait",
            theme.glyphs.chosen,
            text::counted(waiting.events as usize, "event")
        );
        let conflicts = match waiting.conflicts {
            0 => String::new(),
            count => format!(", {}", text::counted(count as usize, "conflict")),
        };
        return Line::from(span(text + &conflicts, theme.trouble()));
    }
    let open =
        world.sessions.values().filter(|session| session.state == crate::model::session::State::Open).count();
    match world.foremost() {
        None => {
            let has_ended = world.program.as_ref().is_some_and(|program| program.ending.is_some());
            let text = if has_ended { "no watched process" } else { "no program yet" };
            Line::from(span(text, theme.quiet()))
        }
        Some(only) if world.sessions.len() == 1 => {
            let (state, style) = words::state(view, only);
            let state = match world.progress() {
                Some(share) => format!("{state} {:.0} %", share * 100.0),
                None => state,
            };
            Line::from(vec![
                span(state, style),
                Span::raw("  "),
                span(only.name().to_owned(), theme.text()),
                span(format!("  {}", words::uptime(view, only)), theme.quiet()),
            ])
        }
        Some(_) => {
            let all = text::counted(world.sessions.len(), "process");
            let [running, ended, _] = theme.glyphs.states;
            Line::from(match open {
                0 => span(format!("{ended} {all}, all ended"), theme.quiet()),
                _ => span(format!("{running} {open} of {all} running"), theme.good()),
            })
        }
    }
}

/// The last row.
#[must_use]
pub fn foot(view: &View<'_>, measured: Measured) -> Line<'static> {
    let theme = view.theme;
    if let Some(prompt) = &view.model.ui.prompt {
        return fit(asking(view, prompt), view.width, theme.glyphs.cut);
    }
    if let Some(menu) = view.model.ui.menu {
        return choosing(view, menu);
    }
    let place = place(view, measured);
    let room = view.width.saturating_sub(text::width(&place) + 1);
    let left = match &view.model.ui.note {
        Some(note) => Line::from(span(format!(" {}", note.text), theme.trouble())),
        None if !view.model.ui.writing.is_empty() => Line::from(span(at_work(view), theme.trouble())),
        None if view.model.ui.first_run => Line::from(span(
            " New here? 4 what went wrong, 6 who holds what, 3 tasks, ? keys",
            theme.accent(),
        )),
        None => hints(view, room),
    };
    let mut line = fit(left, room, theme.glyphs.cut);
    line.push_span(span(place, theme.quiet()));
    line
}

/// What is being written, and for how long: a large session takes a while in some formats.
fn at_work(view: &View<'_>) -> String {
    let (ui, now) = (&view.model.ui, view.model.world.clock);
    let one = |writing: &Writing| {
        let spent = now.saturating_sub(writing.since);
        if spent < LONG {
            format!("writing {}", writing.format)
        } else {
            format!("writing {}, {} so far", writing.format, mapwatch_event::Nanos::from(spent))
        }
    };
    let all: Vec<String> = ui.writing.iter().map(one).collect();
    format!(" {}", all.join("; "))
}

/// What the chosen column means; and, where there is room, which keys a menu has.
fn choosing(view: &View<'_>, menu: Menu) -> Line<'static> {
    let theme = view.theme;
    let Some(column) = menu::about(view.model, menu) else {
        return Line::from(span(" Enter or Space takes it, Esc closes the menu", theme.quiet()));
    };
    let keys = format!("  {} Enter takes it", theme.glyphs.dot);
    let mut line = Line::from(span(format!(" {}: {}", column.title, column.about), theme.text()));
    if line.width() + text::width(&keys) <= view.width {
        line.push_span(span(keys, theme.quiet()));
    }
    fit(line, view.width, theme.glyphs.cut)
}

/// The prompt, behind it what the last word could become, or what was not understood; or how many rows match.
fn asking(view: &View<'_>, prompt: &Prompt) -> Line<'static> {
    let theme = view.theme;
    let mut spans = vec![span(prompt_label(view.model, prompt.kind, view.width), theme.accent())];
    let list = view.model.ui.screen().list();
    let (PromptKind::Filter, Some(id)) = (prompt.kind, list) else {
        spans.push(span(prompt.text.clone(), theme.strong()));
        if let (PromptKind::Search, Some(id), false) = (prompt.kind, list, prompt.text.is_empty()) {
            let found = text::counted(view.model.match_count(id), "row");
            spans.push(span(format!("   {found}"), theme.quiet()));
        }
        return Line::from(spans);
    };
    let errors = Query::parse(&prompt.text, id.fields()).errors;
    let mut at = 0;
    for error in &errors {
        spans.push(span(&prompt.text[at..error.place.start], theme.strong()));
        let wrong = theme.grade(mapwatch_event::Grade::Certain).add_modifier(Modifier::UNDERLINED);
        spans.push(span(&prompt.text[error.place.clone()], wrong));
        at = error.place.end;
    }
    spans.push(span(&prompt.text[at..], theme.strong()));
    let mut line = Line::from(spans);
    if let Some((advice, style)) = advice(view, prompt) {
        let advice = span(format!("   {advice}"), style);
        if line.width() + advice.width() <= view.width {
            line.push_span(advice);
        }
    }
    line
}

/// What the last word of a filter could become, or what was not understood.
fn advice(view: &View<'_>, prompt: &Prompt) -> Option<(String, Style)> {
    let theme = view.theme;
    let id = view.model.ui.screen().list().filter(|_| prompt.kind == PromptKind::Filter)?;
    // A word that is still being typed is no error yet, where it can become something.
    let completions = completions(view.model, id, &prompt.text);
    if !completions.is_empty() {
        return Some((format!("Tab: {}", completions.join("  ")), theme.quiet()));
    }
    let error = Query::parse(&prompt.text, id.fields()).errors.into_iter().next()?;
    Some((error.to_string(), theme.trouble()))
}

/// The same over the last rows of the screen, where it is too long to stand behind the prompt.
#[must_use]
pub fn advice_above(view: &View<'_>, body: Rect) -> Option<(Rect, Lines)> {
    let prompt = view.model.ui.prompt.as_ref()?;
    let (advice, style) = advice(view, prompt)?;
    let typed = text::width(&prompt_label(view.model, prompt.kind, view.width)) + text::width(&prompt.text);
    if typed + text::width(&advice) + 3 <= view.width {
        return None;
    }
    let rows = text::wrap(&advice, view.width.saturating_sub(2).max(1));
    let room = ADVICE.min(usize::from(body.height));
    let more = rows.len() > room;
    let mut lines: Lines = rows
        .into_iter()
        .take(room)
        .map(|row| fit(Line::from(span(format!(" {row}"), style)), view.width, view.theme.glyphs.cut))
        .collect();
    if let Some(last) = lines.last_mut().filter(|_| more) {
        let wide = Line::from(span(format!("{last}{}", view.theme.glyphs.cut), style));
        *last = fit(wide, view.width, view.theme.glyphs.cut);
    }
    let height = u16::try_from(lines.len()).ok()?;
    let area = Rect { y: body.y + body.height - height, height, ..body };
    (height > 0).then_some((area, lines))
}

/// What is asked for; of a time, from when to when there is one.
fn prompt_label(model: &Model, kind: PromptKind, width: usize) -> String {
    match kind {
        PromptKind::Search => " search: ".to_owned(),
        PromptKind::Filter => " filter: ".to_owned(),
        PromptKind::Time => {
            let world = &model.world;
            let Some(began) = world.began else { return " go to: ".to_owned() };
            let all = text::moment(world.since_start(world.until));
            let short = format!(" go to (0s-{all}): ");
            let (first, last) = (began.time_of_day(), world.until.time_of_day());
            let long = format!(" go to (0s-{all}, {first}-{last} UTC, -3s, 40%, end): ");
            if text::width(&long) + TYPED <= width { long } else { short }
        }
    }
}

/// Where one is: `12-34 of 90`, where not everything is visible.
fn place(view: &View<'_>, measured: Measured) -> String {
    let Measured { page, length, top, .. } = measured;
    if page >= length || page == 0 {
        return String::new();
    }
    let [up, down] = view.theme.glyphs.more;
    let above = if top > 0 { up } else { ' ' };
    let below = if top + page < length { down } else { ' ' };
    format!("{above}{below} {}-{} of {length} ", top + 1, (top + page).min(length))
}

/// As many keys as fit.
fn hints(view: &View<'_>, room: usize) -> Line<'static> {
    use Command as C;
    let mut line = Line::default();
    let model = view.model;
    let is_past = model.ui.travel.is_some() || model.frozen.is_some();
    let first: &[Command] = match (model.ui.travel, is_past) {
        (Some(_), _) => &[C::Pause, C::PreviousMoment, C::NextMoment],
        (None, true) => &[C::Pause],
        (None, false) => &[],
    };
    let leads_somewhere = |command: &Command| match (command, model.ui.screen()) {
        (C::Right, Screen::Conflict(id)) => model.sides(id) > 1,
        (C::Follow, Screen::Conflict(id)) => model.sighting(id).is_some_and(|sighting| sighting.since > 0),
        (C::Open, Screen::Holders) => navigate::target(model).is_some(),
        (C::OpenMap, Screen::Holders) => matches!(navigate::target(model), Some(Screen::Task(_))),
        (C::Open, Screen::Line(id)) => about::line(model.seen(), id).is_some(),
        // What has ended does not run away.
        (C::Pause, _) => model.world.is_live(),
        _ => true,
    };
    let rest = useful(model.ui.screen()).iter();
    let rest = rest.filter(|command| !first.contains(command) && leads_somewhere(command));
    for command in first.iter().chain(rest) {
        let Some(binding) = keymap::binding(*command) else { continue };
        let Some(key) = model.ui.keys.of(*command).first() else { continue };
        let word = match (command, model.ui.screen()) {
            (C::Pause, _) if is_past => back_words(model),
            (C::Follow, Screen::Conflict(_)) => "newest",
            (C::Open, Screen::Holders) if matches!(navigate::target(model), Some(Screen::Task(_))) => {
                "its task"
            }
            (C::Open, Screen::Holders) => "its map",
            _ => binding.word,
        };
        let key = format!(" {} ", key.name());
        let word = format!("{word} ");
        if line.width() + key.len() + word.len() > room {
            break;
        }
        line.push_span(span(key, view.theme.accent()));
        line.push_span(span(word, view.theme.quiet()));
    }
    line
}

/// What ends the look at the past: the program may run on, or have ended.
fn back_words(model: &Model) -> &'static str {
    if model.world.is_live() { "back to live" } else { "back to the end" }
}

/// What one is likely to do next.
fn useful(screen: Screen) -> &'static [Command] {
    use Command as C;
    match screen {
        Screen::Overview => &[C::Help, C::Open, C::NextScreen, C::NextProblem, C::Pause, C::Write, C::Leave],
        Screen::Maps => {
            &[C::Help, C::Open, C::NextProblem, C::Search, C::Filter, C::Sort, C::Invert, C::Pause, C::Leave]
        }
        Screen::Tasks => {
            &[C::Help, C::Open, C::NextProblem, C::Search, C::Filter, C::Sort, C::Columns, C::Pause, C::Leave]
        }
        Screen::Panics | Screen::Findings => {
            &[C::Help, C::Open, C::Search, C::Filter, C::Sort, C::Columns, C::Copy, C::Edit, C::Leave]
        }
        Screen::Task(_) => &[C::Help, C::Back, C::Open, C::PreviousMoment, C::Edit, C::Pause, C::Leave],
        Screen::Panic(_) => &[C::Help, C::Back, C::Open, C::Frames, C::Edit, C::Leave],
        Screen::Advice => &[C::Help, C::Open, C::Down, C::NextProblem, C::Write, C::Leave],
        Screen::Conflicts => {
            &[C::Help, C::Open, C::Search, C::Filter, C::Sort, C::Follow, C::Copy, C::Write, C::Leave]
        }
        Screen::Log => &[C::Help, C::Open, C::Search, C::Filter, C::NextProblem, C::Follow, C::Leave],
        Screen::Line(_) => &[C::Help, C::Back, C::Open, C::Copy, C::Leave],
        Screen::Holders => {
            &[C::Help, C::Open, C::OpenMap, C::NextProblem, C::Filter, C::Sort, C::Edit, C::Pause, C::Leave]
        }
        Screen::Map(_) => &[C::Help, C::Back, C::Open, C::Edit, C::Pause, C::Leave],
        Screen::Conflict(_) => &[
            C::Help,
            C::Back,
            C::Follow,
            C::Frames,
            C::NextProblem,
            C::Right,
            C::Edit,
            C::Copy,
            C::Open,
            C::Leave,
        ],
        Screen::Help => &[C::Back, C::Leave],
    }
}

/// Where the cursor stands: in the prompt, else nowhere.
#[must_use]
pub fn cursor(model: &Model, foot: Rect) -> Option<(u16, u16)> {
    let prompt = model.ui.prompt.as_ref()?;
    let columns =
        text::width(&prompt_label(model, prompt.kind, usize::from(foot.width))) + text::width(&prompt.text);
    let column = u16::try_from(columns).unwrap_or(u16::MAX).min(foot.width.saturating_sub(1));
    (foot.height > 0 && foot.width > 0).then_some((foot.x + column, foot.y))
}
