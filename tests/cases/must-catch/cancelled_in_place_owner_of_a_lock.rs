//! PATTERN: a lock service keeps who holds which resource; the holder's task is cancelled while it works, and the
//!   resource keeps its owner.
//! EXPECT-CATEGORY: cancelled-mid-update
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;

#[derive(Default)]
struct Resource {
    owner: Option<u32>,
    uses: u64,
}

struct Service {
    resources: DashMap<&'static str, Resource>,
}

impl Service {
    async fn with<F: std::future::Future>(&self, name: &'static str, client: u32, work: F) -> F::Output {
        {
            let mut resource = self.resources.entry(name).or_default(); // SITE-A
            resource.owner = Some(client);
            resource.uses += 1;
        }
        let output = work.await;
        self.resources.get_mut(name).unwrap().owner = None; // SITE-B
        output
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let service = Arc::new(Service { resources: DashMap::new() });
    service.with("camera", 1, async {}).await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let own = service.clone();
    let client = tokio::spawn(async move {
        let work = async {
            begun.send(()).unwrap();
            std::future::pending::<()>().await
        };
        own.with("camera", 2, work).await;
    });
    has_begun.await.unwrap();
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    let camera = service.resources.get("camera").unwrap();
    println!("held by {:?} after {} uses", camera.owner, camera.uses);
}
