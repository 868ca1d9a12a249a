//! Annotations: lines that a CI service turns into marks in the diff.
//!
//! GitHub reads `::error file=…,line=…::message` from a step's output. It shows ten errors and ten warnings of a
//! step, so the surest findings come first. Known findings are left out.

use super::place::Checkout;
use super::{Account, Standing, Told};
use clap::ValueEnum;
use mapwatch_event::Grade;

/// Whose lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// GitHub Actions
    Github,
}

/// One line per new finding, surest first; empty where there is none.
#[must_use]
pub fn lines(service: Service, account: &Account<'_>) -> String {
    let Service::Github = service;
    let mut out = String::new();
    for told in account.findings().iter().filter(|told| told.standing == Standing::New) {
        out += &github(account, told);
        out.push('\n');
    }
    if account.world.heard_nobody() {
        out += &format!("::error title=mapview::{}\n", data(&crate::report::text::verdict(account.world)));
    }
    out
}

fn github(account: &Account<'_>, told: &Told<'_>) -> String {
    let conflict = told.conflict();
    let command = match told.finding.grade {
        Grade::Certain | Grade::Logged => "error",
        Grade::Hazard | Grade::Suspect => "warning",
        Grade::Note => "notice",
    };
    let mut properties = vec![format!("title={}", property(conflict.category.title()))];
    let checkout = Checkout::of(account.session(told));
    let place = conflict.attempt().map(|side| &side.site).filter(|site| checkout.holds(&site.file));
    if let Some(site) = place {
        properties.insert(0, format!("file={}", property(&checkout.relative(&site.file))));
        if site.line > 0 {
            properties.insert(1, format!("line={},col={}", site.line, site.column.max(1)));
        }
    }
    let sides = conflict
        .sides
        .iter()
        .map(|side| format!("{} {} by {} at {}", side.role.word(), side.operation, side.actor, side.site));
    let message: Vec<String> = std::iter::once(told.headline())
        .chain(sides)
        .chain((!conflict.cure.is_empty()).then(|| format!("cure: {}", conflict.cure)))
        .collect();
    format!("::{command} {}::{}", properties.join(","), data(&message.join("\n")))
}

/// As the runner unescapes it (actions/toolkit, `command.ts`).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{recorded, shop};

    #[test]
    fn a_finding_is_one_line_at_its_attempt() {
        let world = recorded(&shop()).world;
        let said = lines(Service::Github, &Account::of(&world));
        let said: Vec<&str> = said.lines().collect();
        assert_eq!(said.len(), 3);
        let first = "::error file=src/orders.rs,line=88,col=9,title=concurrent map iteration and map write::";
        assert!(said[0].starts_with(first), "{}", said[0]);
        assert!(said[0].contains("%0Aholder iter by task 9 `report`") && said[0].contains("%0Acure: "));
        assert!(said[1].starts_with("::warning ") && said[2].starts_with("::warning "));
    }

    #[test]
    fn nothing_in_a_name_ends_the_command() {
        assert_eq!(data("100%\r\n::stop"), "100%25%0D%0A::stop");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    }
}
