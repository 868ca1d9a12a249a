//! Backtraces: cheap to take, resolved only for a report.

use crate::guard::watchdog::AtWork;
use crate::os;
use mapwatch_event::{Frame, Stack};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Frames kept per stack.
const DEPTH: usize = 64;

/// Different stacks kept for guards; beyond that, further ones get none. A guard's record has 15 bits for the number.
const INTERNED: usize = (1 << 15) - 1;

/// Instruction pointers, innermost first.
pub(crate) type RawStack = Arc<[usize]>;

/// Takes the calling thread's stack without looking up a single symbol; 1 to 3 µs.
#[inline(never)]
pub(crate) fn capture() -> RawStack {
    let mut pointers = Vec::with_capacity(32);
    backtrace::trace(|frame| {
        pointers.push(frame.ip() as usize);
        pointers.len() < DEPTH
    });
    pointers.into()
}

struct Interned {
    numbers: HashMap<RawStack, u64>,
    stacks: Vec<RawStack>,
}

static INTERNED_STACKS: Mutex<Option<Interned>> = Mutex::new(None);

/// Takes the calling thread's stack and gives its number; 0 when too many different ones are known.
pub(crate) fn capture_interned() -> u64 {
    let stack = capture();
    let mut guard = INTERNED_STACKS.lock().unwrap_or_else(PoisonError::into_inner);
    let interned = guard.get_or_insert_with(|| Interned { numbers: HashMap::new(), stacks: Vec::new() });
    if let Some(number) = interned.numbers.get(&stack) {
        return *number;
    }
    if interned.stacks.len() >= INTERNED {
        return 0;
    }
    interned.stacks.push(Arc::clone(&stack));
    let number = interned.stacks.len() as u64;
    interned.numbers.insert(stack, number);
    number
}

/// The stack of a number that [`capture_interned`] gave.
pub(crate) fn interned(number: u64) -> Option<RawStack> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    let guard = INTERNED_STACKS.lock().unwrap_or_else(PoisonError::into_inner);
    guard.as_ref()?.stacks.get(index).cloned()
}

/// Looks up names, files and lines; milliseconds, the first time.
pub(crate) fn resolve(stack: &RawStack, note: &str) -> Stack {
    let _work = AtWork::begin();
    let mut frames = Vec::new();
    for &pointer in stack.iter() {
        let before = frames.len();
        // A return address may belong to the next line, or even function: look at the call before it.
        backtrace::resolve((pointer - usize::from(pointer > 0)) as *mut _, |symbol| {
            let function = symbol.name().map(|name| format!("{name:#}")).unwrap_or_default();
            let file = symbol.filename().map(|file| file.display().to_string()).unwrap_or_default();
            let user = is_users(&function, &file);
            let (line, column) = (symbol.lineno().unwrap_or(0), symbol.colno().unwrap_or(0));
            frames.push(Frame { function, file, line, column, user });
        });
        if frames.len() == before {
            frames.push(Frame::default());
        }
    }
    let own = frames.iter().take_while(|frame| is_capturing(&frame.function)).count();
    frames.drain(..own);
    if frames.iter().all(|frame| frame.function.is_empty()) {
        return Stack::absent("no symbols in this build; the sites above are exact all the same");
    }
    Stack { frames, note: note.to_owned() }
}

/// A function on a stack, by the name that tells it from all others.
///
/// Two of them are equal that are the same function, whatever they call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Function {
    /// The linker's name: two closures of one function share all but this.
    pub(crate) mangled: String,
    /// The demangled name; where only line tables were kept, one without its path.
    pub(crate) name: String,
    /// Where it is written.
    pub(crate) file: String,
    /// Where the machine code begins that it is part of: functions without paths differ by it. 0 where unknown.
    pub(crate) entry: usize,
    pub(crate) user: bool,
    /// The line of the call that leads further in; 0 where it is not known.
    pub(crate) line: u32,
    /// Where that call returns to.
    pub(crate) pointer: usize,
}

impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        let Function { mangled, name, file, entry, user, line: _, pointer: _ } = self;
        (mangled, name, file, entry, user)
            == (&other.mangled, &other.name, &other.file, &other.entry, &other.user)
    }
}

/// Whether frames beyond these may have been left out.
pub(crate) fn is_cut(stack: &[usize]) -> bool {
    stack.len() >= DEPTH
}

/// Two stacks as far out as both of them reach: of a deep one the outermost frames were not kept.
pub(crate) fn reaching_alike<'s>(one: &'s [usize], other: &'s [usize]) -> (&'s [usize], &'s [usize]) {
    let until_end_of = |cut: &[usize], whole: &'s [usize]| {
        let end = cut.last().filter(|_| is_cut(cut))?;
        whole.iter().rposition(|pointer| pointer == end).map(|index| &whole[..=index])
    };
    match until_end_of(one, other) {
        Some(other) => (one, other),
        None => (until_end_of(other, one).unwrap_or(one), other),
    }
}

/// The functions of a stack, innermost first.
pub(crate) fn functions(stack: &[usize]) -> Vec<Function> {
    let _work = AtWork::begin();
    let mut functions = Vec::new();
    for &pointer in stack.iter() {
        let call = pointer - usize::from(pointer > 0);
        let entry = os::function_at(call);
        backtrace::resolve(call as *mut _, |symbol| {
            let Some(name) = symbol.name() else { return };
            let file = symbol.filename().map(|file| file.display().to_string()).unwrap_or_default();
            let file = file.replace('\\', "/");
            let (mangled, name) = (name.as_str().unwrap_or_default().to_owned(), format!("{name:#}"));
            let line = symbol.lineno().unwrap_or(0);
            let user = is_users(&name, &file);
            functions.push(Function { mangled, name, file, entry, user, line, pointer });
        });
    }
    functions
}

/// The frames that took the stack say nothing about the program.
fn is_capturing(function: &str) -> bool {
    function.starts_with("backtrace::") || function.starts_with("mapwatch_core::stack::capture")
}

/// Whether a frame is the user's: it has a source file, and is neither std's, a registry crate's nor ours.
fn is_users(function: &str, file: &str) -> bool {
    const OURS: [&str; 3] = ["mapwatch::", "mapwatch_core::", "mapwatch_event::"];
    const RUNTIME: [&str; 7] =
        ["std::", "core::", "alloc::", "hashbrown::", "backtrace::", "__rust", "rust_"];
    const C_RUNTIME: [&str; 7] = [
        "start_thread",
        "clone",
        "clone3",
        "_start",
        "__libc_start_main",
        "__libc_start_main_impl",
        "__libc_start_call_main",
    ];
    const FOREIGN: [&str; 6] = [
        "/rustc/",
        "/.cargo/registry/",
        "/rustlib/",
        "/.cargo/git/",
        // Ours, where names lack their paths.
        "/mapwatch-core/src/",
        "/crates/mapwatch/src/",
    ];
    let path = function.trim_start_matches(['<', '&', '*', '(']);
    let within = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    !file.is_empty()
        && !C_RUNTIME.contains(&path)
        && !within(&OURS)
        && !within(&RUNTIME)
        && !FOREIGN.iter().any(|part| file.replace('\\', "/").contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_that_were_cut_are_laid_side_by_side_where_both_reach() {
        let whole: Vec<usize> = (1..DEPTH).collect();
        let deep: Vec<usize> = (0..DEPTH).map(|frame| 1_000 + frame).collect();
        let deeper: Vec<usize> = (0..DEPTH).map(|frame| 990 + frame).collect();
        assert_eq!(reaching_alike(&deep, &deeper), (&deep[..DEPTH - 10], &deeper[..]));
        assert_eq!(reaching_alike(&deeper, &deep), (&deeper[..], &deep[..DEPTH - 10]));
        assert_eq!(reaching_alike(&whole, &deep), (&whole[..], &deep[..]));
    }

    #[test]
    fn a_frame_is_the_users_or_not() {
        assert!(is_users("shop::orders::settle", "/srv/shop/src/orders.rs"));
        assert!(!is_users(
            "<mapwatch::checked::Checked<M> as core::ops::Index<K>>::index",
            "/srv/mapwatch/src/x.rs"
        ));
        assert!(!is_users("std::rt::lang_start", "/rustc/59807616e/library/std/src/rt.rs"));
        assert!(!is_users(
            "tokio::runtime::park",
            "/home/me/.cargo/registry/src/index-1/tokio-1/src/park.rs"
        ));
        assert!(!is_users("main", ""));
    }

    #[test]
    fn a_stack_names_its_function() {
        let stack = resolve(&capture(), "");
        let own = std::any::type_name_of_val(&a_stack_names_its_function);
        assert!(stack.frames.iter().any(|frame| frame.function.starts_with(own)), "{stack:?}");
    }

    #[test]
    fn the_same_stack_has_the_same_number() {
        let numbers: Vec<_> = (0..2).map(|_| capture_interned()).collect();
        assert_eq!(numbers[0], numbers[1]);
        assert!(interned(numbers[0]).is_some() && interned(0).is_none());
    }
}
