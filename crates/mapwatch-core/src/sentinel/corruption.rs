//! Something wrote over a sentinel.
//!
//! The header cannot be trusted any more, so the report says only what the attempt itself knows.

use crate::raise::{Collision, Otherwise, Party, Verdict, raise};
use crate::site::StaticSite;
use mapwatch_event::{Category, MapFacts, MapId, MapKind, Operation, Role, Site};

/// How far the stray write reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The header was hit; the canary between it and the map is whole.
    Header,
    /// The canary before the map is gone, and so, for all we know, is the map.
    Map,
}

/// Reports an overwritten header; aborts when the map itself must be taken for broken, because unwinding would
/// run its destructor.
#[cold]
pub(super) fn report(operation: Operation, at: StaticSite, reach: Reach, may_panic: bool) -> Verdict {
    let cause = match reach {
        Reach::Header => {
            "the header of this map was overwritten between two of its operations; the map behind it is whole"
        }
        Reach::Map => {
            "the header of this map and the canary behind it were overwritten between two of its operations; the \
             process is aborted, because unwinding would run the destructor of a broken map"
        }
    };
    raise(Collision {
        category: Category::HeaderCorruption,
        grade: None,
        at: crate::clock::now(),
        map: MapFacts {
            id: MapId(0),
            kind: MapKind::HashMap,
            name: String::from("a map whose header is gone"),
            type_name: String::from("type unknown"),
            made: Site::default(),
            length: None,
        },
        parties: vec![Party::caller(Role::Attempt, operation, at)],
        cause: cause.to_owned(),
        cure: None,
        otherwise: if reach == Reach::Map { Otherwise::Abort } else { Otherwise::GoOn },
        may_panic,
    })
}
