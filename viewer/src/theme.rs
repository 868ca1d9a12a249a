//! Colours and glyphs: what means what.
//!
//! Only the sixteen colours that every terminal lets its user choose, and dim, bold and reversed; so the viewer
//! fits dark and light backgrounds alike. Colour never stands alone: a grade has a glyph and a word, a selection
//! is reversed.

use crate::model::ui::{Look, ThemeName};
use mapwatch_event::Grade;
use ratatui::style::{Color, Modifier, Style};

/// How things look.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Characters beyond letters.
    pub glyphs: &'static Glyphs,
    name: ThemeName,
}

/// A part of source code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Names, signs, blanks.
    Plain,
    /// `let`, `fn`.
    Keyword,
    /// Types and lifetimes.
    Type,
    /// What is called.
    Function,
    /// What is called with a bang.
    Macro,
    /// Strings and characters.
    Text,
    /// Numbers.
    Number,
    /// Comments.
    Comment,
}

/// Characters beyond letters.
#[derive(Debug)]
pub struct Glyphs {
    /// Line of a rule or a box.
    pub horizontal: char,
    /// Side of a box.
    pub vertical: char,
    /// Corners of a box: top left, top right, bottom left, bottom right.
    pub corners: [char; 4],
    /// Between a line number and its source.
    pub gutter: char,
    /// Where text was cut.
    pub cut: char,
    /// From before to after.
    pub arrow: char,
    /// Something runs, has ended, was cut off.
    pub states: [char; 3],
    /// Nothing is wrong.
    pub good: char,
    /// The grades, from note to certain.
    pub grades: [char; 4],
    /// Sorted downwards, upwards.
    pub sorted: [char; 2],
    /// More above, more below.
    pub more: [char; 2],
    /// Eight heights.
    pub bars: [char; 8],
    /// Between two parts of one line.
    pub dot: char,
    /// Stands before the chosen side, and the paused picture.
    pub chosen: char,
    /// Nothing to show in a cell.
    pub none: char,
    /// Stands before a marked row.
    pub mark: char,
    /// A life: fresh, idle, woken, running, stranded, blocked.
    pub lane: [char; 6],
}

const UNICODE: Glyphs = Glyphs {
    horizontal: '─',
    vertical: '│',
    corners: ['╭', '╮', '╰', '╯'],
    gutter: '│',
    cut: '…',
    arrow: '→',
    states: ['●', '○', '✗'],
    good: '✓',
    grades: ['•', '◆', '▲', '✖'],
    sorted: ['▾', '▴'],
    more: ['↑', '↓'],
    bars: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
    dot: '·',
    chosen: '▸',
    none: '·',
    mark: '◂',
    lane: ['·', '─', '▒', '█', '!', '▞'],
};

const ASCII: Glyphs = Glyphs {
    horizontal: '-',
    vertical: '|',
    corners: ['+', '+', '+', '+'],
    gutter: '|',
    cut: '~',
    arrow: '>',
    states: ['*', 'o', 'x'],
    good: '+',
    grades: ['i', '?', '!', 'X'],
    sorted: ['v', '^'],
    more: ['^', 'v'],
    bars: ['_', '.', ':', '-', '=', '+', '*', '#'],
    dot: '-',
    chosen: '>',
    none: '-',
    mark: '*',
    lane: ['.', '-', 'w', '#', '!', 'B'],
};

impl Theme {
    /// For a terminal that can show this much.
    #[must_use]
    pub fn new(look: Look) -> Theme {
        Theme { glyphs: if look.ascii { &ASCII } else { &UNICODE }, name: look.theme }
    }

    /// The same meaning on another background: yellow and cyan vanish on white.
    fn colour(self, colour: Color) -> Style {
        let style = Style::new();
        match (self.name, colour) {
            (ThemeName::Mono, _) => style,
            (ThemeName::Dark, colour) => style.fg(colour),
            (ThemeName::Light, Color::Cyan) => style.fg(Color::Blue),
            (ThemeName::Light, Color::Yellow) => style.fg(Color::Magenta),
            (ThemeName::Light, Color::Blue) => style.fg(Color::Blue).add_modifier(Modifier::BOLD),
            (ThemeName::Light, colour) => style.fg(colour),
            (ThemeName::HighContrast, colour) => {
                let bright = match colour {
                    Color::Red => Color::LightRed,
                    Color::Green => Color::LightGreen,
                    Color::Yellow => Color::LightYellow,
                    Color::Magenta => Color::LightMagenta,
                    Color::Blue | Color::Cyan => Color::LightCyan,
                    other => other,
                };
                style.fg(bright).add_modifier(Modifier::BOLD)
            }
        }
    }

    /// Ordinary text.
    #[must_use]
    pub fn text(self) -> Style {
        Style::new()
    }

    /// What matters most in its place.
    #[must_use]
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Labels, rules, what is there only for orientation.
    #[must_use]
    pub fn quiet(self) -> Style {
        if self.name == ThemeName::HighContrast {
            return Style::new();
        }
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Titles, and the keys in the hints.
    #[must_use]
    pub fn accent(self) -> Style {
        self.colour(Color::Cyan)
    }

    /// The tab that is shown.
    #[must_use]
    pub fn tab(self) -> Style {
        self.accent().add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    /// The selected row; whatever else it was.
    #[must_use]
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// A match of the search.
    #[must_use]
    pub fn found(self) -> Style {
        self.colour(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    /// Nothing is wrong; something runs.
    #[must_use]
    pub fn good(self) -> Style {
        self.colour(Color::Green)
    }

    /// Something is not as it should be.
    #[must_use]
    pub fn trouble(self) -> Style {
        self.colour(Color::Yellow)
    }

    /// A part of source code.
    #[must_use]
    pub fn syntax(self, syntax: Syntax) -> Style {
        match syntax {
            Syntax::Plain => self.text(),
            Syntax::Keyword => self.colour(Color::Magenta),
            Syntax::Type => self.colour(Color::Cyan),
            Syntax::Function => self.colour(Color::Blue),
            Syntax::Macro => self.colour(Color::Yellow),
            Syntax::Text => self.colour(Color::Green),
            Syntax::Number => self.colour(Color::Red),
            Syntax::Comment => self.quiet(),
        }
    }

    /// Source code.
    #[must_use]
    pub fn source(self) -> Style {
        self.colour(Color::Green)
    }

    /// A grade.
    #[must_use]
    pub fn grade(self, grade: Grade) -> Style {
        match grade {
            Grade::Certain => self.colour(Color::Red).add_modifier(Modifier::BOLD),
            Grade::Hazard => self.colour(Color::Yellow).add_modifier(Modifier::BOLD),
            Grade::Suspect => self.colour(Color::Magenta),
            Grade::Note | Grade::Logged => self.colour(Color::Blue),
        }
    }

    /// The glyph of a grade.
    #[must_use]
    pub fn grade_glyph(self, grade: Grade) -> char {
        let [note, suspect, hazard, certain] = self.glyphs.grades;
        match grade {
            Grade::Certain => certain,
            Grade::Hazard => hazard,
            Grade::Suspect => suspect,
            Grade::Note | Grade::Logged => note,
        }
    }
}
