//! Were locks ever taken in orders that close a ring?
//!
//! Each time an actor takes a lock while it has another one, that is an edge from the first to the second. Actors
//! whose edges form a ring (two with opposite edges; three with A to B, B to C, C to A) may meet one day, unless
//! two of them had a third lock that keeps them apart. Edges are between containers, not between places in the
//! source: locks of one kind taken in the order of their addresses are fine.
//!
//! Of the futures that one task polls side by side (`join!`, `select!`) each has its own orders: that one takes a
//! lock while another has one orders nothing. Whose a guard is its stack tells, which is read when a ring is found.

use super::hold::Hold;
use super::judge::{is_new_key, near};
use super::strand::{self, Strand};
use super::watchdog::AtWork;
use super::{Latch, Mode, Want, actor, said};
use crate::entry;
use crate::raise::Verdict;
use crate::site::{StaticSite, address};
use crate::stack::RawStack;
use crate::thread;
use mapwatch_event::{Nanos, Operation, Policy};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Edges that are remembered; beyond that, new ones are not.
const EDGES: usize = 65_536;

/// Edges that are remembered of two containers.
const PARALLEL: usize = 16;

/// Locks of the longest ring that is looked for.
const LONGEST: usize = 5;

/// Edges that are looked at for one ring; a graph so dense that this does not suffice hides some.
const LOOKS: usize = 4_096;

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
    pub(super) stack: RawStack,
    /// The container that was taken then.
    pub(super) to: u64,
    /// Other containers that were held exclusively meanwhile.
    gates: Vec<u64>,
    /// It was found to be no order: the guard was another future's of the same task.
    is_none: bool,
}

impl Edge {
    /// Whether the two orders may be under way at once.
    fn may_meet(&self, other: &Edge) -> bool {
        !other.is_none
            && self.actor != other.actor
            && !self.gates.iter().any(|gate| other.gates.contains(gate))
    }

    /// Whether it is the same one, seen again.
    fn is(&self, other: &Edge) -> bool {
        other.actor == self.actor
            && std::ptr::eq(other.site, self.site)
            && std::ptr::eq(other.first.site, self.first.site)
    }

    /// Whether one path of execution had the guard and took the other lock. Where the stacks do not tell, a guard that
    /// lives while its future is suspended is taken to be another one's. Costs names of functions.
    fn is_order(&self) -> bool {
        match strand::after(&self.first, Some(&self.stack)) {
            Strand::Same => true,
            Strand::Unsure => !self.first.suspends,
            Strand::Other => false,
        }
    }

    /// Whether this one may wait for the guard that `next` has.
    fn waits_for(&self, next: &Edge) -> bool {
        self.to == next.first.map && self.mode.excludes(next.first.mode)
    }
}

struct Graph {
    /// By the container that was held, then by the one that was taken.
    edges: HashMap<u64, HashMap<u64, Vec<Edge>>>,
    count: usize,
    /// Edges that found no room since the last look for containers that are gone.
    refused: usize,
}

static GRAPH: Mutex<Option<Graph>> = Mutex::new(None);

fn graph() -> MutexGuard<'static, Option<Graph>> {
    GRAPH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An actor that has `hold` took the container of `latch`.
pub(super) fn taken(hold: &Hold, latch: &Latch, want: Want, at: StaticSite) -> Verdict {
    let me = actor();
    let sites = [hold.site, at].map(address);
    let to = latch.id();
    if !is_new_key(Policy::Panic, &[hold.map, to, sites[0], sites[1], me]) {
        return Verdict::Carry;
    }
    let gates = near(thread::desk(), me)
        .filter(|other| other.actor == me && other.map != hold.map && other.map != to)
        .filter(|other| other.mode == Mode::Exclusive && !other.travelled)
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
        to,
        gates,
        is_none: false,
    };
    let mut ring = graph().get_or_insert_with(Graph::new).note(&edge);
    while let Some(others) = ring {
        let _work = AtWork::begin();
        let Some(none) = std::iter::once(&edge).chain(&others).find(|edge| !edge.is_order()) else {
            return said::inversion(latch, &others, &edge);
        };
        ring = graph().as_mut().and_then(|graph| graph.without(none, &edge));
    }
    Verdict::Carry
}

impl Graph {
    fn new() -> Graph {
        Graph { edges: HashMap::new(), count: 0, refused: 0 }
    }

    /// Remembers an edge; gives the others of a ring that it closes, in the order in which they wait.
    fn note(&mut self, edge: &Edge) -> Option<Vec<Edge>> {
        let known = self.edges.entry(edge.first.map).or_default().entry(edge.to).or_default();
        if known.iter().any(|other| edge.is(other)) {
            return None;
        }
        if self.count < EDGES && known.len() < PARALLEL {
            known.push(edge.clone());
            self.count += 1;
        } else if known.len() < PARALLEL {
            self.refused += 1;
        }
        if self.refused > EDGES / 8 {
            self.prune();
        }
        self.ring(edge)
    }

    /// Takes an edge that is no order out of all rings; gives another one that `edge` closes.
    fn without(&mut self, none: &Edge, edge: &Edge) -> Option<Vec<Edge>> {
        let known = self.edges.get_mut(&none.first.map).and_then(|onward| onward.get_mut(&none.to));
        // Gone meanwhile, it cannot be told from others: rather none is told.
        known?.iter_mut().find(|other| none.is(other))?.is_none = true;
        if none.is(edge) && none.to == edge.to && none.first.map == edge.first.map {
            return None;
        }
        self.ring(edge)
    }

    /// The others of a ring that an edge closes, in the order in which they wait.
    fn ring(&self, edge: &Edge) -> Option<Vec<Edge>> {
        let mut looks = LOOKS;
        let mut way = vec![edge];
        self.closes(&mut way, &mut looks).then(|| way[1..].iter().copied().cloned().collect())
    }

    /// Containers that are gone make room.
    fn prune(&mut self) {
        let is_there = |map: u64| entry::find(map).is_some();
        self.edges.retain(|from, _| is_there(*from));
        for onward in self.edges.values_mut() {
            onward.retain(|to, _| is_there(*to));
        }
        self.count = self.edges.values().flat_map(HashMap::values).map(Vec::len).sum();
        self.refused = 0;
    }

    /// Goes on from the last edge of a way until it comes back to the first one's container; the shortest first.
    fn closes<'g>(&'g self, way: &mut Vec<&'g Edge>, looks: &mut usize) -> bool {
        (2..=LONGEST).any(|length| self.goes_on(way, length, looks))
    }

    fn goes_on<'g>(&'g self, way: &mut Vec<&'g Edge>, length: usize, looks: &mut usize) -> bool {
        let (Some(first), Some(last)) = (way.first().copied(), way.last().copied()) else { return false };
        let Some(onward) = self.edges.get(&last.to) else { return false };
        let is_last = way.len() + 1 == length;
        for (to, edges) in onward {
            if is_last != (*to == first.first.map) || way.iter().any(|edge| edge.to == *to && !is_last) {
                continue;
            }
            for edge in edges {
                *looks = looks.saturating_sub(1);
                let fits = last.waits_for(edge) && way.iter().all(|other| other.may_meet(edge));
                if *looks == 0 || !fits || is_last && !edge.waits_for(first) {
                    continue;
                }
                way.push(edge);
                if is_last || self.goes_on(way, length, looks) {
                    return true;
                }
                way.pop();
            }
        }
        false
    }
}
