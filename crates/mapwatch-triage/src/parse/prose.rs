//! Whether `panicked at` on a line is a headline or part of a sentence.
//!
//! People write about panics: in commit messages, tickets, chat, and in logs. A headline has a place behind it
//! (with a colon, since 1.73), a quoted message, or nothing; before it stands nothing, or what a logger writes.

/// Words after which a headline is told about, not printed.
const TELLING: [&str; 22] = [
    "the", "a", "that", "when", "where", "if", "because", "saw", "seen", "after", "before", "while", "and",
    "but", "or", "like", "says", "said", "as", "why", "our", "its",
];

/// Whether a line tells of a panic instead of being one.
///
/// `head` stands before the thread (or before `panicked at` where no thread is named), `rest` behind the words;
/// `place_end` is where the place that `rest` begins with ends, its colon included.
pub(super) fn is_sentence(head: &str, rest: &str, place_end: Option<usize>) -> bool {
    is_told(head) || goes_on(rest, place_end)
}

/// Whether what stands before is the beginning of a sentence, or a quotation mark in one.
fn is_told(head: &str) -> bool {
    let words = head.trim_end();
    if is_quotation(words) {
        return true;
    }
    let word = last_word(words);
    if let Some(before) = ["thread", "task", "worker"].iter().find_map(|noun| words.strip_suffix(noun)) {
        return is_quotation(before)
            || TELLING.iter().any(|telling| last_word(before).eq_ignore_ascii_case(telling));
    }
    TELLING.iter().any(|telling| word.eq_ignore_ascii_case(telling))
}

fn last_word(text: &str) -> &str {
    text.trim_end().rsplit([' ', '\t']).next().unwrap_or_default()
}

/// Whether a text ends with the opening mark of a quotation in a sentence.
///
/// `msg="thread …` and `"stderr": "thread …` are fields.
fn is_quotation(text: &str) -> bool {
    let Some(before) = text.trim_end().strip_suffix(['"', '`', '\'', '\u{201c}']) else { return false };
    before.ends_with([' ', '\t'])
        && before.trim_end().ends_with(|c: char| c.is_alphabetic() || matches!(c, ',' | ';'))
}

/// Whether the words before a phrase are a sentence's: a small word that no logger writes, or a quotation mark.
pub(super) fn is_amid_words(head: &str) -> bool {
    const LOGGERS: [&str; 9] =
        ["error", "err", "stderr", "stdout", "warn", "warning", "info", "fatal", "critical"];
    let word = last_word(head);
    let before = head.trim_end().strip_suffix(word).map_or("", last_word);
    let small = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    // One word alone, or behind a level or a name with figures, is a stream's name.
    let spoken = !before.is_empty()
        && before
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b',' | b':' | b';' | b'\''))
        && !before.bytes().all(|byte| byte.is_ascii_uppercase());
    is_quotation(head) || small && spoken && !LOGGERS.contains(&word)
}

/// Whether a phrase ends its line, but for what closes a field or a sentence.
pub(super) fn is_end(behind: &str) -> bool {
    behind.starts_with(['"', '\\']) || !behind.contains(|c: char| c.is_alphanumeric() || c == '?')
}

/// Whether a sentence goes on behind the place, or behind the quoted message.
fn goes_on(rest: &str, place_end: Option<usize>) -> bool {
    let Some(end) = place_end else {
        return rest.strip_prefix('\'').is_some_and(|quoted| {
            let closing = quoted.rfind('\'');
            // `'MSG', src/a.rs:1:2` and `'MSG': src/a.rs:1` have their place behind it; a message that goes on
            // below, or that another thread tore, may hold quotes of its own.
            closing.is_some_and(|at| {
                let behind = &quoted[at + 1..];
                behind.starts_with(' ')
                    && behind.trim_start().starts_with(|c: char| c.is_lowercase())
                    && !quoted.contains("panicked at")
            })
        });
    };
    let behind = &rest[end..];
    !rest[..end].ends_with(':') && behind.trim_start().starts_with(|c: char| c.is_alphabetic() || c == '(')
}

/// Whether a text without a place can be what is left of one: cut, or in a form of its own.
pub(super) fn is_cut_place(rest: &str) -> bool {
    let rest = rest.trim_end();
    !rest.contains([' ', '\t']) && (rest.is_empty() || rest.contains(['/', '\\']) || rest.ends_with(".rs"))
}

#[cfg(test)]
mod tests {
    use crate::parse::{Opener, begins};

    #[test]
    fn sentences_about_panics_are_no_panics() {
        for line in [
            "INFO the worker panicked at night",
            "WARN we restart when a thread panicked at src/main.rs:3:5",
            "WARN thread 'main' panicked at src/main.rs:3:5 because the queue was empty",
            "DEBUG retry: thread 'worker' panicked at 'boom' is what the old log said",
            "he wrote \"thread 'main' panicked at src/main.rs:3:5:\" in the ticket",
            "docs: the line `thread 'main' panicked at 'x', src/main.rs:3:5` is the old form",
            "INFO handler for panicked at hook installed",
            "fix: no longer panicked at src/parse.rs:12 (see #41)",
            "Error message contained panicked at 12:30:05 in the afternoon",
        ] {
            assert_eq!(begins(line).filter(|start| start.opener == Opener::RustPanic), None, "{line}");
        }
        for line in [
            "thread 'main' panicked at src/main.rs:3:5:",
            "thread 'main' panicked at src/main.rs:3:5: boom",
            "thread 'main' panicked at src/main.rs:3:5",
            "ERROR shop: thread 'main' panicked at src/main.rs:3:5:",
            "msg=\"thread 'main' panicked at src/main.rs:3:5:\\nboom\"",
            "thread 'main' panicked at 'boom', src/main.rs:3:5",
            "thread 'main' panicked at 'it's a message",
            "thread 'main' panicked at 'boom'",
            "thread 'main' panicked at ",
            "panicked at src/main.rs:3:5:",
            "panicked at 'boom', src/main.rs:3:5",
            "thread 'main' panicked at src/ma",
        ] {
            assert!(begins(line).is_some_and(|start| start.opener == Opener::RustPanic), "{line}");
        }
    }
}
