//! What a search or a filter found in a row is seen in it: a text that is cut shows the part with the word, and where
//! no column shows it, the row says in which field it stands.

use super::doc::span;
use crate::model::list::{List, ListId};
use crate::model::query::Query;
use crate::text;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;
use std::ops::Range;

/// Columns kept before a word in a text that is cut in front of it.
const BEFORE: usize = 8;

/// The words that the user asked a list for, in small letters: those of its search, and those of its filter that name
/// no key.
#[must_use]
pub fn words(list: &List, id: ListId) -> Vec<String> {
    let mut words: Vec<String> = list.search.split_whitespace().map(str::to_lowercase).collect();
    if !list.filter.is_empty() {
        words.extend(Query::parse(&list.filter, id.fields()).words().map(str::to_owned));
    }
    words
}

/// Where a word stands in a text, whatever the case of the text's letters.
#[must_use]
pub fn place(text: &str, word: &str) -> Option<Range<usize>> {
    if word.is_empty() {
        return None;
    }
    text.char_indices().find_map(|(begin, _)| {
        let mut wanted = word.chars().peekable();
        for (at, c) in text[begin..].char_indices() {
            for small in c.to_lowercase() {
                if wanted.next() != Some(small) {
                    return None;
                }
            }
            if wanted.peek().is_none() {
                return Some(begin..begin + at + c.len_utf8());
            }
        }
        None
    })
}

/// Whether a text has a word.
#[must_use]
pub fn is_in(text: &str, word: &str) -> bool {
    place(text, word).is_some()
}

/// What is shown of a text in `columns`: `usual`, or the part with the first word that would not be seen otherwise.
#[must_use]
pub fn part(text: &str, usual: String, columns: usize, mark: char, words: &[String]) -> String {
    if text::width(text) <= columns {
        return usual;
    }
    let unseen = words.iter().filter(|word| !is_in(&usual, word));
    let Some(at) = unseen.filter_map(|word| place(text, word)).map(|place| place.start).min() else {
        return usual;
    };
    let before = text[..at].char_indices().rev().nth(BEFORE.min(columns / 3)).map_or(0, |(index, _)| index);
    let tail = text::cut(text[before..].trim_start(), columns.saturating_sub(1), mark);
    if columns == 0 { String::new() } else { format!("{mark}{tail}") }
}

/// The text in spans of its style, the words underlined.
#[must_use]
pub fn spans(text: &str, style: Style, words: &[String]) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some(found) = words.iter().filter_map(|word| place(rest, word)).min_by_key(|found| found.start)
    {
        if found.start > 0 {
            spans.push(span(&rest[..found.start], style));
        }
        spans.push(span(&rest[found.clone()], style.add_modifier(Modifier::UNDERLINED)));
        rest = &rest[found.end..];
    }
    if !rest.is_empty() || spans.is_empty() {
        spans.push(span(rest, style));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_word_is_found_whatever_its_case() {
        assert_eq!(place("waits behind Backup", "backup"), Some(13..19));
        assert_eq!(place("Ünder ÄÖ", "äö"), Some(7..11));
        assert_eq!(place("İx", "x"), Some(2..3));
        assert_eq!((place("abc", "abcd"), place("abc", ""), place("", "a")), (None, None, None));
    }

    #[test]
    fn what_was_asked_for_is_not_cut() {
        let text = "waits to write carts, behind task 2 `backup`";
        let usual = |columns| text::cut(text, columns, '…');
        let shown = |columns, words: &[&str]| part(text, usual(columns), columns, '…', &asked(words));
        assert_eq!(shown(24, &["backup"]), "…task 2 `backup`");
        assert_eq!(shown(24, &["write"]), usual(24), "what is seen anyway stays where it is");
        assert_eq!(shown(24, &["nobody"]), usual(24));
        assert_eq!(shown(14, &["write"]), "…s to write c…");
        for columns in 0..50 {
            assert!(text::width(&shown(columns, &["backup"])) <= columns, "{columns}");
        }
    }

    #[test]
    fn words_are_underlined_and_no_letter_is_lost() {
        let style = Style::new();
        let under = |text: &str, words: &[&str]| {
            let spans = spans(text, style, &asked(words));
            assert_eq!(spans.iter().map(|span| span.content.as_ref()).collect::<String>(), text);
            let marked = spans.iter().filter(|span| span.style != style);
            marked.map(|span| span.content.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(under("Cart of carts", &["cart"]), ["Cart", "cart"]);
        assert_eq!(under("orders", &["ord", "ders"]), ["ord"]);
        assert_eq!(under("", &["x"]), Vec::<String>::new());
    }
}
