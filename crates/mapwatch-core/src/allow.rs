//! What somebody has looked at and found right: suspects, hazards and notes that are not told.
//!
//! An allowance names a category and a place: a map by its name, or a site by the end of its path, with or
//! without the line. It is given in code by [`allow`], or by a line of the file that `MAPWATCH_ALLOW` names:
//!
//! ```text
//! # category      place                why
//! check-then-act  src/cache.rs:88      # both compute the same page
//! lost-update     last-seen            # the last one counts
//! ```
//!
//! What is certain is told whatever is allowed.

use crate::raise::{Collision, Otherwise};
use crate::stderr::say;
use mapwatch_event::{Category, Grade};
use std::sync::{Mutex, OnceLock, PoisonError};

/// One allowance.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Allowance {
    category: Category,
    place: String,
}

static IN_CODE: Mutex<Vec<Allowance>> = Mutex::new(Vec::new());

/// Keeps findings of `category` at `place` to itself: a map's name, or a site as `src/cache.rs:88` or
/// `src/cache.rs`.
pub fn allow(category: Category, place: impl Into<String>) {
    let allowance = Allowance { category, place: place.into() };
    IN_CODE.lock().unwrap_or_else(PoisonError::into_inner).push(allowance);
}

/// Whether a collision is allowed.
pub(crate) fn is_allowed(collision: &Collision) -> bool {
    if collision.grade() == Grade::Certain || collision.otherwise != Otherwise::GoOn {
        return false;
    }
    let covers = |allowance: &Allowance| {
        let site = |party: &crate::raise::Party| {
            party.site.is_some_and(|site| is_at(&allowance.place, site.file(), site.line()))
        };
        allowance.category == collision.category
            && (allowance.place == collision.map.name || collision.parties.iter().any(site))
    };
    in_file().iter().any(covers) || IN_CODE.lock().unwrap_or_else(PoisonError::into_inner).iter().any(covers)
}

/// Whether `place` is the end of this site, at a whole name of a file or folder.
fn is_at(place: &str, file: &str, line: u32) -> bool {
    let path = match place.rsplit_once(':') {
        Some((path, number)) if number.parse() == Ok(line) => path,
        Some((_, number)) if number.parse::<u32>().is_ok() => return false,
        _ => place,
    };
    let file = file.replace('\\', "/");
    file.strip_suffix(path).is_some_and(|rest| !path.is_empty() && (rest.is_empty() || rest.ends_with('/')))
}

fn in_file() -> &'static [Allowance] {
    static FILE: OnceLock<Vec<Allowance>> = OnceLock::new();
    FILE.get_or_init(|| {
        let Some(path) = std::env::var_os("MAPWATCH_ALLOW").filter(|path| !path.is_empty()) else {
            return Vec::new();
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => text.lines().enumerate().filter_map(|(index, line)| parse(index + 1, line)).collect(),
            Err(error) => {
                say(&format!("mapwatch: MAPWATCH_ALLOW: could not read {}: {error}\n", path.display()));
                Vec::new()
            }
        }
    })
}

fn parse(number: usize, line: &str) -> Option<Allowance> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (category, place) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match category.parse() {
        Ok(category) if !place.trim().is_empty() => {
            Some(Allowance { category, place: place.trim().to_owned() })
        }
        Ok(_) => {
            say(&format!("mapwatch: MAPWATCH_ALLOW, line {number}: no place\n"));
            None
        }
        Err(unknown) => {
            say(&format!("mapwatch: MAPWATCH_ALLOW, line {number}: {unknown}\n"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_category_and_a_place() {
        let allowance = |place: &str| Allowance { category: Category::LostUpdate, place: place.to_owned() };
        assert_eq!(parse(1, "lost-update  last seen  # the last one counts"), Some(allowance("last seen")));
        assert_eq!(parse(1, "lost-update src/a.rs:3"), Some(allowance("src/a.rs:3")));
        assert_eq!(parse(1, "# nothing"), None);
        assert_eq!(parse(1, "lost-update"), None);
        assert_eq!(parse(1, "no-such-thing x"), None);
    }

    #[test]
    fn a_place_is_the_end_of_a_site() {
        assert!(is_at("src/cache.rs:88", "/srv/shop/src/cache.rs", 88));
        assert!(is_at("cache.rs", "src\\cache.rs", 5));
        assert!(!is_at("src/cache.rs:88", "src/cache.rs", 89));
        assert!(!is_at("cache.rs", "src/page_cache.rs", 1));
        assert!(!is_at("", "src/page_cache.rs", 1));
    }
}
