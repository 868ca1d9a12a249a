//! One page of the history: what was last done to a few keys, and who looked at them.
//!
//! A page is small and forgets what was longest unused. It counts its own ticks, and everything on it carries
//! the tick at which it was written, so that a look and a change are compared by one number; a key that was
//! forgotten and comes back has a later tick and is never mistaken for its old self.

use super::key::Key;
use crate::site::StaticSite;
use mapwatch_event::{Nanos, Operation};

/// Looks on a page. Sixteen tasks that miss the same key all fit, and their acts find them.
pub(super) const LOOKS: usize = 32;

/// Keys on a page.
pub(super) const KEYS: usize = 16;

/// What is looked at or acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) map: u64,
    pub(crate) key: Key,
}

impl Place {
    /// One of 1024 numbers.
    #[inline]
    pub(crate) fn slot(self) -> usize {
        let mixed = (self.key.0 ^ self.map.rotate_left(40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 54) as usize
    }
}

/// Who did something, with what, where and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doer {
    pub(crate) actor: u64,
    pub(crate) thread: u64,
    pub(crate) operation: Operation,
    pub(crate) site: StaticSite,
    pub(crate) at: Nanos,
    /// How often the actor had come to this map before.
    pub(crate) step: u64,
    /// How many snapshots had been loaded and stored in the process.
    pub(crate) era: u64,
}

/// What a look was like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Whether there was an entry.
    pub(crate) present: bool,
    /// Whether the value was to be had, and not only the answer whether it is there.
    pub(crate) value: bool,
    /// Whether a shared guard (a read lock) was held meanwhile.
    pub(crate) under_read_guard: bool,
    /// Whether the entry was taken out by it.
    pub(crate) taken: bool,
    /// Where the snapshot lies that was loaded; 0 for a look at a key.
    pub(crate) stamp: u64,
}

impl Seen {
    /// All there is.
    pub(crate) const ALL: Seen =
        Seen { present: true, value: true, under_read_guard: false, taken: false, stamp: 0 };
}

/// A look that its actor has not acted on yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) place: Place,
    pub(crate) by: Doer,
    pub(crate) seen: Seen,
    pub(crate) tick: u64,
    /// The map's count of walks when this look ended.
    pub(crate) walks: u64,
    /// What makes the look worthless when it is another number by the time of the act.
    pub(crate) valid: u64,
}

/// What a call did to one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// There was none, and now there is one.
    Appeared,
    /// Another value stands in its place.
    Replaced,
    /// It is gone.
    Removed,
    /// It was to be removed, but there was none.
    Missed,
    /// The value was changed where it stood.
    Changed,
}

impl Deed {
    /// Whether the entry is another one now, or none.
    pub(crate) const fn renews(self) -> bool {
        matches!(self, Deed::Appeared | Deed::Replaced | Deed::Removed)
    }
}

/// Something that was done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past {
    pub(crate) by: Doer,
    pub(crate) deed: Deed,
    pub(crate) tick: u64,
}

/// What is known of one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    place: Place,
    used: u64,
    /// The last change of any kind.
    pub(crate) latest: Past,
    /// The map's count of walks when that came.
    pub(crate) latest_walks: u64,
    /// The last one after which the entry was another.
    pub(crate) renewal: Option<Past>,
    /// The map's count of walks when the entry that is there now came; `None` when it was there before anybody
    /// kept count, and that cannot be relied on.
    pub(crate) born: Option<u64>,
    /// The same of the entry before that, and of its end.
    pub(crate) before: Option<(u64, u64)>,
}

/// What a page knows of an actor's earlier look.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Earlier {
    /// It looked, and this is what it saw.
    Look(Look),
    /// It did not look.
    None,
    /// It may have looked, but the page has forgotten.
    Unknown,
}

/// The page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    tick: u64,
    looks: Vec<Look>,
    records: Vec<Record>,
    forgot_looks: bool,
    forgot_records: bool,
}

impl Page {
    pub(crate) const fn new() -> Page {
        Page { tick: 0, looks: Vec::new(), records: Vec::new(), forgot_looks: false, forgot_records: false }
    }

    /// Writes a look down, in place of the same actor's earlier one at the same key.
    pub(crate) fn look(&mut self, place: Place, by: Doer, seen: Seen, walks: u64, valid: u64) {
        self.tick += 1;
        let look = Look { place, by, seen, tick: self.tick, walks, valid };
        if let Some(own) = self.looks.iter_mut().find(|look| look.place == place && look.by.actor == by.actor)
        {
            *own = look;
        } else if self.looks.len() < LOOKS {
            self.looks.push(look);
        } else if let Some(oldest) = self.looks.iter_mut().min_by_key(|look| (!look.seen.taken, look.tick)) {
            // Without what it took out an actor is blind, as it would be without having taken it.
            self.forgot_looks |= !oldest.seen.taken;
            *oldest = look;
        }
    }

    /// An actor's look at a key, which stays.
    pub(crate) fn looked(&self, place: Place, actor: u64) -> Option<Look> {
        self.looks.iter().find(|look| look.place == place && look.by.actor == actor).copied()
    }

    /// Takes an actor's look at a key away: an act uses it up.
    pub(crate) fn use_look(&mut self, place: Place, actor: u64, valid: u64) -> Earlier {
        match self.looks.iter().position(|look| look.place == place && look.by.actor == actor) {
            Some(index) => {
                let look = self.looks.swap_remove(index);
                if look.valid == valid { Earlier::Look(look) } else { Earlier::Unknown }
            }
            None if self.forgot_looks => Earlier::Unknown,
            None => Earlier::None,
        }
    }

    /// What is known of a key.
    pub(crate) fn record(&self, place: Place) -> Option<Record> {
        self.records.iter().find(|record| record.place == place).copied()
    }

    /// Whether a key of which nothing is known may have been here before.
    pub(crate) const fn has_forgotten_keys(&self) -> bool {
        self.forgot_records
    }

    /// Writes down what was done to a key.
    pub(crate) fn change(&mut self, place: Place, by: Doer, deed: Deed, walks: u64) {
        if deed == Deed::Missed {
            return;
        }
        self.tick += 1;
        let past = Past { by, deed, tick: self.tick };
        let record = self.record_mut(place, past);
        record.used = past.tick;
        (record.latest, record.latest_walks) = (past, walks);
        if deed.renews() {
            record.renewal = Some(past);
        }
        match deed {
            Deed::Replaced | Deed::Removed => {
                record.before = record.born.map(|born| (born, walks));
                record.born = Some(walks);
            }
            Deed::Appeared => record.born = Some(walks),
            Deed::Changed | Deed::Missed => {}
        }
    }

    fn record_mut(&mut self, place: Place, past: Past) -> &mut Record {
        if let Some(index) = self.records.iter().position(|record| record.place == place) {
            return &mut self.records[index];
        }
        // Nothing was ever forgotten here: the key has not changed since before anybody kept count.
        let born = if self.forgot_records { None } else { Some(0) };
        let record = Record {
            place,
            used: past.tick,
            latest: past,
            latest_walks: 0,
            renewal: None,
            born,
            before: None,
        };
        let index = if self.records.len() < KEYS {
            self.records.push(record);
            self.records.len() - 1
        } else {
            self.forgot_records = true;
            let oldest = self.records.iter().enumerate().min_by_key(|(_, record)| record.used);
            let index = oldest.map_or(0, |(index, _)| index);
            self.records[index] = Record { born: None, ..record };
            index
        };
        &mut self.records[index]
    }
}
