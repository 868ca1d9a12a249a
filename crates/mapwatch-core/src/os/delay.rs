//! How long threads wait for a processor, by the scheduler's own books.

use std::collections::HashMap;
use std::fs;

/// Nanoseconds by thread; threads that end meanwhile are left out.
pub(super) fn by_thread() -> HashMap<u64, u64> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return HashMap::new() };
    threads
        .filter_map(|thread| {
            let thread = thread.ok()?;
            let number = thread.file_name().to_str()?.parse().ok()?;
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            Some((number, delay(&text)?))
        })
        .collect()
}

/// The second figure: time run, time waited, turns.
fn delay(text: &str) -> Option<u64> {
    text.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_figure_counts() {
        assert_eq!(delay("1500 7948931 3\n"), Some(7_948_931));
        assert_eq!(delay("1500"), None);
    }
}
