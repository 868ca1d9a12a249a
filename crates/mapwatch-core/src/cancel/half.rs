//! One update of which the first half is done, and how it is told when the second one never comes.

use super::{source, text};
use crate::entry::Entry;
use crate::raise::{self, Collision, Otherwise, Party, Taken};
use crate::site::StaticSite;
use crate::stack::RawStack;
use crate::{clock, thread};
use mapwatch_event::{Category, Nanos, Operation, Role, Side, Site, Stack};
use std::sync::Arc;
use text::Partner;

/// One kind of update: its two halves.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) first: StaticSite,
    pub(super) partner: Partner,
}

impl Update {
    pub(super) fn is_first(&self, site: StaticSite) -> bool {
        let lines = self.partner.value.as_ref().map(|value| &value.lines);
        std::ptr::eq(self.first, site)
            || lines.is_some_and(|lines| lines.contains(&site.line())) && site.file() == self.first.file()
    }

    pub(super) fn is_second(&self, site: StaticSite) -> bool {
        (self.partner.line..=self.partner.last).contains(&site.line()) && site.file() == self.first.file()
    }

    /// Whether one call, in a function of its own, does both halves.
    pub(super) fn is_alike(&self) -> bool {
        self.partner.line == self.first.line()
    }

    /// Whether each of those that begin it at one value does so for itself.
    pub(super) fn counts(&self) -> bool {
        self.partner.value.as_ref().is_some_and(|value| value.counts)
    }
}

/// One update whose first half is done.
pub(super) struct Half {
    pub(super) update: Arc<Update>,
    pub(super) entry: Arc<Entry>,
    pub(super) operation: Operation,
    pub(super) actor: u64,
    pub(super) thread: u64,
    pub(super) at: Nanos,
    pub(super) stack: RawStack,
    /// The number of the runtime that polled it; 0 for none.
    pub(super) runtime: u64,
    /// The lock that its map was reached through, else the map; 0 where there were several locks. Whoever does the
    /// second half needs it.
    pub(super) container: u64,
    /// Its future is over.
    pub(super) left: bool,
    /// Sites from which its future was found not to be over.
    pub(super) asked: Vec<u64>,
}

impl Half {
    /// Tells it, and how many of its kind there are.
    pub(super) fn tell(self, count: usize) {
        let Half { update, entry, operation, actor, thread, at, stack, .. } = self;
        let (now, partner) = (clock::now(), &update.partner);
        let site = Site { line: partner.line, column: partner.column, ..Site::from(update.first) };
        let second = Operation::ALL.iter().find(|known| known.word() == partner.name).copied();
        let line = |text: String| {
            let line = text.lines().nth(partner.line as usize - 1)?.trim();
            Some(line.chars().take(160).collect())
        };
        let missing = Side {
            role: Role::Missing,
            operation: second.unwrap_or(operation),
            actor: thread::describe(actor),
            source: source(update.first.file()).and_then(line).unwrap_or_default(),
            site,
            held_for: None,
            stack: Stack::absent("it never ran; the source has it after the first half on every way"),
        };
        let times = if count == 1 { String::new() } else { format!(", {count} times") };
        let cause = match (&partner.value, partner.category) {
            (Some(value), _) => format!(
                "a future was dropped at an `.await` after `{}` and before `{}`, which {}{times}",
                value.first,
                value.second,
                if value.counts { "takes it back" } else { "would have ended that" }
            ),
            (None, Category::LeakedEntry) => format!(
                "`{operation}` put an entry in, and its future was dropped at an `.await` before `{}` took it out again{times}",
                partner.name
            ),
            (None, _) => format!(
                "a future was dropped at an `.await` between `{operation}` and the `{}` that completes the update{times}",
                partner.name
            ),
        };
        let thread = if actor == thread { 0 } else { thread };
        let first = Party {
            role: Role::Begun,
            operation,
            actor,
            thread,
            site: Some(update.first),
            held_for: Some(now.since(at)),
            stack: Taken::At(stack, ""),
        };
        let collision = Collision {
            category: partner.category,
            grade: None,
            at: now,
            map: entry.facts(),
            parties: vec![first],
            cause,
            cure: None,
            otherwise: Otherwise::GoOn,
            may_panic: false,
        };
        let _ = raise::raise_with(collision, vec![missing]);
    }
}
