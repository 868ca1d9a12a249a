//! tokio's locks, which know who holds what where checking is on. Feature `tokio`.

pub mod sync;
