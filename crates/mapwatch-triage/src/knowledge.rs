//! What is known about each category: scenario, how to confirm, cure with a before and after, prevention, links.
//!
//! Data, in `knowledge.txt`; one entry for each category, which a test holds.

use crate::report::Language;
use mapwatch_event::Category;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What is known about one category.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entry {
    /// What goes on, in a sentence or two.
    pub scenario: &'static str,
    /// How to make sure.
    pub confirm: &'static str,
    /// What to do.
    pub cure: &'static str,
    /// What keeps it from coming back: a lint, a test, a type.
    pub prevent: &'static str,
    before: [&'static str; 2],
    after: [&'static str; 2],
    links: [&'static str; 2],
}

impl Entry {
    /// A line of code with the bug and one without it; in another language where this one has none.
    #[must_use]
    pub fn example(&self, language: Language) -> Option<(&'static str, &'static str)> {
        let own = usize::from(language == Language::Go);
        [own, 1 - own]
            .into_iter()
            .map(|at| (self.before[at], self.after[at]))
            .find(|(before, _)| !before.is_empty())
    }

    /// Where to read on.
    pub fn links(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.links.into_iter().filter(|link| !link.is_empty())
    }
}

const TEXT: &str = include_str!("knowledge.txt");

/// The entry of a category.
#[must_use]
pub fn of(category: Category) -> Entry {
    static ENTRIES: OnceLock<BTreeMap<Category, Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| read(TEXT)).get(&category).copied().unwrap_or_default()
}

fn read(text: &'static str) -> BTreeMap<Category, Entry> {
    let mut entries = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(code) = line.strip_prefix("== ") {
            current = code.trim().parse::<Category>().ok();
            continue;
        }
        let (Some(category), Some((field, value))) = (current, line.split_once(": ")) else { continue };
        fill(entries.entry(category).or_default(), field, value.trim());
    }
    entries
}

fn fill(entry: &mut Entry, field: &str, value: &'static str) {
    match field {
        "scenario" => entry.scenario = value,
        "confirm" => entry.confirm = value,
        "cure" => entry.cure = value,
        "prevent" => entry.prevent = value,
        "rust-" => entry.before[0] = value,
        "rust+" => entry.after[0] = value,
        "go-" => entry.before[1] = value,
        "go+" => entry.after[1] = value,
        "link" => {
            if let Some(free) = entry.links.iter_mut().find(|link| link.is_empty()) {
                *free = value;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_a_whole_entry() {
        for category in Category::ALL {
            let entry = of(*category);
            for text in [entry.scenario, entry.confirm, entry.cure, entry.prevent] {
                assert!(text.ends_with(['.', '?', ')', '`']) && text.len() > 15, "{category}: {text}");
            }
            assert!(entry.example(Language::Rust).is_some_and(|(_, after)| !after.is_empty()), "{category}");
            assert!(entry.links().next().is_some_and(|link| link.starts_with("https://")), "{category}");
        }
    }
}
