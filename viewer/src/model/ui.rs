//! What the person at the keyboard chose: screens, menus, the prompt; for each list see [`super::list`].

use super::findings::FindingId;
use super::list::{List, ListId, RowKey};
use super::log::LineId;
use super::panics::PanicId;
use super::reading::Reading;
use super::session::SessionId;
use super::tape::Stop;
use crate::keymap::Keys;
use crate::msg::Measured;
use mapwatch_event::{ActorId, MapId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// One map of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapKey {
    /// The session.
    pub session: SessionId,
    /// The map in it.
    pub map: MapId,
}

/// One life in one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey {
    /// The session.
    pub session: SessionId,
    /// Who.
    pub actor: ActorId,
}

/// A screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screen {
    /// Is something wrong, and where.
    #[default]
    Overview,
    /// All maps.
    Maps,
    /// All lives: tasks, watched threads, scopes.
    Tasks,
    /// All conflicts.
    Conflicts,
    /// All panics, by root cause.
    Panics,
    /// Conflicts and panics, by place.
    Findings,
    /// What to do about what was found.
    Advice,
    /// Output and lifecycle.
    Log,
    /// Who holds what now, and who waits for it.
    Holders,
    /// One map.
    Map(MapKey),
    /// One life.
    Task(TaskKey),
    /// One group of panics.
    Panic(PanicId),
    /// One finding.
    Conflict(FindingId),
    /// One line of the log.
    Line(LineId),
    /// The keys.
    Help,
}

impl Screen {
    /// The screens with a number, in its order.
    pub const TABS: [Screen; 9] = [
        Screen::Overview,
        Screen::Maps,
        Screen::Tasks,
        Screen::Conflicts,
        Screen::Panics,
        Screen::Holders,
        Screen::Findings,
        Screen::Advice,
        Screen::Log,
    ];

    /// The list that it is.
    #[must_use]
    pub fn list(self) -> Option<ListId> {
        match self {
            Screen::Maps => Some(ListId::Maps),
            Screen::Tasks => Some(ListId::Tasks),
            Screen::Panics => Some(ListId::Panics),
            Screen::Holders => Some(ListId::Holders),
            Screen::Findings => Some(ListId::Findings),
            Screen::Conflicts => Some(ListId::Conflicts),
            Screen::Log => Some(ListId::Log),
            _ => None,
        }
    }

    /// The tab that it belongs to.
    #[must_use]
    pub fn tab(self) -> Screen {
        match self {
            Screen::Map(_) => Screen::Maps,
            Screen::Task(_) => Screen::Tasks,
            Screen::Panic(_) => Screen::Panics,
            Screen::Conflict(_) => Screen::Conflicts,
            Screen::Line(_) => Screen::Log,
            other => other,
        }
    }

    /// Its name, where there is little room.
    #[must_use]
    pub fn short_title(self) -> &'static str {
        match self {
            Screen::Overview => "Over",
            Screen::Conflicts => "Confl",
            Screen::Holders => "Hold",
            // `Find` reads as searching.
            Screen::Findings => "Found",
            Screen::Panics => "Panic",
            other => other.title(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Screen::Overview => "Overview",
            Screen::Maps => "Maps",
            Screen::Conflicts => "Conflicts",
            Screen::Log => "Log",
            Screen::Holders => "Holders",
            Screen::Tasks => "Tasks",
            Screen::Panics => "Panics",
            Screen::Findings => "Findings",
            Screen::Advice => "Advice",
            Screen::Task(_) => "Task",
            Screen::Panic(_) => "Panic",
            Screen::Map(_) => "Map",
            Screen::Conflict(_) => "Conflict",
            Screen::Line(_) => "Line",
            Screen::Help => "Help",
        }
    }
}

/// What the prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// Text to step through.
    Search,
    /// Words without which a row is hidden.
    Filter,
    /// A time to travel to.
    Time,
}

/// The prompt at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// What is typed so far.
    pub text: String,
    /// What it was before.
    pub before: String,
    /// Where the list was before.
    pub stood: Stand,
}

/// Where a list stands: what is selected of it, what is seen, and whether it follows what comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    selected: Option<RowKey>,
    top: usize,
    follow: bool,
}

impl Stand {
    /// Where it is now.
    #[must_use]
    pub fn of(list: &List) -> Stand {
        Stand { selected: list.selected, top: list.top, follow: list.follow }
    }

    /// Puts it back there.
    pub fn restore(self, list: &mut List) {
        (list.selected, list.top, list.follow) = (self.selected, self.top, self.follow);
    }
}

/// A menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Menu {
    /// What it is about.
    pub kind: MenuKind,
    /// The entry that is chosen.
    pub index: usize,
}

/// What a menu is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuKind {
    /// The column that orders a list.
    Sort(ListId),
    /// The columns that are shown.
    Columns(ListId),
    /// The processes that are shown.
    Processes,
    /// The colours.
    Themes,
    /// The format of a report that is written.
    Formats,
}

impl MenuKind {
    /// Whether one entry is chosen, and that closes the menu; else each is turned on and off.
    #[must_use]
    pub fn is_choice(self) -> bool {
        matches!(self, MenuKind::Sort(_) | MenuKind::Themes | MenuKind::Formats)
    }
}

/// A sentence at the bottom for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The sentence.
    pub text: String,
    /// The viewer's clock when it goes.
    pub until: Duration,
    /// What makes it go earlier.
    pub provided: Provided,
}

/// What a sentence says of the program: it goes when that is no longer so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provided {
    /// Nothing: it says what was done.
    Always,
    /// There is nothing to open on this screen.
    NothingOpens(Screen),
    /// No conflict was found.
    NothingFound,
}

/// How much of a backtrace is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Folding {
    /// The user's frames.
    #[default]
    User,
    /// All frames.
    All,
}

/// A journey through recorded time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Travel {
    /// Where the user wants to be.
    pub wanted: Stop,
    /// Where the player is on its way to; `None` when it has arrived.
    pub under_way: Option<Stop>,
}

/// A report on its way into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Its format, by name.
    pub format: &'static str,
    /// Since when, by the viewer's clock.
    pub since: Duration,
}

/// What the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Colours.
    pub theme: ThemeName,
    /// No characters beyond ASCII in what the viewer itself draws.
    pub ascii: bool,
    /// Listen to the mouse; the terminal's own selecting then needs Shift.
    pub mouse: bool,
}

/// Colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeName {
    /// For dark backgrounds.
    #[default]
    Dark,
    /// For light backgrounds.
    Light,
    /// Nothing dim, everything bold or bright.
    HighContrast,
    /// None: `NO_COLOR`, `--no-color`.
    Mono,
}

impl ThemeName {
    /// All of them.
    pub const ALL: [ThemeName; 4] =
        [ThemeName::Dark, ThemeName::Light, ThemeName::HighContrast, ThemeName::Mono];

    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ThemeName::Dark => "dark",
            ThemeName::Light => "light",
            ThemeName::HighContrast => "high contrast",
            ThemeName::Mono => "mono",
        }
    }
}

/// What the user chose.
#[derive(Clone, Debug)]
pub struct Ui {
    /// The way to the screen that is shown, the last one; empty means the Overview.
    pub screens: Vec<Screen>,
    /// The lists.
    pub lists: BTreeMap<ListId, List>,
    /// The menu, while it is open.
    pub menu: Option<Menu>,
    /// Processes that the user does not want to see.
    pub hidden_processes: BTreeSet<SessionId>,
    /// Raised by everything that the user does: what is worked out from it beforehand is then out of date.
    pub revision: u64,
    /// How far each page is scrolled.
    pub scrolled: BTreeMap<Screen, usize>,
    /// What the last frame showed.
    pub measured: Measured,
    /// The prompt, while it is open.
    pub prompt: Option<Prompt>,
    /// A sentence at the bottom.
    pub note: Option<Note>,
    /// Reports that are being written, oldest first.
    pub writing: Vec<Writing>,
    /// Which side of a conflict `o` opens.
    pub side: usize,
    /// What is read of findings whose pages are open.
    pub reading: BTreeMap<FindingId, Reading>,
    /// How much of a backtrace is shown.
    pub folding: Folding,
    /// The journey through recorded time, while another moment than the present is shown or on its way.
    pub travel: Option<Travel>,
    /// Which key says what.
    pub keys: Arc<Keys>,
    /// Nobody has used the viewer here before: a hint stands at the bottom until a key is pressed.
    pub first_run: bool,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// What the terminal can show.
    pub look: Look,
}

impl Default for Ui {
    fn default() -> Ui {
        Ui::new(Look::default())
    }
}

impl Ui {
    /// Nothing chosen yet; the log follows what comes.
    #[must_use]
    pub fn new(look: Look) -> Ui {
        Ui {
            screens: Vec::new(),
            lists: BTreeMap::from([(ListId::Log, List { follow: true, ..List::default() })]),
            menu: None,
            hidden_processes: BTreeSet::new(),
            revision: 0,
            scrolled: BTreeMap::new(),
            measured: Measured::default(),
            prompt: None,
            note: None,
            writing: Vec::new(),
            side: 0,
            reading: BTreeMap::new(),
            folding: Folding::default(),
            travel: None,
            keys: Arc::default(),
            first_run: false,
            size: (80, 24),
            look,
        }
    }

    /// What the user chose for a list.
    #[must_use]
    pub fn list(&self, id: ListId) -> &List {
        static PLAIN: List = List {
            selected: None,
            top: 0,
            page: 0,
            at: 0,
            led: false,
            sort: 0,
            inverted: false,
            filter: String::new(),
            search: String::new(),
            follow: false,
            hidden: BTreeSet::new(),
            marked: BTreeSet::new(),
        };
        self.lists.get(&id).unwrap_or(&PLAIN)
    }

    /// The same, to be changed.
    pub fn list_mut(&mut self, id: ListId) -> &mut List {
        self.lists.entry(id).or_default()
    }

    /// The screen that is shown.
    #[must_use]
    pub fn screen(&self) -> Screen {
        self.screens.last().copied().unwrap_or_default()
    }

    /// How far the page that is shown is scrolled.
    #[must_use]
    pub fn scroll(&self) -> usize {
        self.scrolled.get(&self.screen()).copied().unwrap_or(0)
    }
}
