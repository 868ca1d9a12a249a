//! tokio's locks and tasks, which know who holds what and who ends whom where checking is on. Feature `tokio`.

pub mod sync;

#[doc(inline)]
pub use crate::task::{self, spawn};
