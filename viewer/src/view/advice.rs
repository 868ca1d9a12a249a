//! What to do about what was found: one section per category, most pressing first.

use super::doc::{Lines, labelled, rule, span};
use super::{View, doc, words};
use crate::model::findings::Finding;
use crate::text::{counted, cut_front, grouped};
use mapwatch_event::Category;
use ratatui::text::Line;
use std::cmp::Reverse;
use std::collections::BTreeMap;

const LABEL: usize = 8;
/// Places shown of one category.
const PLACES: usize = 6;

/// The page.
#[must_use]
pub fn page(view: &View<'_>) -> Lines {
    let mut by_category: BTreeMap<Category, Vec<&Finding>> = BTreeMap::new();
    for finding in view.model.findings() {
        by_category.entry(finding.category()).or_default().push(finding);
    }
    if by_category.is_empty() {
        return doc::quiet(
            view,
            "Nothing was found so far, so there is nothing to advise. What is found is explained here, with its cure.",
        );
    }
    let mut groups: Vec<Vec<&Finding>> = by_category.into_values().collect();
    let count = |group: &[&Finding]| group.iter().map(|finding| finding.count).sum::<u64>();
    groups.sort_by_key(|group| Reverse((group.iter().map(|finding| finding.grade).max(), count(group))));
    let mut lines = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        lines.extend(section(view, number + 1, group, count(group)));
        lines.push(Line::default());
    }
    lines
}

fn section(view: &View<'_>, number: usize, group: &[&Finding], count: u64) -> Lines {
    let theme = view.theme;
    let Some(first) = group.iter().max_by_key(|finding| (finding.grade, finding.count)) else {
        return Vec::new();
    };
    let category = first.category();
    let mut lines = vec![rule(view, &format!("{number}. {}", category.title()))];
    lines.push(Line::from(vec![
        span(" ", theme.text()),
        words::grade(view, first.grade),
        span(format!("  seen {} at {}", times(count), counted(group.len(), "place")), theme.text()),
        span(format!("  [{}]", category.code()), theme.quiet()),
    ]));
    lines.extend(labelled(view, "cause", LABEL, &first.latest.cause, theme.text()));
    let cure = if first.latest.cure.is_empty() { category.cure() } else { &first.latest.cure };
    lines.extend(labelled(view, "cure", LABEL, cure, theme.good()));
    let mut places: Vec<&&Finding> = group.iter().collect();
    places.sort_by_key(|finding| Reverse(finding.count));
    for finding in places.iter().take(PLACES) {
        let sites: Vec<String> = finding.latest.sides.iter().map(|side| side.site.to_string()).collect();
        let text =
            format!("{}  {}", finding.latest.map.title(), sites.join(&format!(" {} ", theme.glyphs.arrow)));
        let count = format!(" {:>7}x  ", grouped(finding.count));
        let room = view.width.saturating_sub(count.len() + 1);
        lines.push(Line::from(vec![
            span(count, theme.quiet()),
            span(cut_front(&text, room, theme.glyphs.cut), theme.accent()),
        ]));
    }
    if places.len() > PLACES {
        lines.extend(doc::quiet(view, &format!("and {} more", places.len() - PLACES)));
    }
    lines
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", grouped(count)) }
}
