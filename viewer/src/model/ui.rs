//! What the person at the keyboard chose: screens, selections, searches, sorts.
//!
//! A selection is an id, never a row: rows move while one looks at them.

use super::findings::FindingId;
use super::log::LineId;
use super::session::SessionId;
use super::tape::Stop;
use crate::msg::Measured;
use mapwatch_event::MapId;
use std::collections::BTreeMap;
use std::time::Duration;

/// One map of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapKey {
    /// The session.
    pub session: SessionId,
    /// The map in it.
    pub map: MapId,
}

/// A screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screen {
    /// Is something wrong, and where.
    #[default]
    Overview,
    /// All maps.
    Maps,
    /// All findings.
    Conflicts,
    /// Output and lifecycle.
    Log,
    /// Who holds what now, and who waits for it.
    Holders,
    /// One map.
    Map(MapKey),
    /// One finding.
    Conflict(FindingId),
    /// The keys.
    Help,
}

impl Screen {
    /// The screens with a number, in its order.
    pub const TABS: [Screen; 5] =
        [Screen::Overview, Screen::Maps, Screen::Conflicts, Screen::Log, Screen::Holders];

    /// The tab that it belongs to.
    #[must_use]
    pub fn tab(self) -> Screen {
        match self {
            Screen::Map(_) => Screen::Maps,
            Screen::Conflict(_) => Screen::Conflicts,
            other => other,
        }
    }

    /// Its name, where there is little room.
    #[must_use]
    pub fn short_title(self) -> &'static str {
        match self {
            Screen::Overview => "Over",
            Screen::Conflicts => "Confl",
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
            Screen::Map(_) => "Map",
            Screen::Conflict(_) => "Conflict",
            Screen::Help => "Help",
        }
    }
}

/// What a list of maps is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapSort {
    /// Conflicts, then the order of making.
    #[default]
    Conflicts,
    /// Name.
    Name,
    /// Kind.
    Kind,
    /// Entries.
    Length,
    /// Growths.
    Growths,
    /// Reads per second.
    Reads,
    /// Writes per second.
    Writes,
    /// Iterations per second.
    Iterations,
    /// How long somebody has been inside.
    Held,
}

/// What a list of findings is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FindingSort {
    /// Surest first, then the order of coming.
    #[default]
    Grade,
    /// Latest first.
    Latest,
    /// Most often first.
    Count,
    /// Name of the map.
    Map,
}

/// The log has one order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByTime;

/// Something a list can be sorted by.
pub trait Sort: Copy {
    /// The next way of sorting.
    #[must_use]
    fn next(self) -> Self;
    /// Its name: the title of the column.
    fn word(self) -> &'static str;
}

impl Sort for MapSort {
    fn next(self) -> MapSort {
        use MapSort::{Conflicts, Growths, Held, Iterations, Kind, Length, Name, Reads, Writes};
        match self {
            Conflicts => Name,
            Name => Kind,
            Kind => Length,
            Length => Growths,
            Growths => Reads,
            Reads => Writes,
            Writes => Iterations,
            Iterations => Held,
            Held => Conflicts,
        }
    }

    fn word(self) -> &'static str {
        match self {
            MapSort::Conflicts => "conflicts",
            MapSort::Name => "name",
            MapSort::Kind => "kind",
            MapSort::Length => "entries",
            MapSort::Growths => "growths",
            MapSort::Reads => "reads/s",
            MapSort::Writes => "writes/s",
            MapSort::Iterations => "iters/s",
            MapSort::Held => "held for",
        }
    }
}

impl Sort for FindingSort {
    fn next(self) -> FindingSort {
        match self {
            FindingSort::Grade => FindingSort::Latest,
            FindingSort::Latest => FindingSort::Count,
            FindingSort::Count => FindingSort::Map,
            FindingSort::Map => FindingSort::Grade,
        }
    }

    fn word(self) -> &'static str {
        match self {
            FindingSort::Grade => "grade",
            FindingSort::Latest => "latest",
            FindingSort::Count => "count",
            FindingSort::Map => "map",
        }
    }
}

impl Sort for ByTime {
    fn next(self) -> ByTime {
        self
    }

    fn word(self) -> &'static str {
        "time"
    }
}

/// A list: what is selected, how it is ordered, what is hidden.
#[derive(Clone, Debug)]
pub struct List<K, S> {
    /// The selected row; `None` means the first (following: the last).
    pub selected: Option<K>,
    /// The first visible row, as far as it can be kept.
    pub top: usize,
    /// What it is sorted by.
    pub sort: S,
    /// Whether the order is turned round.
    pub inverted: bool,
    /// Rows without these words are hidden.
    pub filter: String,
    /// Rows with this text are stepped through by `n` and `N`.
    pub search: String,
    /// Whether the selection stays at the newest row.
    pub follow: bool,
}

impl<K, S: Default> Default for List<K, S> {
    fn default() -> List<K, S> {
        List {
            selected: None,
            top: 0,
            sort: S::default(),
            inverted: false,
            filter: String::new(),
            search: String::new(),
            follow: false,
        }
    }
}

impl<K: Copy + PartialEq, S> List<K, S> {
    /// The index of the selection in `rows`; `None` where there are no rows.
    #[must_use]
    pub fn index(&self, rows: &[K]) -> Option<usize> {
        if rows.is_empty() {
            return None;
        }
        if self.follow {
            return Some(rows.len() - 1);
        }
        self.selected.and_then(|selected| rows.iter().position(|row| *row == selected)).or(Some(0))
    }

    /// The selected row.
    #[must_use]
    pub fn row(&self, rows: &[K]) -> Option<K> {
        self.index(rows).map(|index| rows[index])
    }
}

/// The first row to show of `length`, so that `index` is among the `page` visible ones, moving `top` as little
/// as that needs.
#[must_use]
pub fn window(top: usize, index: usize, page: usize, length: usize) -> usize {
    let page = page.max(1);
    let top = top.min(length.saturating_sub(page));
    if index < top {
        index
    } else if index >= top + page {
        index + 1 - page
    } else {
        top
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
}

/// A sentence at the bottom for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The sentence.
    pub text: String,
    /// The viewer's clock when it goes.
    pub until: Duration,
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

/// What the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// No colours: `NO_COLOR`, `--no-color`.
    pub mono: bool,
    /// No characters beyond ASCII in what the viewer itself draws.
    pub ascii: bool,
}

/// What the user chose.
#[derive(Clone, Debug)]
pub struct Ui {
    /// The way to the screen that is shown, the last one; empty means the Overview.
    pub screens: Vec<Screen>,
    /// The list of maps.
    pub maps: List<MapKey, MapSort>,
    /// The list of findings.
    pub conflicts: List<FindingId, FindingSort>,
    /// The log.
    pub log: List<LineId, ByTime>,
    /// How far each page is scrolled.
    pub scrolled: BTreeMap<Screen, usize>,
    /// What the last frame showed.
    pub measured: Measured,
    /// The prompt, while it is open.
    pub prompt: Option<Prompt>,
    /// A sentence at the bottom.
    pub note: Option<Note>,
    /// Which side of a conflict `o` opens.
    pub side: usize,
    /// How much of a backtrace is shown.
    pub folding: Folding,
    /// The journey through recorded time, while another moment than the present is shown or on its way.
    pub travel: Option<Travel>,
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
            maps: List::default(),
            conflicts: List::default(),
            log: List { follow: true, ..List::default() },
            scrolled: BTreeMap::new(),
            measured: Measured::default(),
            prompt: None,
            note: None,
            side: 0,
            folding: Folding::default(),
            travel: None,
            size: (80, 24),
            look,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_as_little_as_it_must() {
        assert_eq!(window(0, 3, 5, 10), 0);
        assert_eq!(window(0, 5, 5, 10), 1);
        assert_eq!(window(4, 2, 5, 10), 2);
        assert_eq!(window(9, 9, 5, 10), 5);
        assert_eq!(window(3, 0, 0, 0), 0);
    }

    #[test]
    fn a_selection_follows_its_id() {
        let mut list: List<u8, ByTime> = List { selected: Some(7), ..List::default() };
        assert_eq!(list.index(&[5, 6, 7]), Some(2));
        assert_eq!(list.index(&[7, 5]), Some(0));
        assert_eq!(list.index(&[]), None);
        list.follow = true;
        assert_eq!(list.row(&[7, 5]), Some(5));
    }
}
