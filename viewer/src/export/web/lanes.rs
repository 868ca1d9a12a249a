//! Pictures of lanes: one per finding, close up, and one per process over its whole life.
//!
//! A bar is a time inside a map, a thin bar a time of waiting for one, a diamond the attempt that was refused, a tick
//! a sampled operation, a hollow bar a growth; arrows lead from the side that was inside to the one that came second.
//! Shapes differ, not only colours.

use super::super::Account;
use super::super::lanes::{self, Lanes, Stretch, What};
use crate::text::{counted, cut};
use mapwatch_event::{Actor, ActorId, Conflict, Nanos};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Height of one lane, in units of the picture.
const LANE: f64 = 46.0;
/// Where the bar lies within its lane: below the actor's name.
const BAR: (f64, f64) = (20.0, 18.0);
/// Lanes of one picture, and things on one lane.
const LANES: usize = 40;
const THINGS: usize = 300;

/// How wide a picture is, in its own units, and by its class in the style sheet.
#[derive(Clone, Copy)]
enum Frame {
    /// A whole life: scrolls on a narrow screen.
    Wide,
    /// A conflict close up: fits a phone.
    CloseUp,
}

impl Frame {
    fn width(self) -> f64 {
        match self {
            Frame::Wide => 1000.0,
            Frame::CloseUp => 560.0,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Frame::Wide => "wide",
            Frame::CloseUp => "close-up",
        }
    }
}

/// The lanes of all processes.
pub(super) fn section(account: &Account<'_>) -> Markup {
    let all = lanes::lanes(account);
    html! {
        section id="lanes" {
            h2 { "Lanes" }
            @if all.is_empty() { p { "Nothing was told of who did what." } } @else { (legend()) }
            @for lanes in &all {
                h3 { (lanes.session.title()) }
                (picture_of(lanes))
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        p.aside {
            "A bar is a time inside a map, a thin bar a time of waiting for one, a diamond an attempt that met somebody, "
            "a tick one operation of a sample, a hollow bar a growth of a table; an arrow leads from the side that was inside to the one that came second."
        }
    }
}

fn picture_of(lanes: &Lanes<'_>) -> Markup {
    let with_findings = |id: &ActorId| {
        let lane = &lanes.lanes[id];
        (lane.stretches.iter().any(|stretch| stretch.finding.is_some()), lane.stretches.len())
    };
    let mut shown: Vec<ActorId> = lanes.lanes.keys().copied().collect();
    shown.sort_by_key(|id| (std::cmp::Reverse(with_findings(id)), *id));
    let hidden = shown.len().saturating_sub(LANES);
    shown.truncate(LANES);
    shown.sort_unstable();
    let mut crowded = 0;
    let rows: Vec<Row<'_>> = shown
        .iter()
        .map(|id| {
            let lane = &lanes.lanes[id];
            let (things, more) = things_of(&lane.stretches);
            crowded += more;
            Row { actor: *id, title: &lane.title, things }
        })
        .collect();
    let arrows: Vec<Arrow> = lanes
        .links
        .iter()
        .map(|link| Arrow { from: link.from, to: link.to, title: link.title.to_owned() })
        .collect();
    html! {
        (picture(Frame::Wide, &rows, &arrows, lanes.span()))
        @if hidden > 0 { p.aside { (counted(hidden, "lane")) " with less on them not shown" } }
        @if crowded > 0 { p.aside { (counted(crowded, "further thing")) " on crowded lanes not shown" } }
        @if let Some(words) = lanes.left_out_words() { p.aside { (words) } }
    }
}

/// What is drawn of one lane, by time, and how much is not: of a crowd, sides and spells stay rather than samples.
fn things_of(stretches: &[Stretch]) -> (Vec<&Stretch>, usize) {
    let mut things: Vec<(usize, &Stretch)> = stretches.iter().enumerate().collect();
    things.sort_by_key(|(_, thing)| (thing.finding.is_none(), thing.what == What::Operation));
    let more = things.len().saturating_sub(THINGS);
    things.truncate(THINGS);
    things.sort_unstable_by_key(|(index, _)| *index);
    (things.into_iter().map(|(_, thing)| thing).collect(), more)
}

/// A conflict close up: its sides and its history.
pub(super) fn of_conflict(conflict: &Conflict) -> Markup {
    let mut things: BTreeMap<ActorId, (String, Vec<Stretch>)> = BTreeMap::new();
    let mut put = |actor: &Actor, stretch: Stretch| {
        let short = Actor { on_thread: String::new(), ..actor.clone() };
        things.entry(actor.id).or_insert_with(|| (short.to_string(), Vec::new())).1.push(stretch);
    };
    let map = conflict.map.title();
    let stretch = |from, to, what, operation, site: &mapwatch_event::Site| Stretch {
        from,
        to,
        what,
        operation: Some(operation),
        map: map.clone(),
        site: site.to_string(),
        finding: None,
    };
    for past in &conflict.history {
        put(&past.actor, stretch(past.at, past.at, What::Operation, past.operation, &past.site));
    }
    let attempt = conflict.attempt();
    let mut arrows = Vec::new();
    for side in &conflict.sides {
        let is_attempt = attempt.is_some_and(|attempt| std::ptr::eq(attempt, side));
        let what = if is_attempt { What::Attempt } else { What::Holder };
        let from = conflict.at.since(side.held_for.unwrap_or_default());
        put(&side.actor, stretch(from, conflict.at, what, side.operation, &side.site));
        if let Some(attempt) = attempt.filter(|_| !is_attempt) {
            let to = conflict.at.since(attempt.held_for.unwrap_or_default());
            let title = conflict.category.title().to_owned();
            arrows.push(Arrow { from: (side.actor.id, from), to: (attempt.actor.id, to), title });
        }
    }
    let rows: Vec<Row<'_>> = things
        .iter()
        .map(|(id, (title, things))| Row { actor: *id, title, things: things.iter().collect() })
        .collect();
    let all = || rows.iter().flat_map(|row| &row.things);
    let from = all().map(|thing| thing.from).min().unwrap_or_default();
    let to = all().map(|thing| thing.to).max().unwrap_or_default();
    picture(Frame::CloseUp, &rows, &arrows, (from, to))
}

struct Row<'a> {
    actor: ActorId,
    title: &'a str,
    things: Vec<&'a Stretch>,
}

struct Arrow {
    from: (ActorId, Nanos),
    to: (ActorId, Nanos),
    title: String,
}

/// Time to horizontal units; a margin on both sides keeps the marks whole.
#[derive(Clone, Copy)]
struct Scale {
    from: Nanos,
    span: f64,
    width: f64,
}

impl Scale {
    fn x(self, at: Nanos) -> f64 {
        12.0 + at.since(self.from).0 as f64 / self.span * (self.width - 24.0)
    }
}

fn picture(frame: Frame, rows: &[Row<'_>], arrows: &[Arrow], (from, to): (Nanos, Nanos)) -> Markup {
    let width = frame.width();
    let scale = Scale { from, span: (to.since(from).0 as f64).max(1.0), width };
    let height = rows.len() as f64 * LANE + 26.0;
    let line = |actor: ActorId| rows.iter().position(|row| row.actor == actor);
    html! {
        div class=(frame.class()) {
            svg viewBox=(format!("0 0 {width} {height}")) role="img" aria-label="who was inside when" {
                @for (index, row) in rows.iter().enumerate() { (lane(row, index as f64 * LANE, scale)) }
                @for arrow in arrows {
                    @if let (Some(one), Some(other)) = (line(arrow.from.0), line(arrow.to.0)) {
                        (draw_arrow(arrow, one, other, scale))
                    }
                }
                (axis(scale, to, height))
            }
        }
    }
}

fn lane(row: &Row<'_>, top: f64, scale: Scale) -> Markup {
    let (bar, _) = BAR;
    html! {
        text x="12" y=(top + 14.0) { (cut(&row.title.replace('`', ""), 60, '…')) }
        line.rail x1="12" x2=(scale.width - 12.0) y1=(top + bar + 9.0) y2=(top + bar + 9.0) {}
        @for thing in &row.things { (mark(thing, top, scale)) }
    }
}

fn mark(thing: &Stretch, top: f64, scale: Scale) -> Markup {
    let (bar, height) = BAR;
    let (from, to, y) = (scale.x(thing.from), scale.x(thing.to), top + bar);
    let width = (to - from).max(3.0);
    let class = thing.what.word();
    html! {
        @match thing.what {
            What::Attempt => {
                path class=(class) d=(format!("M{from:.1} {:.1}l8 9l-8 9l-8 -9z", y)) { (tip(thing)) }
            }
            What::Operation => {
                rect class=(class) x=(format!("{from:.1}")) y=(y + 3.0) width="2" height=(height - 6.0) { (tip(thing)) }
            }
            What::Waiting => {
                rect class=(class) x=(format!("{from:.1}")) y=(y + 5.0) width=(format!("{width:.1}")) height=(height - 10.0) { (tip(thing)) }
            }
            _ => {
                rect class=(class) x=(format!("{from:.1}")) y=(y) width=(format!("{width:.1}")) height=(height) rx="2" { (tip(thing)) }
            }
        }
    }
}

fn tip(thing: &Stretch) -> Markup {
    let span = thing.to.since(thing.from);
    html! {
        title {
            @match (thing.what, thing.operation) {
                (What::Waiting | What::Holding, Some(operation)) => { (thing.label()) " (" (operation) ")" }
                (What::Waiting | What::Holding, None) => (thing.label()),
                (what, _) => { (what.word()) ": " (thing.label()) }
            }
            " at " (thing.site) ", " (thing.from)
            @if span.0 > 0 { " for " (span) }
        }
    }
}

fn draw_arrow(arrow: &Arrow, one: usize, other: usize, scale: Scale) -> Markup {
    let (bar, height) = BAR;
    let middle = |row: usize| row as f64 * LANE + bar + height / 2.0;
    let (x1, x2, y1, y2) = (scale.x(arrow.from.1), scale.x(arrow.to.1), middle(one), middle(other));
    // On one lane the arrow bows, else it would hide in the rail.
    let bend = if one == other { -16.0 } else { 0.0 };
    html! {
        path.arrow d=(format!("M{x1:.1} {y1:.1}Q{:.1} {:.1} {x2:.1} {y2:.1}", (x1 + x2) / 2.0, (y1 + y2) / 2.0 + bend)) {
            title { (arrow.title) }
        }
    }
}

fn axis(scale: Scale, to: Nanos, height: f64) -> Markup {
    html! {
        text.axis x="12" y=(height - 6.0) { (scale.from) " after the start" }
        text.axis.end x=(scale.width - 12.0) y=(height - 6.0) { "+ " (to.since(scale.from)) }
    }
}
