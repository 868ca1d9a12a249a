//! The report for people.
//!
//! Every conflict stands in the one form that the watched program prints, too; around it, what was looked at,
//! how often, and what could not be seen.

use super::{ends, lives};
use crate::export::{Account, Standing};
use crate::model::end::cancelled_sides;
use crate::model::findings::Finding;
use crate::model::moment::Moment;
use crate::model::panics::PanicGroup;
use crate::model::series::Pace;
use crate::model::session::{Session, State};
use crate::model::world::World;
use crate::text::{self, counted, grouped};
use mapwatch_event::Report;
use std::fmt::Write as _;

/// The whole report, newline at its end.
#[must_use]
pub fn render(world: &World) -> String {
    tell(&Account::of(world))
}

/// The whole report of an account.
#[must_use]
pub fn tell(account: &Account<'_>) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut out, account);
    out
}

fn write_all(out: &mut String, account: &Account<'_>) -> std::fmt::Result {
    let world = account.world;
    writeln!(out, "mapview: {}", verdict(world))?;
    if let Some(line) = known(account) {
        writeln!(out, "         {line}")?;
    }
    for told in account.findings() {
        writeln!(out)?;
        write!(out, "{}", Report::new(told.conflict()))?;
        writeln!(out, "{:>10}  {}", "seen", sightings(world, told.finding))?;
        for said in cancelled_sides(world, told.finding.first_seen.session, told.conflict()) {
            let place = if said.place.is_empty() { String::new() } else { format!(", at {}", said.place) };
            writeln!(out, "{:>10}  {}{place}", said.label, said.text)?;
        }
        if told.standing == Standing::Known {
            writeln!(out, "{:>10}  in the baseline, as {}", "known", told.fingerprint)?;
        }
    }
    if world.findings.dropped > 0 {
        writeln!(out, "\n{} more conflicts found no room in this report", grouped(world.findings.dropped))?;
    }
    lives::write_panics(out, world)?;
    if world.panics.dropped > 0 {
        writeln!(out, "\n{} more panics found no room in this report", grouped(world.panics.dropped))?;
    }
    lives::write_fates(out, world)?;
    ends::write(out, world)?;
    write_processes(out, world)?;
    write_losses(out, world)?;
    write_unread(out, world)
}

/// One line: what was found, and in what.
#[must_use]
pub fn verdict(world: &World) -> String {
    if world.heard_nobody() {
        return match world.program.as_ref().map(|program| (program.name(), program.ending.as_ref())) {
            Some((name, Some(ending))) => format!(
                "could not look: {name} {}, and no watched process connected. A program connects at the first \
                 use of a mapwatch map in a build with checking on (debug, or the feature `checked`)",
                ending.words()
            ),
            _ => "could not look: nothing was heard".to_owned(),
        };
    }
    let maps: usize = world.sessions.values().map(|session| session.maps.len()).sum();
    let processes = world.sessions.len() + usize::try_from(world.sessions_dropped).unwrap_or(0);
    let looked_at = format!("{} of {}", counted(maps, "map"), counted(processes, "process"));
    let findings = &world.findings;
    let panics = panics_alone(world);
    if findings.is_empty() {
        return match panics {
            0 => format!("nothing found in {looked_at}"),
            _ => format!("no finding, {} in {looked_at}", counted(panics, "panic")),
        };
    }
    let grades: Vec<String> =
        findings.by_grade().into_iter().map(|(grade, count)| format!("{count} {}", grade.word())).collect();
    let beside = if panics > 0 { format!(" and {}", counted(panics, "panic")) } else { String::new() };
    format!("{} ({}){beside} in {looked_at}", counted(findings.len(), "finding"), grades.join(", "))
}

/// Panics that no finding tells. Whether they were meant, caught or the end of the program, its own exit code says:
/// they are told, and are no reason for ours.
fn panics_alone(world: &World) -> usize {
    let told = world.panics.iter().map(PanicGroup::on_their_own).sum::<u64>() + world.panics.dropped;
    usize::try_from(told).unwrap_or(usize::MAX)
}

/// What a baseline says of the findings; `None` without one.
#[must_use]
pub fn known(account: &Account<'_>) -> Option<String> {
    let baseline = account.baseline?;
    let findings = account.findings();
    let known = findings.iter().filter(|told| told.standing == Standing::Known).count();
    let mut line = format!("by the baseline, {known} known and {} new", findings.len() - known);
    match baseline.unseen(account) {
        0 => {}
        unseen => line += &format!("; {unseen} of its {} not seen this time", baseline.len()),
    }
    Some(line)
}

/// How often a finding was seen, when, and what became of it.
#[must_use]
pub fn sightings(world: &World, finding: &Finding) -> String {
    let outcome = finding.outcome_words();
    if finding.count == 1 {
        return format!("{}; {outcome}", sightings_of(world, 1, finding.first_seen, finding.last_seen));
    }
    let sessions = match finding.sessions.len() {
        0 | 1 => String::new(),
        many => format!(" in {}", counted(many, "process")),
    };
    let (first, last) = (moment(world, finding.first_seen), moment(world, finding.last_seen));
    format!("{} times{sessions}, first {first}, last {last}; {outcome}", grouped(finding.count))
}

/// How often something was seen, and when.
pub(super) fn sightings_of(world: &World, count: u64, first: Moment, last: Moment) -> String {
    match count {
        1 => format!("once, {}", moment(world, first)),
        _ => {
            format!("{} times, first {}, last {}", grouped(count), moment(world, first), moment(world, last))
        }
    }
}

/// When it was, and in which process where there are several.
pub(super) fn moment(world: &World, moment: Moment) -> String {
    match world.sessions.get(&moment.session) {
        Some(session) if world.sessions.len() > 1 => {
            format!("at {} in {}", text::moment(moment.at), session.title())
        }
        _ => format!("at {}", text::moment(moment.at)),
    }
}

fn write_processes(out: &mut String, world: &World) -> std::fmt::Result {
    if !world.sessions.is_empty() {
        writeln!(out, "\nprocesses")?;
    }
    for session in world.sessions.values() {
        writeln!(out, "  {}", process(session))?;
        if session.state == State::Cut {
            writeln!(out, "      {}", session.cut_words())?;
        }
    }
    if world.sessions_dropped > 0 {
        writeln!(out, "  and {} older ones, no longer kept", grouped(world.sessions_dropped))?;
    }
    match world.program.as_ref().map(|program| (program, program.ending.as_ref())) {
        Some((program, Some(ending))) => {
            writeln!(out, "  {} (pid {}) {}", program.name(), program.pid, ending.words())
        }
        _ => Ok(()),
    }
}

/// One process in a line.
#[must_use]
pub fn process(session: &Session) -> String {
    let mut total = Pace::default();
    session.maps.iter().for_each(|map| total.add(&map.total));
    format!(
        "{}  {} {} {}, policy {}: {}, {} reads, {} writes, {} iterations",
        session.title(),
        session.state.words(),
        if session.state == State::Open { "for" } else { "after" },
        session.last_at,
        session.header.policy,
        counted(session.maps.len(), "map"),
        grouped(total.reads),
        grouped(total.writes),
        grouped(total.iterations)
    )
}

fn write_losses(out: &mut String, world: &World) -> std::fmt::Result {
    for session in world.sessions.values() {
        let words = session.loss_words();
        if !words.is_empty() {
            writeln!(out, "\nlost in {}: {words}", session.title())?;
        }
    }
    Ok(())
}

fn write_unread(out: &mut String, world: &World) -> std::fmt::Result {
    let unread = &world.unread;
    if unread.count == 0 {
        return Ok(());
    }
    writeln!(out, "\n{} could not be read", counted(unread.count as usize, "line"))?;
    for line in unread.lines.iter().take(20) {
        writeln!(out, "  {line}")?;
    }
    if unread.count > 20 {
        writeln!(out, "  and {} more", grouped(unread.count - 20))?;
    }
    Ok(())
}
