//! mapwatch beside `tracing`: one layer for `tracing_subscriber`, both ways.
//!
//! ```
//! use tracing_subscriber::prelude::*;
//!
//! let subscriber = tracing_subscriber::registry().with(mapwatch_tracing::layer());
//! # drop(subscriber);
//! ```
//!
//! | what | becomes |
//! |---|---|
//! | a span | a scope, with the span's fields and level, told while the session is recorded |
//! | tokio's own span of a task (`tokio_unstable` and its feature `tracing`) | a task: what it locks is its own |
//! | an event | context: the last sixteen of a task or thread stand in its conflicts and panics |
//! | a conflict, or a panic while the session is recorded | an event with the target `mapwatch` and typed fields |
//!
//! It works beside any other layer, above or below, filtered, and behind a `reload`. Where a filter hides a span or
//! an event from it, it is not told. A span costs one allocation and a place in a table, and an event its text;
//! both only where mapwatch is on.

mod fields;
mod outward;
mod spans;

use fields::Text;
use mapwatch_core::notes;
use spans::Lived;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The target of mapwatch's own events.
const TARGET: &str = "mapwatch";

/// The layer; made by [`layer`].
#[derive(Debug)]
#[non_exhaustive]
pub struct MapwatchLayer;

/// A layer that tells mapwatch of spans and events, and sends its findings out as events.
#[must_use]
pub fn layer() -> MapwatchLayer {
    mapwatch_core::outlet::listen(outward::tell);
    MapwatchLayer
}

impl<S> Layer<S> for MapwatchLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let (Some(span), Some(lived)) = (context.span(id), Lived::begin(attributes)) {
            span.extensions_mut().replace(lived);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(lived) = span.extensions().get::<Lived>()
        {
            lived.record(values);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() != TARGET && notes::are_kept() {
            let mut text = Text::default();
            event.record(&mut text);
            notes::note(metadata.level().as_str(), metadata.target(), text.into_text());
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(lived) = span.extensions().get::<Lived>()
        {
            lived.enter();
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(lived) = span.extensions().get::<Lived>()
        {
            lived.exit();
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id)
            && let Some(lived) = span.extensions_mut().remove::<Lived>()
        {
            lived.end();
        }
    }
}
