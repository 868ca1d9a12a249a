//! Fields of spans and events, as text of bounded length.

use mapwatch_core::event::task::Field;
use std::fmt::{Debug, Write};
use tracing::field::{self, Visit};

/// Fields kept of a span.
const FIELDS: usize = 16;
/// Bytes kept of a value, and of an event's text.
const BYTES: usize = 512;

fn shortened(mut text: String) -> String {
    if text.len() > BYTES {
        text.truncate(text.floor_char_boundary(BYTES));
        text.push('…');
    }
    text
}

/// The fields of a span, each by itself.
#[derive(Debug, Default)]
pub(crate) struct Fields(pub(crate) Vec<Field>);

impl Fields {
    fn push(&mut self, field: &field::Field, value: String) {
        if self.0.len() < FIELDS {
            self.0.push(Field { name: field.name().to_owned(), value: shortened(value) });
        }
    }

    /// The value of a field, where it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|field| field.name == name).map(|field| field.value.as_str())
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &field::Field, value: &str) {
        self.push(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &field::Field, value: &dyn Debug) {
        self.push(field, format!("{value:?}"));
    }
}

/// An event: its message, and its fields after that.
#[derive(Debug, Default)]
pub(crate) struct Text {
    message: String,
    fields: String,
}

impl Text {
    pub(crate) fn into_text(self) -> String {
        shortened(self.message + &self.fields)
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &field::Field, value: &dyn Debug) {
        // Writing into a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
