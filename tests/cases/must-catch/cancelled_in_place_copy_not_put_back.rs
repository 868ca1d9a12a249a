//! PATTERN: a library marks a copy as lent out and, in both branches of what comes next, as something else; a reader
//!   who walks away in between keeps it "checked out".
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Mutex; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, PartialEq)]
enum Shelf {
    InPlace,
    CheckedOut { reader: u32 },
    Damaged,
}

type Books = Arc<Mutex<HashMap<u32, Shelf>>>;

async fn read(books: Books, book: u32, reader: u32, pages: u64) {
    match books.lock().unwrap().get_mut(&book) { // SITE-A
        Some(shelf) => {
            *shelf = Shelf::CheckedOut { reader };
        }
        None => return,
    }
    tokio::time::sleep(Duration::from_millis(pages)).await;
    if let Some(shelf) = books.lock().unwrap().get_mut(&book) { // SITE-B
        if pages > 1_000_000 {
            *shelf = Shelf::Damaged;
        } else {
            *shelf = Shelf::InPlace;
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let books = Books::default();
    books.lock().unwrap().insert(1, Shelf::InPlace);
    books.lock().unwrap().insert(2, Shelf::InPlace);
    read(books.clone(), 1, 10, 1).await;
    let reading = tokio::time::timeout(Duration::from_millis(3), read(books.clone(), 2, 11, 100_000));
    assert!(reading.await.is_err());
    let books = books.lock().unwrap();
    println!("{:?} {:?}", books[&1], books[&2]);
}
