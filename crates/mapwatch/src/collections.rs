//! `std::collections`, watched where checking is on.
//!
//! | module | what it is |
//! |---|---|
//! | [`original`] | std's |
//! | [`checked`] | always watched |
//! | this one | `checked` where `debug_assertions` or the feature `checked` is on, else std's own types (the same `TypeId`) |
//!
//! # What differs while watching is on
//!
//! - Size: each container is 112 bytes larger; iterators and entries grow by their cursor.
//! - `std::any::type_name` names the shell, and `Debug` of iterators and containers stays std's.
//! - `const`: `with_hasher` and the `new` of trees are const, as in std.
//! - Entries and the iterators that borrow are types of this crate; those that own their items are std's.
//! - `HashMap::entry` hashes a second time when the table is full, so that its growth is seen.
//!
//! Left out: `HashMap::get_disjoint_unchecked_mut` (an unsafe function, and this crate forbids unsafe code), and
//! everything that is unstable in std.
//!
//! # Costs
//!
//! | operation | beside std's work |
//! |---|---|
//! | look (`get`, `len`, `contains_key`) | three loads and two comparisons |
//! | change (`insert`, `remove`) | the same and four stores |
//! | step of an iterator | one load and one comparison |
//! | making a container | no allocation |

pub mod checked;
pub mod original;

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::*;
#[cfg(not(any(debug_assertions, feature = "checked")))]
#[doc(no_inline)]
pub use original::*;
