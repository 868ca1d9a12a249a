//! What lives waited for and held before: the longest spells that are over, and how many there are beside them.

use super::{Stretch, What, title};
use crate::model::actors::Life;
use crate::model::session::Session;
use crate::model::spells::{Is, Spell};
use mapwatch_event::event::Holding;
use mapwatch_event::{ActorId, MapId, Nanos};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Spells told of one session; who looks at a picture looks for the long ones.
pub(super) const TOLD: usize = 5_000;

/// The longest spells of a session that are over, `room` of them at most, and how many more there were.
pub(super) fn past(session: &Session, room: usize) -> (Vec<(ActorId, Stretch)>, u64) {
    let mut longest = BinaryHeap::new();
    let mut left_out = 0;
    for (id, _, life) in session.actors.lives() {
        left_out += life.spells().dropped;
        for (index, spell) in life.spells().iter().enumerate().filter(|(_, spell)| spell.over.is_some()) {
            longest.push(Reverse((spell.length(session.last_at), Reverse(id), index)));
            if longest.len() > room {
                longest.pop();
                left_out += 1;
            }
        }
    }
    let told = longest.into_iter().filter_map(|Reverse((_, Reverse(id), index))| {
        let life = session.actors.get(id)?.life.as_deref()?;
        Some((id, stretch(session, life.spells().iter().nth(index)?)?))
    });
    (told.collect(), left_out)
}

/// Whether what a sample says of somebody inside, or waiting to be, is known to be over: the sample is older than the
/// end of the life.
pub(super) fn is_past(life: Option<&Life>, is: Is, map: MapId, holding: &Holding) -> bool {
    let mut spells = life.into_iter().flat_map(|life| life.spells().iter());
    spells.any(|spell| spell.over.is_some() && spell.is_of(is, map, holding))
}

fn stretch(session: &Session, spell: &Spell) -> Option<Stretch> {
    let (over, _) = spell.over?;
    let map = session.maps.get(spell.map);
    Some(Stretch {
        from: spell.since,
        to: Nanos(over.at.0.max(spell.since.0)),
        what: match spell.is {
            Is::Waiting => What::Waiting,
            Is::Holding => What::Holding,
        },
        operation: spell.operation,
        map: map.map_or_else(|| format!("map {}", spell.map), |map| title(session, map)),
        site: session.site_text(spell.site),
        finding: None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Lanes, lanes};
    use super::*;
    use crate::export::Account;
    use crate::testing::{MS, cancelled_request, recorded};
    use mapwatch_event::Operation;

    type Seen = (What, Option<Operation>, String, u64, u64);

    /// What the lane of an actor shows of waiting and holding.
    fn seen(lanes: &Lanes<'_>, actor: u64) -> Vec<Seen> {
        let spells =
            lanes.lanes[&ActorId(actor)].stretches.iter().filter(|stretch| stretch.finding.is_none());
        let ms = |at: Nanos| at.0 / MS;
        spells.map(|one| (one.what, one.operation, one.map.clone(), ms(one.from), ms(one.to))).collect()
    }

    #[test]
    fn what_a_cancelled_life_waited_for_and_held_stands_in_its_lane() {
        let model = recorded(&cancelled_request("1.5"));
        let all = lanes(&Account::of(&model.world));
        let till = (What::Holding, Some(Operation::Lock), "till".to_owned(), 25, 430);
        let carts = (What::Waiting, Some(Operation::Write), "carts".to_owned(), 30, 430);
        assert_eq!(seen(&all[0], 3), [till, carts]);
        let backup = (What::Holding, Some(Operation::Read), "carts".to_owned(), 10, 1_000);
        assert_eq!((seen(&all[0], 2), all[0].left_out), (vec![backup], 0));
    }

    #[test]
    fn a_sample_older_than_the_end_of_a_life_does_not_tell_its_guard_again() {
        let mut shop = cancelled_request("1.5");
        // The recording breaks off just after the end: the last samples still have both.
        let text = String::from_utf8(shop.bytes).unwrap_or_default();
        let ended = text.lines().position(|line| line.contains("\"waited\"")).unwrap_or_default();
        shop.bytes = text.split_inclusive('\n').take(ended + 1).collect::<String>().into_bytes();
        let model = recorded(&shop);
        let all = lanes(&Account::of(&model.world));
        let kinds: Vec<What> = seen(&all[0], 3).iter().map(|seen| seen.0).collect();
        assert_eq!(kinds, [What::Holding, What::Waiting]);
        assert_eq!(seen(&all[0], 2).len(), 1, "who still holds is told by the sample");
    }

    #[test]
    fn the_longest_are_told_and_the_others_counted() {
        let model = recorded(&cancelled_request("1.5"));
        let session = model.world.sessions.values().next().map(AsRef::as_ref);
        let Some(session) = session else { panic!("one session") };
        let (told, left_out) = past(session, 1);
        let [(actor, stretch)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((actor.0, &*stretch.map, left_out), (2, "carts", 2));
        assert_eq!(past(session, 0), (Vec::new(), 3));
    }
}
