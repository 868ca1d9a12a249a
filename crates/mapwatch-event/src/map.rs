//! What is acted on: kinds of maps, kinds of access, the facts about one map.

use crate::id::MapId;
use crate::place::Site;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What sort of watched container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MapKind {
    /// `std::collections::HashMap`.
    HashMap,
    /// `std::collections::HashSet`.
    HashSet,
    /// `std::collections::BTreeMap`.
    BTreeMap,
    /// `std::collections::BTreeSet`.
    BTreeSet,
    /// `mapwatch::SharedMap`.
    SharedMap,
    /// `std::cell::RefCell`.
    RefCell,
    /// A mutex, std's, parking_lot's or tokio's.
    Mutex,
    /// A read-write lock, std's, parking_lot's or tokio's.
    RwLock,
    /// `dashmap::DashMap`.
    DashMap,
    /// `dashmap::DashSet`.
    DashSet,
    /// `arc_swap::ArcSwap`.
    ArcSwap,
}

impl MapKind {
    /// The type's own name, as a Rust programmer writes it.
    #[must_use]
    pub const fn type_word(self) -> &'static str {
        match self {
            MapKind::HashMap => "HashMap",
            MapKind::HashSet => "HashSet",
            MapKind::BTreeMap => "BTreeMap",
            MapKind::BTreeSet => "BTreeSet",
            MapKind::SharedMap => "SharedMap",
            MapKind::RefCell => "RefCell",
            MapKind::Mutex => "Mutex",
            MapKind::RwLock => "RwLock",
            MapKind::DashMap => "DashMap",
            MapKind::DashSet => "DashSet",
            MapKind::ArcSwap => "ArcSwap",
        }
    }
}

impl fmt::Display for MapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.type_word())
    }
}

/// What an operation does to a map, as far as conflicts are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Looks.
    Read,
    /// Changes, or may change.
    Write,
    /// Walks over the entries.
    Iterate,
}

impl Access {
    /// The word on the wire and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
            Access::Iterate => "iterate",
        }
    }

    /// The third person, for "while task 9 iterates it".
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Access::Read => "reads",
            Access::Write => "writes",
            Access::Iterate => "iterates",
        }
    }
}

macro_rules! operations {
    ($($variant:ident = $word:literal, $access:ident;)+) => {
        /// The call that makes an access, by the name of the method.
        ///
        /// One byte, so that it fits into a record of the ring.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Operation {
            $(#[doc = concat!("`", $word, "`.")] $variant,)+
        }

        impl Operation {
            /// Every operation; the index is the byte.
            pub const ALL: &'static [Operation] = &[$(Operation::$variant,)+];

            /// The name of the method.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Operation::$variant => $word,)+ }
            }

            /// What it does to the map.
            #[must_use]
            pub const fn access(self) -> Access {
                match self { $(Operation::$variant => Access::$access,)+ }
            }

            /// Whether it may overlap with others of its kind: looks, and walks that change nothing.
            #[must_use]
            pub const fn is_shared(self) -> bool {
                match self {
                    Operation::IterMut
                    | Operation::ValuesMut
                    | Operation::RangeMut
                    | Operation::Drain
                    | Operation::ExtractIf => false,
                    other => !matches!(other.access(), Access::Write),
                }
            }

            /// The operation of a byte; `None` for a byte that names none.
            #[must_use]
            pub fn from_byte(byte: u8) -> Option<Operation> {
                Operation::ALL.get(usize::from(byte)).copied()
            }
        }
    };
}

operations! {
    Get = "get", Read;
    ContainsKey = "contains_key", Read;
    Contains = "contains", Read;
    Len = "len", Read;
    Peek = "peek", Read;
    Compare = "compare", Read;
    Clone = "clone", Read;
    Read = "read", Read;
    View = "view", Read;
    Iter = "iter", Iterate;
    Keys = "keys", Iterate;
    Values = "values", Iterate;
    Range = "range", Iterate;
    SetOperation = "set_operation", Iterate;
    IterMut = "iter_mut", Iterate;
    ValuesMut = "values_mut", Iterate;
    RangeMut = "range_mut", Iterate;
    Drain = "drain", Iterate;
    ExtractIf = "extract_if", Iterate;
    Cursor = "cursor", Iterate;
    GetMut = "get_mut", Write;
    Insert = "insert", Write;
    Replace = "replace", Write;
    Remove = "remove", Write;
    Entry = "entry", Write;
    Extend = "extend", Write;
    Append = "append", Write;
    Retain = "retain", Write;
    Clear = "clear", Write;
    Reserve = "reserve", Write;
    Shrink = "shrink", Write;
    SplitOff = "split_off", Write;
    Pop = "pop", Write;
    Write = "write", Write;
    Borrow = "borrow", Read;
    BorrowMut = "borrow_mut", Write;
    Lock = "lock", Write;
    Alter = "alter", Write;
    Load = "load", Read;
    Store = "store", Write;
    Drop = "drop", Write;
    GetOrInsert = "get_or_insert", Write;
    UpgradableRead = "upgradable_read", Read;
    Upgrade = "upgrade", Write;
    New = "new", Write;
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What a report says of the map itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapFacts {
    /// Its number in the session.
    pub id: MapId,
    /// What sort of container.
    pub kind: MapKind,
    /// The name it was given; empty where it was given none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The full type, as the compiler names it, shortened to the last path segments.
    pub type_name: String,
    /// Where it was made.
    pub made: Site,
    /// Entries at that moment, where they could be counted without touching the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
}

impl MapFacts {
    /// The name to call it by: its own, or its kind and where it was made, or its type.
    #[must_use]
    pub fn title(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        if self.made.is_in_std() {
            return self.type_name.clone();
        }
        let file = self.made.file.rsplit(['/', '\\']).next().unwrap_or(&self.made.file);
        format!("{} made at {}:{}", self.kind, file, self.made.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_that_std_made_is_called_by_its_type() {
        let made = |file: &str| MapFacts {
            made: Site { file: file.to_owned(), line: 7, column: 1 },
            type_name: "DashMap<u32, ()>".to_owned(),
            id: MapId(1),
            kind: MapKind::DashMap,
            name: String::new(),
            length: None,
        };
        let title = |file| made(file).title();
        assert_eq!(title("/rustc/59807616e/library/core/src/iter/traits/iterator.rs"), "DashMap<u32, ()>");
        assert_eq!(title("library\\..\\library\\alloc\\src\\sync.rs"), "DashMap<u32, ()>");
        assert_eq!(title("crates/mapwatch/src/sync/checked/mutex.rs"), "DashMap<u32, ()>");
        assert_eq!(title("/home/me/.cargo/registry/src/i/mapwatch-0.1.0/src/sync.rs"), "DashMap<u32, ()>");
        assert!(title("/home/me/mapwatch-play/src/shop.rs").ends_with(" made at shop.rs:7"));
        assert!(title("src/shop.rs").ends_with(" made at shop.rs:7"));
        assert_eq!(MapFacts { name: "stock".to_owned(), ..made("src/shop.rs") }.title(), "stock");
    }

    #[test]
    fn an_operation_is_its_byte() {
        for (byte, operation) in Operation::ALL.iter().enumerate() {
            assert_eq!(*operation as usize, byte);
            assert_eq!(Operation::from_byte(byte as u8), Some(*operation));
        }
        assert_eq!(Operation::from_byte(255), None);
    }
}
