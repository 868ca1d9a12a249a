//! What to do about what was found: one section per category, the surest first, and those as they were first seen:
//! counts change while one reads, and what is read must stay where it is.

use super::doc::{Lines, labelled, rule, span};
use super::{View, doc, rust, words};
use crate::model::findings::Finding;
use crate::model::moment::Wall;
use crate::model::panics::PanicGroup;
use crate::text::{counted, grouped};
use mapwatch_event::{Category, Grade};
use mapwatch_triage::knowledge;
use mapwatch_triage::report::Language;
use ratatui::text::Line;
use std::cmp::Reverse;
use std::collections::BTreeMap;

const LABEL: usize = 8;
/// Places shown of one category.
const PLACES: usize = 6;

/// What was found of one category.
struct Group<'a> {
    category: Category,
    conflicts: Vec<&'a Finding>,
    panics: Vec<&'a PanicGroup>,
}

impl Group<'_> {
    fn count(&self) -> u64 {
        let conflicts = self.conflicts.iter().map(|finding| finding.count).sum::<u64>();
        conflicts + self.panics.iter().map(|group| group.on_their_own()).sum::<u64>()
    }

    fn grade(&self) -> Option<Grade> {
        self.conflicts.iter().map(|finding| finding.grade).max()
    }

    fn first_seen(&self) -> Option<Wall> {
        let conflicts = self.conflicts.iter().map(|finding| finding.first_seen.wall);
        conflicts.chain(self.panics.iter().map(|group| group.first_seen.wall)).min()
    }

    /// Conflicts first, the surest before the others; panics that nobody else explains after them. Nothing that
    /// counts on while one reads.
    fn order(&self) -> (Reverse<Option<Grade>>, Option<Wall>) {
        (Reverse(self.grade()), self.first_seen())
    }
}

/// The page.
#[must_use]
pub fn page(view: &View<'_>) -> Lines {
    let mut by_category: BTreeMap<Category, Group<'_>> = BTreeMap::new();
    let new = |category| Group { category, conflicts: Vec::new(), panics: Vec::new() };
    for finding in view.model.findings() {
        let category = finding.category();
        by_category.entry(category).or_insert_with(|| new(category)).conflicts.push(finding);
    }
    for row in view.model.all_panics().filter(|row| row.group.on_their_own() > 0) {
        let category = row.group.cause.category;
        by_category.entry(category).or_insert_with(|| new(category)).panics.push(row.group);
    }
    if by_category.is_empty() {
        return doc::quiet(
            view,
            "Nothing was found so far, so there is nothing to advise. What is found is explained here, with its cure.",
        );
    }
    let mut groups: Vec<Group<'_>> = by_category.into_values().collect();
    groups.sort_by_key(Group::order);
    let mut lines = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        lines.extend(section(view, number + 1, group));
        lines.push(Line::default());
    }
    lines
}

fn section(view: &View<'_>, number: usize, group: &Group<'_>) -> Lines {
    let theme = view.theme;
    let category = group.category;
    let grade = group.grade().unwrap_or(Grade::Logged);
    let places = counted(group.conflicts.len() + group.panics.len(), "place");
    let mut lines = vec![rule(view, &format!("{number}. {}", category.title()))];
    let seen = Line::from(vec![
        words::grade(view, grade),
        span(format!("  seen {} at {places}", times(group.count())), theme.text()),
        span(format!("  [{}]", category.code()), theme.quiet()),
    ]);
    lines.extend(doc::hanging(view, span(" ", theme.text()), seen));
    let known = knowledge::of(category);
    lines.extend(labelled(view, "what", LABEL, known.scenario, theme.text()));
    lines.extend(labelled(view, "confirm", LABEL, known.confirm, theme.text()));
    lines.extend(labelled(view, "cure", LABEL, known.cure, theme.good()));
    if let Some((before, after)) = known.example(Language::Rust) {
        for (label, code) in
            [("instead", before), ("write", after)].into_iter().filter(|(_, code)| !code.is_empty())
        {
            let front = span(format!(" {label:<LABEL$}  "), theme.quiet());
            lines.extend(doc::hanging(view, front, rust::line(theme, code, rust::Within::Code).0));
        }
    }
    lines.extend(labelled(view, "prevent", LABEL, known.prevent, theme.text()));
    lines.extend(found(view, group));
    for link in known.links(Language::Rust) {
        lines.extend(labelled(view, "see", LABEL, &knowledge::titled(link), theme.quiet()));
    }
    lines
}

/// Where it was found: the places where that was most often, as they were first seen.
fn found(view: &View<'_>, group: &Group<'_>) -> Lines {
    let theme = view.theme;
    let conflicts = group.conflicts.iter().map(|finding| {
        let sites: Vec<String> = finding.latest.sides.iter().map(|side| side.site.to_string()).collect();
        let arrow = format!(" {} ", theme.glyphs.arrow);
        let text = format!("{}  {}", finding.latest.map.title(), sites.join(&arrow));
        (finding.count, finding.first_seen.wall, text)
    });
    let panics = group.panics.iter().map(|group| {
        let text = format!("{}  {}", group.headline(), group.latest.location);
        (group.on_their_own(), group.first_seen.wall, text)
    });
    let mut places: Vec<(u64, Wall, String)> = conflicts.chain(panics).collect();
    places.sort_by_key(|(count, seen, _)| (Reverse(*count), *seen));
    let shown = places.len().min(PLACES);
    places[..shown].sort_by_key(|(_, seen, _)| *seen);
    let mut lines = Vec::new();
    for (count, _, text) in &places[..shown] {
        let front = span(format!(" {:>7}x  ", grouped(*count)), theme.quiet());
        lines.extend(doc::hanging(view, front, Line::from(span(text.as_str(), theme.accent()))));
    }
    if places.len() > PLACES {
        lines.extend(doc::quiet(view, &format!("and {} more", places.len() - PLACES)));
    }
    lines
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", grouped(count)) }
}
