//! How large a map was over its life: entries and capacity, in steps.
//!
//! Bounded by becoming coarser: when there are too many steps, every other one goes, and from then on steps are
//! twice as far apart. So the whole life is kept, however long it is.

use mapwatch_event::Nanos;

/// Steps kept.
pub const STEPS: usize = 192;

/// A size that was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// When it was told last.
    pub at: Nanos,
    /// Entries; 0 where that was not told.
    pub length: u64,
    /// Capacity in entries; 0 where that was not told.
    pub capacity: u64,
}

/// Sizes over time, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    steps: Vec<Size>,
    /// How far apart steps are at least.
    apart: Nanos,
}

impl Sizes {
    /// How many steps are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether no size was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether this is the size that was told last: it makes no step.
    #[must_use]
    pub fn ends_as(&self, size: Size) -> bool {
        self.steps.last().is_some_and(|last| (last.length, last.capacity) == (size.length, size.capacity))
    }

    /// The map is this large at a moment; the same size as before makes no step.
    pub fn add(&mut self, size: Size) {
        if self.ends_as(size) {
            return;
        }
        match self.steps.last_mut() {
            Some(last) if size.at.since(last.at) < self.apart || size.at < last.at => {
                (last.length, last.capacity) = (size.length, size.capacity);
            }
            _ => self.steps.push(size),
        }
        if self.steps.len() > STEPS {
            self.thin_out();
        }
    }

    fn thin_out(&mut self) {
        let last = self.steps.len() - 1;
        let mut index = 0;
        self.steps.retain(|_| {
            index += 1;
            index % 2 == 1 || index > last
        });
        let span = match (self.steps.first(), self.steps.last()) {
            (Some(first), Some(last)) => last.at.since(first.at),
            _ => Nanos(0),
        };
        self.apart = Nanos(span.0 / (STEPS as u64 / 2)).max(Nanos(self.apart.0 + 1));
    }

    /// The sizes at the ends of `count` equal spans between `from` and `to`; of a span that ends before anything was
    /// told, nothing.
    #[must_use]
    pub fn sampled(&self, from: Nanos, to: Nanos, count: usize) -> Vec<Size> {
        let span = u128::from(to.since(from).0);
        (1..=count)
            .map(|column| {
                let offset = (span * column as u128 / count as u128) as u64;
                let at = Nanos(from.0.saturating_add(offset));
                let index = self.steps.partition_point(|step| step.at <= at);
                index.checked_sub(1).map_or(Size::default(), |index| self.steps[index])
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(at: u64, length: u64) -> Size {
        Size { at: Nanos(at), length, capacity: length * 2 }
    }

    #[test]
    fn a_size_lasts_until_the_next_one_is_told() {
        let mut sizes = Sizes::default();
        for (at, length) in [(10, 1), (20, 1), (30, 4)] {
            sizes.add(size(at, length));
        }
        assert_eq!(sizes.len(), 2);
        let lengths: Vec<u64> =
            sizes.sampled(Nanos(0), Nanos(50), 5).iter().map(|size| size.length).collect();
        assert_eq!(lengths, [1, 1, 4, 4, 4]);
        assert_eq!(sizes.sampled(Nanos(0), Nanos(9), 1), [Size::default()]);
    }

    #[test]
    fn a_long_life_is_kept_from_its_beginning_to_its_end_in_few_steps() {
        let mut sizes = Sizes::default();
        for at in 0..100_000 {
            sizes.add(size(at * 1000, at));
            assert!(sizes.len() <= STEPS);
        }
        let sampled = sizes.sampled(Nanos(0), Nanos(100_000_000), 10);
        for (column, size) in (1..).zip(sampled) {
            assert!(size.length.abs_diff(column * 10_000) < 3000, "{column}: {size:?}");
        }
        // Times out of order, as hostile streams have them.
        sizes.add(size(5, 7));
        sizes.add(size(u64::MAX, u64::MAX / 2));
        assert!(sizes.sampled(Nanos(u64::MAX), Nanos(0), 3).len() == 3 && sizes.len() <= STEPS);
    }
}
