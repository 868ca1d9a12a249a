//! What the viewer itself records of the program that it started: its beginning, its output, its end; one JSON
//! object a line, beside the streams of the watched processes.

use crate::model::moment::Wall;
use crate::model::program::{Ending, Output};
use crate::msg::ProgramMsg;
use crate::text::clean_in_place as clean;
use serde::{Deserialize, Serialize};

/// How such a line begins; no line of a session does.
const BEGINS: &[u8] = b"{\"viewer\":";

#[derive(Serialize, Deserialize)]
#[serde(tag = "viewer", rename_all = "kebab-case")]
enum Line {
    Started { at: u64, pid: u32, command: String },
    Out { at: u64, text: String },
    Err { at: u64, text: String },
    Ended { at: u64, code: Option<i32>, signal: Option<(i32, String)> },
}

/// Appends the line of a message, newline included.
pub fn encode(at: Wall, msg: &ProgramMsg, out: &mut Vec<u8>) {
    let at = at.0;
    let line = match msg {
        ProgramMsg::Started { pid, command } => Line::Started { at, pid: *pid, command: command.clone() },
        ProgramMsg::Output(Output::Stdout, text) => Line::Out { at, text: text.clone() },
        ProgramMsg::Output(Output::Stderr, text) => Line::Err { at, text: text.clone() },
        ProgramMsg::Ended(ending) => {
            let (code, signal) = match ending {
                Ending::Code(code) => (Some(*code), None),
                Ending::Signal(signal, name) => (None, Some((*signal, name.clone()))),
                Ending::Unknown => (None, None),
            };
            Line::Ended { at, code, signal }
        }
    };
    // Numbers and text can always be written to memory.
    if serde_json::to_writer(&mut *out, &line).is_ok() {
        out.push(b'\n');
    }
}

/// Such a line, made safe to show; `None` for any other.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<(Wall, ProgramMsg)> {
    if !bytes.starts_with(BEGINS) {
        return None;
    }
    let (at, mut msg) = match serde_json::from_slice(bytes).ok()? {
        Line::Started { at, pid, command } => (at, ProgramMsg::Started { pid, command }),
        Line::Out { at, text } => (at, ProgramMsg::Output(Output::Stdout, text)),
        Line::Err { at, text } => (at, ProgramMsg::Output(Output::Stderr, text)),
        Line::Ended { at, code, signal } => {
            let ending = match (code, signal) {
                (Some(code), _) => Ending::Code(code),
                (None, Some((signal, name))) => Ending::Signal(signal, name),
                (None, None) => Ending::Unknown,
            };
            (at, ProgramMsg::Ended(ending))
        }
    };
    match &mut msg {
        ProgramMsg::Started { command: text, .. }
        | ProgramMsg::Output(_, text)
        | ProgramMsg::Ended(Ending::Signal(_, text)) => clean(text),
        ProgramMsg::Ended(_) => {}
    }
    Some((Wall(at), msg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_made_safe() {
        let check = |msg: &ProgramMsg| {
            let mut bytes = Vec::new();
            encode(Wall(7), msg, &mut bytes);
            decode(&bytes)
        };
        for msg in [
            ProgramMsg::Started { pid: 3, command: "shop --x".into() },
            ProgramMsg::Output(Output::Stderr, "line".into()),
            ProgramMsg::Ended(Ending::Signal(9, "SIGKILL".into())),
            ProgramMsg::Ended(Ending::Code(3)),
            ProgramMsg::Ended(Ending::Unknown),
        ] {
            assert_eq!(check(&msg), Some((Wall(7), msg)));
        }
        let escape = ProgramMsg::Output(Output::Stdout, "\u{1b}[2J".into());
        assert_eq!(check(&escape), Some((Wall(7), ProgramMsg::Output(Output::Stdout, "␛[2J".into()))));
        assert_eq!(decode(b"{\"viewer\":\"out\""), None);
        assert_eq!(decode(b"{\"kind\":\"header\"}"), None);
    }
}
