//! What an exclusive sentinel tells the history.

use super::Exclusive;
use crate::history::{Size, Trail, place};
use crate::policy::{self, Mode};
use crate::site::StaticSite;
use crate::thread;
use mapwatch_event::Operation;
use std::panic::Location;

impl Exclusive {
    /// The history of the container's keys; `None` while only one actor can be involved.
    #[inline]
    #[track_caller]
    pub fn trail(&self) -> Option<Trail<'_>> {
        if self.identity.is_owned_here() { None } else { self.trail_closer(Location::caller()) }
    }

    /// The same for a look.
    #[inline]
    #[track_caller]
    pub fn trail_of_look(&self) -> Option<Trail<'_>> {
        if self.identity.is_lone() { None } else { self.trail_closer(Location::caller()) }
    }

    /// Behind an overwritten header the identity is not to be trusted.
    #[inline(never)]
    fn trail_closer(&self, at: StaticSite) -> Option<Trail<'_>> {
        if self.damage().is_some() { None } else { self.identity.find_trail(at) }
    }

    /// Tells the history, if there is one, that a walk over all entries has ended.
    #[inline]
    pub fn walked(&self, operation: Operation, at: StaticSite) {
        if !self.identity.is_lone()
            && let Some(trail) = self.trail_closer(at)
        {
            trail.walked(operation);
        }
        if operation == Operation::Clone {
            self.looked_as_a_whole(operation, at);
        }
    }

    /// Tells the history what the calling actor may rely on when it puts another container in this one's place: that it
    /// is empty, or a copy of it.
    #[inline]
    fn looked_as_a_whole(&self, operation: Operation, at: StaticSite) {
        if thread::desk().has_any() && policy::mode() != Mode::Off && self.damage().is_none() {
            place::looked(self.identity.entry(), self.key(), operation, at);
        }
    }

    /// Tells the history, if there is one, that somebody asked how many entries there are.
    #[inline]
    #[track_caller]
    pub fn measured(&self, size: Size) {
        if let Some(trail) = self.trail_of_look() {
            trail.measured(size);
        }
        if size == Size::Nothing {
            self.looked_as_a_whole(Operation::Len, Location::caller());
        }
    }

    /// Tells the history, if there is one, that a call may have changed many entries.
    #[inline]
    #[track_caller]
    pub fn overhauled(&self) {
        if let Some(trail) = self.trail() {
            trail.overhauled();
        }
    }
}
