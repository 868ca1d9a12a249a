//! A call site in one word.
//!
//! `#[track_caller]` hands out `&'static Location`s; keeping the address is all that a holder pays for
//! being nameable. The collector interns them later.

use std::panic::Location;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// A place in the source, as the compiler hands it out.
pub type StaticSite = &'static Location<'static>;

/// An atomic, optional [`StaticSite`].
#[derive(Debug)]
pub struct SiteCell(AtomicPtr<Location<'static>>);

impl SiteCell {
    /// No site yet.
    #[must_use]
    pub const fn empty() -> SiteCell {
        SiteCell(AtomicPtr::new(ptr::null_mut()))
    }

    /// Keeps `site`.
    #[inline]
    pub fn set(&self, site: StaticSite) {
        self.0.store(ptr::from_ref(site).cast_mut(), Ordering::Relaxed);
    }

    /// The site kept last.
    ///
    /// # Safety
    ///
    /// Nothing but [`SiteCell::set`] may have written to this cell's memory. A cell inside a header that a
    /// stray write may have hit must be read only after the canaries around it were found whole.
    #[must_use]
    pub unsafe fn get(&self) -> Option<StaticSite> {
        let site = self.0.load(Ordering::Relaxed);
        // SAFETY: `set` is the only writer (caller's promise), and it stores nothing but `&'static` references,
        // which stay valid, aligned and initialised for ever; null is answered by `as_ref`.
        unsafe { site.as_ref() }
    }
}

/// What tells one site from another; the same place may have several, one for each way the compiler made it.
#[inline]
pub(crate) fn address(site: StaticSite) -> u64 {
    ptr::from_ref(site).addr() as u64
}

/// Sites at which there is nothing to look for, so that nobody takes a lock there again. Of two that share a place the
/// later one is kept: the other is only asked once more.
#[derive(Debug)]
pub(crate) struct Settled([AtomicU64; 1024]);

impl Settled {
    pub(crate) const fn new() -> Settled {
        Settled([const { AtomicU64::new(0) }; 1024])
    }

    #[inline]
    pub(crate) fn has(&self, site: StaticSite) -> bool {
        self.place(site).load(Ordering::Relaxed) == address(site)
    }

    pub(crate) fn add(&self, site: StaticSite) {
        self.place(site).store(address(site), Ordering::Relaxed);
    }

    #[inline]
    fn place(&self, site: StaticSite) -> &AtomicU64 {
        &self.0[(address(site) >> 3) as usize % self.0.len()]
    }
}

/// A site as a number that fits a record of the ring.
#[inline]
pub(crate) fn to_bits(site: StaticSite) -> u64 {
    ptr::from_ref(site).expose_provenance() as u64
}

/// The site of a number.
///
/// # Safety
///
/// `bits` must come from [`to_bits`].
pub(crate) unsafe fn from_bits(bits: u64) -> StaticSite {
    let site = ptr::with_exposed_provenance::<Location<'static>>(bits as usize);
    // SAFETY: `to_bits` exposed the address of a `&'static` reference (caller's promise), which stays valid,
    // aligned and initialised for ever.
    unsafe { &*site }
}
