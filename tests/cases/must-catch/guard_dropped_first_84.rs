//! CASE: 84
//! CLASS: d   MAP: DashMap 6   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: the value is cloned out of the guard, and the guard dropped before the insert, as one cures a self-deadlock.
//! EXPECT-CATEGORY: lost-update
//! EXPECT-SITES: SITE-A (the read) + SITE-B (the store over the other change)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Barrier;

fn add_member(groups: &DashMap<String, Vec<u32>>, group: &str, member: u32, window: &Barrier) {
    let guard = groups.get(group).unwrap(); // SITE-A
    let mut members = guard.clone();
    drop(guard); // or the insert below would hang
    members.push(member);
    window.wait();
    groups.insert(group.to_string(), members); // SITE-B
}

fn main() {
    let groups: DashMap<String, Vec<u32>> = DashMap::new();
    groups.insert("admins".into(), Vec::new());
    let window = Barrier::new(2);
    std::thread::scope(|scope| {
        scope.spawn(|| add_member(&groups, "admins", 1, &window));
        scope.spawn(|| add_member(&groups, "admins", 2, &window));
    });
    println!("{} of 2 members", groups.get("admins").unwrap().len());
}
