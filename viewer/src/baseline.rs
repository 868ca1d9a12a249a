//! Findings that are known: a file in the repository, so that CI fails on new ones only.
//!
//! It is JSON, sorted and without anything that changes from run to run, so that a review shows what was added.
//! A finding is recognised by its [`Fingerprint`]; the words beside it are for the reader.

use crate::export::Account;
use crate::fingerprint::{self, Fingerprint};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The version of the file: its first figure changes when old files cannot be read any more.
pub const SCHEMA: &str = "1.0";

/// Known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Fingerprint, Words>,
}

/// What a reader is told of a known finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Words {
    category: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
struct File {
    schema: String,
    fingerprint: String,
    findings: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    category: String,
    name: String,
    fingerprint: String,
}

/// Why a baseline could not be used.
#[derive(Debug)]
pub struct Error {
    path: PathBuf,
    kind: ErrorKind,
}

/// What was in the way.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system said no.
    Io(std::io::Error),
    /// It is something else.
    NotABaseline(String),
    /// Another version wrote it.
    OtherVersion(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = crate::text::clean(&self.path.to_string_lossy()).into_owned();
        match &self.kind {
            ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                write!(f, "{path} is not there: make it with --write-baseline or `mapview baseline`")
            }
            ErrorKind::Io(error) => write!(f, "{path}: {error}"),
            ErrorKind::NotABaseline(why) => write!(f, "{path} is not a baseline of mapview: {why}"),
            ErrorKind::OtherVersion(version) => write!(
                f,
                "{path} was written for {version}, this mapview reads schema {SCHEMA} with {}: write it anew",
                fingerprint::NAME
            ),
        }
    }
}

impl std::error::Error for Error {}

impl Baseline {
    /// Everything that an account tells, known or not.
    #[must_use]
    pub fn of(account: &Account<'_>) -> Baseline {
        let entry = |told: crate::export::Told<'_>| {
            let category = told.conflict().category.code().to_owned();
            (told.fingerprint, Words { category, name: told.name() })
        };
        Baseline { entries: account.findings().into_iter().map(entry).collect() }
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// [`Error`] with a sentence for people.
    pub fn read(path: &Path) -> Result<Baseline, Error> {
        let failed = |kind| Error { path: path.to_owned(), kind };
        let text = std::fs::read(path).map_err(|error| failed(ErrorKind::Io(error)))?;
        Baseline::parse(&text).map_err(failed)
    }

    fn parse(text: &[u8]) -> Result<Baseline, ErrorKind> {
        let file: File =
            serde_json::from_slice(text).map_err(|error| ErrorKind::NotABaseline(error.to_string()))?;
        let major = |schema: &str| schema.split('.').next().map(str::to_owned);
        if major(&file.schema) != major(SCHEMA) || file.fingerprint != fingerprint::NAME {
            return Err(ErrorKind::OtherVersion(format!("schema {} with {}", file.schema, file.fingerprint)));
        }
        let mut entries = BTreeMap::new();
        for Row { category, name, fingerprint } in file.findings {
            let known = Fingerprint::parse(&fingerprint).ok_or_else(|| {
                ErrorKind::NotABaseline(format!("`{fingerprint}` is no fingerprint of sixteen digits"))
            })?;
            entries.insert(known, Words { category, name });
        }
        Ok(Baseline { entries })
    }

    /// The file, newline at its end.
    #[must_use]
    pub fn text(&self) -> String {
        let mut rows: Vec<(&Words, &Fingerprint)> =
            self.entries.iter().map(|(id, words)| (words, id)).collect();
        rows.sort_unstable();
        let row = |(words, id): (&Words, &Fingerprint)| Row {
            category: words.category.clone(),
            name: words.name.clone(),
            fingerprint: id.to_string(),
        };
        let file = File {
            schema: SCHEMA.to_owned(),
            fingerprint: fingerprint::NAME.to_owned(),
            findings: rows.into_iter().map(row).collect(),
        };
        // A struct of strings is always JSON.
        let text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text + "\n"
    }

    /// Adds what another one knows.
    pub fn add(&mut self, other: &Baseline) {
        for (fingerprint, words) in &other.entries {
            self.entries.entry(*fingerprint).or_insert_with(|| words.clone());
        }
    }

    /// Whether a finding is known.
    #[must_use]
    pub fn knows(&self, fingerprint: Fingerprint) -> bool {
        self.entries.contains_key(&fingerprint)
    }

    /// How many are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many of them an account does not tell: cured, or with other luck this time.
    #[must_use]
    pub fn unseen(&self, account: &Account<'_>) -> usize {
        let seen: std::collections::BTreeSet<Fingerprint> =
            account.findings().iter().map(|told| told.fingerprint).collect();
        self.entries.keys().filter(|known| !seen.contains(known)).count()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test without its baseline has failed")]
    use super::*;
    use crate::export::Standing;
    use crate::model::world::World;
    use crate::testing::{recorded, shop};

    #[test]
    fn what_was_written_is_known() {
        let world = recorded(&shop()).world;
        let fresh = Account::of(&world);
        assert!(fresh.any_problem());
        let baseline = Baseline::parse(Baseline::of(&fresh).text().as_bytes()).unwrap();
        let judged = Account { world: &world, baseline: Some(&baseline) };
        assert_eq!(baseline.len(), 3);
        assert!(judged.findings().iter().all(|told| told.standing == Standing::Known));
        assert!(!judged.any_problem());
        assert_eq!(baseline.unseen(&judged), 0);
        let nothing = World::default();
        assert_eq!(baseline.unseen(&Account::of(&nothing)), 3);
    }

    #[test]
    fn one_that_is_not_in_it_is_a_problem() {
        let world = recorded(&shop()).world;
        let mut baseline = Baseline::of(&Account::of(&world));
        baseline.entries.pop_first();
        assert!(Account { world: &world, baseline: Some(&baseline) }.any_problem());
    }

    #[test]
    fn rubbish_is_told_apart_from_other_versions() {
        let check = |text: &str, expected: &str| {
            let kind = Baseline::parse(text.as_bytes()).unwrap_err();
            let said = Error { path: "b.json".into(), kind }.to_string();
            assert!(said.contains(expected), "{said}");
        };
        check("", "b.json is not a baseline of mapview");
        check("[]", "is not a baseline");
        check(r#"{"schema":"2.0","fingerprint":"mapwatchSites/v1","findings":[]}"#, "written for schema 2.0");
        check(r#"{"schema":"1.0","fingerprint":"mapwatchSites/v9","findings":[]}"#, "mapwatchSites/v9");
        check(
            r#"{"schema":"1.0","fingerprint":"mapwatchSites/v1","findings":[{"category":"x","name":"y","fingerprint":"z"}]}"#,
            "`z` is no fingerprint",
        );
        let newer = r#"{"schema":"1.3","fingerprint":"mapwatchSites/v1","findings":[],"more":1}"#;
        assert!(Baseline::parse(newer.as_bytes()).unwrap().is_empty());
    }
}
