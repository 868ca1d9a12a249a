//! The lists: which there are, what their columns are, and what the user chose for each.
//!
//! A selection is a key, never a row: rows move while one looks at them. Where its row leaves the part that is shown,
//! the picture stays, and what stands in its place is selected.

use super::findings::FindingId;
use super::guards::GuardKey;
use super::log::LineId;
use super::panics::PanicId;
use super::query::Field;
use super::ui::{MapKey, TaskKey};
use std::collections::BTreeSet;

/// A list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListId {
    /// All maps.
    Maps,
    /// All lives.
    Tasks,
    /// All conflicts.
    Conflicts,
    /// All groups of panics.
    Panics,
    /// Guards that are held, and waits for them.
    Holders,
    /// Conflicts and panics, by place.
    Findings,
    /// Output and lifecycle.
    Log,
}

/// What a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// A map.
    Map(MapKey),
    /// A life.
    Task(TaskKey),
    /// A finding.
    Finding(FindingId),
    /// A group of panics.
    Panic(PanicId),
    /// A guard that is held, or a wait for one.
    Guard(GuardKey),
    /// A line of the log.
    Line(LineId),
}

/// How a column orders its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The most comes first.
    Most,
    /// By alphabet.
    Alphabet,
    /// As it comes.
    Made,
    /// It does not.
    No,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct ColumnFacts {
    /// Its title, and its name in menus and in the state that is kept.
    pub title: &'static str,
    /// What it shows.
    pub field: Field,
    /// How it orders the list.
    pub order: Order,
    /// What it means, for who chooses it in a menu.
    pub about: &'static str,
}

const fn column(title: &'static str, field: Field, order: Order, about: &'static str) -> ColumnFacts {
    ColumnFacts { title, field, order, about }
}

const MAPS: &[ColumnFacts] = &[
    column("conflicts", Field::Count, Order::Most, "how often somebody met somebody else inside it"),
    column("name", Field::Map, Order::Alphabet, "its own name, or its kind and where it was made"),
    column("kind", Field::Kind, Order::Alphabet, "the type that it is"),
    column("process", Field::Process, Order::Alphabet, "the process that it is in"),
    column("entries", Field::Entries, Order::Most, "entries in it when it was last told"),
    column("capacity", Field::Capacity, Order::Most, "entries that fit before its table has to grow"),
    column("bytes", Field::Bytes, Order::Most, "bytes of its table"),
    column("growths", Field::Growths, Order::Most, "how often its table grew"),
    column("reads/s", Field::Reads, Order::Most, "reads per second now; after the end, the mean"),
    column("writes/s", Field::Writes, Order::Most, "writes per second now; after the end, the mean"),
    column(
        "iters/s",
        Field::Iterations,
        Order::Most,
        "walks over it per second now; after the end, the mean",
    ),
    column("held for", Field::Held, Order::Most, "how long its longest holder has been inside"),
    column(
        "activity",
        Field::None,
        Order::No,
        "operations each half second, latest at the right, by its own highest",
    ),
    column("made at", Field::Site, Order::Alphabet, "the place in the source that made it"),
];

const CONFLICTS: &[ColumnFacts] = &[
    column("grade", Field::Grade, Order::Most, "how sure it is: certain, hazard, suspect, note"),
    column("what", Field::Category, Order::Alphabet, "the kind of bug"),
    column("map", Field::Map, Order::Alphabet, "the map, lock or cell that it was in"),
    column("who", Field::Actor, Order::Alphabet, "the tasks or threads that met, as it was seen last"),
    column("count", Field::Count, Order::Most, "how often it was seen"),
    column("latest", Field::Latest, Order::Most, "when it was seen last"),
    column(
        "outcome",
        Field::State,
        Order::Alphabet,
        "what became of it: panicked, reported, refused, aborted",
    ),
    column("holder", Field::Site, Order::Alphabet, "the place of who was inside first"),
    column("attempt", Field::Site, Order::No, "the place of who came second"),
    column("process", Field::Process, Order::Alphabet, "the process that it was seen in"),
];

const TASKS: &[ColumnFacts] = &[
    column("state", Field::Urgency, Order::Most, "what it does, or how it ended; the most pressing first"),
    column("id", Field::Number, Order::Made, "its number among all lives"),
    column("name", Field::Actor, Order::Alphabet, "what it was named when it was spawned"),
    column("kind", Field::Kind, Order::Alphabet, "a future, a thread, a scope, or another kind of life"),
    column("process", Field::Process, Order::Alphabet, "the process that it is in"),
    column("for/ago", Field::Held, Order::Most, "for how long it has been so; how long ago it ended"),
    column("age", Field::Age, Order::Most, "from its beginning to its end, or to now"),
    column("polls", Field::Count, Order::Most, "how often it was polled"),
    column("busy", Field::Busy, Order::Most, "time spent in its polls, in all"),
    column("max poll", Field::Longest, Order::Most, "the longest of its polls"),
    column("what", Field::Map, Order::Alphabet, "whom it waits for, who cancelled it, or what it holds"),
    column("life", Field::None, Order::No, "its life as a lane: what it did when"),
    column("spawned at", Field::Site, Order::Alphabet, "the place in the source that spawned it"),
];

const PANICS: &[ColumnFacts] = &[
    column("latest", Field::Latest, Order::Most, "when it was seen last"),
    column("count", Field::Count, Order::Most, "how often it was seen"),
    column(
        "root cause",
        Field::Category,
        Order::Alphabet,
        "what is wrong, by its conflict, its message and its stack",
    ),
    column("message", Field::Text, Order::Alphabet, "what it said beyond its root cause"),
    column("where", Field::Site, Order::Alphabet, "the place in the source that panicked"),
    column("who", Field::Actor, Order::Alphabet, "the task or thread that panicked last"),
    column("rate", Field::None, Order::No, "panics in each half second, the latest at the right"),
    column("process", Field::Process, Order::Alphabet, "the process that it was seen in last"),
];

const HOLDERS: &[ColumnFacts] = &[
    column("state", Field::Urgency, Order::Most, "waits for a guard, or holds one; those who wait first"),
    column("for", Field::Held, Order::Most, "for how long it has waited or held"),
    column("who", Field::Actor, Order::Alphabet, "the task or thread"),
    column("operation", Field::Operation, Order::Alphabet, "the call that waits, or took the guard"),
    column("map", Field::Map, Order::Alphabet, "the map, lock or cell"),
    column(
        "behind",
        Field::Text,
        Order::Alphabet,
        "who is in its way; of a holder, how many it is in the way of",
    ),
    column("where", Field::Site, Order::Alphabet, "the place of the call"),
    column("process", Field::Process, Order::Alphabet, "the process that they are in"),
];

const FINDINGS: &[ColumnFacts] = &[
    column("grade", Field::Grade, Order::Most, "how sure it is: certain, hazard, suspect, note; or a panic"),
    column("count", Field::Count, Order::Most, "how often it was seen"),
    column("what", Field::Category, Order::Alphabet, "the kind of bug"),
    column("latest", Field::Latest, Order::Most, "when it was seen last"),
    column("where", Field::Site, Order::Alphabet, "the place of who came second, or that panicked"),
    column("detail", Field::Text, Order::Alphabet, "who met whom where, or what the panic said"),
];

const LOG: &[ColumnFacts] = &[column("time", Field::None, Order::Made, "in the order in which it was said")];

impl ListId {
    /// All lists.
    pub const ALL: [ListId; 7] = [
        ListId::Maps,
        ListId::Tasks,
        ListId::Conflicts,
        ListId::Panics,
        ListId::Holders,
        ListId::Findings,
        ListId::Log,
    ];

    /// Its columns; the first one orders it until the user says otherwise.
    #[must_use]
    pub fn columns(self) -> &'static [ColumnFacts] {
        match self {
            ListId::Maps => MAPS,
            ListId::Tasks => TASKS,
            ListId::Panics => PANICS,
            ListId::Holders => HOLDERS,
            ListId::Findings => FINDINGS,
            ListId::Conflicts => CONFLICTS,
            ListId::Log => LOG,
        }
    }

    /// The fields that a filter of it can name.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        use Field as F;
        match self {
            ListId::Maps => &[
                F::Map,
                F::Kind,
                F::Type,
                F::Site,
                F::Process,
                F::State,
                F::Count,
                F::Entries,
                F::Capacity,
                F::Bytes,
                F::Growths,
                F::Reads,
                F::Writes,
                F::Iterations,
                F::Held,
                F::Age,
            ],
            ListId::Conflicts => &[
                F::Map,
                F::Kind,
                F::Type,
                F::Site,
                F::Category,
                F::Grade,
                F::Actor,
                F::Operation,
                F::Process,
                F::State,
                F::Count,
                F::Age,
            ],
            ListId::Tasks => &[
                F::Actor,
                F::Kind,
                F::State,
                F::Site,
                F::Map,
                F::Process,
                F::Text,
                F::Count,
                F::Age,
                F::Held,
                F::Busy,
                F::Longest,
            ],
            ListId::Panics => {
                &[F::Category, F::Text, F::Site, F::Actor, F::State, F::Process, F::Count, F::Age]
            }
            ListId::Holders => &[
                F::Actor,
                F::State,
                F::Operation,
                F::Map,
                F::Kind,
                F::Type,
                F::Text,
                F::Site,
                F::Process,
                F::Held,
            ],
            ListId::Findings => &[F::Category, F::Grade, F::Site, F::Text, F::Count, F::Age],
            ListId::Log => &[F::Level, F::Text, F::Age],
        }
    }
}

/// What the user chose for a list.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// The selected row; `None` means the first (following: the last).
    pub selected: Option<RowKey>,
    /// The first visible row, as far as it can be kept.
    pub top: usize,
    /// Rows that were visible in the last frame, and which of all rows was selected in it.
    pub page: usize,
    /// See [`List::page`].
    pub at: usize,
    /// The user has done something since the last frame: the selection is where that led to, wherever that is.
    pub led: bool,
    /// The column that orders it.
    pub sort: usize,
    /// Whether the order is turned round.
    pub inverted: bool,
    /// Rows that do not match are hidden; see [`super::query`].
    pub filter: String,
    /// Rows with this text are stepped through by `n` and `N`.
    pub search: String,
    /// Whether the selection stays at the newest row.
    pub follow: bool,
    /// Columns that the user does not want to see.
    pub hidden: BTreeSet<usize>,
    /// Rows that the user marked.
    pub marked: BTreeSet<RowKey>,
}

impl List {
    /// The index of the selection in `rows`; `None` where there are no rows.
    #[must_use]
    pub fn index(&self, rows: &[RowKey]) -> Option<usize> {
        if rows.is_empty() {
            return None;
        }
        if self.follow {
            return Some(rows.len() - 1);
        }
        let Some(selected) = self.selected else { return Some(0) };
        let found = rows.iter().position(|row| *row == selected);
        let visible = self.top..self.top + self.page;
        if self.led || self.page == 0 || found.is_some_and(|index| visible.contains(&index)) {
            return found.or(Some(0));
        }
        // The row went elsewhere by itself: whoever looks at this part of the list is not taken along.
        Some(self.at.min(rows.len() - 1))
    }

    /// The selected row.
    #[must_use]
    pub fn row(&self, rows: &[RowKey]) -> Option<RowKey> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_explained_within_a_line() {
        for list in ListId::ALL {
            let mut seen = BTreeSet::new();
            for column in list.columns() {
                let said = format!(" {}: {}", column.title, column.about);
                assert!(column.about.len() > 10 && said.len() < 80, "{said}");
                assert!(seen.insert(column.about), "{list:?}: two columns are {}", column.about);
            }
        }
    }

    #[test]
    fn the_window_moves_as_little_as_it_must() {
        assert_eq!(window(0, 3, 5, 10), 0);
        assert_eq!(window(0, 5, 5, 10), 1);
        assert_eq!(window(4, 2, 5, 10), 2);
        assert_eq!(window(9, 9, 5, 10), 5);
        assert_eq!(window(3, 0, 0, 0), 0);
    }

    #[test]
    fn a_selection_follows_its_key() {
        let row = |id| RowKey::Line(LineId(id));
        let mut list = List { selected: Some(row(7)), ..List::default() };
        assert_eq!(list.index(&[row(5), row(6), row(7)]), Some(2));
        assert_eq!(list.index(&[row(7), row(5)]), Some(0));
        assert_eq!(list.index(&[]), None);
        list.follow = true;
        assert_eq!(list.row(&[row(7), row(5)]), Some(row(5)));
    }

    #[test]
    fn a_row_that_leaves_the_picture_leaves_the_selection_behind() {
        let rows = |ids: &[u64]| ids.iter().map(|id| RowKey::Line(LineId(*id))).collect::<Vec<_>>();
        let selected = rows(&[2]).pop();
        let mut list = List { selected, page: 3, at: 1, ..List::default() };
        assert_eq!(list.index(&rows(&[1, 3, 2, 4, 5])), Some(2), "within the picture it is followed");
        assert_eq!(list.index(&rows(&[1, 3, 4, 5, 2])), Some(1), "out of it, it is not");
        assert_eq!(list.index(&rows(&[1])), Some(0));
        list.led = true;
        assert_eq!(
            list.index(&rows(&[1, 3, 4, 5, 2])),
            Some(4),
            "what the user does leads to the row itself"
        );
    }
}
