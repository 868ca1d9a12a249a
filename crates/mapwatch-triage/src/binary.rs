//! Files that are no text: strings in a program, an archive or an image are no reports.
//!
//! A mark at the beginning decides where there is one. Without, the share of control characters does: compressed
//! data has a tenth, programs and tables far more, logs next to none, in whatever encoding. Runs of NUL count once,
//! and not at all in front: a log that was cut under its writer begins with as many as were cut off.

/// Bytes that are looked at.
const SAMPLE: usize = 16 << 10;
/// Fewer bytes than this say nothing without a mark.
const LEAST: usize = 64;

const PROGRAM: &str = "a program, no log; skipped";
const IMAGE: &str = "an image, no log; skipped";
const PACKED: &str = "packed in a way that is not read here; unpack it first; skipped";

/// What files begin with, and what they are. No log begins with one of these.
const MARKS: &[(&[u8], &str)] = &[
    (b"\x7fELF", PROGRAM),
    (b"\xfe\xed\xfa\xce", PROGRAM),
    (b"\xfe\xed\xfa\xcf", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    // Mach-O for several machines, and a class of Java.
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"\0asm", PROGRAM),
    (b"!<arch>\n", "a library or a package, no log; skipped"),
    (b"MDMP", "a dump of a process, no log; skipped"),
    (b"LPKSHHRH", "a journal; `journalctl --file` prints it as text; skipped"),
    (b"ElfFile\0", "an event log of Windows, no text; skipped"),
    (b"SQLite format 3\0", "a database, no log; skipped"),
    (b"%PDF-", "a document, no log; skipped"),
    (b"\x89PNG\r\n", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF87a", IMAGE),
    (b"GIF89a", IMAGE),
    (b"PK\x03\x04", PACKED),
    (b"\xfd7zXZ\0", PACKED),
    (b"7z\xbc\xaf\x27\x1c", PACKED),
    (b"\x04\x22\x4d\x18", PACKED),
];

/// Why the beginning of a file shows that it is no text, as a fragment; `None` where it may be.
pub(crate) fn why(head: &[u8]) -> Option<&'static str> {
    let marked = MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, why)| *why);
    let bzip2 = head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY");
    marked
        .or(is_of_windows(head).then_some(PROGRAM))
        .or(bzip2.then_some(PACKED))
        .or(is_noise(head).then_some("binary data, no log; skipped"))
}

/// `MZ`, and the second header where the first one says.
fn is_of_windows(head: &[u8]) -> bool {
    let at = head.get(0x3c..0x40).and_then(|at| at.try_into().ok()).map(u32::from_le_bytes);
    let second = at.and_then(|at| head.get(at as usize..)).is_some_and(|rest| rest.starts_with(b"PE\0\0"));
    head.starts_with(b"MZ") && second
}

fn is_noise(head: &[u8]) -> bool {
    let begin = head.iter().position(|byte| *byte != 0).unwrap_or(head.len());
    let sample = &head[begin..head.len().min(begin + SAMPLE)];
    if sample.len() < LEAST {
        return false;
    }
    let runs = sample.chunk_by(|one, next| *one == 0 && *next == 0).filter(|run| run[0] == 0).count();
    let nuls = memchr::memchr_iter(0, sample).count();
    let controls = runs + sample.iter().filter(|byte| is_control(**byte)).count();
    let broken: usize = sample.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    let all = sample.len() - nuls + runs;
    // Text in an old encoding is broken UTF-8, but has no control characters; frames of a container's raw stream
    // are control characters, but between them is sound text.
    controls * 5 >= all || controls * 33 >= all && (controls + broken) * 10 >= all * 3
}

/// Control characters that no text has: neither blanks nor what moves a cursor. NUL is counted by runs.
fn is_control(byte: u8) -> bool {
    matches!(byte, 1..=6 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "2026-11-29T09:00:02Z INFO request 17 done in 3 ms\n";

    /// Bytes as even as those of a packed file.
    fn dice(count: usize) -> Vec<u8> {
        let next = |state: &mut u64| {
            *state ^= *state << 13;
            *state ^= *state >> 7;
            *state ^= *state << 17;
            Some((*state >> 32) as u8)
        };
        let mut state = 0x9e37_79b9_7f4a_7c15;
        std::iter::from_fn(|| next(&mut state)).take(count).collect()
    }

    #[test]
    fn what_is_no_text_is_known_by_its_mark_or_its_bytes() {
        let me = std::env::current_exe().and_then(std::fs::read).expect("this program");
        assert_eq!(why(&me), Some(PROGRAM), "the program that runs this test");
        assert!(why(&me[4096..]).is_some(), "its inside");
        let mut windows = vec![0; 0x80];
        windows[..2].copy_from_slice(b"MZ");
        windows[0x3c] = 0x40;
        windows[0x40..0x44].copy_from_slice(b"PE\0\0");
        assert_eq!(why(&windows), Some(PROGRAM));
        for (mark, expected) in MARKS {
            assert_eq!(why(&[mark, LINE.as_bytes()].concat()), Some(*expected));
        }
        for count in [100, 1000, 100_000] {
            assert!(why(&dice(count)).is_some(), "{count}");
        }
        let table: Vec<u8> = (0..400_u32).flat_map(u32::to_le_bytes).collect();
        assert!(why(&table).is_some());
    }

    #[test]
    fn logs_in_any_state_are_text() {
        let log = LINE.repeat(50);
        let cut = [vec![0; 40_000], log.clone().into_bytes()].concat();
        let crashed = [log.as_bytes(), &[0; 4096], log.as_bytes()].concat();
        let ended_by_nul = format!("{}\0", LINE).repeat(50);
        let framed: Vec<u8> =
            (0..50).flat_map(|_| [&[1, 0, 0, 0, 0, 0, 0, 30][..], &LINE.as_bytes()[20..]].concat()).collect();
        let coloured = format!("\x1b[32mINFO\x1b[0m {LINE}\r").repeat(50);
        let latin: Vec<u8> = b"Fehler beim \xd6ffnen: Zugriff verweigert f\xfcr \xdc\n".repeat(50);
        // Japanese in Shift-JIS, Chinese in GBK: nearly no byte is UTF-8.
        let japanese: Vec<u8> =
            b"\x83G\x83\x89\x81[\x82\xaa\x94\xad\x90\xb6\x82\xb5\x82\xdc\x82\xb5\x82\xbd\n".repeat(50);
        let chinese: Vec<u8> = b"\xcf\xdf\xb3\xcc\xb1\xc0\xc0\xa3\xc1\xcb\n".repeat(50);
        for text in [log.as_bytes(), &cut, &crashed, ended_by_nul.as_bytes(), &framed, coloured.as_bytes()] {
            assert_eq!(why(text), None, "{:?}", String::from_utf8_lossy(&text[..text.len().min(200)]));
        }
        for text in
            [&latin, &japanese, &chinese, &vec![0; 70_000], &b"MZ is how this line begins\n".repeat(9)]
        {
            assert_eq!(why(text), None, "{:?}", String::from_utf8_lossy(&text[..text.len().min(200)]));
        }
    }
}
