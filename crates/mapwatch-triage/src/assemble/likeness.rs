//! What makes two reports of one run the same text: all but the thread's number and addresses.

use crate::envelope::hash;
use crate::parse::Body;
use memchr::memmem::Finder;
use std::sync::LazyLock;

static NUMBER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"' ("));
static ADDRESS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"0x"));

/// A number for a report's text, equal where two differ in a thread's number and in addresses only.
pub(crate) fn of_body(body: &Body) -> u64 {
    let text = body.text.as_bytes();
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let (head, tail) = around_number(&text[..end]);
    let mut key = mixed(mixed(body.opener as u64 + 1, head), tail);
    for trailer in &body.trailers {
        key = mixed(key, trailer.as_bytes());
    }
    let mut rest = &text[end..];
    while let Some(at) = ADDRESS.find(rest) {
        key = mixed(key, &rest[..at]);
        let digits = rest[at + 2..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        rest = &rest[at + 2 + digits..];
    }
    mixed(key, rest)
}

/// The same for a headline.
pub(super) fn of_first(line: &[u8]) -> u64 {
    let (head, tail) = around_number(line);
    hash(hash(0, head), tail)
}

/// A headline without the thread's number: `thread 'a' (` and `) panicked at …`.
pub(super) fn around_number(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(open) = NUMBER.find(line).map(|at| at + 3) else { return (line, b"") };
    let digits = line[open..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if line.get(open + digits) == Some(&b')') { (&line[..open], &line[open + digits..]) } else { (line, b"") }
}

/// A hash of eight bytes a step: texts are long and every report's is hashed.
fn mixed(seed: u64, bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut key = (seed ^ bytes.len() as u64).wrapping_mul(ODD);
    let (chunks, rest) = bytes.as_chunks::<8>();
    for chunk in chunks {
        key = (key.rotate_left(23) ^ u64::from_le_bytes(*chunk)).wrapping_mul(ODD);
    }
    let last = rest.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    key = (key.rotate_left(23) ^ last).wrapping_mul(ODD);
    key ^ key >> 29
}
