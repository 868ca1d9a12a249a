//! Forks while it records: the child goes on with its maps, unrecorded, and each process ends in peace.

use mapwatch::SharedMap;

fn main() {
    let map: SharedMap<u64, u64> = SharedMap::new().named("before the fork");
    let fill = |factor: u64| {
        for key in 0..1000 {
            map.insert(key, factor * key);
        }
    };
    fill(1);
    // SAFETY: this process has one thread of its own; the child uses what `fork` left it and ends.
    let child = unsafe { libc::fork() };
    if child == 0 {
        fill(2);
        std::process::exit(i32::from(map.get_cloned(&7) != Some(14)));
    }
    let mut status = 0;
    // SAFETY: `status` is a valid place to write to, and the child is ours.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    fill(3);
    assert_eq!(map.get_cloned(&7), Some(21));
    std::process::exit(if status == 0 { 0 } else { 9 });
}
