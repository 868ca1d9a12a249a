//! TRAP: `None` has no guard: what a chain does for it may write; copies end the guards of the others.
use dashmap::DashMap; // MAP-IMPORT

struct Cache(DashMap<u32, String>);

impl Cache {
    fn title(&self, id: u32) -> String {
        self.0.get(&id).map(|title| title.clone()).unwrap_or_else(|| {
            self.0.insert(id, format!("page {id}"));
            self.0.get(&id).map(|title| title.value().clone()).unwrap_or_default()
        })
    }

    fn or_make(&self, id: u32) -> usize {
        let found = self.0.get(&id).or_else(|| {
            self.0.insert(id, "made".into());
            self.0.get(&id)
        });
        found.map_or(0, |title| title.len())
    }

    fn swap_out(&self, id: u32) -> Option<String> {
        let old = self.0.get(&id)?.value().clone();
        self.0.remove(&id);
        self.0.entry(id + 1).and_modify(|next| next.push('+')).or_insert_with(|| old.clone());
        Some(old)
    }
}

fn main() {
    let cache = Cache(DashMap::new());
    for id in 0..30 {
        cache.title(id % 7);
        cache.or_make(id % 5 + 3);
        cache.swap_out(id % 3);
        let short = cache.0.iter().filter(|item| item.len() < 5).map(|item| *item.key()).collect::<Vec<_>>();
        for key in short {
            cache.0.remove(&key);
        }
    }
}
