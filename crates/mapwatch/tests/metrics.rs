//! Panics are counted in every build: one process, one recorder, so one test.
#![cfg(feature = "metrics")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use mapwatch::recover::catch;
use metrics_exporter_prometheus::PrometheusBuilder;
use std::time::{Duration, Instant};

#[test]
fn a_panic_is_counted_by_its_cause_whether_maps_are_watched_or_not() {
    let prometheus = PrometheusBuilder::new().install_recorder().unwrap();
    mapwatch::metrics::install().unwrap();
    catch("sums", || std::hint::black_box(&[1, 2][..])[std::hint::black_box(2)]).unwrap_err();
    let began = Instant::now();
    // The names of the frames take a moment.
    while !prometheus.render().contains("mapwatch_panics_caught_total{layer=\"sums\"} 1") {
        assert!(began.elapsed() < Duration::from_secs(120), "{}", prometheus.render());
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = prometheus.render();
    let counted = |line: &str| {
        line.starts_with("mapwatch_panics_total{category=\"index-out-of-bounds\"") && line.ends_with(" 1")
    };
    assert!(text.lines().any(counted), "{text}");
    // A second call changes nothing, and is no error.
    mapwatch::metrics::install().unwrap();
}
