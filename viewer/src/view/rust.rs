//! A line of Rust in colours: as much of the language as a reader's eye needs, by the lexer's rules alone.

use super::doc::span;
use crate::theme::{Syntax, Theme};
use ratatui::text::Line;

const KEYWORDS: [&str; 43] = [
    "as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "pub",
    "raw", "ref", "return", "Self", "self", "static", "struct", "super", "trait", "true", "try", "type",
    "union", "unsafe", "use", "where", "while",
];

/// What one line hands on to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Within {
    /// Code.
    #[default]
    Code,
    /// A block comment, this deep.
    Comment(u32),
    /// A string, raw with this many hashes where it is one.
    Text(Option<usize>),
}

/// The line in colours; what the next one begins in.
#[must_use]
pub fn line(theme: Theme, text: &str, within: Within) -> (Line<'static>, Within) {
    let mut lexer = Lexer { rest: text, within };
    let mut line = Line::default();
    while !lexer.rest.is_empty() {
        let (length, syntax) = lexer.next();
        let (token, rest) = lexer.rest.split_at(length.max(1).min(lexer.rest.len()));
        line.push_span(span(token, theme.syntax(syntax)));
        lexer.rest = rest;
    }
    (line, lexer.within)
}

struct Lexer<'a> {
    rest: &'a str,
    within: Within,
}

impl Lexer<'_> {
    /// How long the next token is in bytes, and what it is.
    fn next(&mut self) -> (usize, Syntax) {
        match self.within {
            Within::Comment(depth) => return (self.comment(depth), Syntax::Comment),
            Within::Text(hashes) => return (self.text(0, hashes), Syntax::Text),
            Within::Code => {}
        }
        let rest = self.rest;
        let first = rest.chars().next().unwrap_or(' ');
        if rest.starts_with("//") {
            return (rest.len(), Syntax::Comment);
        }
        if rest.starts_with("/*") {
            self.within = Within::Comment(0);
            return (self.comment(0), Syntax::Comment);
        }
        if let Some((open, hashes)) = opening(rest) {
            self.within = Within::Text(hashes);
            return (self.text(open, hashes), Syntax::Text);
        }
        if first == '\'' {
            return quote(rest);
        }
        if first.is_ascii_digit() {
            let number = |c: char| c.is_ascii_alphanumeric() || c == '_';
            return (run(rest, number), Syntax::Number);
        }
        if first.is_alphabetic() || first == '_' {
            let length = run(rest, |c| c.is_alphanumeric() || c == '_');
            return (length, word(&rest[..length], &rest[length..]));
        }
        (first.len_utf8(), Syntax::Plain)
    }

    /// To the end of a block comment, or of the line; comments nest.
    fn comment(&mut self, depth: u32) -> usize {
        let (mut depth, mut at) = (depth, 0);
        while at < self.rest.len() {
            let rest = &self.rest[at..];
            if rest.starts_with("/*") {
                depth += 1;
                at += 2;
            } else if rest.starts_with("*/") {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    self.within = Within::Code;
                    return at;
                }
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        self.within = Within::Comment(depth);
        at
    }

    /// From `from` to the end of a string, or of the line.
    fn text(&mut self, from: usize, hashes: Option<usize>) -> usize {
        let mut at = from;
        while at < self.rest.len() {
            let rest = &self.rest[at..];
            if hashes.is_none() && rest.starts_with('\\') {
                at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
            let end = format!("\"{}", "#".repeat(hashes.unwrap_or(0)));
            if rest.starts_with(&end) {
                self.within = Within::Code;
                return at + end.len();
            }
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        at.min(self.rest.len())
    }
}

/// Where a string begins: the length of its opening, and its hashes where it is raw.
fn opening(rest: &str) -> Option<(usize, Option<usize>)> {
    let prefix = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let begun = rest.len() - prefix.len();
    if prefix.starts_with('"') {
        return Some((begun + 1, None));
    }
    let raw = prefix.strip_prefix('r')?;
    let hashes = run(raw, |c| c == '#');
    raw[hashes..].starts_with('"').then_some((begun + 2 + hashes, Some(hashes)))
}

/// A character, or a lifetime.
fn quote(rest: &str) -> (usize, Syntax) {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), _) => {
            let end = rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'');
            (end.map_or(rest.len(), |(at, _)| at + 3), Syntax::Text)
        }
        (Some(_), Some((at, '\''))) => (at + 1, Syntax::Text),
        _ => (1 + run(&rest[1..], |c| c.is_alphanumeric() || c == '_'), Syntax::Type),
    }
}

fn word(word: &str, after: &str) -> Syntax {
    if KEYWORDS.contains(&word) {
        Syntax::Keyword
    } else if after.starts_with('!') && !after.starts_with("!=") {
        Syntax::Macro
    } else if word.starts_with(char::is_uppercase) {
        Syntax::Type
    } else if after.starts_with('(') {
        Syntax::Function
    } else {
        Syntax::Plain
    }
}

/// Bytes of the longest beginning of such characters.
fn run(text: &str, such: impl Fn(char) -> bool) -> usize {
    text.find(|c: char| !such(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ui::Look;

    fn tokens(text: &str) -> Vec<(String, Syntax)> {
        let mut lexer = Lexer { rest: text, within: Within::Code };
        let mut out = Vec::new();
        while !lexer.rest.is_empty() {
            let (length, syntax) = lexer.next();
            let (token, rest) = lexer.rest.split_at(length.max(1));
            if syntax != Syntax::Plain {
                out.push((token.to_owned(), syntax));
            }
            lexer.rest = rest;
        }
        out
    }

    #[test]
    fn words_are_what_they_are() {
        let text = r##"let x: Vec<u8> = vec![b"a\"b", r#"c"d"#]; if x != y { f(1_000) } // end"##;
        let found: Vec<(String, Syntax)> = tokens(text);
        let expected = [
            ("let", Syntax::Keyword),
            ("Vec", Syntax::Type),
            ("vec", Syntax::Macro),
            ("b\"a\\\"b\"", Syntax::Text),
            ("r#\"c\"d\"#", Syntax::Text),
            ("if", Syntax::Keyword),
            ("f", Syntax::Function),
            ("1_000", Syntax::Number),
            ("// end", Syntax::Comment),
        ];
        assert_eq!(found, expected.map(|(token, syntax)| (token.to_owned(), syntax)));
        assert_eq!(
            tokens("'a' '\\n' 'x").iter().map(|(token, _)| token.as_str()).collect::<Vec<_>>(),
            ["'a'", "'\\n'", "'x"]
        );
    }

    #[test]
    fn strings_and_comments_go_on_over_lines() {
        let theme = Theme::new(Look::default());
        let (_, within) = line(theme, "a /* one /* two */", Within::Code);
        assert_eq!(within, Within::Comment(1));
        let (text, within) = line(theme, "b */ c \"open", within);
        assert_eq!((text.to_string().as_str(), within), ("b */ c \"open", Within::Text(None)));
        assert_eq!(line(theme, "shut\" d", within).1, Within::Code);
    }

    #[test]
    fn no_text_is_lost_whatever_it_is() {
        let theme = Theme::new(Look::default());
        for text in
            ["'", "\"", "r#", "b'", "é'ü", "'\\", "/*", "*/", "订单(\"订", "0x_", "r#\"x", "'\\u{1F600}'", ""]
        {
            for within in [Within::Code, Within::Comment(2), Within::Text(None), Within::Text(Some(1))] {
                assert_eq!(line(theme, text, within).0.to_string(), text);
            }
        }
    }
}
