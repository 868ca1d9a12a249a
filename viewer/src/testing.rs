//! Scenarios for tests: sessions written through the wire.
