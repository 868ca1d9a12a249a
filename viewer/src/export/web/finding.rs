//! One finding: both sides beside each other, what came before, cause and cure, both stacks.

use super::super::{Account, Standing, Told};
use super::{lanes, prose, tone};
use crate::report::text;
use crate::text::grouped;
use mapwatch_event::{Conflict, Frame, Side};
use maud::{Markup, html};

pub(super) fn article(account: &Account<'_>, told: &Told<'_>, number: usize) -> Markup {
    let conflict = told.conflict();
    html! {
        article id=(format!("finding-{number}")) class=(tone(told.finding.grade)) {
            h3 {
                span.badge { (told.finding.grade) }
                @if told.standing == Standing::Known { span.badge.known { "known" } }
                " " (number) ". " (prose(&told.headline()))
            }
            (map(conflict))
            div.sides { @for one in &conflict.sides { (side(one)) } }
            dl {
                @if !conflict.cause.is_empty() { dt { "Cause" } dd { (prose(&conflict.cause)) } }
                @if !conflict.cure.is_empty() { dt { "Cure" } dd { (prose(&conflict.cure)) } }
                dt { "Seen" } dd { (text::sightings(account.world, told.finding)) }
                dt { "Fingerprint" } dd { code { (told.fingerprint) } }
            }
            (lanes::of_conflict(conflict))
            (history(conflict))
            div.sides { @for one in &conflict.sides { (stack(one)) } }
        }
    }
}

fn map(conflict: &Conflict) -> Markup {
    let map = &conflict.map;
    html! {
        p.map {
            "in " b { (map.title()) } " " code { (map.type_name) }
            @if let Some(length) = map.length {
                ", " (grouped(length)) @if length == 1 { " entry" } @else { " entries" }
            }
            @if map.made.is_in_std() {
                ", made inside std, which hides its caller"
            } @else if !map.made.file.is_empty() {
                ", made at " code { (map.made) }
            }
        }
    }
}

fn side(side: &Side) -> Markup {
    html! {
        div.side {
            h4 { (side.role.word()) }
            p.call { code { (side.operation) } @if let Some(words) = side.time_words() { " " (words) } }
            p { (prose(&side.actor.to_string())) }
            p { code.site { (side.site) } }
            @if !side.source.is_empty() { pre { code { (side.source) } } }
        }
    }
}

fn history(conflict: &Conflict) -> Markup {
    if conflict.history.is_empty() {
        return html! {};
    }
    html! {
        details {
            summary { "What happened on this map before (" (conflict.history.len()) ")" }
            div.wide { table {
                thead { tr { th { "before" } th { "operation" } th { "who" } th { "where" } } }
                tbody {
                    @for past in &conflict.history {
                        tr {
                            td.number { (conflict.at.since(past.at)) }
                            td { code { (past.operation) } }
                            td { (prose(&past.actor.to_string())) }
                            td { code { (past.site) } }
                        }
                    }
                }
            } }
        }
    }
}

fn stack(side: &Side) -> Markup {
    let shown: Vec<&Frame> = side.stack.user_frames().collect();
    let hidden = side.stack.frames.len() - shown.len();
    html! {
        details.side {
            summary { (side.role.word()) "'s stack" }
            @if !side.stack.note.is_empty() { p { (side.stack.note) } }
            ol.stack {
                @for frame in shown {
                    li {
                        @if frame.function.is_empty() { "(no symbol)" } @else { (frame.function) }
                        @if !frame.file.is_empty() { br; code.site { (frame.file) ":" (frame.line) } }
                    }
                }
            }
            @if hidden > 0 { p.aside { (hidden) " frames of libraries not shown" } }
        }
    }
}
