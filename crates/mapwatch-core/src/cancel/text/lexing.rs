//! The text of a source file as brackets, words and places.

/// The bracket that is closed at `close`.
pub(crate) fn opening(code: &str, close: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in code[..=close].char_indices().rev() {
        match character {
            '}' | ')' | ']' => depth += 1,
            '{' | '(' | '[' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Where the bracket at `open` is closed.
pub(crate) fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in code[open..].char_indices() {
        match character {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(open + at);
        }
    }
    None
}

pub(crate) fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The words of a text.
pub(crate) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character| !is_name(character)).filter(|word| !word.is_empty())
}

/// Where the statement begins that `at` stands in, or its block.
pub(crate) fn statement_start(code: &str, at: usize) -> usize {
    code[..at].rfind([';', '{', '}']).map_or(0, |end| end + 1)
}

pub(crate) fn word(text: &str) -> &str {
    &text[..text.find(|character| !is_name(character)).unwrap_or(text.len())]
}

pub(crate) fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)? as usize).map(str::len).sum();
    let (inside, _) = text.get(start..)?.char_indices().nth(column.checked_sub(1)? as usize)?;
    Some(start + inside)
}

pub(super) fn place(text: &str, at: usize) -> (u32, u32) {
    let before = &text[..at];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    (line as u32, text[start..at].chars().count() as u32 + 1)
}

/// The text with comments and the insides of strings blanked out, every byte in its place.
pub(crate) fn mask(text: &str) -> String {
    let mut masked = text.as_bytes().to_vec();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let inside = match rest {
            [b'/', b'/', ..] => 0..rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            [b'/', b'*', ..] => 0..find(rest, b"*/", 2) + 2,
            [b'r', b'"', ..] => 2..find(rest, b"\"", 2),
            [b'r', b'#', b'"', ..] => 3..find(rest, b"\"#", 3),
            [b'"', ..] => 1..string(rest),
            [b'\'', b'\\', ..] => 1..find(rest, b"'", 3),
            [b'\'', _, b'\'', ..] => 1..2,
            _ => 0..0,
        };
        let end = inside.end.min(rest.len());
        for byte in &mut masked[at + inside.start.min(end)..at + end] {
            *byte = if *byte == b'\n' { b'\n' } else { b' ' };
        }
        at += match (inside.is_empty(), rest[0]) {
            (false, b'/') => end,
            (true, b'"') => 2,
            (true, _) => 1,
            (false, _) => end + 1,
        };
    }
    // Blanks stand for bytes of whole characters only where a comment or a string was.
    String::from_utf8(masked).unwrap_or_default()
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(what.len()).position(|part| part == what).map_or(bytes.len(), |at| at + from)
}

fn string(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}
