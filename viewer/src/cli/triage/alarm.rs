//! The command that an alarm starts, where one was configured: once per alarm, never waited for longer than it
//! runs, and what becomes of it is told.

use crate::cli::complain;
use mapwatch_triage::Summary;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};

/// Calls the command.
pub(super) struct Caller<'a> {
    command: Option<&'a str>,
    /// Alarms that were told: sort and fingerprint.
    told: BTreeSet<(&'static str, Option<String>)>,
}

impl<'a> Caller<'a> {
    pub(super) fn new(command: Option<&'a str>) -> Caller<'a> {
        Caller { command, told: BTreeSet::new() }
    }

    /// Calls it for the alarms of a summary that were not told yet; returns their sentences.
    pub(super) fn call(&mut self, summary: &Summary) -> Vec<String> {
        let mut new = Vec::new();
        for alarm in &summary.alarms {
            let word = alarm.kind.word();
            if !self.told.insert((word, alarm.fingerprint.clone())) {
                continue;
            }
            let about = alarm.fingerprint.as_deref().unwrap_or_default();
            new.push(format!("alarm: {word} {about} {}", alarm.text));
            if let Some(command) = self.command {
                run(command, word, about, &alarm.text);
            }
        }
        new
    }
}

fn run(command: &str, word: &str, about: &str, text: &str) {
    let status = Command::new("sh")
        .args(["-c", command])
        .env("MAPVIEW_ALARM", word)
        .env("MAPVIEW_FINGERPRINT", about)
        .env("MAPVIEW_TEXT", text)
        .stdin(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => complain(&format!("the alarm's command ended with {status}")),
        Err(error) => complain(&format!("could not run the alarm's command: {error}")),
    }
}
