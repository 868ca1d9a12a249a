//! Drop-in maps that know who is inside.
