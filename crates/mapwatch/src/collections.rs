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
//! - Size: each container is 120 bytes larger, an iterator 32 and an entry 40 (on 64 bits); a set operation walks
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
//! Logical races are told of the keys of a `HashMap`, and of those of a `BTreeMap` whose type is a whole number,
//! `char`, `bool`, a string, bytes, or a pair or triple of the usual ones: a tree asks its keys for no hash, and a bound
//! of ours would refuse programs that std takes. Other keys of trees, and trees of `BTreeSet`, have no history.
//!
//! Left out: `HashMap::get_disjoint_unchecked_mut` (an unsafe function, and this crate forbids unsafe code), and
//! everything that is unstable in std.
//!
//! # Costs
//!
//! | operation | beside std's work |
//! |---|---|
//! | look (`get`, `len`, `contains_key`) | four loads and their comparisons |
//! | change (`insert`, `remove`, `get_mut`) | seven loads, the thread's number and four stores; for the first 256 by one thread, and once a second thread has written, a compare-and-swap |
//! | entry | a change to get it; two atomic additions and a comparison at each use, a change where it changes the table |
//! | step of an iterator | one load and one comparison; one atomic addition at the first step and one at the end |
//! | making a container | no allocation |
//!
//! Beside std's own, which is what `off` is, on two shared cores of a Xeon
//! (`cargo bench -p mapwatch --bench ratios`: medians of five rounds, each map in a process of its own, turn and
//! turn about; single figures move by a tenth from run to run):
//!
//! | work | entries | std (ns) | off | on | on, every access recorded |
//! |---|---|---|---|---|---|
//! | `HashMap::get` | 1,000 | 11.5 | 1.00 | 1.10 | 1.5 |
//! | | 1,000,000 | 84.7 | 0.99 | 1.03 | 2.0 |
//! | `insert` of a known key | 1,000 | 11.4 | 1.01 | 1.61 | 3.6 |
//! | | 1,000,000 | 100.4 | 0.96 | 1.43 | 2.2 |
//! | `insert` of a new one and `remove` | 1,000 | 18.6 | 1.16 | 1.40 | 5.5 |
//! | | 1,000,000 | 72.6 | 0.99 | 1.17 | 2.3 |
//! | filling an empty one | 1,024 | 34.6 | 1.03 | 1.27 | 2.2 |
//! | `iter().fold` | 1,000 | 0.9 | 1.00 | 1.54 | 1.6 |
//! | | 1,000,000 | 2.3 | 1.01 | 1.17 | 1.2 |
//! | `BTreeMap::get` | 1,000 | 13.4 | 1.00 | 1.31 | 1.7 |
//! | | 1,000,000 | 181.2 | 0.98 | 1.04 | 1.0 |
//! | `BTreeMap::insert` of a known key | 1,000 | 13.5 | 1.00 | 1.31 | 2.4 |
//! | | 1,000,000 | 203.8 | 0.99 | 0.95 | 1.1 |
//!
//! The aim is 1.10. Looks keep it; changes of small maps and steps over them do not, because five loads and four
//! stores are half of what a hit in the first cache costs.

pub mod checked;
pub mod original;

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{BTreeMap, BTreeSet, HashMap, HashSet, btree_map, btree_set, hash_map, hash_set};
#[doc(no_inline)]
pub use original::*;
