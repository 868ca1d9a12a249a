//! What a person on call has to know beside the list of groups: rates, restart loops, silence.
//!
//! A rate rule alone never sees a crash loop: a container manager's back-off settles at a fifth of a crash a
//! minute. And a Rust deadlock prints nothing at all, so that silence is a finding, too.

use crate::group::Group;
use crate::report::{Kind, Language};
use crate::summary::{Alarm, AlarmKind, Summary};
use crate::time::{Micros, iso};
use mapwatch_event::Category;

/// Reports a minute above which a group is escalating.
pub const ESCALATING: u64 = 5;
/// Deaths of one kind that make a loop.
const LOOP: u64 = 3;
/// Mean time between deaths above which they are no loop.
const APART: Micros = 3_600_000_000;
/// Time without a line after which a log counts as silent.
const SILENT: Micros = 600_000_000;

/// The alarms of a summary, restart loops first.
pub(crate) fn of(summary: &Summary, now: Option<Micros>) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = summary.groups.iter().filter_map(restart_loop).collect();
    if summary.restarting && alarms.is_empty() {
        let cause = summary.groups.first();
        let text = match cause {
            Some(group) => format!("a container is started again and again; look at {} first", group.fingerprint),
            None => "a container is started again and again, and its log shows no report: look at its previous run (`kubectl logs --previous`)".to_owned(),
        };
        let fingerprint = cause.map(|group| group.fingerprint.clone());
        alarms.push(Alarm { kind: AlarmKind::RestartLoop, fingerprint, text });
    }
    alarms.extend(summary.groups.iter().filter_map(rate));
    alarms.extend(silence(summary, now));
    alarms
}

fn restart_loop(group: &Group) -> Option<Alarm> {
    let told = group.endings.max(group.processes as u64);
    // Whoever panics on the main thread, or anywhere in Go, takes the process along, even if nobody says so.
    let ends = matches!(group.kind, Kind::Fatal | Kind::Exit | Kind::StackOverflow)
        || group.kind == Kind::Panic && (group.thread == "main" || group.language == Language::Go);
    let deaths = match (told >= LOOP, ends) {
        (true, _) => told,
        (false, true) => group.count,
        (false, false) => 0,
    };
    let fatal = ends || group.endings > 0;
    if deaths < LOOP || !fatal || group.recovered > 0 || !is_again_and_again(group, deaths) {
        return None;
    }
    let text = format!("{}: {deaths} times the process died of it and was started again", about(group));
    Some(Alarm { kind: AlarmKind::RestartLoop, fingerprint: Some(group.fingerprint.clone()), text })
}

/// The bug in a few words: where it happens, else what it says.
fn about(group: &Group) -> String {
    let place = group.place();
    if place.is_empty() { crate::print::headline(group, 60) } else { place }
}

/// Whether the deaths are near enough to be a loop; without stamps they may be.
fn is_again_and_again(group: &Group, deaths: u64) -> bool {
    let Some((first, last)) = group.first_seen.zip(group.last_seen) else { return true };
    let gaps = i64::try_from(deaths.saturating_sub(1)).unwrap_or(i64::MAX);
    last.saturating_sub(first) <= APART.saturating_mul(gaps)
}

fn rate(group: &Group) -> Option<Alarm> {
    let peak = group.peak_per_minute.filter(|peak| *peak > ESCALATING)?;
    let text = format!("{}: {peak} in one minute at its worst", about(group));
    Some(Alarm { kind: AlarmKind::Rate, fingerprint: Some(group.fingerprint.clone()), text })
}

fn silence(summary: &Summary, now: Option<Micros>) -> Option<Alarm> {
    let only_killed = summary.groups.iter().all(|group| group.category == Category::KilledByOs);
    if !only_killed {
        return None;
    }
    let hint = "a deadlock prints nothing: run the program under mapwatch (`mapview run`), or attach to it while it hangs";
    let text = match (summary.groups.first(), summary.last_time, now) {
        (Some(_), ..) => format!("the process was killed and nothing panicked before; if it hung, {hint}"),
        (None, Some(last), Some(now)) if now - last > SILENT => {
            format!(
                "the last line is of {} and nothing panicked; if the process still runs, {hint}",
                iso(last)
            )
        }
        _ => return None,
    };
    Some(Alarm { kind: AlarmKind::Silence, fingerprint: None, text })
}
