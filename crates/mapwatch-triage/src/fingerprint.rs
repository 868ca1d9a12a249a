//! What makes two reports the same bug: the fingerprint, version 2.
//!
//! The fingerprint is 16 hexadecimal digits, the FNV-1a hash of, in this order:
//!
//! 1. the text `2` (the version),
//! 2. the language and the kind of report, a zero byte behind each,
//! 3. the *key* of the message: the fixed key of the rule that classified it where that rule has one, else the
//!    message with its variable parts masked ([`masked`]), and a zero byte,
//! 4. the *site*: for Rust, the source file of the panic from its last `src/` on (a library's file with the
//!    library's name, without version and registry; the innermost application frame's file where the panic
//!    names only the standard library; the hash of the masked message where nothing tells a file); for Go, the
//!    innermost application function, package and name, with the numbers of closures masked, and its file's name;
//!    for a race, those of both sides, in the order of their names,
//! 5. for Rust, the column (four bytes, the lowest first), where the panic names a place that is not the standard
//!    library's. Two `unwrap`s of one file differ by it, and edits above a statement leave it where it is. A key
//!    that ends with `~` keeps the column out: toolchains disagree about the place of what it stands for.
//!
//! Not in it: line numbers, addresses, hashes, ids, thread ids, versions, absolute paths, whole
//! names of Rust functions (they differ between debug and release builds). So it stays the same across
//! toolchains, profiles, settings of `RUST_BACKTRACE` and envelopes.
//!
//! Reports that differ in the column alone, or have none (a hook that prints no column, a toolchain that blamed
//! its own library), are put together where they are one bug ([`same_spot`]); the group then has the fingerprint
//! of the part that has a column. Where several bugs of one input share a fingerprint even so, each
//! gets a suffix: `-` and its function, its column or its line.
//!
//! Version 1 had no column in the hash: a bug's fingerprint changed when another one turned up in its file.

use crate::classify::{Verdict, is_own_source};
use crate::envelope::hash;
use crate::parse::frames::{Owner, last_segment, owner};
use crate::report::{Kind, Language, Report};
use mapwatch_event::Frame;

/// The version of the algorithm; it is hashed, so another version gives other fingerprints.
pub const VERSION: &str = "2";

/// Where in a file, as far as a report tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Line, from 1; 0 where unknown.
    pub line: u32,
    /// Column of the panic's own location; 0 where unknown. A frame's column does not count: it moved between
    /// toolchains.
    pub column: u32,
    /// Last path segment of the innermost application function; empty without frames.
    pub function: String,
}

/// A report's fingerprint before groups are split.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Print {
    /// The hash.
    pub base: u64,
    /// The hash without the site; what a report without any site is matched by.
    pub loose: u64,
    /// A hash of the masked words themselves, whatever key their rule has.
    pub words: u64,
    /// Whether a site was known.
    pub sited: bool,
    /// Whether toolchains disagree about the place, so that the column is no part of the fingerprint.
    pub roams: bool,
    /// Where in the site.
    pub spot: Spot,
}

/// The fingerprint of a report that was classified.
#[must_use]
pub fn of(report: &Report, verdict: &Verdict) -> Print {
    let key = if verdict.key.is_empty() { masked(&report.message) } else { verdict.key.clone() };
    let mut loose = hash(0, VERSION.as_bytes());
    for part in [report.language.word(), report.kind.word(), &key] {
        loose = hash(loose, part.as_bytes());
        loose = hash(loose, b"\0");
    }
    let words = hash(0, masked(&report.message).as_bytes());
    let site = site(report);
    // Without a site the words are all there is; a broad key would throw different bugs together.
    let base = if site.is_empty() { hash(loose, &words.to_le_bytes()) } else { hash(loose, site.as_bytes()) };
    let roams = verdict.key.ends_with('~');
    Print { base, loose, words, sited: !site.is_empty(), roams, spot: spot(report) }
}

impl Print {
    /// The fingerprint in digits; `spot` is the part of its group that tells most.
    pub(crate) fn digits(&self, spot: &Spot) -> String {
        let whole = match self.column(spot) {
            0 => self.base,
            column => hash(self.base, &column.to_le_bytes()),
        };
        format!("{whole:016x}")
    }

    /// The column that counts; 0 where none does.
    pub(crate) fn column(&self, spot: &Spot) -> u32 {
        if self.roams { 0 } else { spot.column }
    }
}

/// The text that stands for where a report happened; empty where nothing tells.
fn site(report: &Report) -> String {
    if report.kind == Kind::StackOverflow && report.location.is_none() {
        return masked(&report.thread);
    }
    if report.language == Language::Go {
        let other = report.other_frames.iter().find(|frame| frame.user);
        let mut sites: Vec<String> = report.top_user_frame().into_iter().chain(other).map(go_site).collect();
        // Which of a race's two sides is told first is chance.
        sites.sort();
        return sites.join("|");
    }
    let told = report.location.as_ref().map(|site| site.file.as_str());
    match told.map(|file| (file, owner(file))) {
        Some((file, Owner::User)) => tail(file),
        Some((file, Owner::Library(library))) => format!("{library}:{}", tail(file)),
        Some((_, Owner::Runtime)) | None => {
            report.top_user_frame().map(|frame| tail(&frame.file)).unwrap_or_default()
        }
    }
}

fn spot(report: &Report) -> Spot {
    let frame = report.top_user_frame();
    let function = frame.map(|frame| last_segment(&frame.function).to_owned()).unwrap_or_default();
    if report.language == Language::Go {
        // The function is in the fingerprint itself, and Go has no columns.
        return Spot::default();
    }
    match report.location.as_ref().filter(|site| is_own_source(site)) {
        Some(site) if report.kind != Kind::Deadlock => {
            Spot { line: site.line, column: site.column, function }
        }
        _ => Spot { line: frame.map_or(0, |frame| frame.line), column: 0, function },
    }
}

/// How the reports of two spots lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// No input has both.
    Apart,
    /// An input has both, first the one, then the other.
    InTurn,
    /// An input has both, and one came between reports of the other: one program has both.
    Mingled,
}

/// Whether two spots that differ in nothing else are one bug.
///
/// The same line is the same bug, unless one input gives two columns of it. The same column on another line is a
/// statement that was pushed down or up, unless its function is another one, or both come by turns, which a new
/// build does not do. Where one of them knows nothing, they are the same.
#[must_use]
pub fn same_spot(a: &Spot, b: &Spot, lie: Lie) -> bool {
    let columns = a.column != 0 && b.column != 0;
    let functions = !a.function.is_empty() && !b.function.is_empty();
    if a.line == 0 || b.line == 0 {
        return !functions || a.function == b.function;
    }
    if a.line == b.line {
        return !columns || a.column == b.column || lie == Lie::Apart;
    }
    columns && a.column == b.column && lie != Lie::Mingled && (!functions || a.function == b.function)
}

/// Innermost application function of Go: `store.(*registry).addID@main.go`.
fn go_site(frame: &Frame) -> String {
    let function = frame.function.rsplit('/').next().unwrap_or(&frame.function);
    let file = frame.file.rsplit(['/', '\\']).next().unwrap_or(&frame.file);
    format!("{}@{file}", masked_closures(function))
}

/// `main.main.func26.1` without the numbers that the compiler gives.
fn masked_closures(function: &str) -> String {
    let parts = function.split('.').map(|part| {
        let digits = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
        if digits.is_empty() || digits == "func" || digits == "gowrap" { digits } else { part }
    });
    parts.collect::<Vec<_>>().join(".")
}

/// A source path from its last `src/` on; its name where there is none.
fn tail(file: &str) -> String {
    let file = file.replace('\\', "/");
    let from = match file.rfind("/src/") {
        Some(at) => at + 1,
        None if file.starts_with("src/") => 0,
        None => file.rfind('/').map_or(0, |at| at + 1),
    };
    file[from..].to_owned()
}

/// The longest text that is masked; what comes behind does not tell bugs apart.
const LONGEST: usize = 400;

/// A message with its variable parts masked: numbers, addresses, ids, quoted text, paths.
///
/// `order 4711 of "bob"` and `order 12 of "eve"` become `order # of "…"`. What is in backticks stays where it
/// is code (`Option::unwrap()`), and is masked where it is a single word.
#[must_use]
pub fn masked(message: &str) -> String {
    // What stands behind an empty line explains; toolchains add to it.
    let paragraph = message.trim().split("\n\n").next().unwrap_or_default();
    let message = crate::plain::shorten(paragraph, LONGEST);
    let mut out = String::with_capacity(message.len());
    let mut rest: &str = &message;
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '"' => quoted(rest, '"', &mut out),
            '`' => backticks(rest, &mut out),
            c if c.is_ascii_alphanumeric() => word(rest, &out.chars().next_back(), &mut out),
            c if c.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
                c.len_utf8()
            }
            c => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[used..];
    }
    out
}

fn quoted(rest: &str, quote: char, out: &mut String) -> usize {
    let end = rest[1..].find(quote).map_or(rest.len(), |at| at + 2);
    out.push(quote);
    out.push('…');
    out.push(quote);
    end
}

fn backticks(rest: &str, out: &mut String) -> usize {
    let Some(end) = rest[1..].find('`').map(|at| at + 2) else {
        out.push('`');
        return 1;
    };
    let inside = &rest[1..end - 1];
    let code = inside.contains(['(', ' ', '<']) || inside.contains("::");
    if code {
        out.push_str(&rest[..end]);
    } else {
        out.push_str("`…`");
    }
    end
}

/// A run of letters and digits: masked where it holds a number or is an id.
fn word(rest: &str, before: &Option<char>, out: &mut String) -> usize {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let text = &rest[..end];
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = digits > 0 && (text.starts_with("0x") || hexadecimal || digits * 2 >= text.len());
    if !id {
        // `worker7`: the name stays, its number goes.
        let stem = text.trim_end_matches(|c: char| c.is_ascii_digit());
        out.push_str(stem);
        if stem.len() < text.len() {
            out.push('#');
        }
        return end;
    }
    // `4-5.6:7` and uuids are one number.
    let joined = matches!(before, Some('-' | '.' | ':')) && out[..out.len() - 1].ends_with('#');
    if joined {
        out.pop();
    } else {
        out.push('#');
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Rules;
    use mapwatch_event::Site;

    #[test]
    fn what_varies_is_masked() {
        for (a, b) in [
            ("order 4711 of \"bob\"", "order 12 of \"eve mallory\""),
            ("boom 7", "boom 70"),
            (
                "at 0x7ffe01 id 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
                "at 0x1 id aaaa04e0-4f89-41d3-9a0c-1305e82c3301",
            ),
            ("user `bob` is gone", "user `eve` is gone"),
            ("took 3.25 s", "took 1 s"),
            ("peer 10.0.0.1:80", "peer 192.168.1.77:51234"),
            ("worker7 died", "worker12 died"),
        ] {
            assert_eq!(masked(a), masked(b), "{a}");
        }
        assert_ne!(masked("order lost"), masked("order found"));
        assert_eq!(
            masked("called `Option::unwrap()` on a `None` value"),
            "called `Option::unwrap()` on a `…` value"
        );
        for odd in ["\"", "`", "\"a", "é\"", "#-1", "1-", "-1.2"] {
            let _ = masked(odd);
        }
    }

    fn print(file: &str, line: u32, message: &str) -> Print {
        let location = Some(Site { file: file.into(), line, column: 9 });
        let report = Report { message: message.into(), location, ..Report::default() };
        of(&report, &Rules::built_in().classify(&(&report).into()))
    }

    #[test]
    fn it_survives_what_builds_change() {
        let one = print("src/a.rs", 3, "already borrowed: BorrowMutError");
        assert_eq!(one.base, print("/srv/build/app/src/a.rs", 90, "RefCell already borrowed").base);
        assert_eq!(one.base, print("C:\\app\\src\\a.rs", 90, "RefCell already borrowed").base);
        assert_ne!(one.base, print("src/b.rs", 3, "already borrowed: BorrowMutError").base);
        let registry = |hash: &str, version: &str| {
            print(&format!("/h/.cargo/registry/src/{hash}/slab-{version}/src/lib.rs"), 1, "invalid key").base
        };
        assert_eq!(registry("index-1", "0.4.1"), registry("github.com-2", "0.4.9"));
    }

    #[test]
    fn version_two_is_fixed() {
        let words = print("src/a.rs", 3, "boom 7");
        assert_eq!(words.digits(&Spot::default()), "0c87b7db64f246d2");
        assert_eq!(words.digits(&words.spot), "d5f5cd9fd2864cde");
        let slice = print("src/a.rs", 3, "range end index 9 out of range for slice of length 3");
        assert_eq!(slice.digits(&slice.spot), slice.digits(&Spot::default()));
    }

    #[test]
    fn spots() {
        let spot = |line, column, function: &str| Spot { line, column, function: function.into() };
        let same = |a: &Spot, b: &Spot| same_spot(a, b, Lie::InTurn);
        assert!(same(&spot(3, 9, ""), &spot(5, 9, "")));
        assert!(!same_spot(&spot(3, 9, ""), &spot(5, 9, ""), Lie::Mingled));
        assert!(!same(&spot(3, 9, "f"), &spot(5, 9, "g")));
        assert!(!same(&spot(3, 9, "f"), &spot(3, 12, "f")));
        assert!(same_spot(&spot(3, 9, "f"), &spot(3, 12, "f"), Lie::Apart));
        assert!(same(&spot(3, 9, ""), &spot(3, 0, "f")));
        assert!(!same(&spot(3, 9, "f"), &spot(4, 0, "f")));
        assert!(same(&spot(0, 0, ""), &spot(4, 7, "f")));
    }
}
