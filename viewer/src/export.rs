//! What leaves the viewer: one file per format, and what they share.
//!
//! Every format is a pure function of an [`Account`]: the world, and which of its findings a baseline knows.
//! Text and JSON are the viewer's own two reports ([`crate::report`]); the others are what other tools read.
//!
//! | format | read by |
//! |---|---|
//! | `text`, `markdown`, `html` | people: a terminal, a pull request, a browser |
//! | `json` | scripts |
//! | `sarif` | code scanning: both sides as thread flows |
//! | `junit` | CI servers |
//! | `perfetto` | Perfetto and `chrome://tracing`: lanes per actor, arrows between the two sides |
//! | `otlp` | an OpenTelemetry collector: `POST` it to `/v1/logs` |
//! | `lnav` | lnav: the format file (`lnav -i FILE`), or a recording's events with times that it takes |

pub mod account;
pub mod annotate;
pub mod junit;
pub mod lanes;
pub mod lnav;
pub mod markdown;
pub mod otlp;
pub mod perfetto;
pub mod place;
pub mod sarif;
#[cfg(test)]
pub(crate) mod tests;
pub mod web;

pub use account::{Account, Standing, Told};

use crate::model::world::World;
use crate::report::{json, text};
use clap::ValueEnum;

/// A format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Format {
    /// The report for people
    #[default]
    Text,
    /// The same for a pull request or a chat
    Markdown,
    /// One object, for scripts
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for CI servers
    Junit,
    /// Chrome trace events, for Perfetto
    Perfetto,
    /// One page without anything outside of it
    Html,
    /// OTLP/HTTP JSON logs
    Otlp,
    /// How lnav reads a recording
    Lnav,
}

impl Format {
    /// All of them, in the order of a menu.
    pub const ALL: [Format; 9] = [
        Format::Text,
        Format::Markdown,
        Format::Json,
        Format::Sarif,
        Format::Junit,
        Format::Perfetto,
        Format::Html,
        Format::Otlp,
        Format::Lnav,
    ];

    /// The word of the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Markdown => "markdown",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Junit => "junit",
            Format::Perfetto => "perfetto",
            Format::Html => "html",
            Format::Otlp => "otlp",
            Format::Lnav => "lnav",
        }
    }

    /// What a file of this format is called, after a name of its own: `txt`, `sarif`, `trace.json`.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Format::Text => "txt",
            Format::Markdown => "md",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Junit => "junit.xml",
            Format::Perfetto => "trace.json",
            Format::Html => "html",
            Format::Otlp => "otlp.json",
            Format::Lnav => "lnav.json",
        }
    }

    /// For a menu.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Format::Text => "the report for people",
            Format::Markdown => "the report for a pull request",
            Format::Json => "one object, for scripts",
            Format::Sarif => "SARIF 2.1.0, for code scanning",
            Format::Junit => "JUnit XML, for CI servers",
            Format::Perfetto => "a trace, for ui.perfetto.dev",
            Format::Html => "one page, for a browser",
            Format::Otlp => "OTLP/HTTP JSON logs",
            Format::Lnav => "how lnav reads a recording",
        }
    }
}

/// What was seen, in a format.
#[must_use]
pub fn write(format: Format, world: &World) -> String {
    tell(format, &Account::of(world))
}

/// An account in a format.
#[must_use]
pub fn tell(format: Format, account: &Account<'_>) -> String {
    match format {
        Format::Text => text::tell(account),
        Format::Markdown => markdown::tell(account),
        Format::Json => json::tell(account),
        Format::Sarif => sarif::tell(account),
        Format::Junit => junit::tell(account),
        Format::Perfetto => perfetto::tell(account),
        Format::Html => web::tell(account),
        Format::Otlp => otlp::tell(account),
        Format::Lnav => lnav::format_file(),
    }
}
