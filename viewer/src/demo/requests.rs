//! Requests of the order service, each of them a task: one keeps the carts locked over an `.await`, one waits until
//! it is done, and one is given up meanwhile by the gateway, because its customer hung up.
//!
//! Nothing is wrong with any of them. Tasks and Holders show what an engineer asks of a slow service: who holds what,
//! who waits for whom, and why a request never answered.

use mapwatch::Named as _;
use mapwatch::task::Builder;
use mapwatch::tokio::sync::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

type Carts = Arc<RwLock<HashMap<u64, u64>>>;

/// Serves until `is_over`.
///
/// # Errors
///
/// When there can be no runtime.
pub(super) fn serve(is_over: impl Fn() -> bool + Send + 'static) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let carts = Arc::new(RwLock::new(HashMap::new()).named("carts"));
    runtime.block_on(async move {
        let gateway = Builder::new().name("gateway").spawn(async move {
            while !is_over() {
                round(&carts).await;
            }
        });
        // It ends when the service closes; a panic in it has been told.
        let _ = gateway.await;
    });
    Ok(())
}

/// Three requests that meet at the carts.
async fn round(carts: &Carts) {
    let (of_backup, of_checkout, of_quote) = (Arc::clone(carts), Arc::clone(carts), Arc::clone(carts));
    let backup = Builder::new().name("backup").spawn(async move {
        let carts = of_backup.read().await;
        sleep(Duration::from_millis(800)).await;
        std::hint::black_box(carts.values().sum::<u64>());
    });
    sleep(Duration::from_millis(20)).await;
    let checkout = Builder::new().name("checkout").spawn(async move {
        of_checkout.write().await.insert(7, 700);
    });
    let quote = Builder::new().name("quote").spawn(async move {
        std::hint::black_box(of_quote.write().await.get(&7).copied());
    });
    sleep(Duration::from_millis(400)).await;
    // The customer hung up.
    quote.abort();
    let _ = tokio::join!(backup, checkout, quote);
    sleep(Duration::from_millis(200)).await;
}
