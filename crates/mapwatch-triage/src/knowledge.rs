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
    links: [&'static str; 3],
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

    /// Where to read on: pages about the language first.
    pub fn links(&self, language: Language) -> impl Iterator<Item = &'static str> + use<> {
        let mut links = self.links;
        links.sort_by_key(|link| is_about_go(link) != (language == Language::Go));
        links.into_iter().filter(|link| !link.is_empty())
    }
}

/// The site of an address, and the folders and the name of its page there.
fn parts(link: &str) -> (&str, impl Iterator<Item = &str>) {
    let mut parts = link.trim_start_matches("https://").split(['/', '#']).filter(|part| !part.is_empty());
    (parts.next().unwrap_or_default(), parts)
}

fn is_about_go(link: &str) -> bool {
    let (site, mut pages) = parts(link);
    match site {
        "go.dev" | "pkg.go.dev" => true,
        "github.com" => pages.next().is_some_and(|owner| owner.ends_with("-go")),
        _ => false,
    }
}

/// An address behind whose page it is, so that nobody has to follow it to know: `Go's documentation: https://…`.
#[must_use]
pub fn titled(link: &str) -> String {
    format!("{}: {link}", whose(link))
}

/// Whose page an address is, in a few words.
#[must_use]
pub fn whose(link: &str) -> String {
    let (site, mut pages) = parts(link);
    let (first, second) = (pages.next().unwrap_or_default(), pages.next().unwrap_or_default());
    match (site, first) {
        ("doc.rust-lang.org", "std") => "Rust's standard library".to_owned(),
        ("doc.rust-lang.org", "book") => "The Rust Programming Language".to_owned(),
        ("doc.rust-lang.org", "nomicon") => "The Rustonomicon, on unsafe Rust".to_owned(),
        ("doc.rust-lang.org", "cargo") => "Cargo's documentation".to_owned(),
        ("doc.rust-lang.org", _) => "Rust's documentation".to_owned(),
        ("rust-lang.github.io", "rust-clippy") => "Clippy's lints".to_owned(),
        ("docs.rs", name) => format!("the crate {name}"),
        ("go.dev" | "pkg.go.dev", _) => "Go's documentation".to_owned(),
        ("rust-fuzz.github.io", "book") => "The Rust Fuzz Book".to_owned(),
        ("rust-unofficial.github.io", "patterns") => "Rust Design Patterns".to_owned(),
        ("12factor.net", _) => "The Twelve-Factor App".to_owned(),
        ("kubernetes.io", _) => "Kubernetes' documentation".to_owned(),
        ("github.com", owner) => format!("{owner}/{second} on GitHub"),
        (site, _) => site.to_owned(),
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
            assert!(entry.links(Language::Rust).all(|link| link.starts_with("https://")), "{category}");
            assert!(entry.links(Language::Rust).next().is_some(), "{category}");
        }
    }

    #[test]
    fn who_writes_rust_is_led_to_pages_about_rust_first() {
        for category in Category::ALL {
            let entry = of(*category);
            let about_go = |language| entry.links(language).map(is_about_go).collect::<Vec<_>>();
            assert!(about_go(Language::Rust).is_sorted(), "{category}");
            assert!(about_go(Language::Go).is_sorted_by(|a, b| a >= b), "{category}");
            // What Rust knows by the name of the category has a page of Rust's.
            let is_rust_too = !entry.before[0].is_empty();
            assert!(!is_rust_too || !about_go(Language::Rust)[0], "{category}");
        }
        assert!(is_about_go("https://github.com/uber-go/nilaway"));
        assert!(!is_about_go("https://github.com/rust-lang/miri"));
    }

    #[test]
    fn an_address_says_whose_page_it_is() {
        for (link, expected) in [
            ("https://go.dev/doc/faq#atomic_maps", "Go's documentation"),
            ("https://doc.rust-lang.org/std/sync/struct.Mutex.html", "Rust's standard library"),
            ("https://docs.rs/dashmap/latest/dashmap/struct.DashMap.html", "the crate dashmap"),
            ("https://docs.rs/moka", "the crate moka"),
            ("https://github.com/rust-lang/miri", "rust-lang/miri on GitHub"),
            ("https://rust-lang.github.io/rust-clippy/master/index.html#todo", "Clippy's lints"),
            ("https://rust-fuzz.github.io/book/", "The Rust Fuzz Book"),
            ("https://example.com/page", "example.com"),
        ] {
            assert_eq!(whose(link), expected);
        }
    }
}
