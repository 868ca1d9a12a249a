//! The table for programs: one object. Its keys are a promise; more may be added beside them.

use super::tally::{Found, Hits, Series, Tally, wilson};
use super::{Manner, text};
use crate::fingerprint::Fingerprint;
use crate::report::json::{SCHEMA, side, site};
use mapwatch_event::{Nanos, Report};
use serde_json::{Value, json};

/// The whole object, newline at its end.
#[must_use]
pub fn tell(tally: &Tally, command: &str, took: Nanos) -> String {
    let [provoked, plain] = Manner::ALL.map(|manner| series(tally.of(manner)));
    let object = json!({
        "schema": SCHEMA,
        "command": command,
        "took_ns": took,
        "stopped": tally.stopped.map(super::Stop::word),
        "verdict": text::verdict(tally),
        "runs": { "provoked": provoked, "plain": plain },
        "findings": tally.found().into_iter().map(|found| finding(tally, found)).collect::<Vec<_>>(),
        "troubles": tally.troubles.iter().map(|trouble| json!({
            "manner": trouble.manner.word(),
            "run": trouble.run,
            "seed": trouble.seed,
            "what": trouble.what,
            "last_output": trouble.last_words,
        })).collect::<Vec<_>>(),
        "unread_count": tally.unread,
    });
    format!("{object:#}\n")
}

fn series(series: &Series) -> Value {
    json!({
        "runs": series.runs,
        "found": series.found,
        "hung": series.hung,
        "crashed": series.crashed,
        "failed": series.failed,
        "unheard": series.unheard,
        "delays": series.delays,
        "most_delays_in_a_run": series.most_delays,
        "fruitful_delays": series.fruitful,
        "delayed_ns": series.delayed,
        "delays_in_vain": series.in_vain,
        "mean_run_ns": series.mean(),
    })
}

fn finding(tally: &Tally, found: &Found) -> Value {
    let conflict = &*found.conflict;
    let map = &conflict.map;
    let [provoked, plain] =
        Manner::ALL.map(|manner| hits(tally.of(manner).runs, &found.hits[manner as usize]));
    json!({
        "category": conflict.category,
        "grade": found.grade,
        "title": conflict.category.title(),
        "headline": Report::new(conflict).headline(),
        "fingerprint": Fingerprint::of(conflict).to_string(),
        "map": { "id": map.id, "name": map.name, "kind": map.kind, "type": map.type_name, "site": site(&map.made) },
        "sites": conflict.sides.iter().map(side).collect::<Vec<_>>(),
        "count": found.hits.iter().map(|hits| hits.runs).sum::<u32>(),
        "cause": conflict.cause,
        "cure": conflict.cure,
        "provoked": provoked,
        "plain": plain,
    })
}

fn hits(runs: u32, hits: &Hits) -> Value {
    let (low, high) = wilson(hits.runs, runs);
    json!({
        "found_in": hits.runs,
        "runs": runs,
        "probability": (runs > 0).then(|| f64::from(hits.runs) / f64::from(runs)),
        "probability_95": [low, high],
        "first_run": hits.first.map(|first| first.run),
        "first_seed": hits.first.map(|first| first.seed),
        "delays_until_first": hits.first.map(|first| first.delays.0),
        "delayed_until_first_ns": hits.first.map(|first| first.delays.1),
        "mean_time_ns": hits.mean(),
    })
}
