//! Keys to commands: one table. The help screen and the hints at the bottom are made from it.

use crate::msg::{MenuStep, Msg, PromptEdit};
use std::collections::BTreeMap;

/// What the user can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// One row or line up.
    Up,
    /// One row or line down.
    Down,
    /// The other side of a conflict.
    Left,
    /// See [`Command::Left`].
    Right,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Open what is selected.
    Open,
    /// Open the map that it is about.
    OpenMap,
    /// Back to where one came from.
    Back,
    /// Back, and out of the viewer from a screen with a number.
    Leave,
    /// Out of the viewer.
    Quit,
    /// The screen with this number.
    Screen(usize),
    /// The next screen.
    NextScreen,
    /// The screen before.
    PreviousScreen,
    /// Search.
    Search,
    /// The next match.
    NextMatch,
    /// The match before.
    PreviousMatch,
    /// Hide what does not match.
    Filter,
    /// Choose the column that orders a list.
    Sort,
    /// Choose the columns that are shown.
    Columns,
    /// Choose the processes that are shown.
    Processes,
    /// Mark a row.
    Mark,
    /// To the next marked row.
    NextMark,
    /// Turn the order round.
    Invert,
    /// The next problem.
    NextProblem,
    /// The problem before.
    PreviousProblem,
    /// Stop the picture, not the program; from another moment, back to the present.
    Pause,
    /// The next moment of interest.
    NextMoment,
    /// The moment of interest before.
    PreviousMoment,
    /// A hundredth of the recorded time forward.
    Later,
    /// A hundredth of the recorded time back.
    Earlier,
    /// One recorded line forward.
    LineForward,
    /// One recorded line back.
    LineBack,
    /// Ask for a time to go to.
    GoTo,
    /// Stay at the newest row.
    Follow,
    /// Show all frames of a backtrace, or the user's.
    Frames,
    /// Copy to the clipboard.
    Copy,
    /// Write the report to a file.
    Write,
    /// Open the site in an editor.
    Edit,
    /// The keys.
    Help,
    /// Choose the colours.
    Theme,
    /// Listen to the mouse, or no longer.
    Mouse,
    /// Stop the viewer as a job of the shell.
    Suspend,
    /// Draw everything anew.
    Repaint,
}

/// A key without what is of no interest here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character, with shift already in it.
    Char(char),
    /// A character with the control key.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Tab with shift.
    BackTab,
    /// Backspace.
    Backspace,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

impl Key {
    /// Reads the name of a key as [`Key::name`] writes it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Key> {
        const NAMED: [Key; 16] = [
            Key::Char(' '),
            Key::Enter,
            Key::Esc,
            Key::Tab,
            Key::BackTab,
            Key::Backspace,
            Key::Up,
            Key::Down,
            Key::Left,
            Key::Right,
            Key::Home,
            Key::End,
            Key::PageUp,
            Key::PageDown,
            Key::Char('-'),
            Key::Char('+'),
        ];
        let one = |text: &str| {
            let mut chars = text.chars();
            chars.next().filter(|c| chars.next().is_none() && !c.is_control())
        };
        if let Some(key) = NAMED.into_iter().find(|key| key.name().eq_ignore_ascii_case(name)) {
            return Some(key);
        }
        if let Some((begin, rest)) = name.split_at_checked(5)
            && begin.eq_ignore_ascii_case("ctrl-")
        {
            return one(rest).map(|c| Key::Ctrl(c.to_ascii_lowercase()));
        }
        one(name).map(Key::Char)
    }

    /// As the help screen writes it.
    #[must_use]
    pub fn name(self) -> String {
        let name = match self {
            Key::Char(' ') => "Space",
            Key::Char(c) => return c.to_string(),
            Key::Ctrl(c) => return format!("Ctrl-{c}"),
            Key::Enter => "Enter",
            Key::Esc => "Esc",
            Key::Tab => "Tab",
            Key::BackTab => "Shift-Tab",
            Key::Backspace => "Backspace",
            Key::Up => "Up",
            Key::Down => "Down",
            Key::Left => "Left",
            Key::Right => "Right",
            Key::Home => "Home",
            Key::End => "End",
            Key::PageUp => "PgUp",
            Key::PageDown => "PgDn",
        };
        name.to_owned()
    }
}

/// Where the help screen lists a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Within a screen.
    Moving,
    /// Between screens.
    Screens,
    /// What is shown.
    Looking,
    /// Which moment is shown.
    Time,
    /// What is done with it.
    Acting,
}

impl Group {
    /// All groups, in the order of the help screen.
    pub const ALL: [Group; 5] = [Group::Moving, Group::Screens, Group::Looking, Group::Time, Group::Acting];

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Group::Moving => "Moving",
            Group::Screens => "Screens",
            Group::Looking => "Looking",
            Group::Time => "Recorded time",
            Group::Acting => "Acting",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The keys; the first one stands in the hints.
    pub keys: &'static [Key],
    /// What they ask for.
    pub command: Command,
    /// Where the help screen lists it.
    pub group: Group,
    /// A word or two, for the hints.
    pub word: &'static str,
    /// What it does.
    pub help: &'static str,
}

const fn row(
    keys: &'static [Key],
    command: Command,
    group: Group,
    word: &'static str,
    help: &'static str,
) -> Binding {
    Binding { keys, command, group, word, help }
}

/// The table.
pub const BINDINGS: &[Binding] = {
    use Command as C;
    use Group::{Acting, Looking, Moving, Screens, Time};
    use Key::{Char, Ctrl};
    &[
        row(&[Key::Down, Char('j')], C::Down, Moving, "down", "one row down"),
        row(&[Key::Up, Char('k')], C::Up, Moving, "up", "one row up"),
        row(&[Key::Left, Char('h')], C::Left, Moving, "side before", "the side of a conflict before, for o"),
        row(&[Key::Right, Char('l')], C::Right, Moving, "next side", "the next side of a conflict, for o"),
        row(&[Ctrl('d')], C::HalfDown, Moving, "half down", "half a page down"),
        row(&[Ctrl('u')], C::HalfUp, Moving, "half up", "half a page up"),
        row(&[Key::PageDown, Ctrl('f')], C::PageDown, Moving, "page down", "a page down"),
        row(&[Key::PageUp, Ctrl('b')], C::PageUp, Moving, "page up", "a page up"),
        row(&[Char('g'), Key::Home], C::First, Moving, "first", "to the first row"),
        row(&[Char('G'), Key::End], C::Last, Moving, "last", "to the last row"),
        row(&[Char('e')], C::NextProblem, Moving, "next problem", "to the next problem"),
        row(&[Char('E')], C::PreviousProblem, Moving, "problem before", "to the problem before"),
        row(&[Key::Enter], C::Open, Screens, "open", "open the selected row; from a conflict its map"),
        row(&[Char('v')], C::OpenMap, Screens, "map", "open the map of this guard, task or conflict"),
        row(&[Key::Esc, Key::Backspace], C::Back, Screens, "back", "back to where you came from"),
        row(&[Key::Tab], C::NextScreen, Screens, "next screen", "the next screen"),
        row(&[Key::BackTab], C::PreviousScreen, Screens, "screen before", "the screen before"),
        row(&[Char('1')], C::Screen(0), Screens, "overview", "Overview: is something wrong, and where"),
        row(&[Char('2')], C::Screen(1), Screens, "maps", "Maps: all of them, with what flows"),
        row(&[Char('3')], C::Screen(2), Screens, "tasks", "Tasks: what each does, and how it ended"),
        row(&[Char('4')], C::Screen(3), Screens, "conflicts", "Conflicts: each with both its sides"),
        row(&[Char('5')], C::Screen(4), Screens, "panics", "Panics: by root cause"),
        row(&[Char('6')], C::Screen(5), Screens, "holders", "Holders: who holds what, who waits for it"),
        row(
            &[Char('7')],
            C::Screen(6),
            Screens,
            "findings",
            "Findings: conflicts and panics together, by place",
        ),
        row(&[Char('8')], C::Screen(7), Screens, "advice", "Advice: what to do, most pressing first"),
        row(&[Char('9')], C::Screen(8), Screens, "log", "Log: the program's output, begins, ends"),
        row(&[Char('?')], C::Help, Screens, "help", "this page"),
        row(&[Char('q')], C::Leave, Screens, "quit", "back; from a screen with a number, quit"),
        row(&[Ctrl('c')], C::Quit, Screens, "quit at once", "quit from anywhere"),
        row(&[Char('/')], C::Search, Looking, "search", "search; Enter keeps it, Esc drops it"),
        row(&[Char('n')], C::NextMatch, Looking, "next match", "the next match"),
        row(&[Char('N')], C::PreviousMatch, Looking, "match before", "the match before"),
        row(&[Char('f')], C::Filter, Looking, "filter", "hide rows: map:orders age>1s -word; Tab completes"),
        row(&[Char('s')], C::Sort, Looking, "sort", "choose the column that orders a list"),
        row(&[Char('c')], C::Columns, Looking, "columns", "choose the columns of a list"),
        row(&[Char('P')], C::Processes, Looking, "processes", "choose the processes that are shown"),
        row(&[Char('m')], C::Mark, Looking, "mark", "mark this row, or take its mark away"),
        row(&[Char('\'')], C::NextMark, Looking, "next mark", "to the next marked row"),
        row(&[Char('I')], C::Invert, Looking, "invert", "turn the order round"),
        row(&[Char('a')], C::Frames, Looking, "all frames", "all frames of a backtrace, or the user's"),
        row(
            &[Char('F')],
            C::Follow,
            Looking,
            "follow",
            "stay at the newest row; of a conflict, show the newest",
        ),
        row(&[Char(' ')], C::Pause, Time, "pause", "stop this picture, or come back to the present"),
        row(&[Char('[')], C::PreviousMoment, Time, "moment before", "to the moment of interest before"),
        row(&[Char(']')], C::NextMoment, Time, "next moment", "to the next moment of interest"),
        row(&[Char('<'), Char(',')], C::Earlier, Time, "earlier", "a hundredth of the recorded time back"),
        row(&[Char('>'), Char('.')], C::Later, Time, "later", "a hundredth of the recorded time forward"),
        row(&[Char('{')], C::LineBack, Time, "line back", "one recorded event back: the smallest step"),
        row(&[Char('}')], C::LineForward, Time, "line forward", "one recorded event forward"),
        row(&[Char('t')], C::GoTo, Time, "go to time", "to a time: 12.5s, -3s, 40%, 10:42:07, end"),
        row(&[Char('y')], C::Copy, Acting, "copy", "copy to the clipboard, by the terminal"),
        row(&[Char('w')], C::Write, Acting, "write", "write a report to a file, in a format"),
        row(&[Char('o')], C::Edit, Acting, "editor", "open the site in $EDITOR"),
        row(&[Char('T')], C::Theme, Acting, "colours", "choose the colours"),
        row(&[Char('M')], C::Mouse, Acting, "mouse", "listen to the mouse, or no longer"),
        row(&[Ctrl('l')], C::Repaint, Acting, "repaint", "draw everything anew"),
        row(&[Ctrl('z')], C::Suspend, Acting, "suspend", "stop the viewer as a job of the shell"),
    ]
};

/// The row of a command.
#[must_use]
pub fn binding(command: Command) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.command == command)
}

impl Binding {
    /// Its name in the configuration file: `next-problem`.
    #[must_use]
    pub fn name(&self) -> String {
        self.word.replace(' ', "-")
    }
}

/// Which key says what: the table, as the user has changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    of: Vec<(Command, Vec<Key>)>,
}

impl Default for Keys {
    fn default() -> Keys {
        Keys { of: BINDINGS.iter().map(|binding| (binding.command, binding.keys.to_vec())).collect() }
    }
}

impl Keys {
    /// The table with changes by command and name of key; and sentences about those that make no sense. A key that
    /// is given to a command is taken from the one that had it.
    #[must_use]
    pub fn with(changes: &BTreeMap<String, Vec<String>>) -> (Keys, Vec<String>) {
        let mut keys = Keys::default();
        let mut errors = Vec::new();
        let mut given: Vec<(Key, &str)> = Vec::new();
        for (name, words) in changes {
            let Some(binding) = BINDINGS.iter().find(|binding| binding.name() == *name) else {
                errors.push(format!("there is no command `{name}` to give keys to"));
                continue;
            };
            let mut wanted = Vec::new();
            for word in words {
                match Key::parse(word) {
                    Some(key) if given.iter().any(|(other, _)| *other == key) => {
                        errors.push(format!("the key `{word}` is given to two commands"));
                    }
                    Some(key) => {
                        given.push((key, name));
                        wanted.push(key);
                    }
                    None => errors.push(format!("`{word}` is no key (p, Space, Enter, Tab, Ctrl-x, PgUp …)")),
                }
            }
            keys.of.iter_mut().for_each(|(_, keys)| keys.retain(|key| !wanted.contains(key)));
            if let Some((_, keys)) = keys.of.iter_mut().find(|(command, _)| *command == binding.command) {
                *keys = wanted;
            }
        }
        if keys.of(Command::Quit).is_empty() && keys.of(Command::Leave).is_empty() {
            errors.push("no key would quit; Ctrl-c does".to_owned());
            keys.of.push((Command::Quit, vec![Key::Ctrl('c')]));
        }
        (keys, errors)
    }

    /// The keys of a command; the first one stands in the hints.
    #[must_use]
    pub fn of(&self, command: Command) -> &[Key] {
        self.of.iter().find(|(other, _)| *other == command).map_or(&[], |(_, keys)| keys)
    }
}

/// Whether keys are commands or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Commands.
    Commands,
    /// Text for the prompt.
    Prompt,
    /// Steps in a menu.
    Menu,
}

/// What a key says; `None` for one that says nothing.
#[must_use]
pub fn message(keys: &Keys, mode: Mode, key: Key) -> Option<Msg> {
    match mode {
        Mode::Commands => {
            let found = keys.of.iter().find(|(_, keys)| keys.contains(&key));
            Some(found.map_or_else(|| Msg::Unbound(key.name()), |found| Msg::Command(found.0)))
        }
        Mode::Prompt => edit(key),
        Mode::Menu => in_menu(key),
    }
}

fn in_menu(key: Key) -> Option<Msg> {
    let step = match key {
        Key::Down | Key::Char('j') | Key::Tab => MenuStep::By(1),
        Key::Up | Key::Char('k') | Key::BackTab => MenuStep::By(-1),
        Key::PageDown => MenuStep::By(10),
        Key::PageUp => MenuStep::By(-10),
        Key::Enter | Key::Char(' ') => MenuStep::Take,
        Key::Ctrl('c') => return Some(Msg::Command(Command::Quit)),
        Key::Ctrl('z') => return Some(Msg::Command(Command::Suspend)),
        _ => MenuStep::Close,
    };
    Some(Msg::Menu(step))
}

fn edit(key: Key) -> Option<Msg> {
    let edit = match key {
        Key::Char(c) => PromptEdit::Type(c),
        Key::Backspace | Key::Ctrl('h') => PromptEdit::Erase,
        Key::Ctrl('w') => PromptEdit::EraseWord,
        Key::Ctrl('u') => PromptEdit::Clear,
        Key::Enter => PromptEdit::Accept,
        Key::Esc => PromptEdit::Cancel,
        Key::Tab => PromptEdit::Complete,
        Key::Ctrl('c') => return Some(Msg::Command(Command::Quit)),
        Key::Ctrl('z') => return Some(Msg::Command(Command::Suspend)),
        _ => return None,
    };
    Some(Msg::Prompt(edit))
}

#[cfg(test)]
mod tests {
    use super::Command as C;
    use super::*;

    #[test]
    fn no_key_asks_for_two_things() {
        let mut seen = Vec::new();
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert!(!seen.contains(key), "{} twice", key.name());
            seen.push(*key);
        }
    }

    #[test]
    fn every_row_is_reached_by_its_keys_and_explained() {
        for binding in BINDINGS {
            for key in binding.keys {
                let Some(Msg::Command(command)) = message(&Keys::default(), Mode::Commands, *key) else {
                    panic!("{} says nothing", key.name());
                };
                assert_eq!(command, binding.command);
            }
            assert!(!binding.help.is_empty() && !binding.word.is_empty());
        }
    }

    #[test]
    fn keys_can_be_given_to_other_commands() {
        let change = |pairs: &[(&str, &[&str])]| {
            let own = |(name, keys): &(&str, &[&str])| {
                ((*name).to_owned(), keys.iter().map(|key| (*key).to_owned()).collect())
            };
            Keys::with(&pairs.iter().map(own).collect())
        };
        let (keys, errors) = change(&[("pause", &["p", "F"]), ("next-problem", &["Ctrl-N"])]);
        assert_eq!(errors, [] as [&str; 0]);
        assert_eq!(keys.of(C::Pause), [Key::Char('p'), Key::Char('F')]);
        assert_eq!((keys.of(C::Follow), keys.of(C::NextProblem)), (&[][..], &[Key::Ctrl('n')][..]));
        assert!(matches!(message(&keys, Mode::Commands, Key::Char('F')), Some(Msg::Command(C::Pause))));
        assert!(matches!(message(&keys, Mode::Commands, Key::Char('e')), Some(Msg::Unbound(e)) if e == "e"));
        let wrong: [(&str, &[&str]); 4] =
            [("fly", &["x"]), ("pause", &["hyper"]), ("sort", &["x"]), ("filter", &["x"])];
        assert_eq!(change(&wrong).1.len(), 3, "{:?}", change(&wrong).1);
        let (keys, errors) = change(&[("quit", &[]), ("quit-at-once", &[])]);
        assert_eq!((errors.len(), keys.of(C::Quit).len()), (1, 0));
        assert!(matches!(message(&keys, Mode::Commands, Key::Ctrl('c')), Some(Msg::Command(C::Quit))));
    }

    #[test]
    fn every_key_and_every_command_has_a_name_of_its_own() {
        let mut names = std::collections::BTreeSet::new();
        for binding in BINDINGS {
            assert!(names.insert(binding.name()), "{} twice", binding.name());
            for key in binding.keys {
                assert_eq!(Key::parse(&key.name()), Some(*key));
            }
        }
    }

    #[test]
    fn every_command_has_a_key() {
        // Adding a command without a row here does not compile, without a row in the table does not pass.
        let next = |command| match command {
            C::Up => Some(C::Down),
            C::Down => Some(C::Left),
            C::Left => Some(C::Right),
            C::Right => Some(C::HalfUp),
            C::HalfUp => Some(C::HalfDown),
            C::HalfDown => Some(C::PageUp),
            C::PageUp => Some(C::PageDown),
            C::PageDown => Some(C::First),
            C::First => Some(C::Last),
            C::Last => Some(C::Open),
            C::Open => Some(C::OpenMap),
            C::OpenMap => Some(C::Back),
            C::Back => Some(C::Leave),
            C::Leave => Some(C::Quit),
            C::Quit => Some(C::Screen(0)),
            C::Screen(n) if n + 1 < crate::model::ui::Screen::TABS.len() => Some(C::Screen(n + 1)),
            C::Screen(_) => Some(C::NextScreen),
            C::NextScreen => Some(C::PreviousScreen),
            C::PreviousScreen => Some(C::Search),
            C::Search => Some(C::NextMatch),
            C::NextMatch => Some(C::PreviousMatch),
            C::PreviousMatch => Some(C::Filter),
            C::Filter => Some(C::Sort),
            C::Sort => Some(C::Columns),
            C::Columns => Some(C::Processes),
            C::Processes => Some(C::Mark),
            C::Mark => Some(C::NextMark),
            C::NextMark => Some(C::Invert),
            C::Invert => Some(C::NextProblem),
            C::NextProblem => Some(C::PreviousProblem),
            C::PreviousProblem => Some(C::Pause),
            C::Pause => Some(C::NextMoment),
            C::NextMoment => Some(C::PreviousMoment),
            C::PreviousMoment => Some(C::Later),
            C::Later => Some(C::Earlier),
            C::Earlier => Some(C::LineForward),
            C::LineForward => Some(C::LineBack),
            C::LineBack => Some(C::GoTo),
            C::GoTo => Some(C::Follow),
            C::Follow => Some(C::Frames),
            C::Frames => Some(C::Copy),
            C::Copy => Some(C::Write),
            C::Write => Some(C::Edit),
            C::Edit => Some(C::Theme),
            C::Theme => Some(C::Mouse),
            C::Mouse => Some(C::Help),
            C::Help => Some(C::Suspend),
            C::Suspend => Some(C::Repaint),
            C::Repaint => None,
        };
        let mut command = Some(C::Up);
        let mut count = 0;
        while let Some(this) = command {
            assert!(binding(this).is_some(), "{this:?} has no key");
            command = next(this);
            count += 1;
        }
        assert_eq!(count, BINDINGS.len(), "a command has two rows");
    }

    #[test]
    fn in_the_prompt_letters_are_letters() {
        assert!(matches!(
            message(&Keys::default(), Mode::Prompt, Key::Char('q')),
            Some(Msg::Prompt(PromptEdit::Type('q')))
        ));
        assert!(matches!(
            message(&Keys::default(), Mode::Prompt, Key::Ctrl('c')),
            Some(Msg::Command(Command::Quit))
        ));
        assert!(message(&Keys::default(), Mode::Prompt, Key::PageUp).is_none());
    }
}
