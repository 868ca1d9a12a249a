//! Where text comes from: files, folders, patterns, standard input; packed or not, UTF-8 or UTF-16.
//!
//! What a file is, its first bytes say, never its name: gzip (several members in a row, as rotation makes
//! them), zstd (several frames), UTF-16 with or without a mark (PowerShell redirects write it). What is no text, such
//! as a program in a folder of logs, is not read.

use crate::binary;
use crate::classify::glob;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Source {
    /// The name in reports.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Source::File(path) => path.display().to_string(),
            Source::Stdin => "-".to_owned(),
        }
    }

    /// Size in bytes as it lies on disk; 0 where it is not known.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Source::File(path) => fs::metadata(path).map_or(0, |about| about.len()),
            Source::Stdin => 0,
        }
    }
}

/// What an argument names: a file, all files below a folder, a pattern with `*`, `-`.
///
/// A file that is named is listed even where it does not exist, so that opening it says why.
#[must_use]
pub fn expand(argument: &str) -> Vec<Source> {
    if argument == "-" {
        return vec![Source::Stdin];
    }
    let path = Path::new(argument);
    if path.is_dir() {
        let mut found = Vec::new();
        walk(path, 0, &mut found);
        found.sort();
        return found;
    }
    if !path.exists() && argument.contains(['*', '?']) {
        let found = matching(path);
        if !found.is_empty() {
            return found;
        }
    }
    vec![Source::File(path.to_owned())]
}

/// Depth of folders that is followed; a guard against links in a circle.
const DEPTH: usize = 32;

fn walk(folder: &Path, depth: usize, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else {
        // Opening it says why, so that it is named among the inputs that could not be read.
        found.push(Source::File(folder.to_owned()));
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden || depth > DEPTH {
            continue;
        }
        if path.is_dir() {
            walk(&path, depth + 1, found);
        } else if path.is_file() {
            found.push(Source::File(path));
        }
    }
}

/// Files whose name matches a pattern in the last part of a path.
fn matching(path: &Path) -> Vec<Source> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let pattern = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let named = entries.flatten().filter(|entry| glob(&pattern, &entry.file_name().to_string_lossy()));
    let mut found: Vec<Source> =
        named.map(|entry| entry.path()).filter(|path| path.is_file()).map(Source::File).collect();
    found.sort();
    found
}

/// An opened source: plain text, and what is known beside it.
pub struct Opened {
    /// The text, unpacked, UTF-8 as far as it is text.
    pub text: Box<dyn Read>,
    /// The year of the file's last change: the year of stamps without one.
    pub year: i64,
}

/// Opens a source.
///
/// # Errors
///
/// What the operating system says, that the packing is not what it claims to be, or that it is no text.
pub fn open(source: &Source) -> io::Result<Opened> {
    match source {
        Source::Stdin => Ok(Opened { text: unpack(Box::new(io::stdin()))?, year: this_year() }),
        Source::File(path) => {
            let file = File::open(path)?;
            let changed = file.metadata().and_then(|about| about.modified()).ok();
            let year = changed
                .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
                .map_or_else(this_year, |at| year_of(at.as_secs()));
            Ok(Opened { text: unpack(Box::new(file))?, year })
        }
    }
}

fn this_year() -> i64 {
    std::time::SystemTime::now().duration_since(UNIX_EPOCH).map_or(1970, |at| year_of(at.as_secs()))
}

fn year_of(seconds: u64) -> i64 {
    crate::time::civil_from_days(i64::try_from(seconds / 86_400).unwrap_or(0)).0
}

/// Looks at the first bytes and unpacks what follows, at most twice (a zstd of a gzip is somebody's mistake).
///
/// # Errors
///
/// What reading the first bytes says, or that they are no text's.
pub fn unpack(raw: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut reader = BufReader::with_capacity(1 << 16, raw);
    let head = reader.fill_buf()?;
    let packed: Box<dyn Read> = if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(reader))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(Zstd { frame: None, rest: Some(reader) })
    } else {
        return text(reader);
    };
    let mut reader = BufReader::with_capacity(1 << 16, packed);
    // An archive that is cut before its first byte is an empty text with a problem, told when it is read.
    let _ = reader.fill_buf();
    text(reader)
}

fn text<R: Read + 'static>(mut reader: BufReader<R>) -> io::Result<Box<dyn Read>> {
    let head = reader.buffer();
    refuse(head)?;
    let order = order(head);
    if head.starts_with(&[0xef, 0xbb, 0xbf]) {
        reader.consume(3);
    }
    Ok(match order {
        Some(order) => {
            Box::new(Utf16 { inner: reader, order, out: Vec::new(), at: 0, high: None, odd: None })
        }
        None => Box::new(reader),
    })
}

/// Says no to what is no text by its first bytes, plain ones, not packed.
///
/// # Errors
///
/// `InvalidData`, with what it is.
pub(crate) fn refuse(head: &[u8]) -> io::Result<()> {
    match binary::why(head).filter(|_| order(head).is_none()) {
        Some(why) => Err(io::Error::new(io::ErrorKind::InvalidData, why)),
        None => Ok(()),
    }
}

fn order(head: &[u8]) -> Option<Order> {
    match head {
        [0xff, 0xfe, ..] => Some(Order::Little),
        [0xfe, 0xff, ..] => Some(Order::Big),
        _ => guess(head),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// UTF-16 without a mark: nearly every second byte of the beginning is NUL.
fn guess(head: &[u8]) -> Option<Order> {
    let sample = &head[..head.len().min(512) & !1];
    if sample.len() < 16 {
        return None;
    }
    let nuls = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let most = sample.len() / 2 * 9 / 10;
    match (nuls(0), nuls(1)) {
        (even, odd) if odd > most && even < sample.len() / 20 => Some(Order::Little),
        (even, odd) if even > most && odd < sample.len() / 20 => Some(Order::Big),
        _ => None,
    }
}

/// UTF-16 to UTF-8, as a stream.
struct Utf16<R> {
    inner: BufReader<R>,
    order: Order,
    out: Vec<u8>,
    at: usize,
    high: Option<u16>,
    /// A byte whose other half has not come yet.
    odd: Option<u8>,
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.out.len() {
            self.out.clear();
            self.at = 0;
            let input = self.inner.fill_buf()?.to_vec();
            if input.is_empty() {
                return Ok(0);
            }
            self.inner.consume(input.len());
            self.decode(&input);
        }
        let count = buffer.len().min(self.out.len() - self.at);
        buffer[..count].copy_from_slice(&self.out[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

impl<R> Utf16<R> {
    fn decode(&mut self, input: &[u8]) {
        let mut bytes = self.odd.take().into_iter().chain(input.iter().copied());
        while let Some(first) = bytes.next() {
            let Some(second) = bytes.next() else {
                self.odd = Some(first);
                return;
            };
            let unit = match self.order {
                Order::Little => u16::from_le_bytes([first, second]),
                Order::Big => u16::from_be_bytes([first, second]),
            };
            self.unit(unit);
        }
    }

    fn unit(&mut self, unit: u16) {
        let mut buffer = [0; 4];
        let code = match (self.high.take(), unit) {
            (_, 0xfeff) => return,
            (None, 0xd800..=0xdbff) => {
                self.high = Some(unit);
                return;
            }
            (Some(high), 0xdc00..=0xdfff) => {
                0x10000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit) - 0xdc00)
            }
            (_, unit) => u32::from(unit),
        };
        let c = char::from_u32(code).unwrap_or('\u{fffd}');
        self.out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }
}

type Frame = ruzstd::decoding::StreamingDecoder<BufReader<Box<dyn Read>>, ruzstd::decoding::FrameDecoder>;

/// zstd frames, one after the other.
struct Zstd {
    frame: Option<Frame>,
    rest: Option<BufReader<Box<dyn Read>>>,
}

impl Read for Zstd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(mut frame) = self.frame.take() {
                let count = frame.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    self.frame = Some(frame);
                    return Ok(count);
                }
                self.rest = Some(frame.into_inner());
            }
            let Some(mut rest) = self.rest.take() else { return Ok(0) };
            if rest.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(Frame::new(rest).map_err(io::Error::other)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(bytes: Vec<u8>) -> String {
        let mut out = Vec::new();
        unpack(Box::new(io::Cursor::new(bytes)))
            .and_then(|mut text| text.read_to_end(&mut out))
            .expect("readable");
        String::from_utf8(out).expect("UTF-8")
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).and_then(|()| packed.finish()).expect("memory")
    }

    #[test]
    fn every_packing_is_read() {
        assert_eq!(read(b"plain".to_vec()), "plain");
        assert_eq!(read(Vec::new()), "");
        assert_eq!(read([gzip("one\n"), gzip("two\n")].concat()), "one\ntwo\n");
        let zstd = |text: &str| {
            ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest)
        };
        assert_eq!(read([zstd("one\n"), zstd("two\n")].concat()), "one\ntwo\n");
    }

    #[test]
    fn utf_16_with_and_without_a_mark() {
        let text = "thread 'main' panicked at é😀\r\n".repeat(3);
        let units = |mark: &[u16]| -> Vec<u16> { mark.iter().copied().chain(text.encode_utf16()).collect() };
        let little: Vec<u8> = units(&[0xfeff]).iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units(&[0xfeff]).iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let bare: Vec<u8> = units(&[]).iter().flat_map(|unit| unit.to_le_bytes()).collect();
        for bytes in [little, big, bare] {
            assert_eq!(read(bytes), text);
        }
    }

    #[test]
    fn a_program_is_not_read_packed_or_not() {
        let program =
            [b"\x7fELF\x02\x01\x01\0".to_vec(), vec![0; 8], b"thread 'a' panicked".to_vec()].concat();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let packed = packed.write_all(&program).and_then(|()| packed.finish()).expect("memory");
        for bytes in [program, packed] {
            let refused = unpack(Box::new(io::Cursor::new(bytes))).err().expect("refused");
            assert_eq!(refused.to_string(), "a program, no log; skipped");
        }
    }

    #[test]
    fn a_cut_archive_gives_what_it_has() {
        let whole = gzip(&"a line of text\n".repeat(2000));
        let mut out = Vec::new();
        let mut text =
            unpack(Box::new(io::Cursor::new(whole[..whole.len() - 9].to_vec()))).expect("readable");
        assert!(text.read_to_end(&mut out).is_err());
        assert!(out.starts_with(b"a line"));
    }
}
