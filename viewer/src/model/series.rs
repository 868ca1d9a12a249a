//! Operations over time, in slots of fixed length; and their pace in the last second.

use mapwatch_event::Nanos;
use mapwatch_event::event::MapTraffic;
use std::collections::VecDeque;

/// Length of a slot.
pub const SLOT: Nanos = Nanos(500_000_000);
/// Slots kept: two minutes.
pub const SLOTS: usize = 240;

/// Operations in one span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// The end of the span.
    pub at: Nanos,
    /// Its length.
    pub span: Nanos,
    /// Reads in it.
    pub reads: u64,
    /// Writes in it.
    pub writes: u64,
    /// Iterations begun in it.
    pub iterations: u64,
}

/// Operations per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Reads.
    pub reads: f64,
    /// Writes.
    pub writes: f64,
    /// Iterations begun.
    pub iterations: f64,
}

impl Rates {
    /// All three together.
    #[must_use]
    pub fn sum(self) -> f64 {
        self.reads + self.writes + self.iterations
    }
}

impl Pace {
    /// The pace of a map in the span that ends at `at`.
    #[must_use]
    pub fn of(at: Nanos, span: Nanos, traffic: &MapTraffic) -> Pace {
        let MapTraffic { reads, writes, iterations, .. } = *traffic;
        Pace { at, span, reads, writes, iterations }
    }

    /// Operations per second over the span; zero for a span of no length.
    #[must_use]
    pub fn rates(&self) -> Rates {
        if self.span.0 == 0 {
            return Rates::default();
        }
        let per_second = |count: u64| count as f64 * 1e9 / self.span.0 as f64;
        Rates {
            reads: per_second(self.reads),
            writes: per_second(self.writes),
            iterations: per_second(self.iterations),
        }
    }

    fn operations(&self) -> u64 {
        self.reads.saturating_add(self.writes).saturating_add(self.iterations)
    }

    /// Adds the operations of another span; numbers come from outside and may be anything.
    pub fn add(&mut self, other: &Pace) {
        self.reads = self.reads.saturating_add(other.reads);
        self.writes = self.writes.saturating_add(other.writes);
        self.iterations = self.iterations.saturating_add(other.iterations);
    }
}

/// What a graph of operations shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Operations in each of its steps, oldest first.
    pub steps: Vec<u64>,
    /// The length of a step.
    pub step: Nanos,
    /// Whether it reaches back to the beginning of the session.
    pub is_whole: bool,
}

impl Graph {
    /// The time that it shows.
    #[must_use]
    pub fn span(&self) -> Nanos {
        Nanos(self.step.0.saturating_mul(self.steps.len() as u64))
    }

    /// Operations per second in its busiest step.
    #[must_use]
    pub fn highest(&self) -> f64 {
        let highest = self.steps.iter().copied().max().unwrap_or(0);
        if self.step.0 == 0 { 0.0 } else { highest as f64 * 1e9 / self.step.0 as f64 }
    }

    /// Whether all its steps are the same: then it says nothing but its one number.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.steps.len() > 1 && self.steps.windows(2).all(|pair| pair[0] == pair[1])
    }
}

/// What was done in the last second: a single span is so short that one operation in it looks like ten a second.
///
/// Counts of the second that fills up and of the one before; of that one, the part counts that is not over yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Since when it is followed.
    from: Nanos,
    before: Pace,
    /// Its `at` is the end of the second.
    filling: Pace,
}

impl Flow {
    const SECOND: u64 = 1_000_000_000;

    /// Adds a span, of something that is known since `from`.
    pub fn add(&mut self, pace: &Pace, from: Nanos) {
        let second = (pace.at.0.max(1) - 1) / Flow::SECOND * Flow::SECOND;
        let end = Nanos(second.saturating_add(Flow::SECOND));
        if end > self.filling.at {
            let is_next = end.0 - self.filling.at.0 == Flow::SECOND;
            self.before = if is_next { self.filling } else { Pace::default() };
            self.filling = Pace { at: end, ..Pace::default() };
        }
        self.filling.add(pace);
        self.from = from.min(Nanos(pace.at.0.saturating_sub(pace.span.0)));
    }

    /// Operations per second at `now`; nothing is told of what is quiet, so that they fade.
    #[must_use]
    pub fn rates_at(&self, now: Nanos) -> Rates {
        // Of the second that fills up, how much is over, and how much of it is still within the last one.
        let over = now.0 as f64 - (self.filling.at.0 as f64 - Flow::SECOND as f64);
        let over = over / Flow::SECOND as f64;
        let (before, filling) = ((1.0 - over).clamp(0.0, 1.0), (2.0 - over).clamp(0.0, 1.0));
        let known = now.since(self.from).0.clamp(1, Flow::SECOND) as f64 / Flow::SECOND as f64;
        let rate = |count: fn(&Pace) -> u64| {
            (count(&self.before) as f64 * before + count(&self.filling) as f64 * filling) / known
        };
        Rates {
            reads: rate(|pace| pace.reads),
            writes: rate(|pace| pace.writes),
            iterations: rate(|pace| pace.iterations),
        }
    }
}

/// Operations per slot; slots without any are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    slots: VecDeque<(u64, u64)>,
}

impl Series {
    /// Slots kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Spreads the operations of a span evenly over the slots that it touches.
    pub fn add(&mut self, pace: &Pace) {
        let operations = pace.operations();
        if operations == 0 {
            return;
        }
        let end = pace.at.0.max(1);
        let begin = pace.at.0.saturating_sub(pace.span.0.max(1)).min(end - 1);
        let (first, last) = (begin / SLOT.0, (end - 1) / SLOT.0);
        let first = first.max(last.saturating_sub(SLOTS as u64));
        let mut left = operations;
        for slot in first..=last {
            let from = begin.max(slot * SLOT.0);
            let to = end.min((slot + 1).saturating_mul(SLOT.0));
            let share = (u128::from(operations) * u128::from(to - from) / u128::from(end - begin)) as u64;
            let share = if slot == last { left } else { share.min(left) };
            left -= share;
            self.put(slot, share);
        }
    }

    fn put(&mut self, slot: u64, count: u64) {
        // Time goes on: the slot is the last one, or a new one behind it, but for what comes late.
        match self.slots.back_mut() {
            Some((last, sum)) if *last == slot => *sum = sum.saturating_add(count),
            Some((last, _)) if *last > slot => self.put_late(slot, count),
            _ => self.slots.push_back((slot, count)),
        }
        if self.slots.len() > SLOTS {
            self.slots.pop_front();
        }
    }

    fn put_late(&mut self, slot: u64, count: u64) {
        match self.slots.binary_search_by_key(&slot, |(slot, _)| *slot) {
            Ok(index) => self.slots[index].1 = self.slots[index].1.saturating_add(count),
            Err(index) => self.slots.insert(index, (slot, count)),
        }
    }

    /// The last `count` slots up to `now`, oldest first, as operations per slot. The slot that `now` lies in is
    /// still filling and is left out, unless nothing else is there.
    #[must_use]
    pub fn last(&self, now: Nanos, count: usize) -> Vec<u64> {
        let current = now.0 / SLOT.0;
        let end = if current == 0 { 1 } else { current };
        let begin = end.saturating_sub(count as u64);
        let mut out = vec![0; (end - begin) as usize];
        for (slot, operations) in &self.slots {
            if (begin..end).contains(slot) {
                out[(slot - begin) as usize] = *operations;
            }
        }
        out
    }
}

impl Series {
    /// A graph of at most `columns` steps: of the last slots where the program runs on, else of all that is kept, as
    /// the numbers beside it are means over all of it. Slots are put together where there is no room for each.
    #[must_use]
    pub fn graph(&self, now: Nanos, columns: usize, is_live: bool) -> Graph {
        let slots = if is_live { columns } else { SLOTS };
        let all = self.last(now, slots.min(SLOTS));
        let together = all.len().div_ceil(columns.max(1)).max(1);
        // The oldest step may be the shorter one: the latest is what one looks at.
        let mut steps: Vec<u64> = all
            .rchunks(together)
            .map(|slots| slots.iter().fold(0, |sum: u64, slot| sum.saturating_add(*slot)))
            .collect();
        steps.reverse();
        let is_whole = now.0 / SLOT.0 <= all.len() as u64;
        Graph { steps, step: Nanos(SLOT.0 * together as u64), is_whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(at: u64, span: u64, reads: u64) -> Pace {
        Pace { at: Nanos(at), span: Nanos(span), reads, ..Pace::default() }
    }

    #[test]
    fn rates_come_from_the_span() {
        assert_eq!(pace(0, 250_000_000, 100).rates().reads, 400.0);
        assert_eq!(pace(0, 0, 100).rates(), Rates::default());
    }

    #[test]
    fn what_happens_once_a_second_is_not_ten_a_second() {
        let mut flow = Flow::default();
        let (second, span) = (1_000_000_000, 100_000_000);
        for number in 1..5 {
            flow.add(&pace(number * second + span, span, 1), Nanos(0));
            for later in 0..9 {
                let rate = flow.rates_at(Nanos(number * second + span + later * span)).reads;
                assert!((0.5..=2.0).contains(&rate), "{rate}");
            }
        }
        assert_eq!(flow.rates_at(Nanos(6 * second)).reads, 0.0);
        // Of a map that is younger than a second, all that is known.
        let mut young = Flow::default();
        young.add(&pace(second + span, span, 5), Nanos(second));
        assert_eq!(young.rates_at(Nanos(second + span)).reads, 50.0);
        // Numbers come from outside.
        young.add(&pace(u64::MAX, u64::MAX, u64::MAX), Nanos(0));
        assert!(young.rates_at(Nanos(u64::MAX)).reads.is_finite());
    }

    #[test]
    fn a_span_is_spread_and_nothing_is_lost() {
        let mut series = Series::default();
        series.add(&pace(1_250_000_000, 1_000_000_000, 101));
        assert_eq!(series.last(Nanos(1_600_000_000), 3), [25, 50, 26]);
        series.add(&pace(u64::MAX, u64::MAX, 7));
        series.add(&pace(0, 0, 7));
        assert!(series.slots.len() <= SLOTS);
    }

    #[test]
    fn a_graph_of_what_has_ended_shows_all_of_it() {
        let mut series = Series::default();
        for slot in 0..100 {
            series.add(&pace((slot + 1) * SLOT.0, SLOT.0, slot));
        }
        let now = Nanos(100 * SLOT.0);
        let live = series.graph(now, 30, true);
        assert_eq!((live.steps.len(), live.steps[29], live.is_whole), (30, 99, false));
        let over = series.graph(now, 30, false);
        assert_eq!((over.steps.len(), over.step, over.is_whole), (25, Nanos(4 * SLOT.0), true));
        assert_eq!((over.steps[0], over.steps[24]), (1 + 2 + 3, 96 + 97 + 98 + 99));
        assert_eq!((over.span(), over.highest()), (now, 195.0));
        assert!(!over.is_flat() && series.graph(Nanos(0), 0, false).steps.len() <= 1);
        series.add(&pace(100_000 * SLOT.0, SLOT.0, 1));
        let late = series.graph(Nanos(100_000 * SLOT.0), 30, false);
        assert_eq!((late.span(), late.is_whole), (Nanos(SLOTS as u64 * SLOT.0), false));
        let mut flat = Series::default();
        flat.add(&pace(10 * SLOT.0, 10 * SLOT.0, 100));
        assert!(flat.graph(Nanos(10 * SLOT.0), 80, false).is_flat());
    }

    #[test]
    fn what_comes_late_is_counted_in_its_own_slot() {
        let mut series = Series::default();
        for (slot, reads) in [(3, 1), (7, 2), (5, 4), (3, 8), (7, 16), (1, 32)] {
            series.add(&pace((slot + 1) * SLOT.0, SLOT.0, reads));
        }
        assert_eq!(series.slots, [(1, 32), (3, 9), (5, 4), (7, 18)]);
    }

    #[test]
    fn memory_is_bounded_and_old_slots_go() {
        let mut series = Series::default();
        for slot in 0..10_000 {
            series.add(&pace((slot + 1) * SLOT.0, SLOT.0, 1));
        }
        assert_eq!(series.slots.len(), SLOTS);
        assert_eq!(series.last(Nanos(10_000 * SLOT.0), 5), [1; 5]);
    }
}
