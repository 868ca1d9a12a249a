//! `mapview ps`: a listing of the directory of sockets. It removes nothing.

use super::attach::name;
use super::{Common, Verdict};
use crate::report;
use crate::source::directory::{self, Answer, Found, Make};
use anyhow::Context as _;
use clap::Args;
use mapwatch_event::Nanos;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Programs that have ended which are named; `--json` has all.
const SHOWN: usize = 8;

/// Arguments.
#[derive(Debug, Args)]
pub struct Ps {
    /// Of these, only `--json` and `-o` mean something here.
    #[command(flatten)]
    pub common: Common,
}

/// Lists who can be watched.
///
/// # Errors
///
/// Where the directory is there and cannot be read.
pub fn ps(ps: &Ps) -> anyhow::Result<Verdict> {
    let directory = directory::directory(Make::No).context("the directory of sockets could not be found")?;
    let found = directory::list(&directory)
        .with_context(|| format!("the directory {} could not be read", directory.display()))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
    let text = if ps.common.json {
        let programs: Vec<Value> = found.iter().map(|found| object(found, now)).collect();
        format!("{:#}\n", json!({ "schema": report::json::SCHEMA, "processes": programs }))
    } else {
        table(&found, now)
    };
    report::deliver(&text, ps.common.output.as_deref()).context("the list could not be written")?;
    Ok(Verdict::Nothing)
}

fn age(started_unix_micros: u64, now: u64) -> Nanos {
    Nanos(now.saturating_sub(started_unix_micros).saturating_mul(1000))
}

fn table(found: &[Found], now: u64) -> String {
    let mut out = String::new();
    let mut ended = Vec::new();
    for found in found {
        let line = match &found.answer {
            Answer::Header(header) => {
                let age = age(header.started_unix_micros, now).to_string();
                let arguments = header.arguments.join(" ");
                format!(
                    "{:>8}  {age:>14}  {:<8}  {} {arguments}",
                    found.pid,
                    header.policy.word(),
                    name(found)
                )
            }
            Answer::Silent(_) | Answer::Stranger => {
                let why = found.answer.why_not().unwrap_or_default();
                format!("{:>8}  {:>14}  {:<8}  ({why})", found.pid, "?", "?")
            }
            Answer::Stale => {
                ended.push(found.pid.to_string());
                continue;
            }
        };
        out += line.trim_end();
        out.push('\n');
    }
    if out.is_empty() {
        out += "no program can be watched at the moment\n";
    } else {
        out.insert_str(0, &format!("{:>8}  {:>14}  {:<8}  {}\n", "PID", "AGE", "POLICY", "PROGRAM"));
    }
    if !ended.is_empty() {
        let more = match ended.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        ended.truncate(SHOWN);
        out += &format!("stale, left behind by programs that have ended: {}{more}\n", ended.join(", "));
    }
    out
}

fn object(found: &Found, now: u64) -> Value {
    let path = found.path.to_string_lossy();
    match &found.answer {
        Answer::Header(header) => json!({
            "pid": found.pid,
            "state": "running",
            "executable": header.executable,
            "arguments": header.arguments,
            "policy": header.policy,
            "schema": header.schema,
            "age_ns": age(header.started_unix_micros, now),
            "socket": path,
        }),
        Answer::Stale => json!({ "pid": found.pid, "state": "stale", "socket": path }),
        Answer::Silent(_) | Answer::Stranger => {
            json!({ "pid": found.pid, "state": "silent", "why": found.answer.why_not(), "socket": path })
        }
    }
}
