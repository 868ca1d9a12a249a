//! The table for people.

use super::Manner;
use super::tally::{Found, Hits, Series, Tally, Trouble, wilson};
use crate::model::findings::happened;
use crate::text::counted;
use mapwatch_event::Nanos;
use std::fmt::Write as _;

/// The table of all runs of `command`, which took `took`.
#[must_use]
pub fn tell(tally: &Tally, command: &str, took: Nanos) -> String {
    let mut text = format!("{} of `{command}` in {took}", counted(tally.runs() as usize, "run"));
    if let Some(stop) = tally.stopped {
        let _ = write!(text, "; stopped early: {}", stop.words());
    }
    text.push_str("\n\n");
    let head = [
        "", "runs", "found in", "hung", "crashed", "failed", "mean run", "delays", "at most", "fruitful",
        "took",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(ran(tally).map(|manner| series(manner, tally.of(manner))));
    table(&mut text, &rows);
    let in_vain = tally.of(Manner::Provoked).in_vain;
    if in_vain > 0 {
        let delays = counted(usize::try_from(in_vain).unwrap_or(usize::MAX), "delay");
        let _ = writeln!(
            text,
            "  {delays} not made: a runtime with one thread stops when a task of it is delayed"
        );
    }
    for found in tally.found() {
        text.push('\n');
        finding(&mut text, tally, found, command);
    }
    for trouble in &tally.troubles {
        text.push('\n');
        went_wrong(&mut text, trouble);
    }
    let _ = write!(text, "\n{}\n", verdict(tally));
    text
}

/// The manners of which there was a run.
fn ran(tally: &Tally) -> impl Iterator<Item = Manner> {
    Manner::ALL.into_iter().filter(|manner| tally.of(*manner).runs > 0)
}

fn series(manner: Manner, series: &Series) -> Vec<String> {
    let mut row = vec![manner.word().to_owned()];
    row.extend(
        [series.runs, series.found, series.hung, series.crashed, series.failed].map(|n| n.to_string()),
    );
    row.push(series.mean().to_string());
    match manner {
        Manner::Provoked => {
            row.extend([series.delays, series.most_delays, series.fruitful].map(|n| n.to_string()));
            row.push(series.delayed.to_string());
        }
        Manner::Plain => row.extend([""; 4].map(str::to_owned)),
    }
    row
}

fn finding(text: &mut String, tally: &Tally, found: &Found, command: &str) {
    let conflict = &*found.conflict;
    let _ = writeln!(text, "{} ({}): {}", conflict.category.title(), found.grade.word(), happened(conflict));
    for side in &conflict.sides {
        let (role, operation) = (side.role.word(), side.operation.word());
        let _ = writeln!(text, "{role:>10}  {operation:<12}  {}", side.site);
    }
    let head = ["", "found in", "probability (95 %)", "first", "mean time", "delays until then"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(ran(tally).map(|manner| hits(manner, tally.of(manner).runs, &found.hits[manner as usize])));
    table(text, &rows);
    if let Some(first) = found.hits[Manner::Provoked as usize].first {
        let _ = writeln!(text, "    again: MAPWATCH_PROVOKE=1 MAPWATCH_SEED={} {command}", first.seed);
    }
}

fn hits(manner: Manner, runs: u32, hits: &Hits) -> Vec<String> {
    let (low, high) = wilson(hits.runs, runs);
    let share = f64::from(hits.runs) / f64::from(runs.max(1));
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let delays = hits.first.map(|first| match first.delays {
        (0, _) => "none".to_owned(),
        (count, spent) => format!("{count}, {spent}"),
    });
    vec![
        manner.word().to_owned(),
        format!("{} of {runs}", hits.runs),
        format!("{share:.2} ({low:.2} to {high:.2})"),
        or_none(hits.first.map(|first| format!("run {}", first.run))),
        or_none(hits.mean().map(|mean| mean.to_string())),
        if manner == Manner::Provoked { or_none(delays) } else { String::new() },
    ]
}

fn went_wrong(text: &mut String, trouble: &Trouble) {
    let Trouble { manner, run, seed, what, last_words } = trouble;
    let _ = writeln!(text, "run {run} ({}, seed {seed}) {what}; the end of its output:", manner.word());
    for line in last_words {
        let _ = writeln!(text, "    {line}");
    }
    if last_words.is_empty() {
        text.push_str("    (it said nothing)\n");
    }
}

/// The last line: what it comes to.
#[must_use]
pub fn verdict(tally: &Tally) -> String {
    let found = tally.found().len();
    let mut parts = Vec::new();
    if tally.heard_nobody() {
        parts.push("could not look: no watched process was heard in any run".to_owned());
    } else if found == 0 && !tally.any_problem() {
        parts.push("nothing found".to_owned());
    } else {
        parts.push(format!("found: {}", counted(found, "conflict")));
    }
    let sum = |of: fn(&Series) -> u32| tally.series.iter().map(of).sum::<u32>();
    let unlucky: Vec<String> = [
        (sum(|series| series.hung), "hung"),
        (sum(|series| series.crashed), "crashed"),
        (sum(|series| series.failed), "failed without a conflict"),
        (sum(|series| series.unheard), "without a watched process"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    if !unlucky.is_empty() {
        parts.push(format!("runs: {}", unlucky.join(", ")));
    }
    if tally.unread > 0 {
        let lost = usize::try_from(tally.unread).unwrap_or(usize::MAX);
        parts.push(format!("{} lost or not read", counted(lost, "event")));
    }
    parts.join("; ")
}

/// Columns as wide as they have to be, the first one to the left.
fn table(text: &mut String, rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| crate::text::width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let blanks = " ".repeat(widths[column] - crate::text::width(cell));
            let _ = match column {
                0 => write!(line, "  {cell}{blanks}"),
                _ => write!(line, "  {blanks}{cell}"),
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
}
