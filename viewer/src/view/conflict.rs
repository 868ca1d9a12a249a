//! One finding: two sides, side by side where there is room; cause, cure, history.

use super::doc::{Lines, beside, boxed, fill, indented, labelled, labelled_path, rule, span};
use super::rust::{self, Within};
use super::table::{self, Cell};
use super::{View, doc, ending, sequence, words};
use crate::keymap::Command;
use crate::model::end::cancelled_sides;
use crate::model::findings::{FindingId, happened};
use crate::model::reading::Sighting;
use crate::model::rows::MADE_BY_STD;
use crate::model::ui::Folding;
use crate::text::{counted, cut_front, grouped};
use mapwatch_event::{Access, Actor, ActorId, Conflict, Frame, Grade, Nanos, Role, Side, Stack};
use ratatui::style::Style;
use ratatui::text::Line;

/// Columns from which two sides stand beside each other: half of fewer would cut more source than one column does.
const BESIDE: usize = 130;
/// Columns of the labels.
const LABEL: usize = 8;

/// The page.
#[must_use]
pub fn page(view: &View<'_>, id: FindingId) -> Lines {
    let Some(sighting) = view.model.sighting(id) else {
        return doc::quiet(view, "this conflict is no longer kept");
    };
    let conflict = sighting.conflict;
    let mut lines = head(view, sighting);
    lines.push(newer(view, sighting));
    let sequence = sequence::lines(view, conflict);
    if !sequence.is_empty() {
        lines.extend(sequence);
        lines.push(Line::default());
    }
    lines.extend(sides(view, conflict));
    lines.push(Line::default());
    lines.extend(labelled(view, "cause", LABEL, &conflict.cause, view.theme.text()));
    lines.extend(labelled(view, "cure", LABEL, &conflict.cure, view.theme.good()));
    lines.push(Line::default());
    lines.extend(stacks(view, conflict));
    lines.extend(history(view, conflict));
    lines
}

/// How often it happened since what is shown; blank while it did not, so that nothing moves when it does.
fn newer(view: &View<'_>, sighting: Sighting<'_>) -> Line<'static> {
    let Sighting { seen, since, .. } = sighting;
    if since == 0 {
        return Line::default();
    }
    let key = view.model.ui.keys.of(Command::Follow).first();
    let way = key.map_or_else(String::new, |key| format!("; {} shows the newest", key.name()));
    let text = format!(" this one was {}, {} more since{way}", words::when(view, seen), grouped(since));
    Line::from(span(text, view.theme.found()))
}

fn head(view: &View<'_>, sighting: Sighting<'_>) -> Lines {
    let Sighting { finding, conflict, .. } = sighting;
    let theme = view.theme;
    let mut lines = vec![Line::from(vec![
        span(" ", theme.text()),
        words::grade(view, finding.grade),
        span(format!("  {}", conflict.category.title()), theme.strong()),
        span(format!("  [{}]", conflict.category), theme.quiet()),
    ])];
    lines.extend(labelled(view, "what", LABEL, &happened(conflict), theme.text()));
    let map = &conflict.map;
    let entries = map.length.map_or_else(String::new, |length| {
        format!(", {} {}", grouped(length), if length == 1 { "entry" } else { "entries" })
    });
    let name = if map.name.is_empty() { String::new() } else { format!("`{}`  ", map.name) };
    lines.extend(labelled(view, "map", LABEL, &format!("{name}{}{entries}", map.type_name), theme.text()));
    if map.made.is_in_std() {
        lines.extend(labelled(view, "made at", LABEL, MADE_BY_STD, theme.quiet()));
    } else {
        lines.push(labelled_path(view, "made at", LABEL, &map.made.to_string(), theme.text()));
    }
    let times = counted(usize::try_from(finding.count).unwrap_or(usize::MAX), "time");
    let mut seen = format!("{times}, {}", words::when(view, finding.last_seen));
    if finding.count > 1 {
        seen = format!(
            "{times}, first {}, last {}",
            words::when(view, finding.first_seen),
            words::when(view, finding.last_seen)
        );
    }
    seen += &format!("; {}", finding.outcome_words());
    lines.extend(labelled(view, "seen", LABEL, &seen, theme.text()));
    if view.model.seen().sessions.len() > 1 {
        let process = view.model.seen().sessions.get(&sighting.seen.session);
        let process = process.map_or_else(String::new, |session| session.title());
        lines.extend(labelled(view, "process", LABEL, &process, theme.text()));
    }
    let ended = cancelled_sides(view.model.seen(), sighting.seen.session, conflict);
    lines.extend(ended.iter().flat_map(|said| ending::sentence(view, said, LABEL)));
    lines
}

/// Beside each other with their stacks; below each other without, so that both are seen at once, and the stacks
/// after them.
fn sides(view: &View<'_>, conflict: &Conflict) -> Lines {
    let mut lines = Vec::new();
    if view.width < BESIDE {
        for (index, side) in conflict.sides.iter().enumerate() {
            lines.extend(boxed_side(view, conflict, index, facts(view, side)));
        }
        return lines;
    }
    let left_width = (view.width - 1) / 2;
    let columns = [view.with_width(left_width), view.with_width(view.width - 1 - left_width)];
    for (row, pair) in conflict.sides.chunks(2).enumerate() {
        let mut bodies: Vec<Lines> = Vec::new();
        for (side, column) in pair.iter().zip(&columns) {
            let mut body = facts(column, side);
            body.push(Line::default());
            body.extend(stack_lines(column, "stack", &side.stack, column.width.saturating_sub(4)));
            bodies.push(body);
        }
        let height = bodies.iter().map(Vec::len).max().unwrap_or(0);
        let mut boxes = Vec::new();
        for (at, (column, mut body)) in columns.iter().zip(bodies).enumerate() {
            fill(&mut body, height);
            boxes.push(boxed_side(column, conflict, row * 2 + at, body));
        }
        let mut boxes = boxes.into_iter();
        let (left, right) = (boxes.next().unwrap_or_default(), boxes.next().unwrap_or_default());
        lines.extend(beside(view, left, right, left_width, 1));
    }
    lines
}

/// The stacks, where the sides stand below each other.
fn stacks(view: &View<'_>, conflict: &Conflict) -> Lines {
    if view.width >= BESIDE {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for side in &conflict.sides {
        lines.push(rule(view, &format!("Stack of the {}", side.role.word())));
        let stack = stack_lines(view, "", &side.stack, view.width.saturating_sub(1));
        lines.extend(indented(view, stack));
    }
    lines
}

fn boxed_side(view: &View<'_>, conflict: &Conflict, index: usize, body: Lines) -> Lines {
    let theme = view.theme;
    let Some(side) = conflict.sides.get(index) else { return Lines::new() };
    // One side alone came neither first nor second.
    let is_alone = conflict.sides.len() == 1;
    let chosen = view.model.ui.side == index && !is_alone;
    let role = match side.role {
        Role::Attempt | Role::Act => theme.grade(Grade::Certain),
        _ => theme.grade(Grade::Hazard),
    };
    let mark = if chosen { format!("{} ", theme.glyphs.chosen) } else { String::new() };
    let mut title = Line::from(vec![span(mark, theme.accent()), span(side.role.word(), role)]);
    if !is_alone {
        let meaning = format!(" {} {}", theme.glyphs.dot, words::role_meaning(side.role));
        title.push_span(span(meaning, theme.quiet()));
    }
    boxed(view, title, body, if chosen { theme.accent() } else { theme.quiet() })
}

/// What, who, where, and the line of source.
fn facts(view: &View<'_>, side: &Side) -> Lines {
    let theme = view.theme;
    let inside = view.width.saturating_sub(4);
    let held = side.time_words().map_or_else(String::new, |words| format!("  {words}"));
    let mut lines = vec![
        Line::from(vec![
            span(side.operation.word(), theme.strong()),
            span(format!("  ({})", side.operation.access().word()), theme.quiet()),
            span(format!("  by {}", side.actor), theme.text()),
            span(held, theme.trouble()),
        ]),
        Line::from(span(cut_front(&side.site.to_string(), inside, theme.glyphs.cut), theme.accent())),
    ];
    lines.extend(source(view, side));
    lines
}

/// The source around the site, where the checkout is there; else the one line that the program sent.
fn source(view: &View<'_>, side: &Side) -> Lines {
    let theme = view.theme;
    let number = |number: u32, mark: char, style: Style| {
        span(format!("{mark}{number:>5} {} ", theme.glyphs.gutter), style)
    };
    let line = side.site.line;
    let Some(excerpt) = view.model.sources.get(&side.site) else {
        if side.source.is_empty() {
            return Vec::new();
        }
        let mut coloured = rust::line(theme, &side.source, Within::Code).0;
        coloured.spans.insert(0, number(line, ' ', theme.quiet()));
        return vec![coloured];
    };
    // Below each other, two sides have to fit on the screen.
    let around = if view.width < BESIDE / 2 || view.height < 30 { 1 } else { 4 };
    let mut lines = Vec::new();
    let mut within = Within::Code;
    let indent = |text: &String| text.len() - text.trim_start_matches(' ').len();
    let common = excerpt.lines.iter().filter(|text| !text.trim().is_empty()).map(indent).min().unwrap_or(0);
    for (at, text) in (excerpt.first..).zip(&excerpt.lines) {
        let text = text.get(common..).unwrap_or_default();
        let (mut coloured, next) = rust::line(theme, text, within);
        within = next;
        if at.abs_diff(line) <= around {
            let here = at == line;
            let style = if here { theme.strong() } else { theme.quiet() };
            coloured.spans.insert(0, number(at, if here { theme.glyphs.chosen } else { ' ' }, style));
            lines.push(coloured);
        }
    }
    let now = excerpt.line(line).map(str::trim).unwrap_or_default();
    if !side.source.is_empty() && !now.starts_with(side.source.trim_end_matches('…').trim()) {
        lines.push(Line::from(span("the file has changed since: the program ran", theme.trouble())));
        let mut coloured = rust::line(theme, &side.source, Within::Code).0;
        coloured.spans.insert(0, number(line, ' ', theme.quiet()));
        lines.push(coloured);
    }
    lines
}

/// A backtrace, folded to the user's frames unless all are asked for; `word` stands before what is said of it, and
/// is empty under a rule that says the word already.
#[must_use]
pub fn stack_lines(view: &View<'_>, word: &str, stack: &Stack, inside: usize) -> Lines {
    let theme = view.theme;
    let frames: Vec<&Frame> = match view.model.ui.folding {
        Folding::User => stack.user_frames().collect(),
        Folding::All => stack.frames.iter().collect(),
    };
    let word = if stack.frames.is_empty() { "no stack" } else { word };
    let parts = [word, stack.note.as_str()].into_iter().filter(|part| !part.is_empty());
    let title = parts.collect::<Vec<_>>().join(": ");
    let wrapped = crate::text::wrap(&title, inside).into_iter().filter(|part| !part.is_empty());
    let mut lines: Lines = wrapped.map(|part| Line::from(span(part, theme.quiet()))).collect();
    for (index, frame) in frames.iter().enumerate() {
        let ours = if frame.user { theme.text() } else { theme.quiet() };
        let function = if frame.function.is_empty() { "(no symbol)" } else { &frame.function };
        lines.push(Line::from(vec![
            span(format!("{index:>3}  "), theme.quiet()),
            span(cut_front(function, inside.saturating_sub(5), theme.glyphs.cut), ours),
        ]));
        if !frame.file.is_empty() {
            let place = format!("{}:{}:{}", frame.file, frame.line, frame.column);
            let place = cut_front(&place, inside.saturating_sub(5), theme.glyphs.cut);
            lines.push(Line::from(span(format!("     {place}"), theme.quiet())));
        }
    }
    let folded = stack.frames.len() - frames.len();
    if folded > 0 {
        let text = format!("     {} folded; a shows all", counted(folded, "frame"));
        lines.push(Line::from(span(text, theme.quiet())));
    }
    lines
}

/// The last operations on the map, oldest first, as times before the conflict.
fn history(view: &View<'_>, conflict: &Conflict) -> Lines {
    let theme = view.theme;
    let mut lines = vec![rule(view, "History of this map, oldest first")];
    if conflict.history.is_empty() {
        lines.extend(doc::quiet(view, "nothing recorded it"));
        return lines;
    }
    let mut rows = Vec::new();
    for past in &conflict.history {
        let a_side =
            conflict.sides.iter().any(|side| side.site == past.site && side.actor.id == past.actor.id);
        let style: Style = if a_side { theme.strong() } else { theme.text() };
        rows.push(vec![
            Cell::time(conflict.at.since(past.at), theme.quiet()),
            Cell::new(past.operation.access().word(), theme.quiet()),
            Cell::new(past.operation.word(), style),
            Cell::actor(past.actor.to_string(), style),
            Cell::new(past.site.to_string(), theme.quiet()),
        ]);
    }
    lines.extend(timelines(view, conflict));
    lines.extend(table::whole(view, &table::operations("before"), rows));
    lines
}

/// Who did what when, as a lane for each actor, its sides first, from the oldest operation to the conflict.
fn timelines(view: &View<'_>, conflict: &Conflict) -> Lines {
    const NAME: usize = 22;
    const ACTORS: usize = 6;
    let theme = view.theme;
    let columns = view.width.saturating_sub(NAME + 4).min(100);
    let begin = conflict.history.iter().map(|past| past.at).min().unwrap_or(conflict.at);
    let whole = conflict.at.since(begin).0;
    if columns < 10 || whole == 0 {
        return Vec::new();
    }
    let mut actors: Vec<&Actor> = Vec::new();
    let sides = conflict.sides.iter().map(|side| &side.actor);
    for actor in sides.chain(conflict.history.iter().map(|past| &past.actor)) {
        if !actors.iter().any(|other| other.id == actor.id) {
            actors.push(actor);
        }
    }
    // A guard that was taken before the history begins to tell of it.
    let is_told = |side: &Side| {
        conflict.history.iter().any(|past| past.actor.id == side.actor.id && past.site == side.site)
    };
    let taken = conflict.sides.iter().filter(|side| !is_told(side)).filter_map(|side| {
        let at = Nanos(conflict.at.0.checked_sub(side.held_for?.0)?);
        (at >= begin).then_some((at, side.actor.id, side.operation.access()))
    });
    let done = conflict.history.iter().map(|past| (past.at, past.actor.id, past.operation.access()));
    let all: Vec<(Nanos, ActorId, Access)> = taken.chain(done).collect();
    let lane = |actor: &Actor| {
        let mut glyphs = vec![theme.glyphs.horizontal; columns];
        // Where several fall together, the one that changes most is seen.
        for sign in [Access::Read, Access::Iterate, Access::Write] {
            for (at, ..) in all.iter().filter(|(_, id, access)| (*id, *access) == (actor.id, sign)) {
                let part = u128::from(at.since(begin).0) * (columns as u128 - 1) / u128::from(whole);
                glyphs[(part as usize).min(columns - 1)] = match sign {
                    Access::Read => 'r',
                    Access::Write => 'w',
                    Access::Iterate => 'i',
                };
            }
        }
        if conflict.attempt().is_some_and(|side| side.actor.id == actor.id) {
            glyphs[columns - 1] = theme.grade_glyph(Grade::Certain);
        }
        let plain = Actor { on_thread: String::new(), ..actor.clone() };
        let name = crate::text::cut(&plain.to_string(), NAME, theme.glyphs.cut);
        let gap = " ".repeat(NAME - crate::text::width(&name));
        Line::from(vec![
            span(format!(" {name}{gap}  "), theme.text()),
            span(glyphs.into_iter().collect::<String>(), theme.accent()),
        ])
    };
    let mut lines: Lines = actors.iter().take(ACTORS).map(|actor| lane(actor)).collect();
    let text = format!("r reads, w writes, i iterates; the whole line is {}", conflict.at.since(begin));
    lines.extend(doc::quiet(view, &text));
    lines
}
