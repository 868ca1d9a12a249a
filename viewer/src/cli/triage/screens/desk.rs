//! What is shown and what commands do to it. Knows no terminal; a bug is selected by its fingerprint, never by
//! its row.

use super::super::memory::Edit;
use crate::keymap::{Command, Key, Keys, Mode, message};
use crate::msg::Msg;
use mapwatch_event::Site;
use mapwatch_triage::Summary;
use mapwatch_triage::group::Group;
use mapwatch_triage::print;
use mapwatch_triage::summary::State;

/// What the loop has to do for the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Quit,
    Suspend,
    Repaint,
    Copy(String),
    Edit(Site),
    Remember(Edit),
}

/// What orders the bugs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Count,
    Latest,
    Category,
    State,
}

impl Order {
    const ALL: [Order; 4] = [Order::Count, Order::Latest, Order::Category, Order::State];

    pub(super) fn word(self) -> &'static str {
        match self {
            Order::Count => "count",
            Order::Latest => "latest",
            Order::Category => "category",
            Order::State => "state",
        }
    }
}

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    Search,
    Filter,
    Note,
}

/// What fills the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    List,
    Page,
    Help,
}

/// The state.
pub(super) struct Desk {
    pub(super) summary: Summary,
    pub(super) order: Order,
    pub(super) inverted: bool,
    pub(super) filter: String,
    pub(super) search: String,
    pub(super) prompt: Option<(Prompt, String)>,
    pub(super) note: String,
    /// Whether all frames are shown, or the application's.
    pub(super) all_frames: bool,
    selected: Option<String>,
    shown: Shown,
    /// First line of a page that is shown.
    scroll: usize,
    /// Lines of the page, and rows for it.
    size: (usize, usize),
}

impl Desk {
    pub(super) fn new(summary: Summary) -> Desk {
        // What to do first is what is selected first.
        let selected = print::first(&summary).map(|group| group.fingerprint.clone());
        Desk {
            summary,
            order: Order::Count,
            inverted: false,
            filter: String::new(),
            search: String::new(),
            prompt: None,
            note: String::new(),
            all_frames: false,
            selected,
            shown: Shown::List,
            scroll: 0,
            size: (0, 0),
        }
    }

    pub(super) fn is_help(&self) -> bool {
        self.shown == Shown::Help
    }

    pub(super) fn is_page(&self) -> bool {
        self.shown == Shown::Page && self.group().is_some()
    }

    pub(super) fn scrolled(&self) -> usize {
        self.scroll
    }

    /// What was drawn: the lines of the page, and the rows there are for it, or for the list.
    pub(super) fn measured(&mut self, lines: usize, rows: usize) {
        self.size = (lines, rows);
        self.scroll = self.scroll.min(lines.saturating_sub(rows.max(1)));
    }

    /// The bugs that are shown, in order.
    pub(super) fn rows(&self) -> Vec<&Group> {
        let words: Vec<String> = self.filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let mut rows: Vec<&Group> = self
            .summary
            .groups
            .iter()
            .filter(|group| words.iter().all(|word| self.fits(group, word)))
            .collect();
        match self.order {
            // As they come.
            Order::Count => {}
            Order::Latest => rows.sort_by_key(|group| std::cmp::Reverse(group.last_seen)),
            Order::Category => rows.sort_by_key(|group| group.category.code()),
            Order::State => rows.sort_by_key(|group| self.state(group).map_or(9, |state| state as u8)),
        }
        if self.inverted {
            rows.reverse();
        }
        rows
    }

    /// How a bug stands; `None` without a history.
    pub(super) fn state(&self, group: &Group) -> Option<State> {
        self.summary.known.get(&group.fingerprint).map(|known| known.state)
    }

    /// Whether a bug fits one word of a filter: `oom`, `-oom`, `category:oom`, `state:new`, `count>5`.
    fn fits(&self, group: &Group, word: &str) -> bool {
        if let Some(word) = word.strip_prefix('-').filter(|word| !word.is_empty()) {
            return !self.fits(group, word);
        }
        for (sign, is) in [('>', u64::gt as fn(&u64, &u64) -> bool), ('<', u64::lt)] {
            if let Some(least) = word.strip_prefix("count").and_then(|rest| rest.strip_prefix(sign)) {
                return least.parse().is_ok_and(|least| is(&group.count, &least));
            }
        }
        let (field, wanted) = word.split_once(':').unwrap_or(("", word));
        let told = |name: &str, text: &str| {
            (field.is_empty() || field == name) && text.to_lowercase().contains(wanted)
        };
        let place = group.place();
        told("category", group.category.code())
            || told("state", self.state(group).map_or("", State::word))
            || told("message", &group.message)
            || told("where", &place)
            || told("in", &group.top_frame)
            || told("language", group.language.word())
            || told("fingerprint", &group.fingerprint)
            || group.files.keys().any(|file| told("file", file))
            || group.services.iter().chain(&group.hosts).any(|name| told("service", name))
            // A colon that names no field is part of what is looked for (`src/a.rs:3`).
            || place.to_lowercase().contains(word)
            || group.message.to_lowercase().contains(word)
    }

    /// The selected bug; the first one where the selected one is hidden.
    pub(super) fn group(&self) -> Option<&Group> {
        let rows = self.rows();
        let selected = self.selected.as_deref();
        rows.iter().find(|group| Some(group.fingerprint.as_str()) == selected).or(rows.first()).copied()
    }

    /// The row of the selected bug.
    pub(super) fn row(&self) -> usize {
        let Some(selected) = self.group().map(|group| &group.fingerprint) else { return 0 };
        self.rows().iter().position(|group| group.fingerprint == *selected).unwrap_or(0)
    }

    /// A key.
    pub(super) fn press(&mut self, keys: &Keys, key: Key) -> Option<Ask> {
        self.note.clear();
        if let Some((prompt, text)) = self.prompt.take() {
            return self.typed(prompt, text, key);
        }
        if let Some(Msg::Command(command)) = message(keys, Mode::Commands, key) {
            return self.command(command);
        }
        let print = self.group()?.fingerprint.clone();
        match key {
            Key::Char('r') => Some(Ask::Remember(Edit::Resolve(print))),
            Key::Char('i') => Some(Ask::Remember(Edit::Ignore(print))),
            Key::Char('u') => Some(Ask::Remember(Edit::Reopen(print))),
            Key::Char('A') => {
                let known = self.summary.known.get(&print).map(|known| known.note.clone());
                self.prompt = Some((Prompt::Note, known.unwrap_or_default()));
                None
            }
            _ => None,
        }
    }

    /// Pasted text is text in a prompt, and nothing elsewhere.
    pub(super) fn paste(&mut self, pasted: &str) {
        if let Some((_, text)) = &mut self.prompt {
            text.extend(pasted.chars().filter(|c| !c.is_control()));
        }
    }

    fn typed(&mut self, prompt: Prompt, mut text: String, key: Key) -> Option<Ask> {
        match key {
            Key::Char(c) => text.push(c),
            Key::Backspace => drop(text.pop()),
            Key::Ctrl('u') => text.clear(),
            Key::Ctrl('c') => return Some(Ask::Quit),
            Key::Esc => {
                if prompt == Prompt::Filter {
                    self.filter.clear();
                }
                return None;
            }
            Key::Enter => {
                match prompt {
                    Prompt::Search => {
                        self.search = text;
                        self.find(1, true);
                    }
                    Prompt::Filter => self.filter = text,
                    Prompt::Note => {
                        let print = self.group()?.fingerprint.clone();
                        return Some(Ask::Remember(Edit::Note(print, text)));
                    }
                }
                return None;
            }
            _ => {}
        }
        if prompt == Prompt::Filter {
            self.filter.clone_from(&text);
        }
        self.prompt = Some((prompt, text));
        None
    }

    fn command(&mut self, command: Command) -> Option<Ask> {
        let page = isize::try_from(self.size.1.max(2) - 1).unwrap_or(1);
        match command {
            Command::Up => self.step(-1),
            Command::Down => self.step(1),
            Command::HalfUp => self.step(-(page / 2).max(1)),
            Command::HalfDown => self.step((page / 2).max(1)),
            Command::PageUp => self.step(-page),
            Command::PageDown => self.step(page),
            Command::First => self.step(isize::MIN / 2),
            Command::Last => self.step(isize::MAX / 2),
            Command::Open if self.shown == Shown::List && self.group().is_some() => {
                self.selected = self.group().map(|group| group.fingerprint.clone());
                self.open(Shown::Page);
            }
            Command::Help => self.open(Shown::Help),
            Command::Back | Command::Leave if self.shown != Shown::List => self.open(Shown::List),
            Command::Back => self.filter.clear(),
            Command::Leave | Command::Quit => return Some(Ask::Quit),
            Command::NextProblem | Command::NextScreen => self.turn(1),
            Command::PreviousProblem | Command::PreviousScreen => self.turn(-1),
            Command::Search => self.prompt = Some((Prompt::Search, String::new())),
            Command::Filter => self.prompt = Some((Prompt::Filter, self.filter.clone())),
            Command::NextMatch => self.find(1, false),
            Command::PreviousMatch => self.find(-1, false),
            Command::Sort => {
                let at = Order::ALL.iter().position(|order| *order == self.order).unwrap_or(0);
                self.order = Order::ALL[(at + 1) % Order::ALL.len()];
            }
            Command::Invert => self.inverted = !self.inverted,
            Command::Frames => self.all_frames = !self.all_frames,
            Command::Copy => return self.group().map(|group| Ask::Copy(print::line(group))),
            Command::Edit => return self.edit(),
            Command::Suspend => return Some(Ask::Suspend),
            Command::Repaint => return Some(Ask::Repaint),
            _ => "this key does nothing here".clone_into(&mut self.note),
        }
        None
    }

    fn edit(&mut self) -> Option<Ask> {
        let group = self.group()?;
        let framed = group.frames.iter().find(|frame| frame.user && frame.line > 0);
        let framed =
            framed.map(|frame| Site { file: frame.file.clone(), line: frame.line, column: frame.column });
        let site = group.location.clone().or(framed);
        if site.is_none() {
            "the reports name no place".clone_into(&mut self.note);
        }
        site.map(Ask::Edit)
    }

    fn open(&mut self, shown: Shown) {
        self.shown = shown;
        self.scroll = 0;
    }

    /// Moves the selection in the list, the text on a page.
    fn step(&mut self, by: isize) {
        if self.shown == Shown::List {
            self.turn(by);
        } else {
            let most = self.size.0.saturating_sub(self.size.1);
            self.scroll = self.scroll.saturating_add_signed(by).min(most);
        }
    }

    /// Selects another bug, on a page, too.
    fn turn(&mut self, by: isize) {
        let row = self.row();
        let rows = self.rows();
        let row = row.saturating_add_signed(by).min(rows.len().saturating_sub(1));
        let selected = rows.get(row).map(|group| group.fingerprint.clone());
        if selected != self.selected {
            self.scroll = 0;
        }
        self.selected = selected;
    }

    /// Selects the next bug that the search fits, round the end.
    fn find(&mut self, by: isize, here: bool) {
        let wanted = self.search.to_lowercase();
        if wanted.is_empty() {
            return;
        }
        let rows = self.rows();
        let count = rows.len();
        let mut at = self.row();
        let mut found = None;
        for turn in 0..count {
            if turn > 0 || !here {
                at = if by > 0 { (at + 1) % count } else { (at + count - 1) % count };
            }
            if self.fits(rows[at], &wanted) {
                found = Some(rows[at].fingerprint.clone());
                break;
            }
        }
        match found {
            Some(print) => self.selected = Some(print),
            None => self.note = format!("nothing fits {}", self.search),
        }
    }

    /// The history took a change.
    pub(super) fn remembered(&mut self, edit: &Edit) {
        let (print, note, state) = match edit {
            Edit::Resolve(print) => (print, None, Some(State::Resolved)),
            Edit::Ignore(print) => (print, None, Some(State::Ignored)),
            Edit::Reopen(print) => (print, None, Some(State::Ongoing)),
            Edit::Note(print, note) => (print, Some(note), None),
        };
        if let Some(known) = self.summary.known.get_mut(print) {
            known.state = state.unwrap_or(known.state);
            note.into_iter().for_each(|note| known.note.clone_from(note));
        }
        self.note = match state {
            Some(state) => format!("{print} is {}", state.word()),
            None => format!("noted about {print}"),
        };
    }
}
