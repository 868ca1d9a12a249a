//! Bytes of a log to text that can be read: colours off, broken UTF-8 replaced, control characters named.

use std::borrow::Cow;

/// Text of a line: without ANSI sequences and a final carriage return; bytes that are no UTF-8 become U+FFFD.
#[must_use]
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    if !needs_care(bytes) {
        // Sound text is the rule, and the strict check is many times faster than the one that repairs.
        return std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
    }
    let stripped = strip(bytes);
    Cow::Owned(String::from_utf8_lossy(&stripped).into_owned())
}

/// ESC, NUL, and rsyslog's `#033`.
fn needs_care(bytes: &[u8]) -> bool {
    memchr::memchr3(0x1b, 0, b'#', bytes).is_some()
}

fn strip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        if byte == 0x1b {
            at += escape_length(&rest[1..]) + 1;
        } else if rest.starts_with(b"#033[") {
            at += escape_length(&rest[4..]) + 4;
        } else if rest.starts_with(b"#011") {
            out.push(b'\t');
            at += 4;
        } else {
            // NUL bytes come from files cut by a crash of the machine; they say nothing.
            if byte != 0 {
                out.push(byte);
            }
            at += 1;
        }
    }
    out
}

/// Length of an escape sequence behind its ESC.
fn escape_length(rest: &[u8]) -> usize {
    match rest.first() {
        Some(b'[') => {
            let end = rest.iter().skip(1).take(32).position(|byte| (0x40..=0x7e).contains(byte));
            end.map_or(1, |end| end + 2)
        }
        // An operating system command (a hyperlink, a title) ends with BEL or ESC \.
        Some(b']') => {
            let end = rest.iter().take(2048).position(|byte| *byte == 0x07 || *byte == 0x1b);
            end.map_or(1, |end| if rest.get(end + 1) == Some(&b'\\') { end + 2 } else { end + 1 })
        }
        Some(_) => 1,
        None => 0,
    }
}

/// At most `limit` bytes of `text`, cut at a character, with an ellipsis where something was cut.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_nuls_and_broken_utf8_go() {
        assert_eq!(text(b"\x1b[31mThe application\x1b[0m panicked\r"), "The application panicked");
        assert_eq!(text(b"#033[1mx#033[0m#011y"), "x\ty");
        assert_eq!(text(b"a\0b\xffc"), "ab\u{fffd}c");
        assert_eq!(text(b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "link");
        for cut in [&b"\x1b"[..], b"\x1b[", b"\x1b]", b"#033["] {
            let _ = text(cut);
        }
        assert_eq!(text(b"plain #1"), "plain #1");
    }

    #[test]
    fn cut_at_a_character() {
        assert_eq!(shorten("aé", 2), "a…");
        assert_eq!(shorten("ab", 2), "ab");
    }
}
