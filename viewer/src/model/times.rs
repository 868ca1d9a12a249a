//! For how long guards are held and calls wait, by call site.

use mapwatch_event::event::SiteTime;
use mapwatch_event::{Nanos, SiteId};
use std::collections::HashMap;

/// Sites kept; of more, those with the least time go first.
const SITES: usize = 128;

/// Time by site, added up over a session.
#[derive(Clone, Debug, Default)]
pub struct Times {
    by_site: HashMap<SiteId, Time>,
}

/// The time of one site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// How often.
    pub count: u64,
    /// In all.
    pub total: Nanos,
    /// The longest one.
    pub longest: Nanos,
}

impl Time {
    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Nanos {
        Nanos(self.total.0.checked_div(self.count).unwrap_or(0))
    }

    fn add(&mut self, time: &SiteTime) {
        self.count = self.count.saturating_add(time.count);
        self.total = Nanos(self.total.0.saturating_add(time.total.0));
        self.longest = self.longest.max(time.longest);
    }
}

impl Times {
    /// Adds what was told of one span.
    pub fn add(&mut self, times: &[SiteTime]) {
        for time in times {
            self.by_site.entry(time.site).or_default().add(time);
        }
        // The lesser half goes when there are too many, so that this is rare.
        if self.by_site.len() > SITES {
            for (site, _) in self.longest_first().drain(SITES / 2..) {
                self.by_site.remove(&site);
            }
        }
    }

    /// Sites, those with the most time first.
    #[must_use]
    pub fn longest_first(&self) -> Vec<(SiteId, Time)> {
        let mut times: Vec<_> = self.by_site.iter().map(|(site, time)| (*site, *time)).collect();
        times.sort_unstable_by_key(|(site, time)| (std::cmp::Reverse(time.total), *site));
        times
    }

    /// All sites together.
    #[must_use]
    pub fn sum(&self) -> Time {
        self.by_site.values().fold(Time::default(), |sum, time| Time {
            count: sum.count.saturating_add(time.count),
            total: Nanos(sum.total.0.saturating_add(time.total.0)),
            longest: sum.longest.max(time.longest),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(site: u64, count: u64, total: u64, longest: u64) -> SiteTime {
        SiteTime { site: SiteId(site), count, total: Nanos(total), longest: Nanos(longest) }
    }

    #[test]
    fn spans_add_up_and_the_least_is_forgotten() {
        let mut times = Times::default();
        times.add(&[time(1, 2, 100, 60), time(2, 1, 500, 500)]);
        times.add(&[time(1, 2, 300, 200)]);
        let [(first, _), (second, sum)] = times.longest_first()[..] else { panic!("two sites") };
        assert_eq!((first, second), (SiteId(2), SiteId(1)));
        assert_eq!(sum, Time { count: 4, total: Nanos(400), longest: Nanos(200) });
        assert_eq!((sum.mean(), times.sum().count), (Nanos(100), 5));
        times.add(&(10..200).map(|site| time(site, 1, site, site)).collect::<Vec<_>>());
        assert!(times.longest_first().len() <= SITES);
        assert_eq!(times.longest_first()[0].0, SiteId(2));
    }
}
