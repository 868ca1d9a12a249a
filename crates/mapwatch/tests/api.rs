//! One program in std's style, compiled against the face, the watched collections and std's.
//!
//! What it must show is mostly that it compiles; the traps are at its end.

macro_rules! against {
    ($name:ident, $collections:path) => {
        mod $name {
            use $collections as collections;
            include!("api/program.rs");
        }
    };
}

against!(face, mapwatch::collections);
against!(checked, mapwatch::collections::checked);
against!(original, std::collections);
