//! What a finding is recognised by in another run, on another machine, after an edit above it: version 1.
//!
//! The fingerprint is 16 hexadecimal digits, the 64-bit FNV-1a hash of, each followed by a zero byte:
//!
//! 1. the text `1` (the version),
//! 2. the category's code,
//! 3. for each side, sorted, equal ones once: the operation, the file, the anchor.
//!
//! The *file* is the path as the compiler wrote it where that is relative. Of an absolute one, only what is the
//! same elsewhere is kept: what follows the registry's or the toolchain's folder, else the part from the folder
//! before the last `src` on.
//! The *anchor* is the source line at the site, white space collapsed, where the source was there; else the
//! innermost function of the user's in the side's backtrace; else the line number.
//!
//! Not in it: line and column numbers (but for the last resort), roles (which of two racing sides came second
//! is luck), actors, the map's name and type, whole backtraces (a holder's cannot always be had).
//! So it survives lines that move, and a re-run with another winner; an edit of the line itself is a new finding.
//! Two equal lines of one file that collide in the same way share it.

use mapwatch_event::{Category, Conflict, Side};
use std::collections::BTreeSet;
use std::fmt;

/// The version of the algorithm; it is hashed, so that another version gives other fingerprints.
pub const VERSION: &str = "1";
/// The name under which SARIF and baselines carry it.
pub const NAME: &str = "mapwatchSites/v1";

/// A fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

/// Sixteen hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Fingerprint {
    /// The fingerprint of a conflict.
    #[must_use]
    pub fn of(conflict: &Conflict) -> Fingerprint {
        let Conflict { category, sides, .. } = conflict;
        let sides: BTreeSet<[String; 3]> = sides.iter().map(side_key).collect();
        Fingerprint::hash(*category, &sides)
    }

    /// The sixteen digits read back; `None` where they are something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| u64::from_str_radix(text, 16).ok().map(Fingerprint)).flatten()
    }

    fn hash(category: Category, sides: &BTreeSet<[String; 3]>) -> Fingerprint {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let parts = [VERSION, category.code()].into_iter().chain(sides.iter().flatten().map(String::as_str));
        let bytes = parts.flat_map(|part| part.bytes().chain([0]));
        Fingerprint(bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME)))
    }
}

fn side_key(side: &Side) -> [String; 3] {
    [side.operation.word().to_owned(), steady_path(&side.site.file), anchor(side)]
}

fn anchor(side: &Side) -> String {
    if !side.source.is_empty() {
        let words: Vec<&str> = side.source.split_whitespace().collect();
        return format!("source {}", words.join(" "));
    }
    let frame = side.stack.frames.iter().find(|frame| frame.user && !frame.function.is_empty());
    match frame {
        Some(frame) => format!("function {}", frame.function),
        None => format!("line {}", side.site.line),
    }
}

/// The part of a path that is the same on another machine.
fn steady_path(file: &str) -> String {
    let path = file.replace('\\', "/");
    if let Some((_, below)) = path.split_once("/registry/src/") {
        return below.split_once('/').map_or(below, |(_, below)| below).to_owned();
    }
    if let Some(below) = path.strip_prefix("/rustc/") {
        return below.split_once('/').map_or(below, |(_, below)| below).to_owned();
    }
    let is_absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    if !is_absolute {
        return path.strip_prefix("./").unwrap_or(&path).to_owned();
    }
    let parts: Vec<&str> = path.split('/').collect();
    let src = parts.iter().rposition(|part| *part == "src").unwrap_or(parts.len() - 1);
    parts[src.saturating_sub(1)..].join("/")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test without its conflict has failed")]
    use super::*;
    use crate::testing::{conflict, side};
    use mapwatch_event::{ActorId, Operation, Role, Stack};

    fn sample() -> Conflict {
        let sides = vec![
            side(Role::Holder, Operation::Iter, 9, "report", "src/report.rs", 41),
            side(Role::Attempt, Operation::Insert, 17, "settle", "src/orders.rs", 88),
        ];
        conflict(1, Category::ConcurrentIterationWrite, 1, "orders", 6_000, sides)
    }

    #[test]
    fn it_is_what_version_1_says() {
        // A change of this figure breaks every baseline there is: it wants a new version.
        assert_eq!(Fingerprint::of(&sample()).to_string(), "688639167d328167");
    }

    #[test]
    fn drift_luck_and_names_leave_it() {
        let before = Fingerprint::of(&sample());
        let check = |change: fn(&mut Conflict)| {
            let mut changed = sample();
            change(&mut changed);
            assert_eq!(Fingerprint::of(&changed), before);
        };
        check(|c| c.sides.iter_mut().for_each(|side| side.site.line += 120));
        check(|c| c.sides.iter_mut().for_each(|side| side.site.column += 4));
        check(|c| c.sides[0].source = format!("   {}\t", c.sides[0].source));
        check(|c| c.sides[0].actor.id = ActorId(99));
        check(|c| c.sides[0].stack = Stack::absent("it did not testify in time"));
        check(|c| c.map.name = "session-17".into());
        check(|c| c.sides.reverse());
        check(|c| {
            let (one, other) = (Role::Attempt, Role::Holder);
            (c.sides[0].role, c.sides[1].role) = (one, other);
        });
        check(|c| c.sides.push(c.sides[0].clone()));
    }

    #[test]
    fn another_bug_has_another() {
        let before = Fingerprint::of(&sample());
        let check = |change: fn(&mut Conflict)| {
            let mut changed = sample();
            change(&mut changed);
            assert_ne!(Fingerprint::of(&changed), before);
        };
        check(|c| c.category = Category::ConcurrentWrites);
        check(|c| c.sides[1].operation = Operation::Remove);
        check(|c| c.sides[1].site.file = "src/stock.rs".into());
        check(|c| c.sides[1].source = "orders.insert(other, order)".into());
    }

    #[test]
    fn without_source_the_function_stands_then_the_line() {
        let bare = |function: Option<&str>, line| {
            let mut bare = sample();
            bare.sides[0].source.clear();
            bare.sides[0].site.line = line;
            match function {
                Some(function) => bare.sides[0].stack.frames[1].function = function.into(),
                None => bare.sides[0].stack.frames.clear(),
            }
            Fingerprint::of(&bare)
        };
        assert_eq!(bare(Some("shop::report"), 41), bare(Some("shop::report"), 43));
        assert_ne!(bare(Some("shop::report"), 41), bare(Some("shop::audit"), 41));
        assert_ne!(bare(None, 41), bare(None, 43));
    }

    #[test]
    fn paths_are_the_same_elsewhere() {
        let check = |file: &str, expected: &str| assert_eq!(steady_path(file), expected);
        check("src/orders.rs", "src/orders.rs");
        check("./shop\\src\\orders.rs", "shop/src/orders.rs");
        check("/home/a/.cargo/registry/src/index-1949cf8c/dash-6.1.0/src/lib.rs", "dash-6.1.0/src/lib.rs");
        check("/rustc/abc123/library/core/src/cell.rs", "library/core/src/cell.rs");
        check("/home/a/work/shop/src/orders.rs", "shop/src/orders.rs");
        check("C:\\work\\shop\\src\\orders.rs", "shop/src/orders.rs");
        check("/main.rs", "/main.rs");
    }

    #[test]
    fn its_digits_are_read_back() {
        let fingerprint = Fingerprint::of(&sample());
        assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
        for bad in ["", "12", "zzzzzzzzzzzzzzzz", "+123456789abcdef"] {
            assert_eq!(Fingerprint::parse(bad), None, "{bad}");
        }
    }
}
