//! Rows of guards that are held and of waits for them: who holds what now, since when, and who waits for it.

use super::Model;
use super::query::{Field, Fields, Value};
use super::rows::MapRow;
use super::session::SessionId;
use super::spells::Is;
use super::ui::{MapKey, TaskKey};
use mapwatch_event::event::Holding;
use mapwatch_event::{ActorId, MapId, Nanos, SiteId};

/// A guard, or a wait for one: whose, of what, and from when and where on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuardKey {
    session: SessionId,
    map: MapId,
    actor: ActorId,
    is: Is,
    site: SiteId,
    since: Nanos,
}

impl GuardKey {
    /// Its map.
    #[must_use]
    pub fn map(self) -> MapKey {
        MapKey { session: self.session, map: self.map }
    }

    /// Whose it is.
    #[must_use]
    pub fn task(self) -> TaskKey {
        TaskKey { session: self.session, actor: self.actor }
    }
}

/// A guard or a wait with its map.
#[derive(Clone, Copy, Debug)]
pub struct GuardRow<'a> {
    /// The map.
    pub map: MapRow<'a>,
    /// Whether it is held, or waited for.
    pub is: Is,
    /// Who, by which call, where and since when.
    pub holding: &'a Holding,
}

impl GuardRow<'_> {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> GuardKey {
        let Holding { actor, site, since, .. } = *self.holding;
        let MapKey { session, map } = self.map.key();
        GuardKey { session, map, actor, is: self.is, site, since }
    }

    /// `waits`, `holds`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.is {
            Is::Waiting => "waits",
            Is::Holding => "holds",
        }
    }

    /// For how long.
    #[must_use]
    pub fn lasted(&self) -> Nanos {
        self.map.now.since(self.holding.since)
    }

    /// Who.
    #[must_use]
    pub fn who(&self) -> String {
        self.map.session.actors.title(self.holding.actor)
    }

    /// Who is in the way of one who waits; how many are behind a holder, and what it waits for itself.
    #[must_use]
    pub fn behind(&self) -> String {
        match self.is {
            Is::Waiting => self.in_its_way(),
            Is::Holding => {
                let waiters = self.map.map.waiters.len();
                let count = if waiters == 0 { String::new() } else { format!("{waiters} behind it") };
                let awaited = self.map.session.maps.awaited_by(self.holding.actor);
                let awaited =
                    awaited.map(|(map, _)| format!("waits for {}", MapRow { map, ..self.map }.title()));
                let said = [Some(count), awaited].into_iter().flatten().filter(|text| !text.is_empty());
                said.collect::<Vec<_>>().join(", ")
            }
        }
    }

    fn in_its_way(&self) -> String {
        let mut actors: Vec<ActorId> = self.map.map.holders.iter().map(|holding| holding.actor).collect();
        actors.dedup();
        let own = self.holding.actor;
        let name = |actor: &ActorId| {
            if *actor == own { "itself".to_owned() } else { self.map.session.actors.title(*actor) }
        };
        match actors.as_slice() {
            [] => "nobody that is known".to_owned(),
            [one] => name(one),
            [one, rest @ ..] => format!("{} and {} more", name(one), rest.len()),
        }
    }
}

impl Fields for GuardRow<'_> {
    fn value(&self, field: Field) -> Value {
        match field {
            Field::Actor => Value::Text(self.who()),
            Field::Operation => Value::Text(self.holding.operation.to_string()),
            Field::Site => Value::Text(self.map.session.site_text(self.holding.site)),
            Field::State => Value::Text(self.word().to_owned()),
            Field::Held => Value::Number(self.lasted().0 as f64),
            // Whoever waits comes before whoever holds.
            Field::Urgency => Value::Number(f64::from(u8::from(self.is == Is::Waiting))),
            Field::Text => Value::Text(self.behind()),
            Field::Map | Field::Kind | Field::Type | Field::Process => self.map.value(field),
            _ => Value::Absent,
        }
    }

    fn whole(&self) -> String {
        let fields = [Field::State, Field::Actor, Field::Operation, Field::Map, Field::Text, Field::Site];
        fields.map(|field| self.value(field).text()).join(" ")
    }

    /// Of those that are alike, the one that lasts longest.
    fn recency(&self) -> u64 {
        self.lasted().0
    }
}

impl Model {
    /// All guards that are held and all waits of the processes that are shown.
    pub fn all_guards(&self) -> impl Iterator<Item = GuardRow<'_>> {
        self.inhabited().flat_map(|map| {
            let row = move |is| move |holding| GuardRow { map, is, holding };
            map.map.waiters.iter().map(row(Is::Waiting)).chain(map.map.holders.iter().map(row(Is::Holding)))
        })
    }

    /// One of them, by its key.
    #[must_use]
    pub fn guard_row(&self, key: GuardKey) -> Option<GuardRow<'_>> {
        let map = self.map_row(key.map())?;
        let all = match key.is {
            Is::Waiting => &map.map.waiters,
            Is::Holding => &map.map.holders,
        };
        let mut rows = all.iter().map(|holding| GuardRow { map, is: key.is, holding });
        rows.find(|row| row.key() == key)
    }
}
