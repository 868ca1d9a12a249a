//! All maps: what they are, what flowed, how they grew, and how often two sides met in them.

use super::super::{Account, lanes};
use crate::model::maps::Map;
use crate::model::session::Session;
use crate::text::{bytes, grouped};
use maud::{Markup, html};

/// Maps shown; a page with thousands is read by nobody.
const SHOWN: usize = 500;

pub(super) fn section(account: &Account<'_>) -> Markup {
    let maps = account.maps();
    let several = account.world.sessions.len() > 1;
    html! {
        section id="maps" {
            h2 { "Maps" }
            @if maps.is_empty() { p { "None." } } @else { (table(&maps, several)) }
            @if maps.len() > SHOWN { p.aside { (grouped((maps.len() - SHOWN) as u64)) " quieter ones are not shown" } }
        }
    }
}

fn table(maps: &[(&Session, &Map)], several: bool) -> Markup {
    html! {
        table.cards {
            thead { tr {
                th { "map" } th { "type" } th.number { "entries" } th.number { "capacity" } th.number title="Capacity times the size of an entry; heap behind keys and values is not counted." { "bytes" }
                th.number { "reads" } th.number { "writes" } th.number { "iterations" }
                th.number { "grown" } th.number { "conflicts" } th { "busiest site" }
            } }
            tbody { @for (session, map) in maps.iter().take(SHOWN) { (row(session, map, several)) } }
        }
    }
}

fn row(session: &Session, map: &Map, several: bool) -> Markup {
    let figure = |figure: Option<u64>| figure.map_or_else(|| "–".to_owned(), grouped);
    let hot = map.hot_sites();
    html! {
        tr class=[(map.conflicts > 0).then_some("certain")] {
            td data-label="map" {
                span {
                    b { (lanes::title(session, map)) }
                    @if several { br; span.aside { (session.title()) } }
                    @if map.gone_at.is_some() { br; span.aside { "dropped" } }
                }
            }
            td data-label="type" { code { (map.type_name) } }
            td.number data-label="entries" { (figure(map.length)) }
            td.number data-label="capacity" { (figure(map.capacity)) }
            td.number data-label="bytes" { (map.bytes().map_or_else(|| "–".to_owned(), bytes)) }
            td.number data-label="reads" { (grouped(map.total.reads)) }
            td.number data-label="writes" { (grouped(map.total.writes)) }
            td.number data-label="iterations" { (grouped(map.total.iterations)) }
            td.number data-label="grown" { (grouped(map.grown)) }
            td.number data-label="conflicts" { (grouped(map.conflicts)) }
            td data-label="busiest site" {
                @if let Some((site, operation, _)) = hot.first() {
                    span { code { (operation) } br; code.site { (session.site_text(*site)) } }
                }
            }
        }
    }
}
