//! The scenario `guards`: a shop whose handlers keep guards alive too long.
//!
//! A nightly export holds the price list while customers wait for it: nothing is wrong with that, and the Holders
//! screen shows it. Beside it stand the classic hangs, one after the other; each is refused before it hangs:
//! a session removed inside its own `if let`, two accounts locked in two orders, a guard across an `.await`.

use super::accident::{meet, recovered};
use mapwatch::Named as _;
use mapwatch::dashmap::DashMap;
use mapwatch::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

struct Shop {
    sessions: DashMap<u64, &'static str>,
    prices: RwLock<HashMap<u64, u64>>,
    savings: Mutex<HashMap<u64, i64>>,
    current: Mutex<HashMap<u64, i64>>,
    closing: AtomicBool,
}

/// Runs the shop until it closes by itself.
///
/// # Errors
///
/// When no thread can be had.
pub(super) fn run(open_for: Duration) -> std::io::Result<()> {
    let shop = Shop {
        sessions: (0..64).map(|id| (id, "fresh")).collect::<DashMap<_, _>>().named("sessions"),
        prices: RwLock::new((0..100).map(|item| (item, 100 + item)).collect()).named("prices"),
        savings: Mutex::new(HashMap::new()).named("savings"),
        current: Mutex::new(HashMap::new()).named("current"),
        closing: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        let start = |name: &str, work: fn(&Shop)| {
            let shop = &shop;
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn_scoped(scope, move || work(shop))
                .map(drop)
        };
        let started = [
            start("export", export),
            start("customer-1", customer),
            start("customer-2", customer),
            start("repricing", repricing),
            start("accidents", accidents),
        ];
        std::thread::sleep(open_for);
        shop.closing.store(true, Ordering::Relaxed);
        started.into_iter().collect()
    })
}

impl Shop {
    /// Does `work` at a steady pace until the shop closes.
    fn pace(&self, every: Duration, work: impl FnMut(u64)) {
        self.pace_at_least(0, every, work);
    }

    /// The same for work that is wanted so many times, however slow the machine and short the time.
    fn pace_at_least(&self, times: u64, every: Duration, mut work: impl FnMut(u64)) {
        let mut round = 0;
        while round < times || !self.closing.load(Ordering::Relaxed) {
            work(round);
            round += 1;
            std::thread::sleep(every);
        }
    }
}

/// An account that a refused transfer left locked is none the worse for it. Reports name the caller.
#[track_caller]
fn account(of: &Mutex<HashMap<u64, i64>>) -> MutexGuard<'_, HashMap<u64, i64>> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the whole price list under one guard, and takes its time.
fn export(shop: &Shop) {
    shop.pace(Duration::from_millis(300), |_| {
        let Ok(prices) = shop.prices.read() else { return };
        std::thread::sleep(Duration::from_millis(700));
        std::hint::black_box(prices.values().sum::<u64>());
    });
}

/// Waits for the export, as anybody who writes does.
fn repricing(shop: &Shop) {
    shop.pace(Duration::from_millis(150), |round| {
        if let Ok(mut prices) = shop.prices.write() {
            prices.insert(round % 100, 100 + round);
        }
    });
}

fn customer(shop: &Shop) {
    shop.pace(Duration::from_millis(1), |round| {
        shop.sessions.insert(64 + round % 512, "fresh");
        let seen = shop.sessions.get(&(64 + round % 512)).is_some_and(|session| *session == "fresh");
        std::hint::black_box(seen);
    });
}

/// Has one accident after the other, again every few seconds.
fn accidents(shop: &Shop) {
    let accidents: [fn(&Shop); 3] = [logout, transfers, lookup_across_await];
    let count = accidents.len() as u64;
    shop.pace_at_least(count, Duration::from_millis(600), |round| accidents[(round % count) as usize](shop));
}

/// Removes a session inside the `if let` that still holds it.
fn logout(shop: &Shop) {
    shop.sessions.insert(7, "stale");
    recovered(|| {
        if let Some(session) = shop.sessions.get(&7)
            && *session == "stale"
        {
            shop.sessions.remove(&7);
        }
    });
}

/// Two transfers lock two accounts, each in its own order.
fn transfers(shop: &Shop) {
    meet(
        ("to-savings", &|met| {
            recovered(|| {
                let mut from = account(&shop.current);
                met.wait();
                *account(&shop.savings).entry(1).or_insert(0) += 50;
                *from.entry(1).or_insert(0) -= 50;
            });
        }),
        ("to-current", &|met| {
            recovered(|| {
                let mut from = account(&shop.savings);
                met.wait();
                *account(&shop.current).entry(1).or_insert(0) += 20;
                *from.entry(1).or_insert(0) -= 20;
            });
        }),
    );
}

/// A task awaits with a guard alive; another task of the same thread needs its shard.
fn lookup_across_await(_: &Shop) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
    let cache: Rc<DashMap<u64, u64>> = Rc::new(DashMap::new().named("cache"));
    cache.insert(1, 1);
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let looked_up = Rc::clone(&cache);
        let lookup = tokio::task::spawn_local(async move {
            if let Some(hit) = looked_up.get(&1) {
                tokio::time::sleep(Duration::from_millis(200)).await;
                std::hint::black_box(*hit);
            }
        });
        tokio::task::yield_now().await;
        let refresh = tokio::task::spawn_local(async move {
            cache.insert(1, 2);
        });
        let _ = tokio::join!(lookup, refresh);
    });
}
