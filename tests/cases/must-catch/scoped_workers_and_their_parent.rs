//! CLASS: c   MAP: std RwLock and parking_lot Mutex   DETERMINISTIC: yes (a barrier)
//! PATTERN: scoped threads take two locks in opposite orders, one of them through a helper.
//! EXPECT-CATEGORY: deadlock
//! EXPECT-SITES: SITE-A (write) + SITE-B (lock)
use parking_lot::Mutex; // MAP-IMPORT
use std::sync::Barrier;
use std::sync::RwLock; // MAP-IMPORT

struct Scene {
    shapes: RwLock<Vec<u32>>,
    cache: Mutex<Vec<u32>>,
}

impl Scene {
    fn cached(&self) -> usize {
        self.cache.lock().len()
    }

    fn shapes(&self) -> usize {
        self.shapes.read().map_or(0, |shapes| shapes.len())
    }
}

fn main() {
    let scene = Scene { shapes: RwLock::default(), cache: Mutex::default() };
    let both = Barrier::new(2);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            let mut shapes = scene.shapes.write().unwrap(); // SITE-A
            both.wait();
            shapes.push(scene.cached() as u32);
        });
        let other = scope.spawn(|| {
            let mut cache = scene.cache.lock(); // SITE-B
            both.wait();
            cache.push(scene.shapes() as u32);
        });
        let ended = [one.join(), other.join()];
        println!("NO-SYMPTOM {}", ended.len());
    });
}
