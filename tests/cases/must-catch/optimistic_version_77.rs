//! CASE: 77
//! CLASS: d/f   MAP: DashMap 6   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: a version is compared, and then the new document is stored in another call: two writers pass the same check.
//! EXPECT-CATEGORY: lost-update
//! EXPECT-SITES: SITE-A (the comparison) + SITE-B (the store over a newer version)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};

#[derive(Clone)]
struct Document {
    version: u32,
    body: String,
}

#[derive(Debug)]
struct Conflict;

struct Documents {
    by_id: DashMap<u64, Document>,
    saving: Barrier,
}

impl Documents {
    fn save(&self, id: u64, expected: u32, body: &str) -> Result<u32, Conflict> {
        if let Some(document) = self.by_id.get(&id) { // SITE-A
            if document.version != expected {
                return Err(Conflict);
            }
        }
        self.saving.wait();
        let version = expected + 1;
        self.by_id.insert(id, Document { version, body: body.to_string() }); // SITE-B
        Ok(version)
    }
}

fn main() {
    let documents = Arc::new(Documents { by_id: DashMap::new(), saving: Barrier::new(2) });
    documents.by_id.insert(1, Document { version: 1, body: "draft".into() });
    let editors: Vec<_> = ["mine", "yours"]
        .iter()
        .map(|body| {
            let documents = documents.clone();
            std::thread::spawn(move || documents.save(1, 1, body))
        })
        .collect();
    let saved = editors.into_iter().filter(|_| true).map(|e| e.join().unwrap()).filter(Result::is_ok).count();
    let now = documents.by_id.get(&1).unwrap().clone();
    println!("{saved} saved version {}: {}", now.version, now.body);
}
