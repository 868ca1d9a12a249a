//! Where in a map's shards its accesses went, span by span over its life.
//!
//! Bounded by becoming coarser: when there are too many spans, neighbours are joined, and from then on a span is
//! twice as long. Neighbouring shards are joined where there are more than a row has columns.

use mapwatch_event::Nanos;

/// Spans kept.
pub const SPANS: usize = 12;
/// Columns of a span at most.
pub const COLUMNS: usize = 48;

/// Accesses of each column in a span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Its end.
    pub until: Nanos,
    /// By column, in the order of the shards.
    pub visits: Vec<u64>,
}

/// The spans of one map, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shards {
    spans: Vec<Span>,
    /// What was told last, by column.
    told: Vec<u64>,
    /// Shards in a column.
    joined: usize,
    /// How long a span is at least.
    length: Nanos,
}

impl Shards {
    /// The spans, oldest first.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// How many shards are one column.
    #[must_use]
    pub fn joined(&self) -> usize {
        self.joined.max(1)
    }

    /// Bytes that they take.
    #[must_use]
    pub fn weight(&self) -> usize {
        (self.spans.len() + 1) * (size_of::<Span>() + self.told.len() * size_of::<u64>())
    }

    /// So many accesses of each shard have been told until this moment.
    pub fn add(&mut self, at: Nanos, shards: &[u64]) {
        self.joined = shards.len().div_ceil(COLUMNS).max(1);
        let sum = |part: &[u64]| part.iter().fold(0, |sum: u64, visits| sum.saturating_add(*visits));
        let told: Vec<u64> = shards.chunks(self.joined).map(sum).collect();
        // A recorder that began anew counts from nothing, too.
        let goes_on =
            told.len() == self.told.len() && told.iter().zip(&self.told).all(|(now, was)| now >= was);
        let visits: Vec<u64> = match goes_on {
            true => told.iter().zip(&self.told).map(|(now, was)| now - was).collect(),
            false => told.clone(),
        };
        if !goes_on {
            self.spans.clear();
        }
        self.told = told;
        if visits.iter().all(|visits| *visits == 0) {
            return;
        }
        let begin = self.spans.len().checked_sub(2).map_or(Nanos(0), |before| self.spans[before].until);
        match self.spans.last_mut() {
            Some(last) if self.length.0 > 0 && at.since(begin) <= self.length => join(last, at, &visits),
            _ => self.spans.push(Span { until: at, visits }),
        }
        if self.spans.len() > SPANS {
            self.halve();
        }
    }

    fn halve(&mut self) {
        let mut joined: Vec<Span> = Vec::with_capacity(SPANS);
        for (index, span) in std::mem::take(&mut self.spans).into_iter().enumerate() {
            match joined.last_mut() {
                Some(last) if index % 2 == 1 => join(last, span.until, &span.visits),
                _ => joined.push(span),
            }
        }
        let whole = match (joined.first(), joined.last()) {
            (Some(first), Some(last)) => last.until.since(first.until).0,
            _ => 0,
        };
        self.length = Nanos((whole / (SPANS as u64 / 2)).max(self.length.0.saturating_mul(2)).max(1));
        self.spans = joined;
    }
}

fn join(span: &mut Span, until: Nanos, visits: &[u64]) {
    span.until = span.until.max(until);
    for (sum, more) in span.visits.iter_mut().zip(visits) {
        *sum = sum.saturating_add(*more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(shards: &Shards) -> u64 {
        shards.spans().iter().flat_map(|span| &span.visits).sum()
    }

    #[test]
    fn a_span_has_what_came_since_the_one_before() {
        let mut shards = Shards::default();
        shards.add(Nanos(10), &[5, 0]);
        shards.add(Nanos(20), &[5, 0]);
        shards.add(Nanos(30), &[6, 9]);
        let spans: Vec<_> = shards.spans().iter().map(|span| (span.until.0, span.visits.clone())).collect();
        assert_eq!(spans, [(10, vec![5, 0]), (30, vec![1, 9])]);
    }

    #[test]
    fn a_long_life_is_kept_whole_in_few_spans() {
        let mut shards = Shards::default();
        let mut told = vec![0; 200];
        for at in 1..=5_000 {
            told[at as usize % 200] += 1;
            shards.add(Nanos(at * 1_000), &told);
            assert!(shards.spans().len() <= SPANS);
        }
        assert_eq!((all(&shards), shards.joined(), shards.spans()[0].visits.len()), (5_000, 5, 40));
        assert!(shards.spans().len() >= SPANS / 2, "{}", shards.spans().len());
        assert!(shards.spans().is_sorted_by_key(|span| span.until));
        // A recorder that begins anew, times that go back, and numbers that nobody counts to.
        shards.add(Nanos(5), &[u64::MAX; 200]);
        shards.add(Nanos(0), &[]);
        assert!(shards.spans().len() <= SPANS);
    }
}
