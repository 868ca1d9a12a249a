//! What a life waited for and held, and when: spells, made of the samples of who is inside which map, and of what its
//! end says.

use super::tape::Position;
use mapwatch_event::event::Holding;
use mapwatch_event::task::{GivenUp, TaskEnded};
use mapwatch_event::{ActorId, Ending, MapId, Nanos, Operation, SiteId};
use std::collections::HashSet;

/// Spells kept of one life; of more, the oldest go.
pub const KEPT: usize = 24;

/// When something was told: the time in the session, and where that stands in what the world took in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// The session's time.
    pub at: Nanos,
    /// Where the world was just after it.
    pub position: Position,
}

/// What a spell is spent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Is {
    /// Waiting for a guard.
    Waiting,
    /// Holding one.
    Holding,
}

/// How a spell was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// By itself: the guard was had, or given back.
    Done,
    /// With the life: the wait was broken off, or the guard given back as its owner was dropped.
    WithItsLife,
}

/// One spell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spell {
    /// What with.
    pub is: Is,
    /// The map or lock.
    pub map: MapId,
    /// The call; `None` where it was told by the site alone.
    pub operation: Option<Operation>,
    /// Where the call is.
    pub site: SiteId,
    /// Since when.
    pub since: Nanos,
    /// Who was in the way of a wait when it was first told.
    pub behind: Option<ActorId>,
    /// Where it was first told.
    pub told: Position,
    /// When it was over, as far as that was told, where that was told, and how; `None` while it lasts.
    pub over: Option<(When, Over)>,
}

impl Spell {
    /// For how long, up to `now` while it lasts.
    #[must_use]
    pub fn length(&self, now: Nanos) -> Nanos {
        self.over.map_or(now, |(when, _)| when.at).since(self.since)
    }

    /// Whether some of it lies behind `from` and not behind `to`.
    #[must_use]
    pub fn touches(&self, from: Nanos, to: Nanos) -> bool {
        self.since <= to && self.over.is_none_or(|(when, _)| when.at > from)
    }

    /// Whether it is what a sample of a map tells.
    #[must_use]
    pub fn is_of(&self, is: Is, map: MapId, holding: &Holding) -> bool {
        (self.is, self.map, self.site, self.since) == (is, map, holding.site, holding.since)
    }
}

/// The spells of one life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spells {
    all: Vec<Spell>,
    /// Earlier ones that are no longer kept.
    pub dropped: u64,
    /// Maps whose guards outlived the life, where that was told.
    pub outlived: Vec<MapId>,
}

impl Spells {
    /// Those of a life that never waited and never held anything: most lives have no others.
    pub const NONE: &Spells = &Spells { all: Vec::new(), dropped: 0, outlived: Vec::new() };

    /// All that are kept, by when they were told.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Spell> {
        self.all.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Bytes that they take.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.all.len() * size_of::<Spell>()
    }

    fn add(&mut self, spell: Spell) {
        if self.all.len() == KEPT {
            self.all.remove(0);
            self.dropped += 1;
        }
        self.all.push(spell);
    }

    /// A sample says that one begins.
    pub fn begins(&mut self, is: Is, map: MapId, holding: &Holding, behind: Option<ActorId>, when: When) {
        if self.all.iter().any(|spell| spell.is_of(is, map, holding)) {
            return;
        }
        self.add(Spell {
            is,
            map,
            operation: Some(holding.operation),
            site: holding.site,
            since: holding.since,
            behind,
            told: when.position,
            over: None,
        });
    }

    /// A sample says that one is over.
    pub fn is_over(&mut self, is: Is, map: MapId, holding: &Holding, when: When) {
        let mut same = self.all.iter_mut().filter(|spell| spell.over.is_none());
        if let Some(spell) = same.find(|spell| spell.is_of(is, map, holding)) {
            spell.over = Some((when, Over::Done));
        }
    }

    /// The life is over. Whether it is told what it gave back depends on the version of the schema.
    pub fn end(&mut self, task: &TaskEnded, tells_what_it_gave_back: bool, when: When) {
        if tells_what_it_gave_back {
            let gave_back = |map: &MapId| task.gave_back.iter().any(|guard| guard.map == *map);
            self.outlived = task.holding.iter().filter(|map| !gave_back(map)).copied().collect();
        }
        let outlived = self.outlived.clone();
        let how = if task.ending == Ending::Completed { Over::Done } else { Over::WithItsLife };
        let lasting = |spell: &&mut Spell| match spell.is {
            Is::Waiting => spell.over.is_none(),
            Is::Holding => spell.over.is_none() && !outlived.contains(&spell.map),
        };
        self.all.iter_mut().filter(lasting).for_each(|spell| spell.over = Some((when, how)));
        for (is, given_up) in [(Is::Waiting, &task.waited), (Is::Holding, &task.gave_back)] {
            given_up.iter().for_each(|given_up| self.broken_off(is, given_up, when));
        }
    }

    /// What the end says of a spell: exactly when it was over, also where no sample saw it.
    fn broken_off(&mut self, is: Is, given_up: &GivenUp, when: When) {
        let over = Some((when, Over::WithItsLife));
        // The sample that missed it may have come before the end was told.
        let same = |spell: &&mut Spell| {
            (spell.is, spell.map, spell.site) == (is, given_up.map, given_up.site)
                && spell.over.is_none_or(|(over, _)| over.at >= when.at)
        };
        if let Some(spell) = self.all.iter_mut().rfind(same) {
            spell.over = over;
            return;
        }
        let since = Nanos(when.at.0.saturating_sub(given_up.span.0));
        let (map, site, told) = (given_up.map, given_up.site, when.position);
        self.add(Spell { is, map, operation: None, site, since, behind: None, told, over });
    }
}

/// What differs between two samples of one map: who came, and who went.
pub fn changes<'a>(before: &'a [Holding], now: &'a [Holding]) -> (Vec<&'a Holding>, Vec<&'a Holding>) {
    let key = |holding: &Holding| (holding.actor, holding.since, holding.site);
    let missing = |from: &'a [Holding], others: &[Holding]| -> Vec<&'a Holding> {
        let others: HashSet<_> = others.iter().map(key).collect();
        from.iter().filter(|holding| !others.contains(&key(holding))).collect()
    };
    if before == now { (Vec::new(), Vec::new()) } else { (missing(now, before), missing(before, now)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapwatch_event::task::TaskPolls;

    const MAP: MapId = MapId(3);

    fn holding(site: u64, since: u64) -> Holding {
        Holding { actor: ActorId(1), operation: Operation::Write, site: SiteId(site), since: Nanos(since) }
    }

    fn when(at: u64) -> When {
        When { at: Nanos(at), position: Position(at) }
    }

    fn ended(ending: Ending, waited: &[(u64, u64)], gave_back: &[(u64, u64)]) -> TaskEnded {
        let all = |told: &[(u64, u64)]| {
            let one =
                |(site, span): &(u64, u64)| GivenUp { map: MAP, site: SiteId(*site), span: Nanos(*span) };
            told.iter().map(one).collect()
        };
        TaskEnded {
            id: ActorId(1),
            ending,
            cancelled: None,
            polls: TaskPolls::default(),
            holding: vec![MAP],
            waited: all(waited),
            gave_back: all(gave_back),
        }
    }

    #[test]
    fn a_spell_lasts_from_sample_to_sample() {
        let mut spells = Spells::default();
        spells.begins(Is::Waiting, MAP, &holding(7, 10), Some(ActorId(2)), when(20));
        spells.begins(Is::Waiting, MAP, &holding(7, 10), None, when(30));
        spells.is_over(Is::Waiting, MAP, &holding(7, 10), when(40));
        let [spell] = &spells.all[..] else { panic!("{spells:?}") };
        assert_eq!(
            (spell.behind, spell.told, spell.over),
            (Some(ActorId(2)), Position(20), Some((when(40), Over::Done)))
        );
        assert_eq!([9, 10, 39, 40].map(|at| spell.touches(Nanos(at), Nanos(at))), [false, true, true, false]);
    }

    #[test]
    fn an_end_is_believed_before_samples() {
        let mut spells = Spells::default();
        spells.begins(Is::Holding, MAP, &holding(6, 5), None, when(20));
        spells.begins(Is::Waiting, MAP, &holding(7, 10), None, when(20));
        // The sample that no longer has the wait is told before the end, which was earlier.
        spells.is_over(Is::Waiting, MAP, &holding(7, 10), when(50));
        spells.end(&ended(Ending::Cancelled, &[(7, 35), (8, 1)], &[(6, 40)]), true, when(45));
        assert_eq!(spells.outlived, []);
        let told: Vec<_> =
            spells.iter().map(|spell| (spell.is, spell.site.0, spell.since.0, spell.over)).collect();
        let over = Some((when(45), Over::WithItsLife));
        assert_eq!(told, [(Is::Holding, 6, 5, over), (Is::Waiting, 7, 10, over), (Is::Waiting, 8, 44, over)]);
    }

    #[test]
    fn a_guard_that_outlives_its_owner_is_held_on() {
        let mut spells = Spells::default();
        spells.begins(Is::Holding, MAP, &holding(6, 5), None, when(20));
        let mut of_old = spells.clone();
        spells.end(&ended(Ending::Cancelled, &[], &[]), true, when(45));
        assert!(spells.iter().all(|spell| spell.over.is_none()) && spells.outlived == [MAP]);
        // Of an earlier schema nobody knows; that its end ended it is what one expects.
        of_old.end(&ended(Ending::Cancelled, &[], &[]), false, when(45));
        assert!(of_old.iter().all(|spell| spell.over.is_some()) && of_old.outlived.is_empty());
    }

    #[test]
    fn the_oldest_go_and_are_counted() {
        let mut spells = Spells::default();
        for since in 0..KEPT as u64 + 3 {
            spells.begins(Is::Holding, MAP, &holding(6, since), None, when(since));
        }
        assert_eq!((spells.all.len(), spells.dropped, spells.all[0].since), (KEPT, 3, Nanos(3)));
    }

    #[test]
    fn two_samples_differ_in_who_came_and_who_went() {
        let (one, two, three) = (holding(1, 1), holding(1, 2), holding(2, 1));
        let (before, now) = ([one.clone(), two.clone()], [two, three.clone()]);
        assert_eq!(changes(&before, &now), (vec![&three], vec![&one]));
        assert_eq!(changes(&now, &now), (Vec::new(), Vec::new()));
    }
}
