//! PATTERN: a table of states by name; "loading" is put in before the work, what came of it after. Who waits for the
//!   state to change waits for ever when the loader was dropped.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, RwLock}; // MAP-IMPORT
use std::time::Duration;

#[derive(Clone, Debug)]
enum State {
    Loading,
    Loaded(usize),
    Failed,
}

#[derive(Clone, Default)]
struct Loader(Arc<RwLock<HashMap<String, State>>>);

impl Loader {
    async fn load(self, name: &str, source: impl std::future::Future<Output = Option<Vec<u8>>>) {
        self.0.write().unwrap().insert(name.to_string(), State::Loading); // SITE-A
        let state = match source.await {
            Some(bytes) => State::Loaded(bytes.len()),
            None => State::Failed,
        };
        self.0.write().unwrap().insert(name.to_string(), state); // SITE-B
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let loader = Loader::default();
    loader.clone().load("first", async { Some(vec![1, 2, 3]) }).await;
    let stuck = loader.clone().load("second", std::future::pending());
    let _ = tokio::time::timeout(Duration::from_millis(2), stuck).await;
    let mut states: Vec<_> = loader.0.read().unwrap().clone().into_iter().collect();
    states.sort_by(|(one, _), (other, _)| one.cmp(other));
    println!("{states:?}");
}
