//! Spans with lives.

use crate::fields::Fields;
use mapwatch_core::event::task::Field;
use mapwatch_core::event::{Site, TaskKind};
use mapwatch_core::task::life::{Birth, Life};
use mapwatch_core::task::spans;
use std::panic::Location;
use std::sync::Arc;
use tracing::span::{Attributes, Record};

/// What the layer keeps of a span.
#[derive(Debug)]
pub(crate) struct Lived(Arc<Life>);

impl Lived {
    /// Begins a span's life; `None` where nobody would be told of it.
    pub(crate) fn begin(attributes: &Attributes<'_>) -> Option<Lived> {
        if !spans::are_told() {
            return None;
        }
        let metadata = attributes.metadata();
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        // tokio's own spans of what it spawns.
        let is_task = metadata.target() == "tokio::task" && metadata.name() == "runtime.spawn";
        let kind = match (is_task, fields.get("kind")) {
            (false, _) => TaskKind::Span,
            (true, Some("blocking")) => TaskKind::Blocking,
            (true, Some("local")) => TaskKind::Local,
            (true, _) => TaskKind::Future,
        };
        let name = match is_task {
            true => fields.get("task.name").unwrap_or_default().to_owned(),
            false => metadata.name().to_owned(),
        };
        let told = fields.get("loc.file").zip(fields.get("loc.line").and_then(|line| line.parse().ok()));
        let place = told.filter(|_| is_task).or(metadata.file().zip(metadata.line()));
        let place = place.map(|(file, line)| Box::new(Site { file: file.to_owned(), line, column: 1 }));
        let level = Field { name: "level".to_owned(), value: metadata.level().to_string() };
        fields.0.insert(0, level);
        let birth = Birth { fields: fields.0, place, ..Birth::new(kind, name, Location::caller()) };
        birth.begin().map(Lived)
    }

    pub(crate) fn record(&self, values: &Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        fields.0.into_iter().for_each(|field| self.0.carry(field));
    }

    pub(crate) fn enter(&self) {
        spans::enter(&self.0);
    }

    pub(crate) fn exit(&self) {
        spans::exit(&self.0);
    }

    pub(crate) fn end(self) {
        spans::end(&self.0);
    }
}
