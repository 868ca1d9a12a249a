//! What the source says of a removal: whether it is the last act of something that is spawned, and which inserts come
//! behind the spawning.
//!
//! Scoped threads are none of it (nothing outlives its scope), nor is a removal in a loop or before further work.

use crate::cancel;
use crate::cancel::text::{closing, is_name, mask, offset, statement_start, word, words};
use crate::site::StaticSite;

/// Something that is spawned, and at its end removes a key.
pub(super) struct Child {
    file: &'static str,
    code: String,
    /// Where the calls end that spawn it.
    spawned: Vec<usize>,
}

/// What the removal at `site` is the last act of, if it is.
pub(super) fn child(site: StaticSite) -> Option<Child> {
    let text = cancel::source(site.file())?;
    let code = mask(&text);
    let at = offset(&text, site.line(), site.column())?;
    let spawned = spawns(&code, at)?;
    Some(Child { file: site.file(), code, spawned })
}

impl Child {
    /// Whether the insert at `site` puts in what the child is to take out: it stands behind the spawning, in the same
    /// function, and is not of what the child gave back.
    pub(super) fn is_registered_at(&self, site: StaticSite) -> bool {
        let at = offset(&self.code, site.line(), site.column()).filter(|_| site.file() == self.file);
        at.is_some_and(|at| self.spawned.iter().any(|&end| registers(&self.code, end, at)))
    }
}

fn registers(code: &str, spawned: usize, insert: usize) -> bool {
    let Some(between) = code.get(spawned..insert).filter(|between| !between.contains("fn ")) else {
        return false;
    };
    let Some(open) = code[insert..].find('(').map(|open| insert + open) else { return false };
    let Some(close) = closing(code, open) else { return false };
    let arguments = &code[open..close];
    let waits = |text: &str| text.contains(".join(") || text.contains(".await");
    // What was bound while the child was waited for may be its result.
    let result = between.split([';', '{', '}']).filter(|statement| waits(statement)).any(|statement| {
        let Some((pattern, _)) =
            statement.trim_start().strip_prefix("let ").and_then(|rest| rest.split_once('='))
        else {
            return false;
        };
        words(pattern).any(|name| words(arguments).any(|word| word == name))
    });
    !result && !waits(arguments)
}

/// Where the calls end that spawn what the call at `at` stands in; `None` where nothing does, or where it is not at its
/// end.
fn spawns(code: &str, at: usize) -> Option<Vec<usize>> {
    let mut names: Vec<&str> = Vec::new();
    let mut done = at + code[at..].find(';').unwrap_or(0);
    for open in openings(code, at) {
        let header = header(code, open);
        match code.as_bytes()[open] {
            b'(' => {
                let end = closing(code, open)?;
                if is_spawning(&code[..open]) {
                    return Some(vec![end]);
                }
                // An argument of something else, as of a wrapper (`watched(…)`, `async { … }.instrument(…)`).
            }
            b'{' => {
                let is_loop = words(header).any(|word| matches!(word, "for" | "while" | "loop"));
                if is_loop && !header.contains("fn ") || !is_last(code, done, closing(code, open)?) {
                    return None;
                }
                if let Some(name) = header.split("fn ").nth(1) {
                    names.push(word(name.trim_start()));
                    break;
                }
                // In the arguments of a call, the block is not what is bound.
                let is_argument = header.matches('(').count() > header.matches(')').count();
                if let Some(rest) = header.trim_start().strip_prefix("let ").filter(|_| !is_argument) {
                    names.push(word(rest.trim_start()));
                    break;
                }
            }
            _ => {}
        }
        done = closing(code, open)?;
    }
    let calls = code.match_indices("spawn").filter_map(|(at, _)| {
        let open = at + code[at..].find('(')?;
        let end = closing(code, open).filter(|_| is_spawning(&code[..open]))?;
        let given = &code[open + 1..end];
        names.iter().any(|name| words(given).any(|word| word == *name)).then_some(end)
    });
    let calls: Vec<usize> = calls.collect();
    (!calls.is_empty()).then_some(calls)
}

/// The brackets that are open at `at`, innermost first.
fn openings(code: &str, at: usize) -> impl Iterator<Item = usize> + '_ {
    let mut depth = 0_usize;
    code.as_bytes()[..at].iter().enumerate().rev().filter_map(move |(index, byte)| {
        match byte {
            b')' | b'}' | b']' => depth += 1,
            b'(' | b'{' | b'[' if depth == 0 => return Some(index),
            b'(' | b'{' | b'[' => depth -= 1,
            _ => {}
        }
        None
    })
}

/// What stands before a bracket in its statement.
fn header(code: &str, open: usize) -> &str {
    &code[statement_start(code, open)..open]
}

/// Whether what ends here is the name of a call that spawns what outlives the statement.
fn is_spawning(before: &str) -> bool {
    let before = before.trim_end();
    let start = before.rfind(|character| !is_name(character)).map_or(0, |end| end + 1);
    let receiver = before[..start].strip_suffix('.').map(|text| {
        let start = text.rfind(|character| !is_name(character)).map_or(0, |end| end + 1);
        &text[start..]
    });
    before[start..].contains("spawn") && !receiver.is_some_and(|name| matches!(name, "s" | "scope" | "sc"))
}

/// Whether no more work comes between `from` and the end of the block.
fn is_last(code: &str, from: usize, end: usize) -> bool {
    let rest = code.get(from..end).unwrap_or_default();
    !rest.contains(".await") && rest.matches(';').count() <= 3 && !rest.contains('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the insert is told to be late; `remove` and `insert` stand once each.
    fn is_late(code: &str) -> bool {
        let (Some(remove), Some(insert)) = (code.find("remove"), code.find("insert")) else { return false };
        spawns(code, remove).is_some_and(|ends| ends.iter().any(|&end| registers(code, end, insert)))
    }

    #[test]
    fn what_a_child_removes_and_its_parent_registers() {
        assert!(is_late(
            "fn start() { let h = spawn(move || { work(); m.remove(&id); }); m.insert(id, h); }"
        ));
        assert!(is_late(
            "fn start() { let job = async move { work().await; m.remove(&id); }; let h = tokio::spawn(job); m.insert(id, h); }"
        ));
        assert!(is_late(
            "async fn run(m: M, id: u32) { work().await; m.lock().unwrap().remove(&id); } fn start() { let h = tokio::spawn(run(m.clone(), id)); m.lock().unwrap().insert(id, h); }"
        ));
        assert!(is_late(
            "fn start() { set.spawn(async move { work().await; m.remove(&id); }); m.insert(id, ()); }"
        ));
    }

    #[test]
    fn what_is_no_registration() {
        assert!(!is_late(
            "fn start() { m.insert(id, ()); let h = spawn(move || { work(); m.remove(&id); }); }"
        ));
        assert!(!is_late(
            "fn start() { let h = spawn(move || { m.remove(&id); compute() }); let v = h.join().unwrap(); m.insert(id, v); }"
        ));
        assert!(!is_late(
            "fn start() { let h = spawn(move || { m.remove(&id); compute() }); m.insert(id, h.await); }"
        ));
        assert!(!is_late(
            "fn start() { spawn(move || { for id in 0..9 { m.remove(&id); } }); m.insert(id, 1); }"
        ));
        assert!(!is_late("fn start() { s.spawn(|| { m.remove(&id); }); m.insert(id, 1); }"));
        assert!(!is_late("fn drop(m: &M) { m.remove(&1); } fn fill(m: &M) { m.insert(1, 2); }"));
        assert!(!is_late(
            "fn start() { spawn(async move { m.remove(&id); work().await; done(); }); m.insert(id, 1); }"
        ));
    }
}
