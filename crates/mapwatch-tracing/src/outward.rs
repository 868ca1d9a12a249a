//! mapwatch's findings as events of `tracing`.

use crate::TARGET;
use mapwatch_core::event::{Conflict, Grade, Report};
use mapwatch_core::outlet::{Panicked, Told};
use mapwatch_core::recovery::Level;
use tracing::{debug, error, info, warn};

pub(crate) fn tell(told: Told<'_>) {
    match told {
        Told::Conflict(conflict) => tell_conflict(conflict),
        Told::Panic(panic) => tell_panic(&panic),
        // Of a later version.
        _ => {}
    }
}

fn tell_conflict(conflict: &Conflict) {
    /// An event's level is part of its macro.
    macro_rules! at {
        ($level:ident) => {
            $level!(
                target: TARGET,
                category = conflict.category.code(),
                grade = conflict.grade.word(),
                map = conflict.map.title(),
                kind = %conflict.map.kind,
                sites = ?conflict.sides.iter().map(|side| side.site.to_string()).collect::<Vec<_>>(),
                conflict = conflict.id.0,
                cause = conflict.cause,
                "{}",
                Report::new(conflict).headline()
            )
        };
    }
    match conflict.grade {
        Grade::Certain => at!(error),
        Grade::Hazard | Grade::Suspect => at!(warn),
        _ => at!(info),
    }
}

fn tell_panic(panic: &Panicked<'_>) {
    /// An event's level is part of its macro.
    macro_rules! at {
        ($level:ident) => {
            $level!(
                target: TARGET,
                panic = panic.number,
                actor = %panic.actor,
                location = %panic.location,
                conflict = panic.conflict.map(|conflict| conflict.0),
                caught_by = panic.caught_by,
                "panicked: {}",
                panic.message
            )
        };
    }
    match panic.level {
        Level::Error => at!(error),
        Level::Warn => at!(warn),
        Level::Info => at!(info),
        Level::Debug => at!(debug),
    }
}
