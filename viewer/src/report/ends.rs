//! Lives that were cut short, for the reports: those that ended alike are told once, by the latest of them.

use super::json::{moment, site};
use crate::export::Account;
use crate::fingerprint::Fingerprint;
use crate::model::end::{End, Fate, Halves, Said, reason};
use crate::model::findings::FindingId;
use crate::model::life::TaskRow;
use crate::model::moment::Moment;
use crate::model::spells::Spell;
use crate::model::world::World;
use crate::text::{counted, wrap};
use mapwatch_event::{Actor, ActorId, CancelKind};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Kinds of ends that a text tells.
pub(crate) const TEXT: usize = 12;
/// Kinds that the object tells.
const OBJECT: usize = 500;
/// Columns of a sentence.
const COLUMNS: usize = 100;

/// Lives that ended alike.
#[derive(Debug)]
pub(crate) struct Alike<'a> {
    /// The latest of them.
    pub(crate) latest: End<'a>,
    /// When that was.
    last: Moment,
    /// When the first one was.
    first: Moment,
    /// How many.
    pub(crate) count: u64,
}

/// What makes two ends alike: everything but numbers and times.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    who: (String, &'static str, &'static str),
    why: Option<(&'static str, String, String)>,
    waited: Vec<(String, String)>,
    gave_back: Vec<(String, String)>,
    kept: Vec<(String, Fate)>,
    left: Vec<FindingId>,
}

impl Key {
    fn of(end: &End<'_>) -> Key {
        let (row, session) = (&end.row, end.row.session);
        let spells = |spells: &[&Spell]| {
            let all = spells.iter().map(|spell| (row.map_title(spell.map), session.site_text(spell.site)));
            all.collect::<Vec<_>>()
        };
        let name = |id| session.actors.get(id).map_or_else(String::new, |known| known.name.clone());
        Key {
            who: (row.known.name.clone(), row.life.kind.word(), row.doing().word()),
            why: end.cancelled.map(|cancelled| {
                let place = cancelled.site.map_or_else(String::new, |site| session.site_text(site));
                (reason(cancelled), cancelled.actor.map_or_else(String::new, name), place)
            }),
            waited: spells(&end.waited),
            gave_back: spells(&end.gave_back),
            kept: end.kept.iter().map(|(map, fate)| (row.map_title(*map), *fate)).collect(),
            left: end.left.iter().map(|finding| finding.id).collect(),
        }
    }
}

/// All lives that were cut short or that somebody tried to cut short: those that broke something off first, those that
/// ended with their runtime last, and the latest before the others.
pub(crate) fn of(world: &World) -> Vec<Alike<'_>> {
    let halves = Halves::of(world);
    let mut alike: BTreeMap<Key, Alike<'_>> = BTreeMap::new();
    for session in world.sessions.values() {
        for (id, known, life) in session.actors.lives() {
            let row = TaskRow { session, id, known, life, now: session.last_at };
            let Some(end) =
                End::of(row, &halves).filter(|end| end.was_cut_short() || end.cancelled.is_some())
            else {
                continue;
            };
            let at = Moment { session: session.id, at: end.at, wall: session.wall(end.at) };
            let key = Key::of(&end);
            match alike.get_mut(&key) {
                Some(others) => {
                    others.count += 1;
                    if at.wall < others.first.wall {
                        others.first = at;
                    }
                    if at.wall >= others.last.wall {
                        (others.latest, others.last) = (end, at);
                    }
                }
                None => {
                    alike.insert(key, Alike { latest: end, last: at, first: at, count: 1 });
                }
            }
        }
    }
    let mut alike: Vec<Alike<'_>> = alike.into_values().collect();
    alike.sort_by_key(|alike| {
        let end = &alike.latest;
        let by_shutdown = end.cancelled.is_some_and(|cancelled| cancelled.kind == CancelKind::Shutdown);
        (!end.broke_something(), by_shutdown, Reverse(alike.last.wall))
    });
    alike
}

impl Alike<'_> {
    /// `task 3 `quote` (future) cancelled at 430 ms`.
    pub(crate) fn headline(&self) -> String {
        let row = &self.latest.row;
        format!("{} ({}) {}", row.title(), row.life.kind.word(), self.latest.how())
    }

    /// How many others there are; `None` where there is none.
    pub(crate) fn others(&self, world: &World) -> Option<String> {
        let others = usize::try_from(self.count - 1).unwrap_or(usize::MAX);
        let first = super::text::moment(world, self.first);
        (others > 0).then(|| format!("{} alike, the first {first}", counted(others, "other")))
    }
}

/// What the text says of them.
pub(super) fn write(out: &mut String, world: &World) -> std::fmt::Result {
    let all = of(world);
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nwhat was cut short, and why")?;
    for alike in all.iter().take(TEXT) {
        writeln!(out, "\n  {}", alike.headline())?;
        for Said { label, text, place, .. } in alike.latest.said() {
            let mut label = label;
            for line in wrap(&text, COLUMNS).iter().filter(|line| !line.is_empty()) {
                writeln!(out, "{label:>11}  {line}")?;
                label = "";
            }
            if !place.is_empty() {
                let at = if text.is_empty() { "" } else { "at " };
                writeln!(out, "{label:>11}  {at}{place}")?;
            }
        }
        if let Some(others) = alike.others(world) {
            writeln!(out, "{:>11}  {others}", "beside it")?;
        }
    }
    match all.len().saturating_sub(TEXT) {
        0 => Ok(()),
        more => writeln!(out, "\n  and {}, which the JSON report tells", counted(more, "more kind")),
    }
}

/// The same for programs, and how many kinds found no room.
pub(super) fn objects(account: &Account<'_>) -> (Vec<Value>, usize) {
    let all = of(account.world);
    let told = all.iter().take(OBJECT).map(|alike| object(account.world, alike)).collect();
    (told, all.len().saturating_sub(OBJECT))
}

fn object(world: &World, alike: &Alike<'_>) -> Value {
    let end = &alike.latest;
    let (row, session) = (&end.row, end.row.session);
    let place = |id| session.site(id).map(site);
    let guard = |spell: &&Spell| {
        json!({
            "map": spell.map,
            "title": row.map_title(spell.map),
            "operation": spell.operation,
            "site": place(spell.site),
            "span": spell.length(row.now),
            "behind": spell.behind.map(|id| actor(end, id)),
        })
    };
    json!({
        "task": actor(end, row.id),
        "kind": row.life.kind.word(),
        "state": row.doing().word(),
        "count": alike.count,
        "first": moment(world, alike.first),
        "last": moment(world, alike.last),
        "cancelled": end.cancelled.map(|cancelled| json!({
            "kind": cancelled.kind,
            "by": cancelled.actor.map(|id| actor(end, id)),
            "site": cancelled.site.and_then(place),
        })),
        "waited": end.waited.iter().map(guard).collect::<Vec<_>>(),
        "gave_back": end.gave_back.iter().map(guard).collect::<Vec<_>>(),
        "kept": end.kept.iter().map(|(map, fate)| json!({
            "map": map,
            "title": row.map_title(*map),
            "fate": match fate {
                Fate::Outlived => "outlived",
                Fate::Untold => "untold",
            },
        })).collect::<Vec<_>>(),
        "left": end.left.iter().map(|finding| json!({
            "category": finding.category(),
            "fingerprint": Fingerprint::of(&finding.first).to_string(),
        })).collect::<Vec<_>>(),
        "sentences": end.said().into_iter().map(|said| json!({
            "label": said.label,
            "text": said.text,
            "place": said.place,
        })).collect::<Vec<_>>(),
    })
}

fn actor(end: &End<'_>, id: ActorId) -> Actor {
    let unknown =
        || Actor { id, kind: Default::default(), name: Default::default(), on_thread: String::new() };
    end.row.session.actors.actor(id).unwrap_or_else(unknown)
}
