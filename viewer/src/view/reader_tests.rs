//! What a first reader looks for, and finds where he looks.

use super::tests::go;
use crate::keymap::Command;
use crate::testing::{Session, conflict, frame, live, side};
use mapwatch_event::event::{Holders, Holding};
use mapwatch_event::{ActorId, ActorKind, Category, Event, MapId, MapKind, Nanos, Operation, Role, SiteId};

/// Two tasks that meet in one map, at places with long paths; one holds it, the other waits.
fn meeting(names: [&str; 2]) -> Session {
    const FILE: &str = "services/warehouse/src/orders/settlement/worker.rs";
    let mut shop = Session::new(4711, "/srv/shop");
    shop.site(1, FILE, 21).site(2, FILE, 141).site(3, FILE, 388);
    shop.map(1, MapKind::Mutex, "open_orders", "Mutex<HashMap<OrderId, Vec<(Item, Quantity)>>>", 1);
    for (id, name) in (141..).zip(names) {
        shop.actor(id, ActorKind::Task, name).task(id, name);
    }
    let sides = vec![
        side(Role::Holder, Operation::Lock, 141, names[0], FILE, 141),
        side(Role::Attempt, Operation::Lock, 142, names[1], FILE, 388),
    ];
    let met = conflict(1, Category::GuardAcrossAwait, 1, "open_orders", 1_000, sides);
    shop.event(1_000, Event::Conflict(Box::new(met)));
    let holding = |id, site| Holding {
        actor: ActorId(id),
        operation: Operation::Lock,
        site: SiteId(site),
        since: Nanos(500_000_000),
    };
    let (holders, waiters) = (vec![holding(141, 2)], vec![holding(142, 3)]);
    shop.event(1_200, Event::Holders(Holders { map: MapId(1), holders, waiters }));
    shop
}

#[test]
fn who_it_was_is_not_cut_at_eighty_columns() {
    let long = ["reprice-catalogue", "settle-invoices"];
    for (way, names) in [
        (&[Command::Screen(3)][..], ["reprice-all", "settle-cart"]),
        (&[Command::Screen(5)], long),
        (&[Command::Screen(1), Command::Open], long),
        (&[Command::Screen(3), Command::Open], long),
    ] {
        let mut model = live(&meeting(names));
        go(&mut model, way);
        let (text, _) = frame(&model, 80, 24);
        for name in names {
            assert!(text.contains(name), "{way:?}: {name}\n{text}");
        }
    }
}
