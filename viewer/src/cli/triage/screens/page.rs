//! One bug: what it is, when, the merged backtrace, lines of the source, the cure; and the page of the keys.

use super::desk::Desk;
use super::list::spark;
use crate::model::ui::Look;
use crate::text::{clean, wrap};
use crate::theme::Theme;
use crate::view::doc::span;
use mapwatch_event::Frame;
use mapwatch_triage::group::Group;
use mapwatch_triage::time::iso;
use mapwatch_triage::{knowledge, print, response};
use ratatui::style::Style;
use ratatui::text::Line;

const LABEL: usize = 10;

/// Puts lines one below the other.
struct Sheet {
    theme: Theme,
    columns: usize,
    lines: Vec<Line<'static>>,
}

impl Sheet {
    fn title(&mut self, text: &str) {
        let rule = self.theme.glyphs.horizontal.to_string();
        let rest = self.columns.saturating_sub(text.chars().count() + 5);
        let line = format!("{} {text} {}", rule.repeat(2), rule.repeat(rest));
        self.lines.push(Line::from(span(line, self.theme.quiet())));
    }

    fn row(&mut self, label: &str, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        let room = self.columns.saturating_sub(LABEL + 3).max(8);
        for (at, part) in text.lines().flat_map(|line| wrap(&clean(line), room)).enumerate() {
            let label = if at == 0 { label } else { "" };
            let label = span(format!(" {label:>LABEL$}  "), self.theme.quiet());
            self.lines.push(Line::from(vec![label, span(part, style)]));
        }
    }
}

/// The page of the selected bug.
pub(super) fn lines(desk: &Desk, look: Look, columns: usize) -> Vec<Line<'static>> {
    let theme = Theme::new(look);
    let Some(group) = desk.group() else { return Vec::new() };
    let mut sheet = Sheet { theme, columns, lines: Vec::new() };
    for part in wrap(&clean(&group.message.replace('\n', " ")), columns.saturating_sub(2)).into_iter().take(6)
    {
        sheet.lines.push(Line::from(span(format!(" {part}"), theme.strong())));
    }
    facts(&mut sheet, desk, group);
    advice(&mut sheet, desk, group);
    sources(&mut sheet, desk, group);
    let (frames, others) = (&group.frames, &group.other_frames);
    stack(&mut sheet, "Backtrace", frames, desk.all_frames);
    stack(&mut sheet, "The other side", others, desk.all_frames);
    for bucket in group.goroutines.iter().take(12).filter(|_| group.goroutines.len() > 1) {
        let waits =
            if bucket.minutes > 0 { format!(", up to {} minutes", bucket.minutes) } else { String::new() };
        sheet.row(
            "stacks",
            &format!("{} × {} in {}{waits}", bucket.count, bucket.state, bucket.top),
            theme.text(),
        );
    }
    sheet.lines
}

fn facts(sheet: &mut Sheet, desk: &Desk, group: &Group) {
    let theme = sheet.theme;
    let category = format!("{} ({} %: {})", group.category.code(), group.confidence, group.reason);
    sheet.row("category", &category, theme.text());
    let place = group.location.as_ref().map(ToString::to_string).unwrap_or_default();
    sheet.row("where", &place, theme.accent());
    sheet.row("in", &group.top_frame, theme.text());
    sheet.row("thread", &group.thread, theme.text());
    let mut counts = format!("{} times", group.count);
    for (count, what) in [
        (group.secondary, "that follow from it"),
        (group.endings, "ends of its process"),
        (group.recovered, "recovered"),
        (group.torn, "torn by another thread"),
    ] {
        if count > 0 {
            counts += &format!(", {count} {what}");
        }
    }
    sheet.row("count", &counts, theme.text());
    for follower in &group.followers {
        let what = if follower.duplicate { "printed twice" } else { follower.category.code() };
        sheet.row("follows", &format!("{} × {what}: {}", follower.count, follower.message), theme.quiet());
    }
    let seen = print::seen(group);
    sheet.row("seen", if seen.is_empty() { "no stamp is near the reports" } else { &seen }, theme.text());
    let slots = sheet.columns.saturating_sub(LABEL + 6).clamp(8, 72);
    let peak = group.peak_per_minute.map(|peak| format!("{peak} a minute at its worst")).unwrap_or_default();
    sheet.row("rate", &peak, theme.text());
    sheet.row("", &spark(group, theme, slots), theme.trouble());
    if let Some(known) = desk.summary.known.get(&group.fingerprint) {
        let text = print::standing(group, known);
        sheet.row("state", &text, theme.text());
        sheet.row("note", &known.note, theme.strong());
    }
    let names =
        |names: &std::collections::BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    sheet.row("hosts", &names(&group.hosts), theme.text());
    sheet.row("services", &names(&group.services), theme.text());
    sheet.row("releases", &names(&group.releases), theme.text());
    let files: Vec<String> =
        group.files.iter().take(6).map(|(file, count)| format!("{file} ({count})")).collect();
    sheet.row("files", &files.join(", "), theme.text());
    sheet.row("first at", &group.first_place.to_string(), theme.text());
    sheet.row("print", &group.fingerprint, theme.quiet());
}

fn advice(sheet: &mut Sheet, desk: &Desk, group: &Group) {
    let theme = sheet.theme;
    let (entry, response) = (knowledge::of(group.category), response::to(group, &desk.summary));
    sheet.title("What to do");
    sheet.row("next", &response.step, theme.strong());
    for question in &response.flow {
        sheet.row("asked", question, theme.quiet());
    }
    sheet.row("scenario", entry.scenario, theme.text());
    sheet.row("confirm", entry.confirm, theme.text());
    sheet.row("cure", entry.cure, theme.good());
    if let Some((before, after)) = entry.example(group.language) {
        sheet.row("before", before, theme.source());
        sheet.row("after", after, theme.source());
    }
    sheet.row("prevent", entry.prevent, theme.text());
    for link in entry.links(group.language) {
        sheet.row("link", &knowledge::titled(link), theme.accent());
    }
}

fn sources(sheet: &mut Sheet, desk: &Desk, group: &Group) {
    let theme = sheet.theme;
    let Some(suspects) = desk.summary.suspects.get(&group.fingerprint) else { return };
    sheet.title("Source");
    for suspect in suspects {
        sheet.row("at", &suspect.place.to_string(), theme.accent());
        sheet.row("", &suspect.source, theme.source());
        if !suspect.commit.is_empty() {
            let at = suspect.at.map(iso).unwrap_or_default();
            let text = format!("{} {at} {}: {}", suspect.commit, suspect.author, suspect.title);
            sheet.row("changed", &text, theme.text());
        }
    }
}

fn stack(sheet: &mut Sheet, title: &str, frames: &[Frame], all: bool) {
    let shown: Vec<&Frame> = frames.iter().filter(|frame| all || frame.user).collect();
    if frames.is_empty() {
        return;
    }
    let hidden = frames.len() - shown.len();
    sheet.title(&if hidden > 0 { format!("{title}, {hidden} more with a") } else { title.to_owned() });
    let theme = sheet.theme;
    for (at, frame) in shown.into_iter().enumerate() {
        let style = if frame.user { theme.text() } else { theme.quiet() };
        sheet.row(&at.to_string(), &frame.function, style);
        if !frame.file.is_empty() {
            sheet.row("", &format!("at {}:{}", frame.file, frame.line), theme.quiet());
        }
    }
}

/// What keys do here.
pub(super) fn help(look: Look, columns: usize) -> Vec<Line<'static>> {
    let theme = Theme::new(look);
    let mut sheet = Sheet { theme, columns, lines: Vec::new() };
    sheet.title("Keys (those of the other screens, where they mean something here)");
    for (keys, help) in [
        ("j k", "one row down, up; also the arrows, Ctrl-d, Ctrl-u, PgDn, PgUp, g, G"),
        ("Enter", "the page of a bug; q, Esc or Backspace leads back"),
        ("e E", "the next bug, the one before, on a page, too; also Tab"),
        ("/ n N", "search, the next match, the one before"),
        (
            "f",
            "filter: words that all have to fit, -word for one that must not, category:oom, state:new, where:, file:, service:, language:go, count>5",
        ),
        ("s I", "order by count, latest, category, state; turned round"),
        ("a", "all frames, or the application's"),
        ("o", "open the place in $EDITOR"),
        ("y", "copy the bug's line to the clipboard"),
        ("r", "resolved: when it is seen again, it has regressed"),
        ("i", "ignored: known and of no interest; it is no finding from now on"),
        ("u", "neither resolved nor ignored any more"),
        ("A", "a note about it, shown with it from now on"),
        ("Ctrl-c", "quit from anywhere"),
    ] {
        sheet.row(keys, help, theme.text());
    }
    sheet.lines
}
