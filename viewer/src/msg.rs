//! Everything that can happen to the viewer.

use crate::export::Format;
use crate::keymap::Command;
use crate::model::list::RowKey;
use crate::model::program::{Ending, Output};
use crate::model::session::Origin;
use crate::model::sources::Excerpt;
use crate::model::tape::{Place, Sight};
use crate::source::arrival::Arrival;
use mapwatch_event::Site;
use std::time::Duration;

/// One connection or file that lines come from, numbered in the order of opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// One thing that happened.
#[derive(Debug)]
pub enum Msg {
    /// The viewer's clock: time since it started. Sent before other messages, never read from the system by
    /// the model.
    Tick(Duration),
    /// A key that asks for nothing, by its name.
    Unbound(String),
    /// Something of a stream of events.
    Stream(StreamId, StreamMsg),
    /// Somebody connected and was sent away, and why.
    Refused(String),
    /// Something about the viewer itself that the log has to hold.
    Warned(String),
    /// Source around sites; `None` where the file was not found.
    Source(Vec<(Site, Option<Excerpt>)>),
    /// The world as it was at an earlier moment.
    Travelled(Box<Sight>),
    /// All sources have ended: nothing more will arrive.
    SourcesEnded,
    /// The user asked for something.
    Command(Command),
    /// The user edits the prompt.
    Prompt(PromptEdit),
    /// The user is in a menu.
    Menu(MenuStep),
    /// The user did something with the mouse.
    Mouse(Mouse),
    /// The terminal has this many columns and rows.
    Resized(u16, u16),
    /// What the last frame showed: how far one can scroll.
    Measured(Measured),
    /// A report of this format is written, or could not be; a sentence says which.
    Written(Format, String),
    /// An effect has something to say to the user.
    Told(String),
}

/// Something of a stream of events.
#[derive(Debug)]
pub enum StreamMsg {
    /// It is there; and how many bytes it holds, where that is known.
    Opened(Origin, Option<u64>),
    /// Lines, in order.
    Arrived(Batch),
    /// It is gone.
    Closed(Close),
}

/// Lines that came together.
#[derive(Debug, Default)]
pub struct Batch {
    /// What they say.
    pub arrivals: Vec<Arrival>,
    /// Where they are recorded; `None` where they are not.
    pub place: Option<Place>,
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// After a whole line.
    Ended,
    /// In the middle of a line.
    Cut,
    /// Reading failed, and why.
    Failed(String),
    /// The peer sent what no watched program sends, and was dropped.
    Dropped(String),
}

impl Close {
    /// What there is to say about it, beside what it means for the session.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        match self {
            Close::Ended | Close::Cut => None,
            Close::Failed(why) => Some(format!("reading failed: {why}")),
            Close::Dropped(why) => Some(why.clone()),
        }
    }
}

/// Something of the program that the viewer started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramMsg {
    /// It runs.
    Started {
        /// Its process id.
        pid: u32,
        /// The command line, for people.
        command: String,
    },
    /// It wrote a line.
    Output(Output, String),
    /// It ended.
    Ended(Ending),
}

/// One edit of the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptEdit {
    /// A character was typed.
    Type(char),
    /// The last character goes.
    Erase,
    /// The last word goes.
    EraseWord,
    /// Everything goes.
    Clear,
    /// The last word becomes whole.
    Complete,
    /// Done: keep what is typed.
    Accept,
    /// Done: as it was before.
    Cancel,
}

/// Something that was done with the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The left button, at this column and row.
    Click(u16, u16),
    /// The wheel, this many rows down.
    Wheel(isize),
}

/// One step in a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuStep {
    /// So many entries down.
    By(isize),
    /// Take the chosen one.
    Take,
    /// Close it.
    Close,
}

/// What a frame showed of its list or page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Rows that were visible.
    pub page: usize,
    /// Rows that there are.
    pub length: usize,
    /// The first visible row.
    pub top: usize,
    /// The row of the terminal that it is drawn in.
    pub first_row: u16,
    /// The row that was selected, where it is a list: which one of all, and of what.
    pub selected: Option<(usize, RowKey)>,
    /// Columns of the list that there was no room for: a bit for each, in the order in which the list has them.
    pub gave_way: u32,
    /// For each tab, the column behind it.
    pub tabs: [u16; 9],
}
