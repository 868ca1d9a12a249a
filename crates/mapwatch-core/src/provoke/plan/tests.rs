//! The plan, played through with a clock and actors of its own.

use super::*;
use std::panic::Location;

const MILLI: u64 = 1_000_000;

struct Run {
    plan: Plan,
    sites: [StaticSite; 2],
    now: u64,
}

impl Run {
    fn new() -> Run {
        let (one, other) = (Location::caller(), site());
        Run { plan: Plan::new(7, Known::default()), sites: [one, other], now: 0 }
    }

    /// One write, `after` milliseconds later.
    fn write(&mut self, actor: usize, after: u64) -> Option<Delay> {
        self.access(actor, after, Stand::Inside, true)
    }

    fn access(&mut self, actor: usize, after: u64, stand: Stand, writes: bool) -> Option<Delay> {
        self.now += after * MILLI;
        let (site, at) = (self.sites[actor - 1], Nanos(self.now));
        let actor = actor as u64;
        let access = Access { actor, map: 1, site, writes, stand, at, alone: Alone::No };
        self.plan.access(&access, true)
    }

    /// A write of the first actor's, as it was told last.
    fn last(&self) -> Access {
        let (site, at, alone) = (self.sites[0], Nanos(self.now), Alone::No);
        Access { actor: 1, map: 1, site, writes: true, stand: Stand::Inside, at, alone }
    }

    fn over(&mut self, delay: &Delay, productive: bool) {
        self.now += DELAY.0;
        self.plan.delayed(delay, Nanos(self.now), productive);
    }
}

#[track_caller]
fn site() -> StaticSite {
    Location::caller()
}

#[test]
fn a_near_miss_makes_the_next_access_wait() {
    let mut run = Run::new();
    assert!(run.write(1, 0).is_none());
    assert!(run.write(2, 1).is_some());
    assert!(run.plan.take_news().is_some());
}

#[test]
fn what_is_far_apart_or_only_read_is_no_near_miss() {
    let mut run = Run::new();
    assert!(run.write(1, 0).is_none() && run.write(2, 101).is_none());
    let mut run = Run::new();
    assert!(
        run.access(1, 0, Stand::Inside, false).is_none() && run.access(2, 1, Stand::Inside, false).is_none()
    );
}

#[test]
fn who_waits_for_a_delay_is_ordered_for_good() {
    let mut run = Run::new();
    run.write(1, 0);
    let delay = run.write(2, 1).expect("a near miss");
    run.over(&delay, false);
    // Actor 1 was silent all the while: it waits for actor 2's lock, or its message.
    assert!(run.write(1, 1).is_none());
    for _ in 0..20 {
        assert!(run.write(2, 1).is_none() && run.write(1, 1).is_none());
    }
    assert_eq!(run.plan.known.ordered.len(), 1);
}

#[test]
fn who_goes_on_meanwhile_is_not_ordered_and_the_chance_fades() {
    let mut run = Run::new();
    run.write(1, 0);
    let mut delays = 0;
    for _ in 0..200 {
        if let Some(delay) = run.write(2, 1) {
            delays += 1;
            // Actor 1 is here every ten milliseconds, and meets nobody.
            for _ in 0..9 {
                run.write(1, 10);
            }
            run.now += 10 * MILLI;
            run.plan.delayed(&delay, Nanos(run.now), false);
        }
        if let Some(delay) = run.write(1, 1) {
            run.plan.delayed(&delay, Nanos(run.now), true);
        }
    }
    assert!(run.plan.known.ordered.is_empty());
    let left =
        |((delayed, _), chance): (&Pair, &u32)| (*delayed == run.sites[1].to_string()).then_some(*chance);
    let left: Vec<u32> = run.plan.known.chances.iter().filter_map(left).collect();
    assert_eq!((delays, left), (10, vec![0]));
}

#[test]
fn a_walk_that_begins_in_order_is_delayed_at_its_steps() {
    let mut run = Run::new();
    run.write(1, 0);
    let delay = run.write(2, 1).expect("a near miss");
    run.over(&delay, false);
    assert!(run.write(1, 1).is_none() && run.write(2, 1).is_none(), "who waits is ordered");
    run.now += 200 * MILLI;
    run.write(1, 0);
    run.now += MILLI;
    let step = Access { actor: 2, site: run.sites[1], stand: Stand::Step, ..run.last() };
    assert!(run.plan.access(&step, true).is_some());
}

#[test]
fn where_nobody_could_come_nobody_is_delayed_unless_the_others_are_let_run() {
    for (alone, delayed) in [(Alone::Sleeps, false), (Alone::Yields, true), (Alone::No, true)] {
        let mut run = Run::new();
        run.write(1, 0);
        let at = Nanos(run.now + 1);
        let access = Access { alone, at, actor: 2, site: run.sites[1], ..run.last() };
        assert!(run.plan.access(&access, false).is_none(), "beyond the budget");
        let chosen = run.plan.access(&access, true);
        assert_eq!(chosen.is_some(), delayed, "{alone:?}");
        assert_eq!(run.plan.all_shares()[0].1.in_vain, u64::from(!delayed), "{alone:?}");
        assert!(!run.plan.was_visited(1, 2, at) && run.plan.was_visited(1, 1, at), "{alone:?}");
    }
}

#[test]
fn before_a_lock_only_an_act_after_a_look_waits() {
    let mut run = Run::new();
    run.access(1, 0, Stand::Lock, true);
    assert!(run.access(2, 1, Stand::Lock, false).is_none());
    assert!(run.access(2, 1, Stand::Lock, true).is_some());
}

#[test]
fn whoever_looks_on_sees_near_misses_and_what_delays_took() {
    let mut run = Run::new();
    assert!(run.write(1, 0).is_none() && run.plan.take_shares().is_empty());
    let delay = run.write(2, 1).expect("a near miss");
    run.over(&delay, false);
    run.plan.paid_off(2);
    run.plan.paid_off(2);
    let shares = run.plan.take_shares();
    let [(1, share)] = shares.as_slice() else { panic!("{shares:?}") };
    assert_eq!((share.delays, share.fruitful, share.spent), (1, 1, DELAY));
    let [near] = share.near.as_slice() else { panic!("{share:?}") };
    assert!(near.sites.iter().all(|site| run.sites.contains(site)) && near.sites[0] != near.sites[1]);
    assert_eq!((near.count, near.chances.iter().max(), near.ordered), (1, Some(&CERTAIN), false));
    assert!(run.plan.take_shares().is_empty() && run.plan.all_shares() == shares);
    // Who was silent all the while is ordered.
    run.write(1, 1);
    assert!(run.plan.take_shares()[0].1.near[0].ordered);
}

#[test]
fn what_the_last_run_knew_is_known() {
    let mut run = Run::new();
    let pair = (run.sites[1].to_string(), run.sites[0].to_string());
    run.plan = Plan::new(7, Known { chances: BTreeMap::from([(pair, CERTAIN)]), ..Known::default() });
    assert!(run.write(2, 0).is_some());
}
