//! What comes again and again, joined by what makes it the same: a bounded number of groups, each counted.

use imbl::{HashMap, OrdMap};
use std::hash::Hash;
use std::sync::Arc;

/// Groups by their numbers, which are given in the order in which the groups came.
#[derive(Clone, Debug)]
pub struct Joined<Id: Ord, Key, Group> {
    all: OrdMap<Id, Arc<Group>>,
    by_key: HashMap<Key, Id>,
    next: u64,
    /// How many came in all.
    pub sightings: u64,
    /// How many found no room.
    pub dropped: u64,
}

impl<Id: Ord, Key, Group> Default for Joined<Id, Key, Group> {
    fn default() -> Self {
        Joined { all: OrdMap::new(), by_key: HashMap::new(), next: 0, sightings: 0, dropped: 0 }
    }
}

impl<Id, Key, Group> Joined<Id, Key, Group>
where
    Id: Copy + Ord + From<u64>,
    Key: Clone + Eq + Hash,
    Group: Clone,
{
    /// The group of a key, made by `new` where it is the first; `None` where there are `room` groups already and this
    /// would be one more.
    pub(super) fn group(
        &mut self,
        key: Key,
        room: usize,
        new: impl FnOnce(Id) -> Group,
    ) -> Option<&mut Group> {
        self.sightings += 1;
        let id = match self.by_key.get(&key) {
            Some(id) => *id,
            None if self.all.len() >= room => {
                self.dropped += 1;
                return None;
            }
            None => {
                self.next += 1;
                let id = Id::from(self.next);
                self.by_key.insert(key, id);
                id
            }
        };
        Some(Arc::make_mut(self.all.entry(id).or_insert_with(|| Arc::new(new(id)))))
    }

    /// A group, by its number.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&Group> {
        self.all.get(&id).map(|group| &**group)
    }

    /// All groups, in the order in which they came.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Group> {
        self.all.values().map(|group| &**group)
    }

    /// How many groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}
