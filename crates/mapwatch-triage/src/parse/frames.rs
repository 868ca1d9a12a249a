//! Frames out of backtrace text, and which of them are the application's.
//!
//! One reader for every shape that Rust programs print: std's short and full backtraces, inlined frames without
//! a number, `color-backtrace` and color-eyre (`at file:line` without a column), better-panic
//! (`File "x", line 3, in f`), the one-line `Debug` of a `Backtrace`, sanitizers (`#0 0x1 in f file:3:4`).

use mapwatch_event::Frame;

/// Frames kept of one report; deeper ones repeat or are the runtime's start.
const MOST: usize = 256;

/// All frames in `text`, innermost first.
pub(crate) fn rust(text: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in text.lines() {
        if frames.len() >= MOST {
            break;
        }
        let trimmed = line.trim();
        if let Some(last) = frames.last_mut().filter(|frame| frame.file.ends_with('/') && frame.line == 0) {
            // A place that was folded at a slash.
            let place = format!("{}{trimmed}", last.file);
            place_frame(last, &place);
        } else if let Some(last) = frames.last_mut().filter(|frame| frame.function.is_empty())
            && !trimmed.starts_with("at ")
            && is_name(trimmed)
        {
            // A name that was folded behind its address.
            last.function = clean(trimmed);
        } else if let Some(place) = trimmed.strip_prefix("at ") {
            if let Some(last) = frames.last_mut().filter(|frame| frame.file.is_empty()) {
                place_frame(last, place);
            }
        } else if let Some(function) = numbered(trimmed) {
            push(&mut frames, function);
        } else if let Some(rest) = trimmed.strip_prefix("File \"") {
            quoted(&mut frames, rest);
        } else if trimmed.starts_with("Backtrace [") || trimmed.starts_with("[{ fn: ") {
            debug_form(&mut frames, trimmed);
        } else if line.len() - line.trim_start().len() >= 10 && !frames.is_empty() && is_name(trimmed) {
            push(&mut frames, trimmed);
        }
    }
    finish(frames)
}

/// Frames of a sanitizer's section: `    #0 0x564f in name file:67:3`.
pub(crate) fn sanitizer(text: &str) -> Vec<Frame> {
    let mut frames = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if !trimmed.starts_with('#') {
            if frames.is_empty() { continue } else { break }
        }
        let body =
            trimmed.split_once(" in ").or_else(|| trimmed.split_once(' ')).map_or("", |(_, body)| body);
        let (function, place) = split_place(body);
        let mut frame = Frame { function: clean(function), ..Frame::default() };
        // A module and an offset is no source.
        if !place.contains("+0x") {
            place_frame(&mut frame, place);
        }
        frames.push(frame);
        if frames.len() >= MOST {
            break;
        }
    }
    finish(frames)
}

/// `name<generics> /path/file.rs:1:2` where the place is the last blank-separated word.
fn split_place(body: &str) -> (&str, &str) {
    let body = body.split(" (BuildId").next().unwrap_or(body);
    // ThreadSanitizer names the module, too: `f /src/a.rs:14:9 (shop+0x9d2f1)`.
    let body = match body.rsplit_once(" (") {
        Some((head, module)) if module.contains("+0x") && head.rsplit(' ').next().is_some_and(is_source) => {
            head
        }
        _ => body,
    };
    match body.rsplit_once(' ') {
        Some((function, place)) if place.contains('/') || place.contains(':') && !place.contains("::") => {
            (function, place.trim_matches(['(', ')']))
        }
        _ => (body, ""),
    }
}

/// Whether a word is a place in a source.
fn is_source(word: &str) -> bool {
    split_location(word).1 > 0
}

fn finish(mut frames: Vec<Frame>) -> Vec<Frame> {
    // What stands before the panic's entry is the hook that took the backtrace.
    let entry = frames.iter().position(|frame| frame.function.ends_with("rust_begin_unwind")).unwrap_or(0);
    for (at, frame) in frames.iter_mut().enumerate() {
        frame.user = at >= entry && is_user(frame);
    }
    frames
}

fn push(frames: &mut Vec<Frame>, function: &str) {
    frames.push(Frame { function: clean(function), ..Frame::default() });
}

/// `  12: name`, `12:     0x55… - name`; the number's text is dropped.
fn numbered(line: &str) -> Option<&str> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 5 {
        return None;
    }
    let rest = line[digits..].strip_prefix(':')?;
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix("0x") {
        Some(address) => match address.split_once(" - ") {
            Some((_, name)) => name.trim_start(),
            // `0x55… -` with its name on the next line, or no name at all.
            None => "",
        },
        None => rest,
    };
    Some(rest)
}

/// A line that continues a backtrace, whichever shape.
pub(crate) fn continues(line: &str) -> bool {
    let trimmed = line.trim_start();
    let indent = line.len() - trimmed.len();
    trimmed.starts_with("at ") && indent > 0
        || numbered(trimmed).is_some()
        || trimmed.starts_with("File \"")
        || trimmed.contains('⋮')
        || trimmed.contains('━')
        || trimmed.starts_with("[... omitted")
        || indent >= 4 && trimmed.contains('│')
        || indent >= 10 && is_name(trimmed)
}

/// Something that can be a function's name on a line of its own (an inlined frame).
fn is_name(text: &str) -> bool {
    text.contains("::")
        || text.starts_with('_')
        || text.starts_with('<')
        || !text.contains(' ') && !text.is_empty()
}

fn place_frame(frame: &mut Frame, place: &str) {
    let (file, line, column) = split_location(place);
    file.clone_into(&mut frame.file);
    frame.line = line;
    frame.column = column;
}

/// `file:line:column`, `file:line` or `file`; a drive letter's colon stays with the file.
pub(crate) fn split_location(place: &str) -> (&str, u32, u32) {
    let place = place.trim();
    let Some((head, last)) = number_behind(place) else { return (place, 0, 0) };
    match number_behind(head) {
        Some((file, line)) => (file, line, last),
        None => (head, last, 0),
    }
}

fn number_behind(text: &str) -> Option<(&str, u32)> {
    let (head, number) = text.rsplit_once(':')?;
    let number = number.parse().ok()?;
    (!head.is_empty()).then_some((head, number))
}

/// `src/main.rs", line 25, in crate::function`
fn quoted(frames: &mut Vec<Frame>, rest: &str) {
    let Some((file, rest)) = rest.split_once("\", line ") else { return };
    let (line, function) = rest.split_once(", in ").unwrap_or((rest, ""));
    let mut frame = Frame { function: clean(function), file: file.to_owned(), ..Frame::default() };
    frame.line = line.trim().parse().unwrap_or(0);
    frames.push(frame);
}

/// `Backtrace [{ fn: "a", file: "b", line: 1 }, …]`
fn debug_form(frames: &mut Vec<Frame>, line: &str) {
    for part in line.split("{ fn: \"").skip(1).take(MOST) {
        let Some((function, rest)) = part.split_once('"') else { continue };
        let mut frame = Frame { function: clean(function), ..Frame::default() };
        if let Some((file, rest)) = rest.split_once("file: \"").and_then(|(_, rest)| rest.split_once('"')) {
            file.clone_into(&mut frame.file);
            let digits = rest.split_once("line: ").map_or("", |(_, rest)| rest);
            frame.line =
                digits.split(|c: char| !c.is_ascii_digit()).next().and_then(|d| d.parse().ok()).unwrap_or(0);
        }
        frames.push(frame);
    }
}

/// A function's name without what changes from build to build: mangling, `::h0123456789abcdef`,
/// `core[c1f1a4ba060b9bfa]`.
pub(crate) fn clean(name: &str) -> String {
    let name = name.trim().trim_end_matches("<unknown>").trim();
    let mut text = if name.starts_with("_ZN") || name.starts_with("_R") || name.starts_with("ZN") {
        format!("{:#}", rustc_demangle::demangle(name))
    } else {
        name.to_owned()
    };
    if let Some(at) = text.rfind("::h") {
        let hash = &text[at + 3..];
        if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            text.truncate(at);
        }
    }
    if text.contains('[') { without_disambiguators(&text) } else { text }
}

/// Drops `[fdfd2bd8633a6659]` (8 to 16 hex digits); `[T]` and `[u8; 4]` stay.
fn without_disambiguators(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let inside = &rest[open + 1..];
        let end = inside.find(']').unwrap_or(inside.len());
        let is_hash = (8..=16).contains(&end) && inside[..end].bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hash && end < inside.len() {
            out += &rest[..open];
            rest = &inside[end + 1..];
        } else {
            out += &rest[..=open];
            rest = inside;
        }
    }
    out + rest
}

/// Whose a source file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    /// The application's (or nothing is known against it).
    User,
    /// The standard library's, the compiler's, libc's.
    Runtime,
    /// A library's; its name without the version.
    Library(&'a str),
}

/// Whose a source file is, by its path alone.
pub(crate) fn owner(file: &str) -> Owner<'_> {
    const RUNTIME: [&str; 17] = [
        "/rustc/",
        "/rustlib/src/",
        "library/core/",
        "library/std/",
        "library/alloc/",
        "library/test/",
        "library/panic_",
        "library/backtrace/",
        "src/libcore/",
        "src/libstd/",
        "src/liballoc/",
        "src/libtest/",
        "/csu/",
        "/sysdeps/",
        "./nptl/",
        "llvm-project/",
        "./stdlib/",
    ];
    if let Some(library) = registry_crate(file) {
        return Owner::Library(library);
    }
    let generated = file.starts_with('<') && file.contains(" macros>");
    let runtime = RUNTIME.iter().any(|part| file.contains(part)) || file.contains("/rustc-") || generated;
    let unix_style = runtime || file.contains("\\rustlib\\src\\") || file.starts_with("rust:");
    if unix_style { Owner::Runtime } else { Owner::User }
}

/// The crate of a file under cargo's registry, git checkouts or a vendor folder.
fn registry_crate(file: &str) -> Option<&str> {
    let separator = |c: char| matches!(c, '/' | '\\');
    let behind = |marker: &str| file.find(marker).map(|at| &file[at + marker.len()..]);
    if let Some(rest) = behind("registry/src/").or_else(|| behind("registry\\src\\")) {
        let package = rest.split(separator).nth(1)?;
        return Some(without_version(package));
    }
    if let Some(rest) = behind("git/checkouts/").or_else(|| behind("git\\checkouts\\")) {
        let folder = rest.split(separator).next()?;
        return Some(folder.rsplit_once('-').map_or(folder, |(name, _)| name));
    }
    let package = behind("/vendor/")?.split(separator).next()?;
    Some(without_version(package))
}

fn without_version(package: &str) -> &str {
    match package.rsplit_once('-') {
        Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => name,
        _ => package,
    }
}

/// Whether a frame is the application's own.
fn is_user(frame: &Frame) -> bool {
    if !frame.file.is_empty() {
        return owner(&frame.file) == Owner::User && !is_runtime_name(&frame.function);
    }
    !frame.function.is_empty() && frame.function.contains("::") && !is_runtime_name(&frame.function)
}

fn is_runtime_name(name: &str) -> bool {
    const RUNTIME: [&str; 12] = [
        "std::",
        "core::",
        "alloc::",
        "backtrace::",
        "__rustc::",
        "rust_begin_unwind",
        "test::",
        "panic_unwind::",
        "color_backtrace::",
        "color_eyre::",
        "better_panic::",
        "tracing_panic::",
    ];
    let name = name.trim_start_matches(['<', '&', '(']).trim_start_matches("dyn ").trim_start_matches("mut ");
    RUNTIME.iter().any(|prefix| name.starts_with(prefix)) || name == "<unknown>" || name == "unknown>"
}

/// The last path segment of a function's name, generics and closures off: `handle` of
/// `shop::svc::handle::<u32>::{{closure}}`.
pub(crate) fn last_segment(name: &str) -> &str {
    let mut name = name;
    loop {
        name = name.trim_end_matches("::");
        let before = name.len();
        for closure in ["{{closure}}", "{closure#0}", "{async_fn#0}", "{async_block#0}", "{{constructor}}"] {
            name = name.strip_suffix(closure).unwrap_or(name);
        }
        if let Some(open) = name.rfind("::{")
            && name.ends_with('}')
        {
            name = &name[..open];
        }
        name = without_generics(name);
        if name.len() == before {
            break;
        }
    }
    name.rsplit("::").next().unwrap_or(name).trim_start_matches('<').trim_end_matches('>')
}

/// Cuts a final `<…>`, matching brackets from the end.
fn without_generics(name: &str) -> &str {
    if !name.ends_with('>') {
        return name;
    }
    let mut depth = 0_usize;
    for (at, byte) in name.bytes().enumerate().rev() {
        match byte {
            b'>' => depth += 1,
            b'<' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return if at == 0 { name } else { name[..at].trim_end_matches("::") };
                }
            }
            _ => {}
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_frame_is_read() {
        let text = "   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:689:5\n   \
                    1:     0x55b - shop::svc::handle::h62748d8ebb80371e\n                               at \
                    /srv/app/src/main.rs:25:64\n                           shop::inlined::hbefff3ec0858eb77\n  \
                    File \"src/x.rs\", line 3, in shop::f\n";
        let frames = rust(text);
        let names: Vec<_> =
            frames.iter().map(|frame| (frame.function.as_str(), frame.line, frame.user)).collect();
        assert_eq!(names[0], ("rust_begin_unwind", 689, false));
        assert_eq!(names[1], ("shop::svc::handle", 25, true));
        assert_eq!(names[2].0, "shop::inlined");
        assert_eq!(names[3], ("shop::f", 3, true));
        assert_eq!(rust("Backtrace [{ fn: \"a::b\", file: \"./src/m.rs\", line: 14 }]")[0].line, 14);
    }

    #[test]
    fn names_lose_what_a_build_adds() {
        assert_eq!(clean("_ZN4shop3svc6handle17h62748d8ebb80371eE"), "shop::svc::handle");
        assert_eq!(clean("core[c1f1a4ba060b9bfa]::panicking::panic_fmt"), "core::panicking::panic_fmt");
        assert_eq!(clean("<[T] as x::Y>::z"), "<[T] as x::Y>::z");
        assert_eq!(last_segment("shop::svc::handle::<u32>::{{closure}}"), "handle");
        assert_eq!(last_segment("zoo::main::{{closure}}::{{closure}}"), "main");
        assert_eq!(last_segment("<a::B as c::D>::drop"), "drop");
        assert_eq!(last_segment("a::f::{closure#3}"), "f");
        assert_eq!(last_segment(""), "");
        assert_eq!(last_segment("<>>>"), "");
    }

    #[test]
    fn whose_a_file_is() {
        let registry = "/home/ci/.cargo/registry/src/index-1949cf8c6b5b557f/tokio-1.54.1/src/a.rs";
        assert_eq!(owner(registry), Owner::Library("tokio"));
        assert_eq!(
            owner("/home/u/.cargo/git/checkouts/my-lib-0123abc/f00/src/a.rs"),
            Owner::Library("my-lib")
        );
        assert_eq!(owner("/rustc/59807616e1fa/library/core/src/num/mod.rs"), Owner::Runtime);
        assert_eq!(owner("/usr/src/rustc-1.63.0/library/std/src/thread/local.rs"), Owner::Runtime);
        assert_eq!(owner("src/libcore/option.rs"), Owner::Runtime);
        assert_eq!(owner("<::core::macros::panic macros>"), Owner::Runtime);
        assert_eq!(owner("C:\\work\\app\\src\\main.rs"), Owner::User);
        assert_eq!(split_location("C:\\a\\b.rs:3:4"), ("C:\\a\\b.rs", 3, 4));
        assert_eq!(split_location("src/a.rs:3"), ("src/a.rs", 3, 0));
    }
}
