//! Were two locks ever taken in both orders?
//!
//! Each time an actor takes a lock while it has another one, that is an edge from the first to the second. Two
//! actors with opposite edges may meet one day, unless both had a third lock that keeps them apart. Edges are
//! between containers, not between places in the source: locks of one kind taken in the order of their addresses
//! are fine.

use super::hold::Hold;
use super::judge::is_new_key;
use super::{Latch, Mode, Want, actor, said};
use crate::entry;
use crate::raise::Verdict;
use crate::site::StaticSite;
use crate::thread;
use mapwatch_event::{Nanos, Operation, Policy};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Edges that are remembered; beyond that, new ones are not.
const EDGES: usize = 65_536;

/// One order in which two containers were taken.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) actor: u64,
    pub(super) thread: u64,
    /// The guard that was alive.
    pub(super) first: Hold,
    /// What was taken then.
    pub(super) operation: Operation,
    pub(super) mode: Mode,
    pub(super) site: StaticSite,
    pub(super) at: Nanos,
    pub(super) stack: crate::stack::RawStack,
    /// Other containers that were held exclusively meanwhile.
    gates: Vec<u64>,
}

struct Graph {
    edges: HashMap<(u64, u64), Vec<Edge>>,
    count: usize,
}

static GRAPH: Mutex<Option<Graph>> = Mutex::new(None);

fn graph() -> MutexGuard<'static, Option<Graph>> {
    GRAPH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An actor that has `hold` took the container of `latch`.
pub(super) fn taken(hold: &Hold, latch: &Latch, want: Want, at: StaticSite) -> Verdict {
    let me = actor();
    let sites = [hold.site, at].map(|site| std::ptr::from_ref(site).addr() as u64);
    let to = latch.id();
    if !is_new_key(Policy::Panic, &[hold.map, to, sites[0], sites[1], me]) {
        return Verdict::Carry;
    }
    let gates = super::held_on(thread::desk())
        .filter(|other| other.actor == me && other.map != hold.map && other.map != to)
        .filter(|other| other.mode == Mode::Exclusive)
        .map(|other| other.map)
        .collect();
    let edge = Edge {
        actor: me,
        thread: thread::actor(),
        first: hold.clone(),
        operation: want.operation,
        mode: want.mode,
        site: at,
        at: crate::clock::now(),
        stack: crate::stack::capture(),
        gates,
    };
    match note((hold.map, to), &edge) {
        Some(opposite) => said::inversion(latch, &opposite, &edge),
        None => Verdict::Carry,
    }
}

/// Remembers an edge; gives an opposite one of another actor that might have met it.
fn note((from, to): (u64, u64), edge: &Edge) -> Option<Edge> {
    let mut graph = graph();
    let graph = graph.get_or_insert_with(|| Graph { edges: HashMap::new(), count: 0 });
    let known = graph.edges.entry((from, to)).or_default();
    let twin = |other: &Edge| {
        other.actor == edge.actor
            && std::ptr::eq(other.site, edge.site)
            && std::ptr::eq(other.first.site, edge.first.site)
    };
    if known.iter().any(twin) {
        return None;
    }
    if graph.count < EDGES && known.len() < 16 {
        known.push(edge.clone());
        graph.count += 1;
    }
    if graph.count == EDGES {
        // Containers that are gone make room.
        graph.edges.retain(|(one, other), _| entry::find(*one).is_some() && entry::find(*other).is_some());
        graph.count = graph.edges.values().map(Vec::len).sum();
    }
    let meets = |other: &&Edge| {
        other.actor != edge.actor
            && other.first.mode.excludes(edge.mode)
            && edge.first.mode.excludes(other.mode)
            && !other.gates.iter().any(|gate| edge.gates.contains(gate))
    };
    graph.edges.get(&(to, from))?.iter().find(meets).cloned()
}
