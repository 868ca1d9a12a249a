//! What was found in the map of a story.

use mapwatch::{Conflict, Role};
use std::sync::{Mutex, Once};

static FOUND: Mutex<Vec<Conflict>> = Mutex::new(Vec::new());

/// Findings are gathered from now on, and panic nowhere.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut config = mapwatch::Config::from_env();
        config.policy = mapwatch::Policy::Report;
        config.stderr = false;
        config.install().unwrap();
        mapwatch::on_conflict(|conflict| FOUND.lock().unwrap().push(conflict.clone()));
    });
}

/// Runs a piece of a story on a thread of its own, to its end.
pub(crate) fn elsewhere<R: Send>(piece: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| scope.spawn(piece).join().unwrap())
}

/// What was found on a map.
pub(crate) fn of(map: &str) -> Vec<Conflict> {
    FOUND.lock().unwrap().iter().filter(|conflict| conflict.map.name == map).cloned().collect()
}

/// The map had one finding: this category, and look, between and act by these operations, at three sites or two.
#[track_caller]
pub(crate) fn caught(map: &str, category: &str, operations: [&str; 3]) {
    let found = of(map);
    let first = found.first().unwrap_or_else(|| panic!("nothing was found on {map}"));
    assert_eq!(first.category.code(), category, "{found:#?}");
    let roles: Vec<Role> = first.sides.iter().map(|side| side.role).collect();
    assert_eq!(roles, [Role::Look, Role::Between, Role::Act]);
    let told: Vec<&str> = first.sides.iter().map(|side| side.operation.word()).collect();
    assert_eq!(told, operations);
    assert_eq!(first.sides[0].actor, first.sides[2].actor);
    assert_ne!(first.sides[1].actor, first.sides[2].actor);
    assert!(first.sides.iter().all(|side| side.site.file.contains("logic")), "{found:#?}");
    assert!(!first.sides[2].stack.frames.is_empty());
}

/// Nothing was found on the map.
#[track_caller]
pub(crate) fn silent(map: &str) {
    assert_eq!(of(map), []);
}
