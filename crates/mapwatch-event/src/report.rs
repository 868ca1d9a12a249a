//! The text of a conflict: its one `Display`.
//!
//! The first line is stable, so that log tools can group by it, and ends with the category's code in brackets;
//! it is also the panic message. The block below aligns both sides under each other; the backtraces come last,
//! holder first.

use crate::actor::Actor;
use crate::category::Category;
use crate::conflict::{Conflict, PastOperation, Role, Side};
use crate::map::MapFacts;
use crate::place::Frame;
use std::fmt;

/// How much of a backtrace a report shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Frames {
    /// The user's frames.
    #[default]
    User,
    /// All of them: `MAPWATCH_BACKTRACE=full`.
    Full,
}

/// A conflict as text.
///
/// ```
/// # fn show(conflict: &mapwatch_event::Conflict) -> String {
/// mapwatch_event::Report::new(conflict).to_string()
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    conflict: &'a Conflict,
    frames: Frames,
}

impl<'a> Report<'a> {
    /// A report cut to the user's frames.
    #[must_use]
    pub const fn new(conflict: &'a Conflict) -> Report<'a> {
        Report { conflict, frames: Frames::User }
    }

    /// The same with another choice of frames.
    #[must_use]
    pub const fn with_frames(self, frames: Frames) -> Report<'a> {
        Report { frames, ..self }
    }

    /// The first line, without a newline.
    #[must_use]
    pub fn headline(&self) -> String {
        let Conflict { category, map, .. } = self.conflict;
        let mut line = format!("mapwatch: {}", category.title());
        if let (Some(begun), Some(missing)) = (self.side(Role::Begun), self.side(Role::Missing)) {
            let (first, second) = (begun.operation, missing.operation);
            // Two changes of one value may be calls of one name.
            let missing =
                if first == second { "the second one".to_owned() } else { format!("its `{second}`") };
            return line + &format!(": `{first}` on `{}`, and never {missing} [{category}]", map.title());
        }
        if *category == Category::ShardSkew {
            return line + &format!(" of `{}` [{category}]", map.title());
        }
        if let (Some(cancel), Some(act)) = (self.side(Role::Cancel), self.side(Role::Act)) {
            line += &format!(
                ": `{}` on `{}` by {}, which {} had given up",
                act.operation,
                map.title(),
                short(&act.actor),
                short(&cancel.actor)
            );
        } else if let Some(attempt) = self.conflict.attempt() {
            line += &format!(": `{}` on `{}`", attempt.operation, map.title());
            if let (Some(look), Some(between)) = (self.side(Role::Look), self.side(Role::Between)) {
                let who = if between.actor.id == attempt.actor.id {
                    format!("the same {}", between.actor.kind.word())
                } else {
                    short(&between.actor)
                };
                line +=
                    &format!(" after `{}`, with `{}` of {who} between", look.operation, between.operation);
            } else if let Some(look) = self.side(Role::Look) {
                line += &format!(" after `{}` of {}", look.operation, short(&look.actor));
            } else if let Some(holder) = self.conflict.holder() {
                let who = if holder.actor.id == attempt.actor.id {
                    format!("the same {}", holder.actor.kind.word())
                } else {
                    short(&holder.actor)
                };
                line += &format!(" while {who} {} it", verb(*category, holder));
            }
        }
        line + &format!(" [{category}]")
    }
}

impl Report<'_> {
    fn side(&self, role: Role) -> Option<&Side> {
        self.conflict.sides.iter().find(|side| side.role == role)
    }
}

/// What a holder does meanwhile: a guard is held, whatever it was taken for.
fn verb(category: Category, holder: &Side) -> &'static str {
    match category {
        Category::ReentrantBorrow => "borrows",
        Category::SelfDeadlock
        | Category::SelfDeadlockHazard
        | Category::RecursiveRead
        | Category::Deadlock
        | Category::LockOrderInversion
        | Category::GuardAcrossAwait
        | Category::Stall => "holds",
        _ => holder.operation.access().verb(),
    }
}

/// An actor without the thread it runs on.
fn short(actor: &Actor) -> String {
    Actor { on_thread: String::new(), ..actor.clone() }.to_string()
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conflict = self.conflict;
        writeln!(f, "{}", self.headline())?;
        row(f, "map", &map_line(&conflict.map))?;
        let widths = Widths::of(&conflict.sides);
        for side in &conflict.sides {
            row(f, side.role.word(), &side_line(side, widths))?;
            if !side.source.is_empty() {
                row(f, "", &format!("  {}", side.source))?;
            }
        }
        row(f, "cause", &conflict.cause)?;
        row(f, "cure", &conflict.cure)?;
        self.write_history(f)?;
        conflict.sides.iter().try_for_each(|side| self.write_stack(f, side))
    }
}

impl Report<'_> {
    fn write_history(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Conflict { history, at, .. } = self.conflict;
        let alike = |one: &PastOperation, other: &PastOperation| {
            (&one.actor, one.operation, &one.site) == (&other.actor, other.operation, &other.site)
        };
        for (index, run) in history.chunk_by(alike).enumerate() {
            let (label, past) = (if index == 0 { "history" } else { "" }, &run[0]);
            let times = if run.len() == 1 { String::new() } else { format!("  {} times", run.len()) };
            let line = format!(
                "{:>9} before  {:<12} {}  at {}{times}",
                at.since(past.at).to_string(),
                past.operation,
                short(&past.actor),
                past.site
            );
            row(f, label, &line)?;
        }
        Ok(())
    }

    fn write_stack(&self, f: &mut fmt::Formatter<'_>, side: &Side) -> fmt::Result {
        let role = match side.role {
            Role::Holder => "holder's stack",
            Role::Attempt => "attempt's stack",
            other => other.word(),
        };
        let shown: Vec<&Frame> = match self.frames {
            Frames::User => side.stack.user_frames().collect(),
            Frames::Full => side.stack.frames.iter().collect(),
        };
        let note = &side.stack.note;
        match (shown.is_empty(), note.is_empty()) {
            (true, true) => return Ok(()),
            (true, false) => return writeln!(f, "{role}: {note}"),
            (false, true) => writeln!(f, "{role}:")?,
            (false, false) => writeln!(f, "{role} ({note}):")?,
        }
        for (index, frame) in shown.iter().enumerate() {
            let function = if frame.function.is_empty() { "(no symbol)" } else { &frame.function };
            writeln!(f, "{index:>6}: {function}")?;
            if !frame.file.is_empty() {
                writeln!(f, "             at {}:{}:{}", frame.file, frame.line, frame.column)?;
            }
        }
        let hidden = side.stack.frames.len() - shown.len();
        if hidden > 0 {
            writeln!(f, "        {hidden} more not shown (MAPWATCH_BACKTRACE=full)")?;
        }
        Ok(())
    }
}

/// One aligned row of the block.
fn row(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    if text.is_empty() { Ok(()) } else { writeln!(f, "{label:>10}  {text}") }
}

fn map_line(map: &MapFacts) -> String {
    let mut line = String::new();
    if !map.name.is_empty() {
        line += &format!("`{}`  ", map.name);
    }
    line += &map.type_name;
    if let Some(length) = map.length {
        line += &format!("  {} {}", grouped(length), if length == 1 { "entry" } else { "entries" });
    }
    match (map.made.file.is_empty(), map.made.is_in_std()) {
        (true, _) => line,
        (_, true) => line + ", made inside std, which hides its caller",
        _ => line + &format!(", made at {}", map.made),
    }
}

/// Widths that put the columns of both sides under each other.
#[derive(Clone, Copy)]
struct Widths {
    operation: usize,
    actor: usize,
}

impl Widths {
    fn of(sides: &[Side]) -> Widths {
        let widest = |width: fn(&Side) -> usize| sides.iter().map(width).max().unwrap_or(0);
        Widths {
            operation: widest(|side| side.operation.word().len()),
            actor: widest(|side| side.actor.to_string().chars().count()),
        }
    }
}

fn side_line(side: &Side, widths: Widths) -> String {
    let actor = side.actor.to_string();
    let mut line = format!(
        "{:<op$}  {actor:<who$}  at {}",
        side.operation,
        side.site,
        op = widths.operation,
        who = widths.actor
    );
    if let Some(words) = side.time_words() {
        line += "  ";
        line += &words;
    }
    line
}

impl Side {
    /// What [`Side::held_for`] means in words, by the side's part: `for 3.2 ms` or `3.2 ms before`.
    #[must_use]
    pub fn time_words(&self) -> Option<String> {
        let held = self.held_for?;
        Some(match self.role {
            Role::Look | Role::Between | Role::Begun | Role::Cancel => format!("{held} before"),
            _ => format!("for {held}"),
        })
    }
}

/// `1204` as `1,204`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActorId, MapId, Stack};
    use crate::{ActorKind, ConflictId, Grade, MapKind, Nanos, Operation, Outcome, Site};

    fn side(role: Role, operation: Operation, id: u64, name: &str, thread: &str, line: u32) -> Side {
        Side {
            role,
            operation,
            actor: Actor {
                id: ActorId(id),
                kind: ActorKind::Task,
                name: name.into(),
                on_thread: thread.into(),
            },
            site: Site { file: "src/orders.rs".into(), line, column: 14 },
            held_for: None,
            source: String::new(),
            stack: Stack::default(),
        }
    }

    fn conflict() -> Conflict {
        let mut holder = side(Role::Holder, Operation::Iter, 9, "report", "worker-1", 41);
        holder.held_for = Some(Nanos(3_200_000));
        holder.source = "for (id, order) in orders.iter() {".into();
        let mut attempt = side(Role::Attempt, Operation::Insert, 17, "settle", "worker-3", 88);
        attempt.stack.frames = vec![
            Frame { function: "std::x".into(), ..Frame::default() },
            Frame {
                function: "shop::settle".into(),
                file: "src/orders.rs".into(),
                line: 88,
                column: 14,
                user: true,
            },
        ];
        Conflict {
            id: ConflictId(1),
            category: Category::ConcurrentIterationWrite,
            grade: Grade::Certain,
            at: Nanos(5_000_000),
            map: MapFacts {
                id: MapId(2),
                kind: MapKind::HashMap,
                name: "orders".into(),
                type_name: "HashMap<OrderId, Order>".into(),
                made: Site { file: "src/main.rs".into(), line: 21, column: 17 },
                length: Some(1204),
            },
            history: vec![
                PastOperation {
                    at: Nanos(4_000_000),
                    actor: holder.actor.clone(),
                    operation: Operation::Get,
                    site: holder.site.clone(),
                };
                3
            ],
            sides: vec![holder, attempt],
            cause: "one sentence".into(),
            cure: Category::ConcurrentIterationWrite.cure().into(),
            context: Vec::new(),
            outcome: Outcome::Panicked,
        }
    }

    #[test]
    fn the_report_is_the_designs() {
        let expected = "\
mapwatch: concurrent map iteration and map write: `insert` on `orders` while task 9 `report` iterates it [concurrent-iteration-write]
       map  `orders`  HashMap<OrderId, Order>  1,204 entries, made at src/main.rs:21:17
    holder  iter    task 9 `report` on thread worker-1   at src/orders.rs:41:14  for 3.2 ms
              for (id, order) in orders.iter() {
   attempt  insert  task 17 `settle` on thread worker-3  at src/orders.rs:88:14
     cause  one sentence
      cure  collect what the loop needs before it writes, or hold one lock over the loop and the writes
   history       1 ms before  get          task 9 `report`  at src/orders.rs:41:14  3 times
attempt's stack:
     0: shop::settle
             at src/orders.rs:88:14
        1 more not shown (MAPWATCH_BACKTRACE=full)
";
        assert_eq!(Report::new(&conflict()).to_string(), expected);
    }

    #[test]
    fn the_same_actor_is_not_named_twice() {
        let mut same = conflict();
        same.sides[0].actor = same.sides[1].actor.clone();
        assert!(Report::new(&same).headline().contains("while the same task iterates it"));
    }

    #[test]
    fn three_sides_are_told_in_their_order() {
        let mut three = conflict();
        three.category = Category::CheckThenAct;
        let mut between = side(Role::Between, Operation::Insert, 17, "settle", "", 88);
        between.held_for = Some(Nanos(2_000_000));
        three.sides[0].role = Role::Look;
        three.sides[0].operation = Operation::ContainsKey;
        three.sides[1].role = Role::Act;
        three.sides[1].actor = three.sides[0].actor.clone();
        three.sides.insert(1, between);
        let text = Report::new(&three).to_string();
        assert!(
            text.starts_with(
                "mapwatch: check, then act: `insert` on `orders` after `contains_key`, \
                 with `insert` of task 17 `settle` between [check-then-act]\n"
            ),
            "{text}"
        );
        assert!(text.contains("src/orders.rs:88:14  2 ms before\n"), "{text}");
    }

    #[test]
    fn one_side_is_enough() {
        let mut one = conflict();
        one.category = Category::UninitialisedMap;
        one.sides.remove(0);
        let headline = Report::new(&one).headline();
        assert_eq!(
            headline,
            "mapwatch: assignment to entry in nil map: `insert` on `orders` [uninitialised-map]"
        );
    }

    #[test]
    fn two_halves_of_one_name_are_told_apart() {
        let mut halves = conflict();
        halves.category = Category::CancelledMidUpdate;
        halves.sides[0].role = Role::Begun;
        halves.sides[1].role = Role::Missing;
        let headline = |halves: &Conflict| Report::new(halves).headline();
        assert!(headline(&halves).contains(": `iter` on `orders`, and never its `insert` ["));
        halves.sides[0].operation = halves.sides[1].operation;
        assert!(headline(&halves).contains(": `insert` on `orders`, and never the second one ["));
    }
}
