//! SARIF 2.1.0, so that code scanners show panics at their source lines.

use super::headline;
use crate::group::Group;
use crate::knowledge;
use crate::report::Language;
use crate::summary::Summary;
use mapwatch_event::{Category, Site};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Writes a summary.
///
/// # Errors
///
/// What writing says.
pub fn write(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    let used: BTreeSet<Category> = summary.groups.iter().map(|group| group.category).collect();
    let value = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mapview triage",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": used.iter().map(|category| rule(*category)).collect::<Vec<_>>(),
            }},
            "results": summary.groups.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &value).map_err(io::Error::other)?;
    writeln!(out)
}

fn rule(category: Category) -> Value {
    let entry = knowledge::of(category);
    json!({
        "id": category.code(),
        "shortDescription": { "text": category.title() },
        "fullDescription": { "text": entry.scenario },
        "help": { "text": format!("{} {}", entry.cure, entry.prevent) },
        "helpUri": entry.links(Language::Rust).next().unwrap_or_default(),
    })
}

fn result(group: &Group) -> Value {
    let mut result = json!({
        "ruleId": group.category.code(),
        "level": "error",
        "message": { "text": format!("{} ({} times)", headline(group, 300), group.count) },
        "partialFingerprints": { "mapwatchTriage/v1": group.fingerprint },
        "occurrenceCount": group.count,
    });
    if let Some(site) = &group.location {
        result["locations"] = json!([location(site)]);
    }
    result
}

fn location(site: &Site) -> Value {
    let mut region = json!({ "startLine": site.line.max(1) });
    if site.column > 0 {
        region["startColumn"] = json!(site.column);
    }
    let uri = site.file.replace('\\', "/").replace(' ', "%20");
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri.trim_start_matches("./") }, "region": region } })
}
