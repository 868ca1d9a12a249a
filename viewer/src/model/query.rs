//! The language of filters: `map:orders site:src/api cat:deadlock age>1s -state:gone "two words"`.
//!
//! Terms stand side by side and all have to hold. A word is looked for in everything that a row shows; `key:word`
//! in one field, `key=word` for all of it; `key>number` and its like compare; a minus before a term turns it round. Whatever the case.
//! A term that cannot be understood hides nothing, and is told with its place.

use mapwatch_event::Nanos;
use std::fmt;
use std::ops::Range;

/// Something that a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Nothing that one could ask for.
    None,
    /// The name of the map.
    Map,
    /// The kind of the map.
    Kind,
    /// The type of the map.
    Type,
    /// A place in the source.
    Site,
    /// The category of a finding, by code or title.
    Category,
    /// The grade of a finding.
    Grade,
    /// Who.
    Actor,
    /// What somebody did.
    Operation,
    /// The process.
    Process,
    /// What state it is in, or what became of it.
    State,
    /// The level of a line: out, err, mapview, trouble.
    Level,
    /// The text of a line.
    Text,
    /// How often.
    Count,
    /// How long ago it was, or for how long it has been.
    Age,
    /// When it was last seen.
    Latest,
    /// Entries.
    Entries,
    /// Capacity in entries.
    Capacity,
    /// Bytes of the table.
    Bytes,
    /// Growths.
    Growths,
    /// Reads per second.
    Reads,
    /// Writes per second.
    Writes,
    /// Iterations per second.
    Iterations,
    /// For how long somebody has been inside, or a task in its state.
    Held,
    /// Time in polls.
    Busy,
    /// The longest poll.
    Longest,
    /// Its number.
    Number,
    /// How much its state asks for attention.
    Urgency,
}

impl Field {
    /// Its key; empty for one that cannot be asked for. Any beginning of it, and [`Field::other_key`], do, too.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Field::None | Field::Latest | Field::Number | Field::Urgency => "",
            Field::Map => "map",
            Field::Kind => "kind",
            Field::Type => "type",
            Field::Site => "site",
            Field::Category => "cat",
            Field::Grade => "grade",
            Field::Actor => "task",
            Field::Operation => "op",
            Field::Process => "process",
            Field::State => "state",
            Field::Level => "level",
            Field::Text => "text",
            Field::Count => "count",
            Field::Age => "age",
            Field::Entries => "entries",
            Field::Capacity => "capacity",
            Field::Bytes => "bytes",
            Field::Growths => "growths",
            Field::Reads => "reads",
            Field::Writes => "writes",
            Field::Iterations => "iters",
            Field::Held => "for",
            Field::Busy => "busy",
            Field::Longest => "longest",
        }
    }

    /// What else people call it.
    #[must_use]
    pub fn other_key(self) -> &'static str {
        match self {
            Field::Category => "category",
            Field::Actor => "actor",
            Field::Operation => "operation",
            Field::Process => "pid",
            Field::Held => "held",
            Field::Iterations => "iterations",
            other => other.key(),
        }
    }

    /// Whether it is a text, a number or a time.
    #[must_use]
    pub fn shape(self) -> Shape {
        match self {
            Field::Age | Field::Held | Field::Latest | Field::Busy | Field::Longest => Shape::Time,
            Field::Count
            | Field::Number
            | Field::Urgency
            | Field::Entries
            | Field::Capacity
            | Field::Bytes
            | Field::Growths
            | Field::Reads
            | Field::Writes
            | Field::Iterations => Shape::Number,
            _ => Shape::Text,
        }
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A length of time.
    Time,
}

/// What a row has in a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Absent,
    /// A text.
    Text(String),
    /// A number; a time in nanoseconds.
    Number(f64),
}

impl Value {
    /// Its text; empty where it is none.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Value::Text(text) => text,
            Value::Number(_) | Value::Absent => String::new(),
        }
    }
}

/// Whatever can be asked for its fields.
pub trait Fields {
    /// What it has in a field.
    fn value(&self, field: Field) -> Value;
    /// What orders it in a field by the alphabet; see [`crate::text::in_order`].
    fn alphabet(&self, field: Field) -> String {
        self.value(field).text()
    }
    /// Everything that it shows.
    fn whole(&self) -> String;
    /// What comes first among equals, the higher the earlier; equal ones here, too, stay in the order of their making.
    fn recency(&self) -> u64 {
        0
    }
}

/// How a term compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Holds,
    Above,
    AtLeast,
    Below,
    AtMost,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Anywhere(String),
    Text(Field, String),
    Exactly(Field, String),
    Number(Field, Comparison, f64),
}

#[derive(Clone, Debug, PartialEq)]
struct Term {
    turned: bool,
    test: Test,
}

/// A filter that was understood as far as it could be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    terms: Vec<Term>,
    /// What could not be understood.
    pub errors: Vec<Error>,
}

/// A term that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// Why.
    pub why: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl Query {
    /// Reads a filter of rows that have these fields.
    #[must_use]
    pub fn parse(text: &str, fields: &[Field]) -> Query {
        let mut query = Query::default();
        for place in words(text) {
            match term(&text[place.clone()], fields) {
                Ok(term) => query.terms.extend(term),
                Err(why) => query.errors.push(Error { place, why }),
            }
        }
        query
    }

    /// Whether it hides nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The words that a row has to have somewhere, in small letters.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match &term.test {
            Test::Anywhere(word) if !term.turned => Some(word.as_str()),
            _ => None,
        })
    }

    /// Whether a row is shown.
    #[must_use]
    pub fn holds(&self, row: &impl Fields) -> bool {
        // Most filters look at one field; the whole text is made at most once.
        let mut whole: Option<String> = None;
        self.terms.iter().all(|term| {
            let holds = match &term.test {
                Test::Anywhere(word) => {
                    whole.get_or_insert_with(|| row.whole().to_lowercase()).contains(word.as_str())
                }
                Test::Text(field, word) => match row.value(*field) {
                    Value::Text(text) => text.to_lowercase().contains(word.as_str()),
                    Value::Number(number) => number.to_string() == *word,
                    Value::Absent => false,
                },
                Test::Exactly(field, word) => {
                    matches!(row.value(*field), Value::Text(text) if text.to_lowercase() == *word)
                }
                Test::Number(field, comparison, limit) => match row.value(*field) {
                    Value::Number(number) => comparison.holds(number, *limit),
                    Value::Text(_) | Value::Absent => false,
                },
            };
            holds != term.turned
        })
    }
}

impl Comparison {
    fn holds(self, number: f64, limit: f64) -> bool {
        match self {
            Comparison::Holds => number == limit,
            Comparison::Above => number > limit,
            Comparison::AtLeast => number >= limit,
            Comparison::Below => number < limit,
            Comparison::AtMost => number <= limit,
        }
    }
}

/// Where the words of a text are; a word may hold quoted blanks.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let (mut begin, mut quoted) = (None, false);
    for (index, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted;
        }
        match (begin, c.is_whitespace() && !quoted) {
            (Some(start), true) => {
                words.push(start..index);
                begin = None;
            }
            (None, false) => begin = Some(index),
            _ => {}
        }
    }
    words.extend(begin.map(|start| start..text.len()));
    words
}

/// Reads one term; `None` for one that says nothing yet (`-`, `map:`).
fn term(word: &str, fields: &[Field]) -> Result<Option<Term>, String> {
    let (turned, word) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let plain = |text: &str| text.replace('"', "").to_lowercase();
    let operator = word.find([':', '<', '>', '=']).filter(|at| !word[..*at].contains('"'));
    // Only letters can be a key: `a::b` and `src/x.rs:17` are words.
    let key = operator.map(|at| &word[..at]).filter(|key| !key.is_empty());
    let is_key =
        |key: &&str| key.chars().all(|c| c.is_ascii_alphabetic()) && !word[key.len()..].starts_with("::");
    let Some(key) = key.filter(is_key) else {
        let text = plain(word);
        let test = (!text.is_empty()).then_some(Test::Anywhere(text));
        return Ok(test.map(|test| Term { turned, test }));
    };
    let field = field_of(key, fields)?;
    let (comparison, rest) = comparison(&word[key.len()..]);
    let operand = plain(rest);
    if operand.is_empty() {
        return Ok(None);
    }
    let number = || -> Result<f64, String> {
        match field.shape() {
            Shape::Time => super::moment::duration(&operand)
                .map(|Nanos(time)| time as f64)
                .ok_or_else(|| format!("`{operand}` is no time: 1.5s, 300ms, 2m")),
            _ => number(&operand).ok_or_else(|| format!("`{operand}` is no number: 1200, 1.5k, 2M")),
        }
    };
    let test = match (field.shape(), comparison) {
        (Shape::Text, Comparison::Holds) if word[key.len()..].starts_with('=') => {
            Test::Exactly(field, operand)
        }
        (Shape::Text, Comparison::Holds) => Test::Text(field, operand),
        (Shape::Text, _) => return Err(format!("`{key}` is a text: {key}:{operand}")),
        (_, comparison) => Test::Number(field, comparison, number()?),
    };
    Ok(Some(Term { turned, test }))
}

fn comparison(text: &str) -> (Comparison, &str) {
    for (sign, comparison) in [
        (">=", Comparison::AtLeast),
        ("<=", Comparison::AtMost),
        (">", Comparison::Above),
        ("<", Comparison::Below),
    ] {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_prefix(':')?.strip_prefix(sign)) {
            return (comparison, rest);
        }
    }
    (Comparison::Holds, text.get(1..).unwrap_or_default())
}

fn number(text: &str) -> Option<f64> {
    let (digits, factor) = match text.as_bytes().last()? {
        b'k' => (&text[..text.len() - 1], 1e3),
        b'm' => (&text[..text.len() - 1], 1e6),
        b'g' => (&text[..text.len() - 1], 1e9),
        _ => (text, 1.0),
    };
    digits
        .replace(',', "")
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number * factor)
}

/// The field of a key, or of the beginning of one key alone.
fn field_of(key: &str, fields: &[Field]) -> Result<Field, String> {
    let key = key.to_lowercase();
    let exact = fields.iter().find(|field| field.key() == key || field.other_key() == key);
    if let Some(field) = exact {
        return Ok(*field);
    }
    let begun = |field: &&Field| field.key().starts_with(&key) || field.other_key().starts_with(&key);
    let mut begun = fields.iter().filter(begun);
    match (begun.next(), begun.next()) {
        (Some(field), None) => Ok(*field),
        _ => {
            let keys: Vec<&str> = fields.iter().map(|field| field.key()).collect();
            Err(format!("no key `{key}` here; there are {}", keys.join(" ")))
        }
    }
}

/// What the last word of a filter could become: whole keys, or values of its key among those that `values` knows.
#[must_use]
pub fn completions(text: &str, fields: &[Field], values: impl Fn(Field) -> Vec<String>) -> Vec<String> {
    let last = words(text).pop().filter(|place| place.end == text.len());
    let word = last.map_or("", |place| &text[place]);
    let (minus, word) = if let Some(rest) = word.strip_prefix('-') { ("-", rest) } else { ("", word) };
    let Some((key, begun)) = word.split_once(':') else {
        let begins = |field: &&Field| !field.key().is_empty() && field.key().starts_with(word);
        let sign = |field: &Field| if field.shape() == Shape::Text { ":" } else { ">" };
        return fields
            .iter()
            .filter(begins)
            .map(|field| format!("{minus}{}{}", field.key(), sign(field)))
            .collect();
    };
    let Ok(field) = field_of(key, fields) else { return Vec::new() };
    let begun = begun.trim_start_matches('"').to_lowercase();
    let mut found: Vec<String> = values(field);
    found.retain(|value| value.to_lowercase().starts_with(&begun) && !value.is_empty());
    found.sort();
    found.dedup();
    let quote = |value: String| if value.contains(' ') { format!("\"{value}\"") } else { value };
    found.into_iter().map(|value| format!("{minus}{key}:{}", quote(value))).collect()
}

/// The text with its last word replaced.
#[must_use]
pub fn complete(text: &str, with: &str) -> String {
    let last = words(text).pop().filter(|place| place.end == text.len());
    let begin = last.map_or(text.len(), |place| place.start);
    format!("{}{with}", &text[..begin])
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row;

    impl Fields for Row {
        fn value(&self, field: Field) -> Value {
            match field {
                Field::Map => Value::Text("Orders of today".into()),
                Field::Site => Value::Text("src/api/orders.rs:17:3".into()),
                Field::Entries => Value::Number(1500.0),
                Field::Age => Value::Number(2.5e9),
                _ => Value::Absent,
            }
        }

        fn whole(&self) -> String {
            "Orders of today HashMap src/api/orders.rs:17:3".into()
        }
    }

    const FIELDS: &[Field] = &[Field::Map, Field::Site, Field::Entries, Field::Age, Field::State];

    fn holds(text: &str) -> bool {
        let query = Query::parse(text, FIELDS);
        assert_eq!(query.errors, [], "{text}");
        query.holds(&Row)
    }

    #[test]
    fn terms_hold_together() {
        for text in [
            "",
            "hash orders",
            "map:orders",
            "m:TODAY site:src/api",
            "\"of today\"",
            "map:\"of today\"",
            "orders.rs:17",
            "entries>1k entries<=1500 entries:1500",
            "age>1s age<1m",
            "-map:stock -state:gone",
            "map: -",
            "age:>2s",
            "map=\"orders of today\"",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in [
            "stock",
            "map:stock",
            "-orders",
            "entries>1500",
            "age>3s",
            "state:gone",
            "orders stock",
            "map=orders",
        ] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place_and_hides_nothing() {
        let query = Query::parse("map:orders colour:red entries>many", FIELDS);
        let places: Vec<&str> = query
            .errors
            .iter()
            .map(|error| &"map:orders colour:red entries>many"[error.place.clone()])
            .collect();
        assert_eq!(places, ["colour:red", "entries>many"]);
        assert!(query.errors[0].why.contains("map site entries age state"));
        assert!(query.holds(&Row));
        assert!(!Query::parse("map>3", FIELDS).errors.is_empty());
        assert!(!Query::parse("age>soon", FIELDS).errors.is_empty());
    }

    #[test]
    fn anything_can_be_typed() {
        for text in ["\"", ":", "::", "-", "--", "-:", "map:\"", "é:ü", "a::b", ">", "entries>", "map:>"] {
            let _ = Query::parse(text, FIELDS).holds(&Row);
            let _ = completions(text, FIELDS, |_| vec!["x".into()]);
        }
    }

    #[test]
    fn tab_completes_keys_and_values() {
        let values = |_| vec!["orders".to_owned(), "of today".to_owned(), "stock".to_owned()];
        assert_eq!(completions("x s", FIELDS, values), ["site:", "state:"]);
        assert_eq!(completions("-en", FIELDS, values), ["-entries>"]);
        assert_eq!(completions("map:o", FIELDS, values), ["map:\"of today\"", "map:orders"]);
        assert_eq!(complete("x map:o", "map:orders"), "x map:orders");
        assert_eq!(complete("x ", "map:"), "x map:");
    }
}
