//! One shell for every iterator that borrows a watched container.
//!
//! It has no destructor and stores nothing of its own but a cursor, so it borrows, leaks and coerces where the
//! inner iterator does. The sentinel is asked before each use of the inner iterator, and after a use that goes
//! over many entries at once.

use mapwatch_core::Cursor;
use std::fmt;
use std::iter::FusedIterator;

/// An iterator `I` over a watched container.
#[derive(Clone, Default)]
pub struct Walk<'a, I> {
    cursor: Cursor<'a>,
    inner: I,
}

impl<'a, I> Walk<'a, I> {
    #[inline]
    pub(super) const fn new(cursor: Cursor<'a>, inner: I) -> Walk<'a, I> {
        Walk { cursor, inner }
    }

    /// Uses up the inner iterator in one call; who came meanwhile is noticed at its end.
    #[inline]
    #[track_caller]
    fn finish<R>(self, last: impl FnOnce(I) -> R) -> R {
        let Walk { mut cursor, inner } = self;
        cursor.step();
        let result = last(inner);
        cursor.step();
        cursor.end();
        result
    }

    /// Ends the walk if there was no item.
    #[inline]
    fn given<T>(&mut self, item: Option<T>) -> Option<T> {
        if item.is_none() {
            self.cursor.end();
        }
        item
    }
}

impl<I: Iterator> Iterator for Walk<'_, I> {
    type Item = I::Item;

    #[inline]
    #[track_caller]
    fn next(&mut self) -> Option<I::Item> {
        self.cursor.step();
        let item = self.inner.next();
        self.given(item)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }

    #[inline]
    #[track_caller]
    fn nth(&mut self, n: usize) -> Option<I::Item> {
        self.cursor.step();
        let item = self.inner.nth(n);
        self.given(item)
    }

    #[inline]
    #[track_caller]
    fn count(self) -> usize {
        self.finish(I::count)
    }

    #[inline]
    #[track_caller]
    fn last(self) -> Option<I::Item> {
        self.finish(I::last)
    }

    // Trees answer these two from their ends.
    #[inline]
    #[track_caller]
    fn min(self) -> Option<I::Item>
    where
        I::Item: Ord,
    {
        self.finish(I::min)
    }

    #[inline]
    #[track_caller]
    fn max(self) -> Option<I::Item>
    where
        I::Item: Ord,
    {
        self.finish(I::max)
    }

    #[inline]
    #[track_caller]
    fn fold<B, F>(self, init: B, mut f: F) -> B
    where
        F: FnMut(B, I::Item) -> B,
    {
        let Walk { mut cursor, inner } = self;
        cursor.step();
        // The user's closure may have reached the map: the next item is taken after a look.
        let result = inner.fold(init, |result, item| {
            let result = f(result, item);
            cursor.step();
            result
        });
        cursor.end();
        result
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for Walk<'_, I> {
    #[inline]
    #[track_caller]
    fn next_back(&mut self) -> Option<I::Item> {
        self.cursor.step();
        let item = self.inner.next_back();
        self.given(item)
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Walk<'_, I> {
    #[inline]
    fn len(&self) -> usize {
        self.inner.len()
    }
}

impl<I: FusedIterator> FusedIterator for Walk<'_, I> {}

impl<I: fmt::Debug> fmt::Debug for Walk<'_, I> {
    #[track_caller]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut look = self.cursor;
        look.step();
        look.end();
        self.inner.fmt(f)
    }
}
