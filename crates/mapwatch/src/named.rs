//! Names for reports.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Gives a container the name that reports call it by.
///
/// std's own types have the method, too, and ignore it, so that it may stay where checking is off.
///
/// ```
/// use mapwatch::{HashMap, Named};
///
/// let mut orders = HashMap::new().named("orders");
/// orders.insert(1, "tea");
/// ```
pub trait Named: Sized {
    /// The same container with a name.
    #[must_use]
    fn named(self, name: impl Into<Cow<'static, str>>) -> Self;
}

macro_rules! ignore {
    ($($generic:ident),* => $container:ty) => {
        impl<$($generic),*> Named for $container {
            #[inline]
            fn named(self, _: impl Into<Cow<'static, str>>) -> Self {
                self
            }
        }
    };
}

ignore!(K, V, S => HashMap<K, V, S>);
ignore!(T, S => HashSet<T, S>);
ignore!(K, V => BTreeMap<K, V>);
ignore!(T => BTreeSet<T>);
ignore!(T => std::cell::RefCell<T>);
#[cfg(feature = "arc-swap")]
impl<T: arc_swap::RefCnt, S: arc_swap::strategy::Strategy<T>> Named for arc_swap::ArcSwapAny<T, S> {
    #[inline]
    fn named(self, _: impl Into<Cow<'static, str>>) -> Self {
        self
    }
}
ignore!(T => std::sync::Mutex<T>);
ignore!(T => std::sync::RwLock<T>);
#[cfg(feature = "dashmap")]
ignore!(K, V, S => ::dashmap::DashMap<K, V, S>);
#[cfg(feature = "dashmap")]
ignore!(K, S => ::dashmap::DashSet<K, S>);
#[cfg(feature = "parking_lot")]
ignore!(T => ::parking_lot::Mutex<T>);
#[cfg(feature = "parking_lot")]
ignore!(T => ::parking_lot::FairMutex<T>);
#[cfg(feature = "parking_lot")]
ignore!(T => ::parking_lot::RwLock<T>);
#[cfg(feature = "tokio")]
ignore!(T => ::tokio::sync::Mutex<T>);
#[cfg(feature = "tokio")]
ignore!(T => ::tokio::sync::RwLock<T>);
