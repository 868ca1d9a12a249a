//! A panic as a value.

use super::{Field, Level, Recovery};
use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// A panic that a recovery layer caught.
pub struct Caught {
    name: Cow<'static, str>,
    level: Level,
    fields: Vec<Field>,
    message: String,
    /// Whoever passes errors on wants them to be `Sync`.
    payload: Mutex<Box<dyn Any + Send>>,
}

impl Caught {
    pub(super) fn new(by: &Recovery, payload: Box<dyn Any + Send>) -> Caught {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Caught {
            name: by.name.clone(),
            level: by.level,
            fields: by.fields.clone(),
            message: text.unwrap_or("a value that is no text").to_owned(),
            payload: Mutex::new(payload),
        }
    }

    /// The layer that caught it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How grave the layer finds it.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The identity of the work that panicked.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// What it said.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What it carried.
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.payload.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets it go on to whoever catches next; the panic hook is not called again.
    ///
    /// # Panics
    ///
    /// With what it carried: that is what it is for.
    pub fn resume(self) -> ! {
        std::panic::resume_unwind(self.into_payload())
    }
}

impl fmt::Display for Caught {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name)?;
        for (index, field) in self.fields.iter().enumerate() {
            write!(f, "{}{}={}", if index == 0 { " (" } else { " " }, field.name, field.value)?;
        }
        write!(f, "{} panicked: {}", if self.fields.is_empty() { "" } else { ")" }, self.message)
    }
}

impl fmt::Debug for Caught {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Caught { name, level, fields, message, payload: _ } = self;
        let mut out = f.debug_struct("Caught");
        out.field("name", name).field("level", level).field("fields", fields).field("message", message);
        out.finish_non_exhaustive()
    }
}

impl Error for Caught {}
