//! Who acts in one session: threads, tasks, scopes.

use imbl::{OrdMap, OrdSet};
use mapwatch_event::event::{ActorGone, ActorSeen};
use mapwatch_event::{Actor, ActorId, ActorKind, Ending, Nanos};

/// Actors kept; of more, the oldest ended ones go.
pub const ACTORS: usize = 50_000;

/// All actors of a session.
#[derive(Clone, Debug, Default)]
pub struct Actors {
    all: OrdMap<ActorId, Known>,
    ended: OrdSet<(Nanos, ActorId)>,
    /// Actors that were let go.
    pub dropped: u64,
}

/// What is known of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Thread, task or scope.
    pub kind: ActorKind,
    /// Its name; empty where it has none.
    pub name: String,
    /// When and how it ended.
    pub ending: Option<(Nanos, Ending)>,
}

impl Actors {
    /// An actor, by its number.
    #[must_use]
    pub fn get(&self, id: ActorId) -> Option<&Known> {
        self.all.get(&id)
    }

    /// As reports name it: ``thread 3 `settle` ``.
    #[must_use]
    pub fn title(&self, id: ActorId) -> String {
        let Some(known) = self.get(id) else { return format!("actor {id}") };
        Actor { id, kind: known.kind, name: known.name.clone(), on_thread: String::new() }.to_string()
    }

    /// Everybody, by number.
    pub fn iter(&self) -> impl Iterator<Item = (ActorId, &Known)> {
        self.all.iter().map(|(id, known)| (*id, known))
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many are alive.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.all.len() - self.ended.len()
    }

    /// An actor is announced, maybe once more with its name.
    pub fn seen(&mut self, seen: ActorSeen) {
        let known = Known { kind: seen.kind, name: seen.name, ending: None };
        self.all.entry(seen.id).and_modify(|old| old.name.clone_from(&known.name)).or_insert(known);
        while self.all.len() > ACTORS {
            let oldest = pop_oldest(&mut self.ended);
            let Some(id) = oldest.or(self.all.keys().next().copied()) else { return };
            self.all.remove(&id);
            self.dropped += 1;
        }
    }

    /// An actor's life ended.
    pub fn gone(&mut self, gone: ActorGone, at: Nanos) {
        if let Some(known) = self.all.get_mut(&gone.id)
            && known.ending.is_none()
        {
            known.ending = Some((at, gone.ending));
            self.ended.insert((at, gone.id));
        }
    }
}

/// Takes the one that ended first.
fn pop_oldest(ended: &mut OrdSet<(Nanos, ActorId)>) -> Option<ActorId> {
    let oldest = *ended.get_min()?;
    ended.remove(&oldest);
    Some(oldest.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_ended_one_goes_first() {
        let mut actors = Actors::default();
        for id in 1..=ACTORS as u64 {
            actors.seen(ActorSeen { id: ActorId(id), kind: ActorKind::Task, name: String::new() });
        }
        actors.gone(ActorGone { id: ActorId(7), ending: Ending::Completed }, Nanos(1));
        assert_eq!(actors.alive(), ACTORS - 1);
        actors.seen(ActorSeen { id: ActorId(1 << 40), kind: ActorKind::Task, name: String::new() });
        assert!(actors.get(ActorId(7)).is_none() && actors.get(ActorId(1)).is_some());
        assert_eq!(actors.dropped, 1);
    }
}
