//! Comma-separated values (RFC 4180), one row per group.

use super::headline;
use crate::summary::Summary;
use crate::time::{Micros, iso};
use std::io::{self, Write};

const HEAD: &str = "fingerprint,category,confidence,language,kind,count,secondary,first_seen,last_seen,location,top_frame,message,files";

/// Writes a summary.
///
/// # Errors
///
/// What writing says.
pub fn write(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    write!(out, "{HEAD}\r\n")?;
    for group in &summary.groups {
        // A cell cannot say that its stamp is only near.
        let own = |at: Option<Micros>| at.filter(|_| !group.nearest_stamps).map(iso).unwrap_or_default();
        let cells = [
            group.fingerprint.clone(),
            group.category.code().to_owned(),
            group.confidence.to_string(),
            group.language.word().to_owned(),
            group.kind.word().to_owned(),
            group.count.to_string(),
            group.secondary.to_string(),
            own(group.first_seen),
            own(group.last_seen),
            group.place(),
            group.top_frame.clone(),
            headline(group, 500),
            group.files.keys().cloned().collect::<Vec<_>>().join(";"),
        ];
        write!(out, "{}\r\n", cells.map(|cell| quoted(&cell)).join(","))?;
    }
    Ok(())
}

fn quoted(cell: &str) -> String {
    // A cell that begins like a formula is run by spreadsheets; log text is foreign.
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if risky { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_stay_cells() {
        assert_eq!(quoted("a"), "a");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
    }
}
