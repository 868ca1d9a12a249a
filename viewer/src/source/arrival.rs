//! One line as it enters the viewer: decoded, and made safe to show.
//!
//! [`Arrival::read`] is the only door. Behind it no text holds control characters and no list is longer than
//! what a person can look at; see [`crate::text::clean`].

use super::output;
use crate::model::moment::Wall;
use crate::msg::ProgramMsg;
use crate::text::clean_in_place as clean;
use mapwatch_event::event::{Event, Header};
use mapwatch_event::task::Field;
use mapwatch_event::wire::{self, Line};
use mapwatch_event::{Actor, Conflict, Frame, Nanos, Note, Panic, Seq, Site, Stack};

/// Frames kept of one backtrace.
const FRAMES: usize = 512;
/// Sides, and past operations, kept of one conflict.
const SIDES: usize = 16;
const HISTORY: usize = 256;
/// Fields kept of one scope, and tasks of one sample.
const FIELDS: usize = 64;
const TASKS: usize = 65_536;
/// Shards, and hot keys, kept of one map.
const SHARDS: usize = 4096;
const KEYS: usize = 64;

/// One line of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A session begins.
    Header(Box<Header>),
    /// Something happened.
    Event {
        /// Its place in the stream.
        seq: Seq,
        /// When, since the session began.
        at: Nanos,
        /// What.
        event: Event,
    },
    /// The viewer's own line about the program that it started.
    Program {
        /// When.
        at: Wall,
        /// What.
        msg: ProgramMsg,
    },
    /// A line of a kind, or with contents, that this version does not know.
    Unknown {
        /// Its line, from 1.
        line: u64,
        /// Its place in the stream.
        seq: Seq,
        /// The kind it claims.
        kind: String,
    },
    /// Bytes that are no line of a session.
    Unread {
        /// Its line, from 1.
        line: u64,
        /// Why.
        reason: String,
    },
}

impl Arrival {
    /// Decodes and cleans one line.
    #[must_use]
    pub fn read(line: u64, bytes: &[u8]) -> Arrival {
        if let Some((at, msg)) = output::decode(bytes) {
            return Arrival::Program { at, msg };
        }
        match wire::decode_line(bytes) {
            Ok(Line::Header(mut header)) => {
                clean_header(&mut header);
                Arrival::Header(Box::new(header))
            }
            Ok(Line::Event { seq, at, mut event }) => {
                clean_event(&mut event);
                Arrival::Event { seq, at, event }
            }
            Ok(Line::Unknown { seq, mut kind }) => {
                clean(&mut kind);
                Arrival::Unknown { line, seq, kind }
            }
            Err(unread) => {
                let mut reason = unread.reason;
                clean(&mut reason);
                Arrival::Unread { line, reason }
            }
        }
    }

    /// A line beyond the cap.
    #[must_use]
    pub fn too_long(line: u64) -> Arrival {
        Arrival::Unread { line, reason: "the line is longer than 16 MiB".to_owned() }
    }

    /// The line in the middle of which the stream ended.
    #[must_use]
    pub fn cut(line: u64) -> Arrival {
        Arrival::Unread { line, reason: "the line is cut".to_owned() }
    }
}

fn clean_header(header: &mut Header) {
    let Header { schema, writer, executable, arguments, build_id, target, .. } = header;
    for text in [schema, writer, executable, build_id, target] {
        clean(text);
    }
    arguments.truncate(256);
    arguments.iter_mut().for_each(clean);
}

fn clean_event(event: &mut Event) {
    match event {
        Event::Site(seen) => clean_site(&mut seen.site),
        Event::Actor(seen) => clean(&mut seen.name),
        Event::MapMade(made) => {
            clean(&mut made.name);
            clean(&mut made.type_name);
        }
        Event::MapNamed(named) => clean(&mut named.name),
        Event::TaskSpawned(task) => {
            clean(&mut task.name);
            clean_fields(&mut task.fields);
        }
        Event::Spread(spread) => {
            spread.shards.truncate(SHARDS);
            spread.keys.truncate(KEYS);
        }
        Event::TaskStates(states) => states.tasks.truncate(TASKS),
        Event::TaskEnded(task) => {
            task.holding.truncate(SIDES);
            task.waited.truncate(SIDES);
            task.gave_back.truncate(SIDES);
        }
        Event::Panic(panic) => clean_panic(panic),
        Event::Loss(loss) => clean(&mut loss.reason),
        Event::Conflict(conflict) => clean_conflict(conflict),
        _ => {}
    }
}

fn clean_site(site: &mut Site) {
    clean(&mut site.file);
}

fn clean_actor(actor: &mut Actor) {
    clean(&mut actor.name);
    clean(&mut actor.on_thread);
}

fn clean_frame(frame: &mut Frame) {
    clean(&mut frame.function);
    clean(&mut frame.file);
}

fn clean_fields(fields: &mut Vec<Field>) {
    fields.truncate(FIELDS);
    for field in fields {
        clean(&mut field.name);
        clean(&mut field.value);
    }
}

fn clean_notes(notes: &mut Vec<Note>) {
    notes.truncate(HISTORY);
    for note in notes {
        for text in [&mut note.level, &mut note.target, &mut note.text] {
            clean(text);
        }
    }
}

fn clean_stack(stack: &mut Stack) {
    clean(&mut stack.note);
    stack.frames.truncate(FRAMES);
    stack.frames.iter_mut().for_each(clean_frame);
}

fn clean_panic(panic: &mut Panic) {
    clean_actor(&mut panic.thread);
    clean_actor(&mut panic.actor);
    clean(&mut panic.message);
    clean(&mut panic.caught_by);
    clean_site(&mut panic.location);
    clean_stack(&mut panic.stack);
    clean_notes(&mut panic.context);
    panic.scopes.truncate(SIDES);
    for scope in &mut panic.scopes {
        clean(&mut scope.name);
        clean_fields(&mut scope.fields);
    }
    for touched in [&mut panic.held, &mut panic.waited] {
        touched.truncate(SIDES);
        for map in touched {
            clean(&mut map.title);
            clean_site(&mut map.site);
        }
    }
    panic.operations.truncate(HISTORY);
    for past in &mut panic.operations {
        clean(&mut past.title);
        clean_site(&mut past.site);
    }
}

fn clean_conflict(conflict: &mut Conflict) {
    clean(&mut conflict.cause);
    clean(&mut conflict.cure);
    clean(&mut conflict.map.name);
    clean(&mut conflict.map.type_name);
    clean_site(&mut conflict.map.made);
    conflict.sides.truncate(SIDES);
    for side in &mut conflict.sides {
        clean_actor(&mut side.actor);
        clean_site(&mut side.site);
        clean(&mut side.source);
        clean_stack(&mut side.stack);
    }
    clean_notes(&mut conflict.context);
    let surplus = conflict.history.len().saturating_sub(HISTORY);
    conflict.history.drain(..surplus);
    for past in &mut conflict.history {
        clean_actor(&mut past.actor);
        clean_site(&mut past.site);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapwatch_event::MapId;
    use mapwatch_event::event::MapNamed;

    #[test]
    fn an_escape_in_a_name_does_not_get_in() {
        let event = Event::MapNamed(MapNamed { id: MapId(1), name: "\u{1b}]0;pwned\u{7}".into() });
        let mut bytes = Vec::new();
        wire::encode_event(Seq(1), Nanos(1), &event, &mut bytes);
        let Arrival::Event { event: Event::MapNamed(named), .. } = Arrival::read(1, &bytes) else {
            panic!("no event");
        };
        assert_eq!(named.name, "␛]0;pwned␇");
    }

    #[test]
    fn rubbish_keeps_its_place() {
        let Arrival::Unread { line: 9, .. } = Arrival::read(9, b"\xff\n") else { panic!("read it") };
        let unknown = Arrival::read(3, br#"{"seq":4,"kind":"teleport","data":{}}"#);
        assert_eq!(unknown, Arrival::Unknown { line: 3, seq: Seq(4), kind: "teleport".into() });
    }
}
