//! All runs: how often each finding was found, and how sure that makes one.

use super::trial::{End, Trial};
use super::{Manner, Stop};
use crate::model::program::Ending;
use mapwatch_event::{Category, Conflict, Grade, Nanos, Site};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs that went wrong without a finding, and are told one by one.
const TROUBLES: usize = 5;

/// The same category at the same sites, whoever of them came first.
type Key = (Category, Vec<Site>);

/// What all runs of one manner came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// How many there were.
    pub runs: u32,
    /// In how many something worse than a note was found.
    pub found: u32,
    /// How many took too long and were ended.
    pub hung: u32,
    /// How many a signal ended.
    pub crashed: u32,
    /// How many ended with an exit code that says failure, although nothing was found in them.
    pub failed: u32,
    /// In how many no watched process was heard.
    pub unheard: u32,
    /// How many delays there were.
    pub delays: u64,
    /// How many there were in the run with the most of them.
    pub most_delays: u64,
    /// Those that brought somebody, or after which something was found.
    pub fruitful: u64,
    /// Time of all delays.
    pub delayed: Nanos,
    /// Delays that were not made, because a runtime has one thread.
    pub in_vain: u64,
    /// Time of all runs.
    pub took: Nanos,
}

impl Series {
    /// Time of a run, on the average.
    #[must_use]
    pub fn mean(&self) -> Nanos {
        Nanos(self.took.0 / u64::from(self.runs.max(1)))
    }
}

/// The runs in which one finding was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// How many.
    pub runs: u32,
    /// The first of them.
    pub first: Option<First>,
    /// Time from the beginning of the run until it was found, added up.
    pub after: Nanos,
}

/// The first run that found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// Its number among the runs of its manner.
    pub run: u32,
    /// Its dice.
    pub seed: u64,
    /// Delays of all runs of its manner until its end, and their time.
    pub delays: (u64, Nanos),
}

impl Hits {
    /// Time until it was found, on the average over the runs that found it.
    #[must_use]
    pub fn mean(&self) -> Option<Nanos> {
        (self.runs > 0).then(|| Nanos(self.after.0 / u64::from(self.runs)))
    }
}

/// One conflict over all runs.
#[derive(Clone, Debug)]
pub struct Found {
    /// The first that was seen.
    pub conflict: Arc<Conflict>,
    /// The surest grade.
    pub grade: Grade,
    /// By manner, as in [`Manner::ALL`].
    pub hits: [Hits; 2],
}

/// A run that went wrong without a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// How it was run.
    pub manner: Manner,
    /// Its number among the runs of its manner.
    pub run: u32,
    /// Its dice.
    pub seed: u64,
    /// What became of it, after "run 3".
    pub what: String,
    /// The end of its output.
    pub last_words: Vec<String>,
}

/// All runs.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// By manner, as in [`Manner::ALL`].
    pub series: [Series; 2],
    /// The first runs that went wrong without a finding.
    pub troubles: Vec<Trouble>,
    /// Events that were lost on the way, or could not be read.
    pub unread: u64,
    /// Why there were fewer runs than asked for.
    pub stopped: Option<Stop>,
    found: BTreeMap<Key, Found>,
}

impl Tally {
    /// What all runs of a manner came to.
    #[must_use]
    pub fn of(&self, manner: Manner) -> &Series {
        &self.series[manner as usize]
    }

    /// Counts one run.
    pub fn add(&mut self, manner: Manner, trial: &Trial) {
        let series = &mut self.series[manner as usize];
        let (delays, fruitful, delayed) = trial.delays;
        series.runs += 1;
        series.found += u32::from(trial.found());
        series.unheard += u32::from(!trial.heard);
        series.delays += delays;
        series.most_delays = series.most_delays.max(delays);
        series.fruitful += fruitful;
        series.in_vain = series.in_vain.saturating_add(trial.in_vain);
        series.delayed.0 = series.delayed.0.saturating_add(delayed.0);
        series.took.0 = series.took.0.saturating_add(trial.took.0);
        self.unread = self.unread.saturating_add(trial.unread);
        let what = match &trial.end {
            End::Hung => {
                series.hung += 1;
                Some("took too long, and was ended".to_owned())
            }
            End::Itself(Ending::Code(0)) => None,
            End::Itself(ending @ Ending::Signal(..)) => {
                series.crashed += 1;
                Some(ending.words())
            }
            End::Itself(ending) => {
                series.failed += u32::from(!trial.found());
                (!trial.found()).then(|| ending.words())
            }
        };
        let (run, seed) = (series.runs, trial.seed);
        if let Some(what) = what
            && self.troubles.len() < TROUBLES
        {
            self.troubles.push(Trouble { manner, run, seed, what, last_words: trial.last_words.clone() });
        }
        let first = First { run, seed, delays: (series.delays, series.delayed) };
        self.count_sightings(manner, trial, first);
    }

    fn count_sightings(&mut self, manner: Manner, trial: &Trial, first: First) {
        // Two that differ only in who came first are one, and one run finds it once.
        let mut sightings: BTreeMap<Key, (&Arc<Conflict>, Nanos)> = BTreeMap::new();
        for sighting in &trial.sightings {
            let earliest =
                sightings.entry(key(&sighting.conflict)).or_insert((&sighting.conflict, sighting.after));
            earliest.1 = earliest.1.min(sighting.after);
        }
        for (key, (conflict, after)) in sightings {
            let found = self.found.entry(key).or_insert_with(|| Found {
                conflict: Arc::clone(conflict),
                grade: conflict.grade,
                hits: [Hits::default(), Hits::default()],
            });
            found.grade = found.grade.max(conflict.grade);
            let hits = &mut found.hits[manner as usize];
            hits.runs += 1;
            hits.first.get_or_insert(first);
            hits.after.0 = hits.after.0.saturating_add(after.0);
        }
    }

    /// What was found, the surest first, then the most frequent.
    #[must_use]
    pub fn found(&self) -> Vec<&Found> {
        let mut found: Vec<&Found> = self.found.values().collect();
        let often = |found: &Found| found.hits.iter().map(|hits| hits.runs).sum::<u32>();
        found.sort_by_key(|found| (std::cmp::Reverse(found.grade), std::cmp::Reverse(often(found))));
        found
    }

    /// Runs of both manners.
    #[must_use]
    pub fn runs(&self) -> u32 {
        self.series.iter().map(|series| series.runs).sum()
    }

    /// Whether no watched process was heard in any run.
    #[must_use]
    pub fn heard_nobody(&self) -> bool {
        self.series.iter().all(|series| series.unheard == series.runs)
    }

    /// Whether something is wrong: a finding above a note, a run that hung or crashed, or runs without a finding of
    /// which some fail and some do not. (One that always fails fails for a reason of its own.)
    #[must_use]
    pub fn any_problem(&self) -> bool {
        let sum = |of: fn(&Series) -> u32| self.series.iter().map(of).sum::<u32>();
        let (failed, hung, crashed) =
            (sum(|series| series.failed), sum(|series| series.hung), sum(|series| series.crashed));
        let differ = failed > 0 && failed + sum(|series| series.found) < self.runs();
        sum(|series| series.found) > 0 || hung > 0 || crashed > 0 || differ
    }
}

fn key(conflict: &Conflict) -> Key {
    let (category, sites) = conflict.same_finding_key();
    let mut sites: Vec<Site> = sites.into_iter().cloned().collect();
    sites.sort();
    (category, sites)
}

/// The probability of a run to find it lies between these two, with 95 % confidence: Wilson's score interval, which
/// stays within 0 and 1 and says something where all runs or none found it. It takes the runs for independent.
#[must_use]
pub fn wilson(found: u32, runs: u32) -> (f64, f64) {
    /// Of the normal distribution, two-sided.
    const Z: f64 = 1.959_963_984_540_054;
    if runs == 0 {
        return (0.0, 1.0);
    }
    let (n, share) = (f64::from(runs), f64::from(found) / f64::from(runs));
    let scale = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let low = if found == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if found == runs { 1.0 } else { (middle + half).min(1.0) };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stress::Manner::{Plain, Provoked};
    use crate::stress::trial::Sighting;
    use crate::testing::{MS, conflict, side};
    use mapwatch_event::{Operation, Role};

    fn race(turned: bool) -> Arc<Conflict> {
        let mut sides = vec![
            side(Role::Holder, Operation::Insert, 1, "one", "src/a.rs", 4),
            side(Role::Attempt, Operation::Insert, 2, "other", "src/b.rs", 9),
        ];
        if turned {
            sides.reverse();
        }
        Arc::new(conflict(1, Category::ConcurrentWrites, 1, "jobs", 5, sides))
    }

    fn trial(seed: u64, delays: u64, found: Option<u64>) -> Trial {
        let sightings =
            found.map(|after| Sighting { conflict: race(seed.is_multiple_of(2)), after: Nanos(after * MS) });
        let code = if found.is_some() { 101 } else { 0 };
        Trial {
            seed,
            end: End::Itself(Ending::Code(code)),
            took: Nanos(500 * MS),
            heard: true,
            delays: (delays, delays / 2, Nanos(delays * 50 * MS)),
            in_vain: 0,
            sightings: sightings.into_iter().collect(),
            unread: 0,
            last_words: Vec::new(),
        }
    }

    #[test]
    fn winners_in_another_order_are_the_same_finding() {
        let mut tally = Tally::default();
        for (seed, after) in [(1, None), (2, Some(40)), (3, Some(60)), (4, None)] {
            tally.add(Provoked, &trial(seed, 2, after));
            tally.add(Plain, &trial(seed, 0, None));
        }
        let found = tally.found();
        assert_eq!(found.len(), 1);
        let [provoked, plain] = &found[0].hits;
        assert_eq!((provoked.runs, provoked.mean(), plain), (2, Some(Nanos(50 * MS)), &Hits::default()));
        let first = First { run: 2, seed: 2, delays: (4, Nanos(200 * MS)) };
        assert_eq!(provoked.first, Some(first));
        let series = tally.of(Provoked);
        assert_eq!(
            (series.runs, series.found, series.failed, series.delays, series.fruitful),
            (4, 2, 0, 8, 4)
        );
        assert!(tally.any_problem() && !tally.heard_nobody() && tally.troubles.is_empty());
    }

    #[test]
    fn what_hangs_crashes_or_fails_now_and_then_is_a_problem_what_always_fails_is_none() {
        let ended = |end: End| Trial { end, ..trial(1, 0, None) };
        let tally = |ends: &[End]| {
            let mut tally = Tally::default();
            ends.iter().for_each(|end| tally.add(Plain, &ended(end.clone())));
            tally
        };
        let code = |code| End::Itself(Ending::Code(code));
        let crash = End::Itself(Ending::Signal(11, "SIGSEGV".into()));
        assert!(!tally(&[code(0), code(0)]).any_problem() && !tally(&[code(3), code(3)]).any_problem());
        assert!(tally(&[code(0), code(3)]).any_problem());
        assert!(tally(&[code(0), End::Hung]).any_problem() && tally(&[crash.clone(), code(0)]).any_problem());
        let tally = tally(&[End::Hung, crash]);
        assert_eq!((tally.of(Plain).hung, tally.of(Plain).crashed), (1, 1));
        let whats: Vec<&str> = tally.troubles.iter().map(|trouble| trouble.what.as_str()).collect();
        assert_eq!(whats, ["took too long, and was ended", "was ended by SIGSEGV"]);
    }

    #[test]
    fn the_interval_is_wilsons() {
        let near = |(low, high): (f64, f64), expected: (f64, f64)| {
            assert!((low - expected.0).abs() < 5e-4 && (high - expected.1).abs() < 5e-4, "{low} {high}");
        };
        near(wilson(0, 0), (0.0, 1.0));
        near(wilson(0, 20), (0.0, 0.1611));
        near(wilson(20, 20), (0.8389, 1.0));
        near(wilson(10, 20), (0.2993, 0.7007));
        near(wilson(99, 100), (0.9455, 0.9982));
    }
}
