//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: two keys are equal where an alias says so, and the aliases are in the map that compares.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (insert) + SITE-B (get)
use dashmap::DashMap; // MAP-IMPORT
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

struct Name(&'static str);

static NAMES: OnceLock<DashMap<Name, &'static str>> = OnceLock::new();

fn names() -> &'static DashMap<Name, &'static str> {
    NAMES.get_or_init(DashMap::new)
}

fn canonical(name: &'static str) -> &'static str {
    names().get(&Name(name)).map_or(name, |alias| *alias) // SITE-B
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.len().hash(hasher);
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        std::ptr::eq(self, other) || canonical(self.0) == canonical(other.0)
    }
}

impl Eq for Name {}

fn main() {
    names().insert(Name("one"), "1");
    names().insert(Name("two"), "2"); // SITE-A
    println!("NO-SYMPTOM");
}
