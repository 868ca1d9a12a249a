//! The updates that are half done: which one a change begins, completes or takes back, and whose future is over.

use super::half::{Half, Update};
use super::{WHOLE, chain, source, text};
use crate::history::Deed;
use crate::os;
use crate::site::{StaticSite, address};
use crate::stack::{self, RawStack};
use crate::task::{self, Runtime};
use mapwatch_event::{ActorId, Nanos};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, Once};

/// Half-done updates that are followed at a time; further ones are not.
const HALVES: usize = 1024;
/// Pairs of stacks whose judgement is kept.
const JUDGEMENTS: usize = 4096;

/// A map and a key's number.
pub(super) type Place = (u64, u64);

/// A place, and a number where a place has several halves.
type Spot = (Place, u64);

#[derive(Default)]
pub(super) struct Ledger {
    pub(super) halves: BTreeMap<Spot, Half>,
    /// Halves that share their places, so far.
    shared: u64,
    touches: HashMap<u64, Option<Vec<String>>>,
    updates: HashMap<u64, Option<Arc<Update>>>,
    /// First sites whose halves somebody else completes or takes back.
    pub(super) mended: BTreeSet<u64>,
    judgements: HashMap<(RawStack, RawStack), bool>,
    /// Those that have halves, by number.
    pub(super) runtimes: BTreeMap<u64, Runtime>,
    /// Whether a call, by its address on the stack, is one through which a kind of update begins.
    callers: HashMap<(u64, usize), Reached>,
}

/// What a frame of a stack is on the way to a first half.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// The function that makes the call, or nothing of the user's.
    Within,
    /// The call of that function which the source's other half comes after.
    Through,
    /// The call of that function which is the other half.
    Second,
    /// Another one.
    Otherwise,
}

/// Tasks that a runtime does not have any more, though they left halves behind.
pub(super) struct Gone {
    pub(super) runtime: Runtime,
    pub(super) tasks: BTreeSet<u64>,
}

/// A change of a key.
pub(super) struct Came {
    pub(super) place: Place,
    pub(super) deed: Deed,
    pub(super) site: StaticSite,
    pub(super) actor: u64,
    /// The value was handed out; whether it was changed is not known.
    pub(super) may: bool,
    /// Which half it is, where one call does both.
    pub(super) part: Option<Reached>,
}

impl Came {
    fn is_first(&self, update: &Update) -> bool {
        update.is_first(self.site) && self.part.is_none_or(|part| part == Reached::Through)
    }

    fn is_second(&self, update: &Update) -> bool {
        update.is_second(self.site) && self.part.is_none_or(|part| part == Reached::Second)
    }
}

impl Ledger {
    /// Ends the halves that a change completes, or takes back.
    pub(super) fn settle(&mut self, came: &Came) {
        if self.halves.is_empty() || came.deed == Deed::Missed {
            return;
        }
        let completed = self.completed(came);
        let paths =
            (came.deed == Deed::Changed && self.has_value_at(came.place)).then(|| self.touched(came.site));
        let paths = paths.flatten();
        self.halves.retain(|at, half| {
            if completed == Some(*at) {
                return false;
            }
            if at.0 != came.place {
                return true;
            }
            let is_first = came.is_first(&half.update);
            match &half.update.partner.value {
                None if came.may => return true,
                Some(value) if paths.as_ref().is_some_and(|paths| value.is_apart(paths)) => return true,
                Some(value) if value.counts && (is_first || came.is_second(&half.update)) => return true,
                _ => {}
            }
            if !is_first {
                self.mended.insert(address(half.update.first));
            }
            false
        });
    }

    /// The half that a change completes: of several that one task has begun alike, rather its own than what a dropped
    /// one left.
    fn completed(&mut self, came: &Came) -> Option<Spot> {
        let second = |half: &Half| came.is_second(&half.update);
        let own = |(at, half): &(&Spot, &Half)| {
            let is_there =
                at.0 == came.place || half.update.partner.value.is_none() && at.0.0 != came.place.0;
            half.actor == came.actor && second(half) && is_there
        };
        let own = self.halves.iter().filter(own);
        if let Some((at, _)) = own.min_by_key(|(at, half)| (at.0 != came.place, half.left, half.at)) {
            return Some(*at);
        }
        // Somebody takes back, in the same way, what another one has added.
        let there = self
            .halves
            .iter()
            .filter(|(at, half)| at.0 == came.place && half.update.counts() && second(half));
        let (at, half) = there.min_by_key(|(_, half)| (!half.left, half.at))?;
        self.mended.insert(address(half.update.first));
        Some(*at)
    }

    fn has_value_at(&self, place: Place) -> bool {
        let there = self.halves.range((place, 0)..=(place, u64::MAX));
        there.into_iter().any(|(_, half)| half.update.partner.value.is_some())
    }

    /// The parts of a value that a call changes; the source is read once.
    fn touched(&mut self, site: StaticSite) -> Option<Vec<String>> {
        let read = || text::touched(&source(site.file())?, site.line(), site.column());
        self.touches.entry(address(site)).or_insert_with(read).clone()
    }

    /// The update that begins at a site; the source is read once.
    pub(super) fn update(&mut self, site: StaticSite) -> Option<Arc<Update>> {
        let read = || {
            let text = source(site.file())?;
            let partner = text::partner(&text, site.line(), site.column())?;
            Some(Arc::new(Update { first: site, partner }))
        };
        let update = self.updates.entry(address(site)).or_insert_with(read).clone();
        let update = update.filter(|_| !self.mended.contains(&address(site)));
        if update.is_none() {
            WHOLE.add(site);
        }
        update
    }

    /// The stack of the one who awaits: without the functions that an update's first half was reached through;
    /// `None` where that was another way than the source's.
    pub(super) fn path(&mut self, update: &Arc<Update>, stack: RawStack) -> Option<RawStack> {
        if update.partner.callers.is_empty() {
            return Some(stack);
        }
        match self.reached(update, &stack) {
            (Reached::Through, index) => Some(RawStack::from(&stack[index..])),
            _ => None,
        }
    }

    /// Which half a call is, where the same one does both.
    pub(super) fn part(&mut self, site: StaticSite) -> Option<Reached> {
        let update = self.updates.get(&address(site))?.clone().filter(|update| update.is_alike())?;
        Some(self.reached(&update, &stack::capture()).0)
    }

    /// Through which call the function was reached that an update's first half is in, and where that is on the stack.
    fn reached(&mut self, update: &Update, stack: &RawStack) -> (Reached, usize) {
        let first = address(update.first);
        for (index, &pointer) in stack.iter().enumerate() {
            if self.callers.len() >= JUDGEMENTS {
                self.callers.clear();
            }
            let known = self.callers.entry((first, pointer)).or_insert_with(|| reached(update, pointer));
            if *known != Reached::Within {
                return (*known, index);
            }
        }
        (Reached::Otherwise, 0)
    }

    pub(super) fn begin(&mut self, place: Place, half: Half) {
        static AT_EXIT: Once = Once::new();
        AT_EXIT.call_once(|| os::at_exit(super::tell));
        // The same call on the same path, by one that owns one future at a time: the one before is over.
        let before =
            |earlier: &Half| !earlier.left && earlier.actor == half.actor && earlier.stack == half.stack;
        if self.halves.values().any(before) && self.judge(&half.stack, &half.stack) {
            self.halves
                .values_mut()
                .filter(|earlier| before(earlier))
                .for_each(|earlier| earlier.left = true);
        }
        if self.halves.len() < HALVES {
            self.shared += u64::from(half.update.counts());
            let number = if half.update.counts() { self.shared } else { 0 };
            self.halves.insert((place, number), half);
        }
    }

    pub(super) fn pass(&mut self, site: StaticSite) {
        let actor = crate::guard::actor();
        let asks = |half: &Half| !half.left && half.actor == actor && !half.asked.contains(&address(site));
        let own: Vec<Spot> =
            self.halves.iter().filter(|(_, half)| asks(half)).map(|(place, _)| *place).collect();
        if !own.is_empty() {
            let now = stack::capture();
            for place in own {
                let Some(past) = self.halves.get(&place).map(|half| Arc::clone(&half.stack)) else {
                    continue;
                };
                let is_over = self.judge(&past, &now);
                if let Some(half) = self.halves.get_mut(&place) {
                    half.left = is_over;
                    half.asked.push(address(site));
                }
            }
        }
    }

    /// Whether the future that stood on one stack must be over on another one of the same actor.
    fn judge(&mut self, past: &RawStack, now: &RawStack) -> bool {
        let pair = (Arc::clone(past), Arc::clone(now));
        if let Some(known) = self.judgements.get(&pair) {
            return *known;
        }
        let steps = || Some((chain::steps(past)?, chain::steps(now)?));
        let is_over = steps().is_some_and(|(then, present)| {
            if past == now { chain::is_single(&then) } else { chain::is_over(&then, &present) }
        });
        if self.judgements.len() < JUDGEMENTS {
            self.judgements.insert(pair, is_over);
        }
        is_over
    }

    /// Tasks that are not among those that their runtime has any more: of each kind of update the oldest ones.
    /// Which of several kinds a missing task had begun cannot be said.
    pub(super) fn missing(&mut self, gone: Option<u64>) -> Vec<Gone> {
        let mut missing = Vec::new();
        for (number, runtime) in &self.runtimes {
            let theirs = |half: &&Half| {
                let spawned = half.actor & ActorId::RUNTIME != 0 && half.actor & task::TASK != 0;
                spawned && !half.left && half.runtime == *number
            };
            let mut kinds: BTreeMap<u64, BTreeMap<u64, &Half>> = BTreeMap::new();
            let mut orphans: BTreeMap<u64, &Half> = BTreeMap::new();
            for half in self.halves.values().filter(theirs) {
                kinds.entry(address(half.update.first)).or_default().insert(half.actor, half);
                if half.update.partner.is_near && gone == Some(half.container) {
                    orphans.insert(half.actor, half);
                }
            }
            let alive = runtime.alive();
            let fewer = kinds.into_values().filter(|kind| kind.len() > alive);
            let mut tasks: BTreeSet<u64> = fewer.flat_map(|kind| oldest(kind, alive)).collect();
            tasks.extend(oldest(orphans, 0));
            if !tasks.is_empty() {
                missing.push(Gone { runtime: runtime.clone(), tasks });
            }
        }
        missing
    }

    /// What was left behind: of each kind of update the oldest, and how many there are.
    pub(super) fn left(&mut self) -> Vec<(Half, usize)> {
        let mut found: BTreeMap<u64, (Half, usize)> = BTreeMap::new();
        for half in std::mem::take(&mut self.halves).into_values() {
            let site = address(half.update.first);
            if !half.left || self.mended.contains(&site) {
                continue;
            }
            match found.get_mut(&site) {
                Some((oldest, count)) => {
                    *count += 1;
                    if half.at < oldest.at {
                        *oldest = half;
                    }
                }
                None => _ = found.insert(site, (half, 1)),
            }
        }
        found.into_values().collect()
    }
}

/// What the frame at an address is on the way to an update's first half.
fn reached(update: &Update, pointer: usize) -> Reached {
    let (file, partner) = (update.first.file(), &update.partner);
    for function in stack::functions(&RawStack::from([pointer].as_slice())) {
        if !function.user {
            continue;
        }
        let is_here = function.file.ends_with(&file.replace('\\', "/"));
        let is_at =
            |calls: &[Range<u32>]| is_here && calls.iter().any(|lines| lines.contains(&function.line));
        if is_at(&partner.callers) {
            return Reached::Through;
        }
        if is_at(&partner.seconds) {
            return Reached::Second;
        }
        // The first of the user's frames is the one that makes the call.
        if !is_here || function.line != update.first.line() {
            return Reached::Otherwise;
        }
    }
    Reached::Within
}

/// All but the last `alive` of those tasks that a runtime counts.
fn oldest(kind: BTreeMap<u64, &Half>, alive: usize) -> Vec<u64> {
    let mut tasks: Vec<(Nanos, u64)> = kind
        .into_iter()
        .filter(|(_, half)| chain::is_counted(&half.stack))
        .map(|(actor, half)| (half.at, actor))
        .collect();
    tasks.sort_unstable();
    let gone = tasks.len().saturating_sub(alive);
    tasks.into_iter().take(gone).map(|(_, actor)| actor).collect()
}
