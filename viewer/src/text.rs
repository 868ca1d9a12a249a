//! Making strangers' text safe, and fitting it into columns.
//!
//! Names, types, paths and output come from the watched program. A terminal obeys control characters, and a
//! reader believes what a bidirectional override shows; so every such character is replaced once, where text
//! enters (see [`crate::source::arrival`]), and nothing behind that has to think of it.

use mapwatch_event::Nanos;
pub use mapwatch_event::report::grouped;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The longest text kept of one name, path or output line, in bytes; the rest is cut and marked.
pub const LONGEST: usize = 4096;

/// The text without anything that a terminal obeys or that shows other than it is.
///
/// Control characters become their pictures (`␛`), invisible formatting characters become `�`; at most
/// [`LONGEST`] bytes are kept.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    // Nearly every name and path is plain.
    let is_plain = |byte: &u8| (b' '..0x7f).contains(byte);
    if text.len() <= LONGEST && (text.as_bytes().iter().all(is_plain) || !text.chars().any(is_unsafe)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(LONGEST) + 8);
    for c in text.chars() {
        if out.len() >= LONGEST {
            out.push('…');
            break;
        }
        out.push(if is_unsafe(c) { picture(c) } else { c });
    }
    Cow::Owned(out)
}

/// [`clean`] in place; allocates only where there is something to replace.
pub fn clean_in_place(text: &mut String) {
    if let Cow::Owned(better) = clean(text) {
        *text = better;
    }
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffc}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn picture(c: char) -> char {
    match c as u32 {
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ => '\u{fffd}',
    }
}

/// One line of a program's output as the Log screen shows it: colours and cursor movements dropped, tabs
/// expanded, the rest [`clean`].
#[must_use]
pub fn output_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.trim_end_matches(['\n', '\r']).chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\t' => plain.push_str("    "),
            c => plain.push(c),
        }
    }
    clean_in_place(&mut plain);
    plain
}

/// Skips what follows an escape character: a CSI sequence, an OSC string, or one character.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.next() {
        Some('[') => while chars.next().is_some_and(|c| !('\u{40}'..='\u{7e}').contains(&c)) {},
        Some(']') => {
            while let Some(c) = chars.next() {
                if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        _ => {}
    }
}

/// Columns that the text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to `columns`, with a mark where something was cut.
#[must_use]
pub fn cut(text: &str, columns: usize, mark: char) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = head(text, columns.saturating_sub(1)).to_owned();
    if columns > 0 {
        out.push(mark);
    }
    out
}

/// The same, keeping the end: for paths, whose end says more.
#[must_use]
pub fn cut_front(text: &str, columns: usize, mark: char) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    let mut tail: Vec<char> = Vec::new();
    for c in text.chars().rev() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        tail.push(c);
    }
    let mark = (columns > 0).then_some(mark);
    mark.into_iter().chain(tail.into_iter().rev()).collect()
}

/// What orders texts as a reader would: whatever their case, and 9 before 10.
#[must_use]
pub fn in_order(text: &str) -> String {
    const DIGITS: usize = 20;
    let mut out = String::with_capacity(text.len() + DIGITS);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (part, behind) = rest.split_at(digits.max(c.len_utf8()));
        if digits > 0 {
            out.push_str(&"0".repeat(DIGITS.saturating_sub(digits)));
            out.push_str(part);
        } else {
            out.extend(c.to_lowercase());
        }
        rest = behind;
    }
    out
}

/// The longest beginning of the text that fits into `columns`.
#[must_use]
pub fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (index, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return &text[..index];
        }
    }
    text
}

/// Words broken into lines of at most `columns`; a longer word is broken where it must be.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word = word;
        loop {
            let line = lines.last_mut().expect("there is always one line");
            let used = width(line);
            let gap = usize::from(used > 0);
            if used + gap + width(word) <= columns {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(word);
                break;
            }
            if used > 0 {
                lines.push(String::new());
                continue;
            }
            let mut part = head(word, columns);
            if part.is_empty() {
                part = &word[..word.chars().next().map_or(0, char::len_utf8)];
            }
            line.push_str(part);
            word = &word[part.len()..];
            if word.is_empty() {
                break;
            }
        }
    }
    lines
}

/// A rate or a large count in at most six columns: `0`, `3.4`, `870`, `12,345`, `1.2M`.
#[must_use]
pub fn short_number(number: f64) -> String {
    match number {
        n if n < 0.05 => "0".to_owned(),
        n if n < 9.95 => format!("{n:.1}"),
        n if n < 99_999.5 => grouped(n.round() as u64),
        n if n < 999_500.0 => format!("{:.0}k", n / 1e3),
        n if n < 99_950_000.0 => format!("{:.1}M", n / 1e6),
        n if n < 999_500_000.0 => format!("{:.0}M", n / 1e6),
        n => format!("{:.0}G", n / 1e9),
    }
}

/// The same for what is counted in ones: no fraction of a small count.
#[must_use]
pub fn short_count(number: u64) -> String {
    if number < 10 { number.to_string() } else { short_number(number as f64) }
}

/// A moment on a session's clock, as the prompt for a time takes it: `0.068s`, `9.950s`, `1m59.123s`, `2h0m1.000s`. That
/// is how all moments are written; spans are written as [`Nanos`] writes them: `3.2 s`.
#[must_use]
pub fn moment(time: Nanos) -> String {
    let milliseconds = time.0 / 1_000_000;
    let (minutes, seconds) = (milliseconds / 60_000, milliseconds % 60_000);
    let seconds = format!("{}.{:03}s", seconds / 1000, seconds % 1000);
    match (minutes / 60, minutes % 60) {
        (0, 0) => seconds,
        (0, minutes) => format!("{minutes}m{seconds}"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
    }
}

/// Bytes in at most eight columns: `96 B`, `1.2 KiB`, `870 MiB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while amount >= 999.5
        && let Some(larger) = units.next()
    {
        (amount, unit) = (amount / 1024.0, Some(larger));
    }
    let digits = if amount < 99.95 { 1 } else { 0 };
    format!("{amount:.digits$} {}", unit.unwrap_or(&"EiB"))
}

/// `1 conflict`, `3 conflicts`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    let plural = match count {
        1 => String::new(),
        _ if noun.ends_with("ss") => "es".to_owned(),
        _ => "s".to_owned(),
    };
    format!("{} {noun}{plural}", grouped(count as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(clean("a\u{1b}[31mb\n\u{7f}\u{202e}c\u{9b}"), "a␛[31mb␊␡\u{fffd}c\u{fffd}");
        assert!(matches!(clean("orders ü 订单"), Cow::Borrowed(_)));
        let long = clean(&"x".repeat(LONGEST * 2)).into_owned();
        assert!(long.len() < LONGEST + 8 && long.ends_with('…'));
    }

    #[test]
    fn nothing_that_xml_forbids_is_left() {
        assert_eq!(clean("a\u{fffe}b\u{ffff}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn colours_of_a_program_are_dropped_not_shown() {
        assert_eq!(output_line(b"\x1b[1;31merror\x1b[0m\tx\x1b]0;title\x07y\r\n"), "error    xy");
        assert_eq!(output_line(b"\xff\x08z"), "\u{fffd}␈z");
        assert_eq!(output_line(b"\x1b[3"), "");
    }

    #[test]
    fn cutting_respects_columns() {
        assert_eq!(cut("abcdef", 4, '…'), "abc…");
        assert_eq!(cut("abcd", 4, '…'), "abcd");
        assert_eq!(cut("订单订单", 5, '…'), "订单…");
        assert_eq!(cut_front("src/orders.rs:12", 9, '…'), "…rs.rs:12");
        for columns in 0..8 {
            assert!(width(&cut("订单x订单", columns, '…')) <= columns);
            assert!(width(&cut_front("订单x订单", columns, '…')) <= columns);
        }
    }

    #[test]
    fn wrapping_loses_no_letter() {
        assert_eq!(wrap("put the map behind a lock", 10), ["put the", "map behind", "a lock"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("订单", 1), ["订", "单"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn moments_are_what_the_prompt_takes() {
        let check = |milliseconds: u64, text: &str| {
            let time = Nanos(milliseconds * 1_000_000);
            assert_eq!(moment(time), text);
            assert_eq!(crate::model::moment::duration(text), Some(time));
        };
        check(0, "0.000s");
        check(9_950, "9.950s");
        check(119_003, "1m59.003s");
        check(7_261_500, "2h1m1.500s");
    }

    #[test]
    fn numbers_are_short() {
        let check = |number, text: &str| assert_eq!(short_number(number), text);
        check(0.0, "0");
        check(3.44, "3.4");
        check(870.2, "870");
        check(12_345.0, "12,345");
        check(123_456.0, "123k");
        check(1_234_567.0, "1.2M");
        check(5e9, "5G");
        let check = |number, text: &str| assert_eq!(bytes(number), text);
        check(0, "0 B");
        check(999, "999 B");
        check(1_000, "1.0 KiB");
        check(96_000, "93.8 KiB");
        check(1_023_488, "1.0 MiB");
        check(300 << 20, "300 MiB");
        check(u64::MAX, "16.0 EiB");
        assert_eq!(counted(1, "process"), "1 process");
        assert_eq!(counted(2, "process"), "2 processes");
        assert_eq!(counted(1200, "map"), "1,200 maps");
    }
}
