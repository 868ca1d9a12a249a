//! From evidence to a category, with how sure that is and why.
//!
//! One function serves logs and live panics alike: [`Rules::classify`] takes [`Evidence`] (message, location,
//! frames, neighbours) and gives a [`Verdict`]. The rules are data, `rules.txt`, tested one by one; a user's
//! own rules are asked first. Cost: one pass over the rules for a message never seen before; callers keep
//! verdicts by message.

use crate::parse::frames::Owner;
use crate::parse::{Ending, Signal, frames};
use crate::report::{Kind, Language, Report};
use mapwatch_event::{Category, Frame, Site};
use serde::Serialize;
use std::fmt;
use std::sync::OnceLock;

/// All that is known of one report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// Whose runtime reported.
    pub language: Language,
    /// What sort of report.
    pub kind: Kind,
    /// The message.
    pub message: &'a str,
    /// The thread's name; empty where unknown.
    pub thread: &'a str,
    /// Where it happened.
    pub location: Option<&'a Site>,
    /// The backtrace, innermost first.
    pub frames: &'a [Frame],
    /// Messages of reports shortly before, newest first.
    pub neighbours: &'a [String],
    /// A category that the report states itself.
    pub stated: Option<Category>,
}

impl<'a> From<&'a Report> for Evidence<'a> {
    fn from(report: &'a Report) -> Evidence<'a> {
        Evidence {
            language: report.language,
            kind: report.kind,
            message: &report.message,
            thread: &report.thread,
            location: report.location.as_ref(),
            frames: &report.frames,
            neighbours: &[],
            stated: report.stated,
        }
    }
}

/// The category of a panic, live or read, by the built-in rules: what it said, its frames (innermost first,
/// the application's marked), where it happened.
///
/// ```
/// let verdict = mapwatch_triage::classify::of("already borrowed: BorrowMutError", &[], None);
/// assert_eq!(verdict.category.code(), "reentrant-borrow");
/// ```
#[must_use]
pub fn of(message: &str, frames: &[Frame], location: Option<&Site>) -> Verdict {
    let stated = crate::parse::stated(message);
    Rules::built_in().classify(&Evidence { message, frames, location, stated, ..Evidence::default() })
}

/// What the evidence means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The category.
    pub category: Category,
    /// How sure, in percent.
    pub confidence: u8,
    /// Why, in words.
    pub reason: String,
    /// What stands for the message in a fingerprint; empty where the message itself does.
    #[serde(skip)]
    pub key: String,
}

/// A text of rules that cannot be read: which line, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRule {
    /// Line, from 1.
    pub line: usize,
    /// Why, as a fragment.
    pub reason: String,
}

impl fmt::Display for BadRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the rules: {}", self.line, self.reason)
    }
}

impl std::error::Error for BadRule {}

/// An ordered set of rules.
#[derive(Clone, Debug)]
pub struct Rules {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    category: Category,
    confidence: u8,
    language: Option<Language>,
    field: Field,
    pattern: String,
    terms: Vec<(Term, String)>,
    key: String,
    reason: String,
    /// Texts that the rule must match; read by its test.
    examples: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Message,
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Term {
    Inner,
    Top,
    User,
    At,
    Thread,
    Near,
    Kind,
}

impl Rules {
    /// The built-in rules as they are written; their head says how.
    pub const BUILT_IN: &str = include_str!("rules.txt");

    /// The rules that come with the crate.
    #[must_use]
    pub fn built_in() -> &'static Rules {
        static RULES: OnceLock<Rules> = OnceLock::new();
        RULES.get_or_init(|| {
            // The text is part of the crate and read by a test; a mistake in it is a mistake of ours.
            Rules::parse(Rules::BUILT_IN).unwrap_or_else(|error| unreachable!("{error}"))
        })
    }

    /// Rules of a user's own, asked before the built-in ones.
    ///
    /// # Errors
    ///
    /// [`BadRule`] for the first line that cannot be read.
    pub fn with_user(text: &str) -> Result<Rules, BadRule> {
        let mut rules = Rules::parse(text)?;
        rules.rules.extend(Rules::built_in().rules.iter().cloned());
        Ok(rules)
    }

    fn parse(text: &str) -> Result<Rules, BadRule> {
        let mut rules: Vec<Rule> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let bad = |reason: &str| BadRule { line: index + 1, reason: reason.to_owned() };
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(example) = line.strip_prefix("> ") {
                let rule = rules.last_mut().ok_or_else(|| bad("an example before any rule"))?;
                rule.examples.push(example.to_owned());
                continue;
            }
            rules.push(rule(line).map_err(bad)?);
        }
        Ok(Rules { rules })
    }

    /// The category of some evidence.
    #[must_use]
    pub fn classify(&self, evidence: &Evidence<'_>) -> Verdict {
        if let Some(category) = evidence.stated {
            let reason = "the watched map says so itself".to_owned();
            return Verdict { category, confidence: 100, reason, key: String::new() };
        }
        let errors = error_parts(evidence.message);
        match self.rules.iter().find(|rule| rule.matches(evidence, &errors)) {
            Some(rule) => Verdict {
                category: rule.category,
                confidence: rule.confidence,
                reason: rule.reason.clone(),
                key: rule.key.clone(),
            },
            None => Verdict {
                category: Category::ExplicitPanic,
                confidence: 10,
                reason: "no rule knows these words".to_owned(),
                key: String::new(),
            },
        }
    }
}

fn rule(line: &str) -> Result<Rule, &'static str> {
    // The pattern may hold a bar (`a || b`); the outer columns cannot.
    let mut parts = line.splitn(4, " | ");
    let mut next = || parts.next().ok_or("six columns separated by ` | ` are needed");
    let (category, confidence, scope, rest) = (next()?, next()?, next()?, next()?);
    let mut tail = rest.rsplitn(3, "| ");
    let reason = tail.next().ok_or("a reason is needed")?;
    let key = tail.next().ok_or("a key is needed")?.trim();
    let pattern = tail.next().ok_or("a pattern is needed")?.trim();
    let (language, field) = scope.split_once(' ').ok_or("a language and a field are needed")?;
    let mut terms = pattern.split(" && ");
    let pattern = terms.next().unwrap_or_default().to_owned();
    let terms = terms.map(term).collect::<Result<_, _>>()?;
    Ok(Rule {
        category: category.trim().parse().map_err(|_| "an unknown category")?,
        confidence: confidence.trim().parse().map_err(|_| "a confidence from 0 to 100 is needed")?,
        language: match language {
            "rust" => Some(Language::Rust),
            "go" => Some(Language::Go),
            "native" => Some(Language::Native),
            "any" => None,
            _ => return Err("the language is rust, go, native or any"),
        },
        field: match field.trim() {
            "msg" => Field::Message,
            "err" => Field::Error,
            _ => return Err("the field is msg or err"),
        },
        pattern,
        terms,
        key: if key == "=" { String::new() } else { key.to_owned() },
        reason: reason.trim().to_owned(),
        examples: Vec::new(),
    })
}

fn term(text: &str) -> Result<(Term, String), &'static str> {
    let (name, pattern) = text.split_once(": ").ok_or("a term is `name: pattern`")?;
    let term = match name.trim() {
        "inner" => Term::Inner,
        "top" => Term::Top,
        "user" => Term::User,
        "at" => Term::At,
        "thread" => Term::Thread,
        "near" => Term::Near,
        "kind" => Term::Kind,
        _ => return Err("a term is inner, top, user, at, thread, near or kind"),
    };
    Ok((term, pattern.trim().to_owned()))
}

impl Rule {
    fn matches(&self, evidence: &Evidence<'_>, errors: &[&str]) -> bool {
        if self.language.is_some_and(|language| language != evidence.language) {
            return false;
        }
        let text = match self.field {
            Field::Message => glob(&self.pattern, evidence.message.trim()),
            Field::Error => errors.iter().any(|error| glob(&self.pattern, error)),
        };
        text && self.terms.iter().all(|(term, pattern)| term.matches(pattern, evidence))
    }
}

impl Term {
    fn matches(self, pattern: &str, evidence: &Evidence<'_>) -> bool {
        let frames = evidence.frames;
        match self {
            Term::Inner => {
                frames.iter().take_while(|frame| !frame.user).any(|frame| glob(pattern, &frame.function))
            }
            Term::Top => frames
                .iter()
                .find(|frame| !is_machinery(&frame.function))
                .is_some_and(|frame| glob(pattern, &frame.function)),
            Term::User => {
                frames.iter().filter(|frame| frame.user).any(|frame| glob(pattern, &frame.function))
            }
            Term::At => evidence.location.is_some_and(|site| glob(pattern, &site.file)),
            Term::Thread => glob(pattern, evidence.thread),
            Term::Near => evidence.neighbours.iter().any(|near| glob(pattern, near)),
            Term::Kind => evidence.kind.word() == pattern,
        }
    }
}

/// Frames of the panic itself, in front of where it happened.
fn is_machinery(function: &str) -> bool {
    const GO: [&str; 9] = [
        "panic",
        "runtime.gopanic",
        "runtime.throw",
        "runtime.fatal",
        "runtime.sigpanic",
        "runtime.goPanic",
        "runtime.panic",
        "internal/runtime/maps.fatal",
        "internal/runtime/maps.panic",
    ];
    GO.iter().any(|name| function.starts_with(name))
}

/// What may be the error inside a message: behind `value: `, and behind each colon of an `expect`.
fn error_parts(message: &str) -> Vec<&str> {
    let message = message.trim();
    let mut parts = Vec::new();
    let start = message.find("` value: ").map_or(0, |at| at + "` value: ".len());
    let mut rest = &message[start..];
    if start > 0 {
        parts.push(unquote(rest));
    }
    for _ in 0..6 {
        let Some(at) = rest.find(": ") else { break };
        rest = &rest[at + 2..];
        parts.push(unquote(rest));
    }
    parts
}

fn unquote(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(text)
}

/// Whether a text matches a pattern in which `*` is anything and `?` one byte.
///
/// Greedy with one point to fall back to, so at worst the product of both lengths; patterns are short.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    // Long messages are told apart by their beginning; the tail of a megabyte line decides nothing.
    let text = &text[..text.len().min(4096)];
    let (mut p, mut t) = (0, 0);
    let mut fallback: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                fallback = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == text[t] || *byte == b'?' => {
                p += 1;
                t += 1;
            }
            _ => match fallback {
                Some((star, from)) => {
                    p = star + 1;
                    t = from + 1;
                    fallback = Some((star, t));
                }
                None => return false,
            },
        }
    }
    pattern[p.min(pattern.len())..].iter().all(|byte| *byte == b'*')
}

/// The verdict on a line about the end of a process, where that is all there is.
#[must_use]
pub fn classify_ending(ending: &Ending) -> Verdict {
    let (category, confidence, reason) = match ending.signal {
        _ if ending.oom => (Category::KilledByOs, 98, "the kernel's out-of-memory killer ended the process"),
        Some(Signal::Kill) => (
            Category::KilledByOs,
            85,
            "somebody sent SIGKILL: the out-of-memory killer, a supervisor, a person",
        ),
        Some(Signal::Segv | Signal::Bus) => {
            (Category::UbOrSegfault, 90, "the process touched memory that is not its own")
        }
        Some(Signal::Ill | Signal::Trap) => {
            (Category::UbOrSegfault, 80, "the process ran into an instruction that must never be reached")
        }
        Some(Signal::Fpe) => (Category::DivideByZero, 80, "an arithmetic trap of the processor"),
        Some(Signal::Abrt) => (Category::AbortSignal, 90, "the process aborted itself"),
        Some(Signal::Term) => (Category::KilledByOs, 50, "somebody asked the process to end"),
        None => (Category::AbortSignal, 40, "the process ended with a failure"),
    };
    let key = ending.signal.map_or_else(|| "exit".to_owned(), |signal| signal.word().to_owned());
    Verdict { category, confidence, reason: reason.to_owned(), key }
}

/// Whether a message's location is the application's own source.
pub(crate) fn is_own_source(site: &Site) -> bool {
    frames::owner(&site.file) == Owner::User
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_finds_its_examples() {
        let rules = Rules::built_in();
        let mut wrong = Vec::new();
        for (index, rule) in rules.rules.iter().enumerate() {
            for example in &rule.examples {
                let kind = rule.terms.iter().find(|(term, _)| *term == Term::Kind);
                let kind =
                    if kind.is_some_and(|(_, kind)| kind == "fatal") { Kind::Fatal } else { Kind::Panic };
                let language = rule.language.unwrap_or_default();
                let evidence = Evidence { language, kind, message: example, ..Evidence::default() };
                let errors = error_parts(example);
                if !rule.matches(&evidence, &errors) {
                    wrong.push(format!("`{}` does not match {example}", rule.pattern));
                }
                let winner = rules.rules.iter().position(|rule| rule.matches(&evidence, &errors));
                let winner = winner.map(|at| &rules.rules[at]);
                if winner.is_none_or(|winner| winner.category != rule.category) {
                    let winner = winner.map(|winner| &winner.pattern);
                    wrong.push(format!("rule {index} `{}`: {example} goes to {winner:?}", rule.pattern));
                }
            }
            if rule.examples.is_empty() && rule.terms.is_empty() && !rule.pattern.is_empty() {
                wrong.push(format!("`{}` has no example", rule.pattern));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_users_rule_is_asked_first() {
        let rules =
            Rules::with_user("assertion | 90 | any msg | quota * | = | our own").expect("it is a rule");
        let evidence = Evidence { message: "quota exceeded", ..Evidence::default() };
        assert_eq!(rules.classify(&evidence).category, Category::Assertion);
        assert_eq!(Rules::with_user("nonsense").expect_err("it is none").line, 1);
        assert!(Rules::with_user("moon | 90 | any msg | x | = | y").is_err());
    }

    #[test]
    fn frames_decide_where_words_do_not() {
        let frame = |function: &str, user| Frame { function: function.into(), user, ..Frame::default() };
        let frames = [frame("core::option::expect_failed", false), frame("shop::main", true)];
        let evidence = Evidence { message: "the door", frames: &frames, ..Evidence::default() };
        assert_eq!(Rules::built_in().classify(&evidence).category, Category::AppInvariant);
        let evidence = Evidence { frames: &[], ..evidence };
        assert_eq!(Rules::built_in().classify(&evidence).category, Category::ExplicitPanic);
    }

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("*b*", "abc", true),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a?c", "abc", true),
            ("*aab", "aaaaab", true),
            ("abc*", "ab", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }
}
