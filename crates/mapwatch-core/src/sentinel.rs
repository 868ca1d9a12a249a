//! Who is inside a container.
mod exclusive;
pub use exclusive::{Cursor, Exclusive, Extent, Reading, Writing};
