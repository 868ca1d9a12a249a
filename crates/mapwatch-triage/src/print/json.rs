//! One JSON object for scripts and CI: the keys of DESIGN section 11, and more beside them.

use crate::group::Group;
use crate::knowledge;
use crate::response;
use crate::summary::Summary;
use crate::time::iso;
use serde_json::{Value, json};
use std::io::{self, Write};

/// The schema's version: a higher minor adds keys.
pub const SCHEMA: &str = "1.0";

/// Writes a summary.
///
/// # Errors
///
/// What writing says.
pub fn write(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &value(summary)).map_err(io::Error::other)?;
    writeln!(out)
}

/// A summary as a value; `mapview` puts its own keys beside these.
#[must_use]
pub fn value(summary: &Summary) -> Value {
    json!({
        "schema": SCHEMA,
        "findings": [],
        "groups": summary.groups.iter().map(|one| group(one, summary)).collect::<Vec<_>>(),
        "tasks": {},
        "unread": summary.unread.iter().chain(&summary.problems)
            .map(|unread| json!({ "place": unread.place.to_string(), "file": unread.place.file, "line": unread.place.line, "why": unread.why }))
            .collect::<Vec<_>>(),
        "unread_count": summary.unread_count,
        "lost": { "groups": summary.overflow },
        "alarms": summary.alarms,
        "categories": summary.categories.iter().map(|(category, count)| (category.code().to_owned(), json!(count))).collect::<serde_json::Map<_, _>>(),
        "read": { "inputs": summary.inputs, "bytes": summary.bytes, "lines": summary.lines },
    })
}

fn group(group: &Group, summary: &Summary) -> Value {
    let entry = knowledge::of(group.category);
    json!({
        "fingerprint": group.fingerprint,
        "category": group.category,
        "confidence": group.confidence,
        "reason": group.reason,
        "language": group.language,
        "kind": group.kind,
        "message": group.message,
        "location": group.place(),
        "site": group.location,
        "top_frame": group.top_frame,
        "thread": group.thread,
        "count": group.count,
        "secondary": group.secondary,
        "followers": group.followers,
        "mentions": group.mentions,
        "endings": group.endings,
        "recovered": group.recovered,
        "torn": group.torn,
        "first_seen": group.first_seen.map(iso),
        "last_seen": group.last_seen.map(iso),
        "nearest_stamps": group.nearest_stamps,
        "first_place": group.first_place.to_string(),
        "peak_per_minute": group.peak_per_minute,
        "timeline": group.timeline.iter().map(|(at, count)| json!([iso(*at), count])).collect::<Vec<_>>(),
        "files": group.files.keys().collect::<Vec<_>>(),
        "file_counts": group.files,
        "hosts": group.hosts,
        "services": group.services,
        "releases": group.releases,
        "frames": group.frames.iter().take(64).collect::<Vec<_>>(),
        "other_frames": group.other_frames.iter().take(64).collect::<Vec<_>>(),
        "goroutines": group.goroutines,
        "state": summary.known.get(&group.fingerprint).map(|known| known.state),
        "known": summary.known.get(&group.fingerprint).map(|known| json!({
            "first_seen": known.first_seen.map(iso),
            "last_seen": known.last_seen.map(iso),
            "count": known.count,
            "note": known.note,
        })),
        "suspects": summary.suspects.get(&group.fingerprint),
        "cure": entry.cure,
        "next": response::to(group, summary).step,
    })
}
