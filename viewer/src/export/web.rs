//! One HTML page with nothing outside of it: findings with both sides, lanes, maps.
//!
//! No script, no font, no image from elsewhere; the page's own policy forbids the browser to fetch anything.
//! Colours follow the reader's choice of light or dark, and never stand alone; on a narrow screen tables become
//! cards, and pictures scroll. Everything from the watched program is escaped by the template.

mod finding;
mod lanes;
mod maps;

use super::Account;
use crate::report::text;
use crate::text::grouped;
use mapwatch_event::Grade;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Nothing may be loaded from anywhere; the one style sheet is the page's own.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const STYLE: &str = include_str!("web/style.css");

/// The whole page, newline at its end.
#[must_use]
pub fn tell(account: &Account<'_>) -> String {
    let verdict = text::verdict(account.world);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { "mapview: " (verdict) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (head(account, &verdict)) }
                main {
                    (findings(account))
                    (lanes::section(account))
                    (maps::section(account))
                    (processes(account))
                    (unseen(account))
                }
                footer { "Written by mapview " (env!("CARGO_PKG_VERSION")) ". Nothing on this page is loaded from elsewhere." }
            }
        }
    };
    page.into_string() + "\n"
}

fn head(account: &Account<'_>, verdict: &str) -> Markup {
    let world = account.world;
    let maps: usize = world.sessions.values().map(|session| session.maps.len()).sum();
    html! {
        h1 { (prose(verdict)) }
        @if let Some(line) = text::known(account) { p { (prose(&line)) } }
        ul.tiles {
            @for (grade, count) in world.findings.by_grade() {
                li class=(tone(grade)) { b { (count) } " " (grade) }
            }
            (tile(maps as u64, "map", "maps"))
            (tile(world.sessions.len() as u64 + world.sessions_dropped, "process", "processes"))
            (tile(world.events, "event", "events"))
        }
        nav {
            a href="#findings" { "Findings" }
            a href="#lanes" { "Lanes" }
            a href="#maps" { "Maps" }
            a href="#processes" { "Processes" }
            @if has_gaps(account) { a href="#unseen" { "Not seen" } }
        }
    }
}

fn findings(account: &Account<'_>) -> Markup {
    let findings = account.findings();
    html! {
        section id="findings" {
            h2 { "Findings" }
            @if findings.is_empty() { p { "None." } }
            @for (index, told) in findings.iter().enumerate() {
                (finding::article(account, told, index + 1))
            }
        }
    }
}

fn processes(account: &Account<'_>) -> Markup {
    let world = account.world;
    html! {
        section id="processes" {
            h2 { "Processes" }
            ul {
                @for session in world.sessions.values() {
                    li {
                        (text::process(session))
                        br;
                        code { (session.command_line()) }
                    }
                }
                @if world.sessions_dropped > 0 {
                    li { "and " (grouped(world.sessions_dropped)) " older ones, no longer kept" }
                }
            }
        }
    }
}

fn has_gaps(account: &Account<'_>) -> bool {
    let world = account.world;
    let lost = world.sessions.values().any(|session| !session.loss_words().is_empty());
    lost || world.unread.count > 0 || world.findings.dropped > 0
}

fn unseen(account: &Account<'_>) -> Markup {
    let world = account.world;
    if !has_gaps(account) {
        return html! {};
    }
    html! {
        section id="unseen" {
            h2 { "Not seen" }
            ul {
                @for session in world.sessions.values().filter(|session| !session.loss_words().is_empty()) {
                    li { "Lost in " (session.title()) ": " (session.loss_words()) }
                }
                @if world.findings.dropped > 0 {
                    li { (grouped(world.findings.dropped)) " more conflicts found no room" }
                }
                @for line in &world.unread.lines { li { "Could not be read: " code { (line) } } }
                @if world.unread.count > world.unread.lines.len() as u64 {
                    li { (grouped(world.unread.count)) " lines in all could not be read" }
                }
            }
        }
    }
}

fn tile(count: u64, one: &str, many: &str) -> Markup {
    html! { li { b { (grouped(count)) } " " (if count == 1 { one } else { many }) } }
}

/// A sentence whose backticks are code spans; a sentence with an odd one is left as it is.
fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// The class of a grade's colour.
fn tone(grade: Grade) -> &'static str {
    match grade {
        Grade::Certain | Grade::Logged => "certain",
        Grade::Hazard => "hazard",
        Grade::Suspect => "suspect",
        Grade::Note => "note",
    }
}
