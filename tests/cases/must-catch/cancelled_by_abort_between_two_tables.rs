//! PATTERN: a session is entered into two tables with a write to disk in between; the task is aborted at that write.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Mutex; // MAP-IMPORT

#[derive(Default)]
struct Sessions {
    by_user: Mutex<HashMap<u64, String>>,
    by_token: Mutex<HashMap<String, u64>>,
}

async fn enter(sessions: Arc<Sessions>, user: u64, token: String) {
    {
        let mut table = sessions.by_user.lock().await;
        table.insert(user, token.clone()); // SITE-A
    }
    std::future::pending::<()>().await;
    let mut table = sessions.by_token.lock().await;
    table.insert(token, user); // SITE-B
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let sessions = Arc::new(Sessions::default());
    let entering = tokio::spawn(enter(sessions.clone(), 7, "t7".to_owned()));
    tokio::task::yield_now().await;
    entering.abort();
    let _ = entering.await;
    println!("{} and {}", sessions.by_user.lock().await.len(), sessions.by_token.lock().await.len());
}
