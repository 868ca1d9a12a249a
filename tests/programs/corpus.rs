//! All cases in one program: `corpus NAME` runs one of them as if it were its own.

include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

fn main() {
    let asked = std::env::args().nth(1).unwrap_or_default();
    match CASES.iter().find(|(name, _)| *name == asked) {
        Some((_, case)) => case(),
        None => CASES.iter().for_each(|(name, _)| println!("{name}")),
    }
}
