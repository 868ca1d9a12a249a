//! PATTERN: two halves of a page are fetched together; when one fails, the other is dropped in flight.
//! EXPECT-CATEGORY: leaked-entry
use dashmap::DashMap; // MAP-IMPORT
use std::time::Duration;
use tokio::time::sleep;

#[derive(Default)]
struct Fetcher {
    in_flight: DashMap<String, u32>,
}

impl Fetcher {
    async fn get(&self, url: &str, millis: u64) -> Result<String, String> {
        self.in_flight.insert(url.to_string(), 1); // SITE-A
        sleep(Duration::from_millis(millis)).await;
        self.in_flight.remove(url); // SITE-B
        if millis < 10 { Err(format!("{url}: 503")) } else { Ok(url.to_string()) }
    }

    async fn page(&self) -> Result<(String, String), String> {
        let both = tokio::try_join!(self.get("/head", 3), self.get("/body", 4000))?;
        Ok(both)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let fetcher = Fetcher::default();
    println!("{:?}", fetcher.page().await);
    println!("in flight: {}", fetcher.in_flight.len());
}
