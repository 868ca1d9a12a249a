//! [`arc_swap::access`] for the watched type: the crate's own traits, which it implements.

pub use arc_swap::access::{
    Access, AccessConvert, Constant, ConstantDeref, DynAccess, DynGuard, Map, MapGuard,
};

use super::ArcSwapAny;
use arc_swap::strategy::Strategy;
use arc_swap::{Guard, RefCnt};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

impl<T: RefCnt, S: Strategy<T>> Access<T> for ArcSwapAny<T, S> {
    type Guard = Guard<T, S>;

    #[track_caller]
    fn load(&self) -> Self::Guard {
        self.load()
    }
}

/// See [`arc_swap::access::DirectDeref`].
pub struct DirectDeref<T: RefCnt, S: Strategy<T>>(Guard<T, S>);

impl<T, S: Strategy<Arc<T>>> Deref for DirectDeref<Arc<T>, S> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, S: Strategy<Arc<T>>> Access<T> for ArcSwapAny<Arc<T>, S> {
    type Guard = DirectDeref<Arc<T>, S>;

    #[track_caller]
    fn load(&self) -> Self::Guard {
        DirectDeref(self.load())
    }
}

impl<T, S: Strategy<Rc<T>>> Deref for DirectDeref<Rc<T>, S> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, S: Strategy<Rc<T>>> Access<T> for ArcSwapAny<Rc<T>, S> {
    type Guard = DirectDeref<Rc<T>, S>;

    #[track_caller]
    fn load(&self) -> Self::Guard {
        DirectDeref(self.load())
    }
}
