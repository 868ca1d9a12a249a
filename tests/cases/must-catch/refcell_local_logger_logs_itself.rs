//! CLASS: b   MAP: thread_local RefCell<Vec>   DETERMINISTIC: yes
//! PATTERN: a logger formats its argument under its borrow, and the argument's `Display` logs.
//! EXPECT-CATEGORY: reentrant-borrow
//! EXPECT-SITES: SITE-A (log)
use std::cell::RefCell; // MAP-IMPORT
use std::fmt;

thread_local! {
    static LINES: RefCell<Vec<String>> = RefCell::new(Vec::new());
}

fn log(line: &dyn fmt::Display) {
    LINES.with(|lines| lines.borrow_mut().push(line.to_string())); // SITE-A
}

struct Noisy;

impl fmt::Display for Noisy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        log(&"formatting");
        f.write_str("noisy")
    }
}

fn main() {
    log(&"begin");
    log(&Noisy);
    println!("NO-SYMPTOM");
}
