//! PATTERN: what a cancelled future left in the table is what is to stand there: queued again for a later worker, not
//!   valid until it is loaded, failed unless it comes through, dirty until it is written, leased until its time is up.
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Status {
    Pending,
    Failed,
    Done,
    Running,
}

struct Page {
    status: Status,
    dirty: bool,
    valid: bool,
    text: Option<String>,
    busy: bool,
    lease_until: Option<Instant>,
    attempts: u32,
}

impl Default for Page {
    fn default() -> Self {
        Page {
            status: Status::Done,
            dirty: false,
            valid: true,
            text: None,
            busy: false,
            lease_until: None,
            attempts: 0,
        }
    }
}

type Pages = Arc<DashMap<u32, Page>>;

/// Pending for whoever comes next.
async fn process(pages: Pages, id: u32, wait: Duration) {
    pages.get_mut(&id).unwrap().status = Status::Pending;
    sleep(wait).await;
    pages.get_mut(&id).unwrap().status = Status::Done;
}

/// Failed, if it does not come through.
async fn attempt(pages: Pages, id: u32, wait: Duration) {
    pages.get_mut(&id).unwrap().status = Status::Failed;
    sleep(wait).await;
    pages.get_mut(&id).unwrap().status = Status::Done;
}

/// Not written yet, and not valid either.
async fn write(pages: Pages, id: u32, wait: Duration) {
    {
        let mut page = pages.get_mut(&id).unwrap();
        page.dirty = true;
        page.valid = false;
        page.text = None;
    }
    sleep(wait).await;
    let mut page = pages.get_mut(&id).unwrap();
    page.text = Some("text".to_owned());
    page.valid = true;
    page.dirty = false;
}

/// Whose lease is over is anybody's.
async fn lease(pages: Pages, id: u32, wait: Duration) {
    if let Some(mut page) = pages.get_mut(&id) {
        page.busy = true;
        page.lease_until = Some(Instant::now() + wait);
    }
    sleep(wait).await;
    if let Some(mut page) = pages.get_mut(&id) {
        page.busy = false;
        page.lease_until = None;
    }
}

/// It is left as it is where it did not work.
async fn only_if_it_worked(pages: Pages, id: u32, works: bool) {
    pages.get_mut(&id).unwrap().status = Status::Running;
    sleep(Duration::from_millis(50)).await;
    if works {
        pages.get_mut(&id).unwrap().status = Status::Done;
    }
}

/// Attempts are counted before, and those that went well are not counted.
async fn counted(tries: &Mutex<HashMap<u32, u32>>, id: u32, wait: Duration) -> Result<(), ()> {
    *tries.lock().unwrap().entry(id).or_insert(0) += 1;
    sleep(wait).await;
    if id > 100 {
        return Err(());
    }
    *tries.lock().unwrap().entry(id).or_insert(0) -= 1;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (short, long) = (Duration::from_millis(2), Duration::from_secs(60));
    let pages = Pages::default();
    for id in 0..6 {
        pages.insert(id, Page { attempts: id, ..Page::default() });
    }
    let _ = timeout(short, process(pages.clone(), 0, long)).await;
    let _ = timeout(short, attempt(pages.clone(), 1, long)).await;
    let _ = timeout(short, write(pages.clone(), 2, long)).await;
    let _ = timeout(short, lease(pages.clone(), 3, long)).await;
    let _ = timeout(short, only_if_it_worked(pages.clone(), 4, true)).await;
    let tries = Mutex::new(HashMap::new());
    let _ = timeout(short, counted(&tries, 1, long)).await;
    assert_eq!(pages.get(&0).unwrap().status, Status::Pending);
    assert!(pages.get(&2).unwrap().dirty && pages.get(&3).unwrap().busy);
    assert_eq!(tries.lock().unwrap()[&1], 1);
    println!("OK");
}
