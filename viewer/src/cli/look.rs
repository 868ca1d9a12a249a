//! What all ways of looking have in common: screens or report, and the verdict.

use super::outputs::Judge;
use super::{Common, Verdict, complain};
use crate::export::{self, Format};
use crate::model::Model;
use crate::model::ui::Ui;
use crate::model::world::World;
use crate::msg::Msg;
use crate::report;
use crate::runner::{self, Left, Patience};
use crate::settings;
use anyhow::Context as _;
use crossbeam_channel::Receiver;
use std::io::IsTerminal as _;
use std::time::Duration;

/// How one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// On a terminal.
    Screens,
    /// As a text.
    Report,
}

impl Common {
    /// Screens, unless a report is asked for or there is no terminal.
    #[must_use]
    pub fn face(&self) -> Face {
        let asked = self.report || self.json || self.output.is_some();
        if asked || !std::io::stdout().is_terminal() { Face::Report } else { Face::Screens }
    }

    fn format(&self) -> Format {
        if self.json { Format::Json } else { Format::Text }
    }

    fn is_colourless(&self) -> bool {
        self.no_color || is_set("NO_COLOR")
    }
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// By the locale's own order of precedence; where none is set, terminals of today show UTF-8.
fn locale_is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty());
    let Some(locale) = locale else { return true };
    let locale = locale.to_string_lossy().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Stops looking at the first signal: there is nothing to wait for.
#[derive(Clone, Copy, Debug)]
pub struct Impatient;

impl Patience for Impatient {
    fn asked(&mut self, _signal: i32, _times: u32) -> bool {
        true
    }
}

/// Shows the screens until the user quits, or takes everything in and prints the report.
///
/// # Errors
///
/// Where the terminal cannot be used, or the report or another output not be written.
pub fn look(
    common: &Common,
    judge: &Judge,
    feed: Receiver<Msg>,
    until: Option<Duration>,
    patience: &mut dyn Patience,
) -> anyhow::Result<(World, Verdict)> {
    let (model, left) = match common.face() {
        Face::Screens => {
            let model = chosen(common);
            let (model, left) = runner::with_screens(model, &feed)?;
            settings::keep(&model.ui, common.is_colourless());
            (model, left)
        }
        Face::Report => runner::without_screens(Model::default(), &feed, until, patience)?,
    };
    // The sources hear that nobody listens any more, and end.
    drop(feed);
    let world = model.world;
    let mut verdict = judge.verdict(&world);
    match common.face() {
        Face::Screens => {
            complain(&report::text::verdict(&world));
            if let Left::BySignal(signal) = left {
                verdict = Verdict::Code(128 + (signal & 0x7f) as u8);
            }
        }
        Face::Report => print_report(common, judge, &world, verdict)?,
    }
    judge.deliver(&world)?;
    Ok((world, verdict))
}

/// A model that looks as the user has configured it, and left it the last time.
/// How things look where the command line may ask for no colours.
pub(super) fn chosen_ui(no_color: bool) -> (Ui, Vec<String>) {
    let ascii = is_set("MAPVIEW_ASCII") || !locale_is_utf8();
    settings::ui(no_color || is_set("NO_COLOR"), ascii)
}

fn chosen(common: &Common) -> Model {
    let (ui, said) = chosen_ui(common.no_color);
    let mut model = Model { ui, ..Model::default() };
    for sentence in said {
        // On the Log screen, and on the terminal when the screens are gone.
        complain(&sentence);
        model.world.warned(crate::text::clean(&sentence).into_owned());
    }
    model
}

fn print_report(common: &Common, judge: &Judge, world: &World, verdict: Verdict) -> anyhow::Result<()> {
    let text = export::tell(common.format(), &judge.account(world));
    let place = || match &common.output {
        Some(path) => format!("the report could not be written to {}", path.display()),
        None => "the report could not be written".to_owned(),
    };
    report::deliver(&text, common.output.as_deref()).with_context(place)?;
    // A program that reads the object is told as well as a person.
    if verdict == Verdict::CouldNotLook && (common.json || common.output.is_some()) {
        complain(&report::text::verdict(world));
    }
    Ok(())
}
