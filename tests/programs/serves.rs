//! A server over real HTTP, whose handler panics under a recovery layer, and whose panics Prometheus can scrape.
//!
//! It says its port on standard output, and ends when it is asked for `/quit`.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::HeaderName;
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use mapwatch::recover::{Level, RecoverLayer, Recovery};
use mapwatch::{sync::Mutex, HashMap, Named};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::convert::Infallible;
use std::sync::{Arc, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::Layer;

type Page = Response<Full<Bytes>>;

/// What the handlers share.
struct Shop {
    stock: Mutex<HashMap<&'static str, u32>>,
    /// How many wait in `/slow`.
    waiting: watch::Sender<u32>,
    open: watch::Sender<bool>,
    quit: watch::Sender<bool>,
    metrics: PrometheusHandle,
}

/// Holds the shelf when it panics.
fn sell(shop: &Shop, item: &str) -> u32 {
    let mut stock = shop.stock.lock().unwrap_or_else(PoisonError::into_inner);
    let left = stock.get_mut(item).unwrap(); // PANIC
    *left -= 1;
    *left
}

async fn handle(shop: Arc<Shop>, request: Request<Incoming>) -> Result<Page, Infallible> {
    let text = match request.uri().path() {
        "/slow" => {
            let mut open = shop.open.subscribe();
            shop.waiting.send_modify(|waiting| *waiting += 1);
            let _ = open.wait_for(|open| *open).await;
            "at last".to_owned()
        }
        "/waiting" => {
            let _ = shop.waiting.subscribe().wait_for(|waiting| *waiting > 0).await;
            "one waits".to_owned()
        }
        "/release" => {
            shop.open.send_replace(true);
            "released".to_owned()
        }
        "/quit" => {
            shop.quit.send_replace(true);
            "closing".to_owned()
        }
        "/metrics" => shop.metrics.render(),
        path => sell(&shop, path).to_string(),
    };
    Ok(Response::new(Full::from(text)))
}

async fn serve(metrics: PrometheusHandle) -> std::io::Result<()> {
    let shop = Arc::new(Shop {
        stock: Mutex::new(HashMap::from([("/tea", 3)]).named("stock")).named("shelf"),
        waiting: watch::Sender::new(0),
        open: watch::Sender::new(false),
        quit: watch::Sender::new(false),
        metrics,
    });
    let mut quit = shop.quit.subscribe();
    let handler = tower::service_fn(move |request: Request<Incoming>| {
        // Before there is a future.
        assert_ne!(request.uri().path(), "/broken", "broken before it began"); // CALL
        handle(Arc::clone(&shop), request)
    });
    let layer = RecoverLayer::with(Recovery::new("shop").level(Level::Warn))
        .header(HeaderName::from_static("x-request-id"));
    let service = layer.layer(handler);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?.port());
    loop {
        let (stream, _) = tokio::select! {
            stream = listener.accept() => stream?,
            _ = quit.wait_for(|quit| *quit) => return Ok(()),
        };
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

fn main() -> std::io::Result<()> {
    let metrics = PrometheusBuilder::new().install_recorder().map_err(std::io::Error::other)?;
    mapwatch::metrics::install().map_err(std::io::Error::other)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(metrics))
}
