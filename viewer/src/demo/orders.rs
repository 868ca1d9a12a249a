//! The scenario `orders`: an order service with several threads, and one planted collision of each kind.
//!
//! Orders are taken, priced, settled and reported on, a few thousand operations a second, each map by its owner
//! or under the service's own lock. Between them, rendezvous make two sides meet on purpose, so that every
//! collision happens in every run: the demo shows what the tool does, not how lucky it is.
//!
//! Overwriting a map's header takes unsafe code, which this package forbids: see the example `header_stomp`.

use super::accident::{meet, recovered};
use super::requests;
use mapwatch::SharedMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

#[derive(Clone, Debug)]
struct Order {
    customer: u64,
    cents: u64,
}

/// Declared, and never made: the promotions team forgot.
static PROMOTIONS: SharedMap<u64, u64> = SharedMap::uninitialised();

struct Service {
    orders: SharedMap<u64, Order>,
    stock: SharedMap<u64, u64>,
    sessions: SharedMap<u64, Instant>,
    /// The service's own lock: whoever follows the rules holds it.
    rules: Mutex<()>,
    closing: Arc<AtomicBool>,
}

/// Runs the service until it closes by itself.
///
/// # Errors
///
/// When no thread can be had.
pub(super) fn run(open_for: Duration) -> std::io::Result<()> {
    let service = Service {
        orders: SharedMap::new().named("orders"),
        stock: (0..500).map(|item| (item, 100)).collect::<SharedMap<_, _>>().named("stock"),
        sessions: SharedMap::new().named("sessions"),
        rules: Mutex::new(()),
        closing: Arc::default(),
    };
    std::thread::scope(|scope| {
        let start = |name: &str, work: fn(&Service)| {
            let service = &service;
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn_scoped(scope, move || work(service))
                .map(drop)
        };
        let serve = || {
            let closing = Arc::clone(&service.closing);
            std::thread::Builder::new()
                .name("requests".to_owned())
                .spawn_scoped(scope, move || requests::serve(move || closing.load(Ordering::Relaxed)))
                .map(drop)
        };
        let started = [
            serve(),
            start("intake-1", intake),
            start("intake-2", intake),
            start("pricing", pricing),
            start("sweeper", sweeper),
            start("accidents", accidents),
        ];
        std::thread::sleep(open_for);
        service.closing.store(true, Ordering::Relaxed);
        started.into_iter().collect()
    })
}

impl Service {
    /// Does `work` at a steady pace until the service closes, by the rules.
    fn pace(&self, every: Duration, mut work: impl FnMut(u64)) {
        let mut round = 0;
        while !self.closing.load(Ordering::Relaxed) {
            {
                let _rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
                work(round);
            }
            round += 1;
            std::thread::sleep(every);
        }
    }
}

fn intake(service: &Service) {
    service.pace(Duration::from_millis(1), |round| {
        let id = round % 2000;
        service.orders.insert(id, Order { customer: round % 97, cents: 100 + round % 900 });
        service.sessions.insert(round % 97, Instant::now());
        *service.stock.entry(round % 500).or_insert(100) += 1;
    });
}

fn pricing(service: &Service) {
    service.pace(Duration::from_millis(2), |round| {
        let order = service.orders.get_cloned(&(round % 2000));
        let known =
            order.is_some_and(|order| service.sessions.contains_key(&order.customer) && order.cents > 0);
        std::hint::black_box(known);
    });
}

fn sweeper(service: &Service) {
    service.pace(Duration::from_millis(250), |_| {
        service.sessions.retain(|_, seen| seen.elapsed() < Duration::from_secs(30));
        std::hint::black_box(service.stock.iter().filter(|item| *item.value() == 0).count());
    });
}

/// Has one accident after the other, again every few seconds.
///
/// The rules are kept towards everybody else, so that only the two sides that are meant to meet do.
fn accidents(service: &Service) {
    let accidents: [fn(&Service); 4] = [report_beside_settlement, read_beside_write, two_writers, promotion];
    let mut next = 0;
    service.pace(Duration::from_millis(400), |_| {
        accidents[next % accidents.len()](service);
        next += 1;
    });
}

/// A report iterates over the orders while a settlement stores one.
fn report_beside_settlement(service: &Service) {
    meet(
        ("report", &|met: &Barrier| {
            let mut walk = service.orders.iter();
            let first = walk.next();
            met.wait();
            met.wait();
            drop(first);
        }),
        ("settle", &|met: &Barrier| {
            met.wait();
            recovered(|| service.orders.insert(7, Order { customer: 7, cents: 700 }));
            met.wait();
        }),
    );
}

/// A session is looked at through a guard while another thread removes it.
fn read_beside_write(service: &Service) {
    service.sessions.insert(1, Instant::now());
    meet(
        ("profile", &|met: &Barrier| {
            let session = service.sessions.get(&1);
            met.wait();
            met.wait();
            drop(session);
        }),
        ("logout", &|met: &Barrier| {
            met.wait();
            recovered(|| service.sessions.remove(&1));
            met.wait();
        }),
    );
}

/// Two threads write stock levels at the same time.
fn two_writers(service: &Service) {
    meet(
        ("restock", &|met: &Barrier| {
            let mut level = service.stock.entry(1).or_insert(0);
            met.wait();
            *level += 50;
            met.wait();
        }),
        ("reserve", &|met: &Barrier| {
            met.wait();
            recovered(|| service.stock.insert(2, 0));
            met.wait();
        }),
    );
}

/// A promotion is stored in a map that nobody made.
fn promotion(_: &Service) {
    recovered(|| PROMOTIONS.insert(1, 15));
}
