//! Source around the sites that were looked at, read once from the checkout.

use mapwatch_event::Site;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines before and after a site that are kept.
pub const AROUND: u32 = 6;
/// Sites kept; when there are more, all are read anew.
const SITES: usize = 512;

/// Lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the first line, from 1.
    pub first: u32,
    /// The lines, made safe to show.
    pub lines: Vec<String>,
}

impl Excerpt {
    /// A line by its number.
    #[must_use]
    pub fn line(&self, number: u32) -> Option<&str> {
        self.lines.get(usize::try_from(number.checked_sub(self.first)?).ok()?).map(String::as_str)
    }
}

/// What was read; `None` for a site whose file was not found.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    all: BTreeMap<Site, Option<Arc<Excerpt>>>,
}

impl Sources {
    /// The lines around a site, where they have been found.
    #[must_use]
    pub fn get(&self, site: &Site) -> Option<&Arc<Excerpt>> {
        self.all.get(site)?.as_ref()
    }

    /// Whether somebody looked for its file already.
    #[must_use]
    pub fn knows(&self, site: &Site) -> bool {
        self.all.contains_key(site)
    }

    /// Keeps what was found.
    pub fn add(&mut self, site: Site, excerpt: Option<Excerpt>) {
        if self.all.len() >= SITES {
            self.all.clear();
        }
        self.all.insert(site, excerpt.map(Arc::new));
    }
}
