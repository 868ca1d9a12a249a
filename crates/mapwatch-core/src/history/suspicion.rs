//! What an act gave rise to, from the suspicion to the report.

use super::answer;
use super::decision::{Reliance, Source};
use super::kin::{self, Kin};
use super::page::{Deed, Doer, Look};
use super::rules::{self, Case, Finding};
use super::sites::{self, Habit};
use crate::entry::Entry;
use crate::raise::{self, Collision, Otherwise, Party, Taken};
use crate::site::address;
use crate::stack::{self, RawStack};
use crate::{clock, policy, provoke};
use mapwatch_event::{Nanos, Policy, Role, Stack};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A finding of one pair of sites is told so many times; after that it is known. A pair that was no decision so
/// many times where the act came on one path is none there, nor is one with a third between that the source did not
/// bear out: to read stacks is dear.
const TOLD: u32 = 8;

/// Paths and thirds of one pair that are dismissed one by one; with more of them, the pair is none.
const DISMISSED: usize = 64;

/// What an act gave rise to: usually nothing. Tell it when the map is no longer locked.
#[derive(Debug)]
#[must_use = "a suspicion is told by `tell`"]
pub struct Suspicion(pub(super) Option<Box<Suspected>>);

#[derive(Debug)]
pub(super) struct Suspected {
    pub(super) entry: Arc<Entry>,
    pub(super) look: Look,
    pub(super) act: Doer,
    /// The stack of the act.
    pub(super) stack: RawStack,
    pub(super) proof: Proof,
}

/// Why a suspicion comes to nothing.
enum Dismissal {
    /// Look and act belong to no decision, or none that a rule speaks of, on this path of the act.
    OfPath,
    /// What this one did in between does not matter to the decision.
    OfBetween(Doer),
}

/// Why an act is suspected.
#[derive(Debug)]
pub(super) enum Proof {
    /// A rule speaks of it, if acts like it do rely on looks: the case, with the habit of acts whose stacks nobody
    /// knows, and the habit of all acts at the site.
    Case(Box<Case>, Habit),
    /// It did to another map what a snapshot told it that this store had replaced.
    Snapshot(Doer),
}

impl Suspicion {
    /// No suspicion.
    pub const NONE: Suspicion = Suspicion(None);

    /// Reports it, if there is one.
    ///
    /// # Panics
    ///
    /// Under the policy `strict`.
    #[inline]
    #[track_caller]
    pub fn tell(self) {
        if let Some(suspected) = self.0 {
            suspected.tell();
        }
    }
}

impl Suspected {
    #[cold]
    #[track_caller]
    fn tell(self) {
        let met = clock::now();
        if self.is_known() {
            return;
        }
        let (kin, finding, between) = match self.read() {
            Ok(read) => read,
            Err(Dismissal::OfPath) => return self.dismiss(self.path()),
            Err(Dismissal::OfBetween(between)) => return self.dismiss(address(between.site)),
        };
        self.pair(&mut pairs()).told += 1;
        let Suspected { look, act, .. } = self;
        provoke::paid_off();
        let look_stack = match kin.look {
            Some(stack) => Taken::At(stack, "taken when this call was made on this path"),
            None => Taken::Not("none was taken; the site above is exact"),
        };
        let since = act.at;
        let parties = vec![
            party(Role::Look, look.by, since, look_stack),
            party(Role::Between, between, since, Taken::Not("none was taken; the site above is exact")),
            Party { held_for: None, ..party(Role::Act, act, since, Taken::At(self.stack, "")) },
        ];
        raise::raise(Collision {
            category: finding.category,
            grade: None,
            at: met,
            map: self.entry.facts(),
            parties,
            cause: finding.cause,
            cure: finding.cure.map(str::to_owned),
            otherwise: Otherwise::GoOn,
            may_panic: true,
        })
        .carry_out();
    }

    /// Reads the stacks: whether look and act are one decision, and what it is then.
    fn read(&self) -> Result<(Kin, Finding, Doer), Dismissal> {
        let kin = kin::relate(&self.look, self.act.site, self.act.step, &self.stack);
        let kin = kin.ok_or(Dismissal::OfPath)?;
        let (finding, between) = match self.proof {
            Proof::Case(ref case, all) => {
                let through = |frame| case.habit.and(sites::habit_through(self.act.site, frame));
                let habit = kin.through.map_or(all, through);
                let found = rules::judge(&Case { habit, ..**case }).ok_or(Dismissal::OfPath)?;
                if rules::is_set(case.kind) && !answer::is_thrown_away(self.act.site, &self.stack) {
                    return Err(Dismissal::OfPath);
                }
                let between = found.1;
                self.ask_source(&kin, case, found).ok_or(Dismissal::OfBetween(between))?
            }
            Proof::Snapshot(store) => (rules::decided_on_a_snapshot(&self.look.by, &self.act), store),
        };
        Ok((kin, finding, between))
    }

    /// Who came between, as far as it is known before the stacks are read.
    fn between(&self) -> Option<Doer> {
        let Proof::Case(case, all) = &self.proof else { return None };
        let judge = |habit| rules::judge(&Case { habit, ..**case });
        judge(case.habit).or_else(|| judge(*all)).map(|(_, between)| between)
    }

    /// What the source has to say to it.
    fn ask_source(&self, kin: &Kin, case: &Case, found: (Finding, Doer)) -> Option<(Finding, Doer)> {
        let (finding, between) = found;
        let may_be_zero = case.deed == Deed::Replaced && !case.look.seen.present;
        if finding.reliance == Reliance::Order && !may_be_zero {
            return Some((finding, between));
        }
        let stacks =
            [kin.look.as_ref(), Some(&self.stack)].map(|stack| stack.map(|stack| stack::resolve(stack, "")));
        let stacks: Vec<&Stack> = stacks.iter().flatten().collect();
        let source = Source::read(self.look.by.site, between.site, self.act.site, &stacks);
        if !source.bears_out(finding.reliance) {
            return None;
        }
        let finding = if source.has_zero() { rules::as_lost_update(finding, case) } else { finding };
        Some((finding, between))
    }

    /// Whether nothing new is to be had from this pair of sites; under `strict` what was told is told again.
    fn is_known(&self) -> bool {
        let between = self.between().map(|between| address(between.site));
        let is_strict = policy::current().policy == Policy::Strict;
        let mut pairs = pairs();
        let pair = self.pair(&mut pairs);
        let is_dismissed = |why| pair.dismissed.get(&why).is_some_and(|times| *times >= TOLD);
        is_dismissed(self.path())
            || between.is_some_and(is_dismissed)
            || pair.dismissed.len() >= DISMISSED
            || pair.told >= TOLD && !is_strict
    }

    fn dismiss(&self, why: u64) {
        *self.pair(&mut pairs()).dismissed.entry(why).or_default() += 1;
    }

    /// The path on which the act was reached, as a number.
    fn path(&self) -> u64 {
        let fold = |sum: u64, pointer: &usize| {
            (sum ^ *pointer as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
        };
        self.stack.iter().fold(0, fold)
    }

    fn pair<'a>(&self, pairs: &'a mut BTreeMap<(u64, u64), Pair>) -> &'a mut Pair {
        pairs.entry((address(self.look.by.site), address(self.act.site))).or_default()
    }
}

/// What became of the suspicions of one pair of sites.
#[derive(Debug, Default)]
struct Pair {
    told: u32,
    /// How often nothing came of it, by the path of the act or by the site of who came between.
    dismissed: BTreeMap<u64, u32>,
}

fn pairs() -> MutexGuard<'static, BTreeMap<(u64, u64), Pair>> {
    static PAIRS: Mutex<BTreeMap<(u64, u64), Pair>> = Mutex::new(BTreeMap::new());
    PAIRS.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn party(role: Role, doer: Doer, now: Nanos, stack: Taken) -> Party {
    let Doer { actor, thread, operation, site, at, .. } = doer;
    let thread = if actor == thread { 0 } else { thread };
    Party { role, operation, actor, thread, site: Some(site), held_for: Some(now.since(at)), stack }
}
