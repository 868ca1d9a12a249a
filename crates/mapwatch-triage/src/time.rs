//! Time stamps of logs: microseconds since 1970-01-01 UTC, from the shapes that services write.
//!
//! Nothing here asks the clock. A stamp without a year (`Nov 23 15:51:58`) takes the year it is handed; no
//! stamp is `None`, never zero: "unknown" is an answer.

/// Microseconds since 1970-01-01 UTC.
pub type Micros = i64;

const DAY: i64 = 86_400;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant's algorithm).
#[must_use]
pub const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = (month + 9) % 12;
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date of a day number; the inverse of [`days_from_civil`].
#[must_use]
pub const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

/// `2026-11-23T15:51:58Z`, the form of every printer; fractions are dropped.
#[must_use]
pub fn iso(micros: Micros) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
    let of_day = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// A stamp at the beginning of `text`, and its length in bytes.
///
/// Understands ISO 8601 and RFC 3339 (`T` or a blank, any fraction, `Z` or an offset), `2026/11/23 15:51:58`,
/// `Nov 23 15:51:58`, `11-23 15:51:58.000` and `1123 15:51:58.000` (klog, behind its level letter).
/// `year` is taken where the stamp has none.
#[must_use]
pub fn leading(text: &[u8], year: i64) -> Option<(Micros, usize)> {
    match text.first()? {
        b'0'..=b'9' if text.get(4).is_some_and(|byte| matches!(byte, b'-' | b'/')) => iso_like(text),
        b'0'..=b'9' if text.get(2) == Some(&b'-') => {
            let date = days_from_civil(year, number(text, 0, 2)?, number(text, 3, 2)?);
            clock(text, 6).map(|(of_day, end)| (date * DAY * 1_000_000 + of_day, end))
        }
        b'0'..=b'9' if text.get(4) == Some(&b' ') => {
            let date = days_from_civil(year, number(text, 0, 2)?, number(text, 2, 2)?);
            clock(text, 5).map(|(of_day, end)| (date * DAY * 1_000_000 + of_day, end))
        }
        b'A'..=b'Z' => month_day(text, year),
        _ => None,
    }
}

/// The first stamp in the first 80 bytes of a line's prefix.
#[must_use]
pub fn find(prefix: &[u8], year: i64) -> Option<Micros> {
    let end = prefix.len().min(80);
    (0..end)
        .filter(|at| *at == 0 || !prefix[at - 1].is_ascii_alphanumeric())
        .find_map(|at| leading(&prefix[at..], year))
        .map(|(micros, _)| micros)
}

/// A number in JSON that means a time: seconds, milli-, micro- or nanoseconds by its size.
#[must_use]
pub fn epoch(number: f64) -> Option<Micros> {
    let micros = match number {
        n if !(1.0e8..1.0e20).contains(&n) => return None,
        n if n < 1.0e11 => n * 1.0e6,
        n if n < 1.0e14 => n * 1.0e3,
        n if n < 1.0e17 => n,
        n => n / 1.0e3,
    };
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
    Some(micros as Micros)
}

fn iso_like(text: &[u8]) -> Option<(Micros, usize)> {
    let (year, month, day) = (number(text, 0, 4)?, number(text, 5, 2)?, number(text, 8, 2)?);
    if !matches!(text.get(10), Some(b'T' | b' ' | b'_'))
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
    {
        return None;
    }
    let (of_day, end) = clock(text, 11)?;
    let (offset, end) = zone(text, end);
    Some(((days_from_civil(year, month, day) * DAY - offset) * 1_000_000 + of_day, end))
}

fn month_day(text: &[u8], year: i64) -> Option<(Micros, usize)> {
    let name = text.get(..3)?;
    let month = MONTHS.iter().position(|month| month.as_bytes() == name)?;
    if text.get(3) != Some(&b' ') {
        return None;
    }
    let day = if text.get(4) == Some(&b' ') { number(text, 5, 1)? } else { number(text, 4, 2)? };
    let (of_day, end) = clock(text, 7)?;
    let month = i64::try_from(month).ok()? + 1;
    Some((days_from_civil(year, month, day) * DAY * 1_000_000 + of_day, end))
}

/// `15:51:58` with an optional fraction, as microseconds of the day.
fn clock(text: &[u8], at: usize) -> Option<(Micros, usize)> {
    let (hour, minute, second) = (number(text, at, 2)?, number(text, at + 3, 2)?, number(text, at + 6, 2)?);
    if text.get(at + 2) != Some(&b':')
        || text.get(at + 5) != Some(&b':')
        || hour > 24
        || minute > 59
        || second > 60
    {
        return None;
    }
    let mut end = at + 8;
    let mut micros = (hour * 3600 + minute * 60 + second) * 1_000_000;
    if matches!(text.get(end), Some(b'.' | b',')) && text.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1;
        let mut unit = 100_000;
        while let Some(digit) = text.get(end).filter(|byte| byte.is_ascii_digit()) {
            micros += i64::from(digit - b'0') * unit;
            unit /= 10;
            end += 1;
        }
    }
    Some((micros, end))
}

/// An offset from UTC in seconds behind a clock.
fn zone(text: &[u8], at: usize) -> (i64, usize) {
    match text.get(at) {
        Some(b'Z') => (0, at + 1),
        Some(sign @ (b'+' | b'-')) => {
            let colon = usize::from(text.get(at + 3) == Some(&b':'));
            match (number(text, at + 1, 2), number(text, at + 3 + colon, 2)) {
                (Some(hours), Some(minutes)) => {
                    let seconds = hours * 3600 + minutes * 60;
                    (if *sign == b'-' { -seconds } else { seconds }, at + 5 + colon)
                }
                _ => (0, at),
            }
        }
        _ => (0, at),
    }
}

fn number(text: &[u8], at: usize, digits: usize) -> Option<i64> {
    let slice = text.get(at..at + digits)?;
    slice.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shapes_that_services_write() {
        let noon = (days_from_civil(2026, 11, 23) * DAY + 15 * 3600 + 51 * 60 + 58) * 1_000_000;
        for (text, expected) in [
            ("2026-11-23T15:51:58Z x", noon),
            ("2026-11-23T15:51:58.123456000Z", noon + 123_456),
            ("2026-11-23T16:51:58+01:00", noon),
            ("2026-11-23T16:51:58+0100", noon),
            ("2026-11-23 15:51:58,5 x", noon + 500_000),
            ("2026/11/23 15:51:58 x", noon),
            ("Nov 23 15:51:58 host", noon),
            ("11-23 15:51:58.000 1 2 I", noon),
            ("1123 15:51:58.000000 7 file.go:3]", noon),
        ] {
            assert_eq!(leading(text.as_bytes(), 2026).map(|(at, _)| at), Some(expected), "{text}");
        }
        assert_eq!(leading(b"", 2026), None);
        assert_eq!(leading(b"2026-13-23T15:51:58Z", 2026), None);
        assert_eq!(find(b"[2026-11-23T15:51:58Z ERROR panic] ", 2026), Some(noon));
        assert_eq!(iso(noon), "2026-11-23T15:51:58Z");
        assert_eq!(iso(-1), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn numbers_by_their_size() {
        assert_eq!(epoch(1_700_000_000.5), Some(1_700_000_000_500_000));
        assert_eq!(epoch(1_700_000_000_000.0), Some(1_700_000_000_000_000));
        assert_eq!(epoch(3.0), None);
        assert_eq!(epoch(f64::NAN), None);
    }
}
