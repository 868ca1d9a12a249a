//! `std::collections`, watched where checking is on.
//!
//! | module | what it is |
//! |---|---|
//! | [`original`] | std's |
//! | [`checked`] | always watched |
//! | this one | std's names; the four maps and sets and their modules are `checked`'s where `debug_assertions` or the feature `checked` is on, else std's own types (the same `TypeId`) |
//!
//! # What differs while watching is on
//!
//! - Size: each container is 112 bytes larger, an iterator 32 and an entry 40 (on 64 bits); a set operation walks
//!   over two sets and pays for two iterators.
//! - `std::any::type_name` names the shell. `Debug` is std's.
//! - Sites are the caller's where the call is direct. Through code of std (`collect`, `unwrap_or_default`, a
//!   derived `Default`) the site is std's or the derive's.
//! - `const`: all that is const in std is const here (`with_hasher`, the `new` of trees). But a watched container
//!   has interior mutability, so `const EMPTY: &BTreeMap<u8, u8> = &BTreeMap::new()` does not compile (a `static`,
//!   and a `const` without the reference, do), and clippy's `mutable_key_type` and
//!   `declare_interior_mutable_const` speak up.
//! - Entries and the iterators that borrow are types of this crate; those that own their items are std's.
//! - Traits that other crates implement for std's types are not there; serde's are (feature `serde`).
//! - `HashMap::entry` hashes a second time when the table is full, so that its growth is seen.
//! - `From` and `Into` turn a watched container into std's and back; where checking is off they are the identity,
//!   so code that says `.into()` compiles both ways. `into_inner` is there only while watching.
//!
//! Left out: `HashMap::get_disjoint_unchecked_mut` (an unsafe function, and this crate forbids unsafe code), and
//! everything that is unstable in std.
//!
//! # Costs
//!
//! | operation | beside std's work |
//! |---|---|
//! | look (`get`, `len`, `contains_key`) | four loads and their comparisons |
//! | change (`insert`, `remove`, `get_mut`) | a compare-and-swap, five loads, the thread's number and three stores |
//! | entry | a change to get it; two atomic additions and a comparison at each use, a change where it changes the table |
//! | step of an iterator | one load and one comparison; one atomic addition at the first step and one at the end |
//! | making a container | no allocation |

pub mod checked;
pub mod original;

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{BTreeMap, BTreeSet, HashMap, HashSet, btree_map, btree_set, hash_map, hash_set};
#[doc(no_inline)]
pub use original::*;
