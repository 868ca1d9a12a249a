//! CASE: 82
//! CLASS: d   MAP: tokio Mutex<HashMap>   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: an async single flight that is none: the lock is let go before the request, on a runtime with one thread.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: SITE-A (the miss) + SITE-B (the insert over another task's)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Barrier;
use tokio::sync::Mutex; // MAP-IMPORT

#[derive(Clone)]
struct Client {
    tokens: Arc<Mutex<HashMap<String, String>>>,
    server: Arc<Barrier>,
}

impl Client {
    async fn request_token(&self, scope: &str, who: usize) -> String {
        self.server.wait().await;
        format!("{scope}-{who}")
    }

    async fn token(&self, scope: &str, who: usize) -> String {
        let cached = self.tokens.lock().await.get(scope).cloned(); // SITE-A
        if let Some(token) = cached {
            return token;
        }
        let token = self.request_token(scope, who).await;
        self.tokens.lock().await.insert(scope.to_string(), token.clone()); // SITE-B
        token
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = Client { tokens: Arc::default(), server: Arc::new(Barrier::new(3)) };
    let mut tasks = Vec::new();
    for who in 0..3 {
        let client = client.clone();
        tasks.push(tokio::spawn(async move { client.token("read", who).await }));
    }
    let mut tokens = Vec::new();
    for task in tasks {
        tokens.push(task.await.unwrap());
    }
    tokens.dedup();
    println!("{} tokens", tokens.len());
}
