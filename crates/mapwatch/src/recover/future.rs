//! A future whose panic is its result.

use super::{Caught, Recovery};
use mapwatch_core::task::life::Life;
use mapwatch_core::task::watched::Watched;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pin_project! {
    /// A future under a recovery layer; made by [`Recovery::future`].
    ///
    /// # Panics
    ///
    /// When it is polled after it was done.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Recovered<F> {
        #[pin]
        future: Option<Watched<F>>,
        recovery: Recovery,
    }
}

impl<F> Recovered<F> {
    pub(super) fn new(recovery: Recovery, life: Option<Arc<Life>>, future: F) -> Recovered<F> {
        Recovered { future: Some(Watched::part(future, life)), recovery }
    }
}

impl<F: Future> Future for Recovered<F> {
    type Output = Result<F::Output, Caught>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("a recovered future was polled after it was done");
        };
        match this.recovery.attempt(|| future.poll(cx)) {
            Ok(answer) => answer.map(Ok),
            Err(caught) => {
                // What is left of it may panic again while it is dropped: another panic, told by the hook.
                let _ = this.recovery.attempt(|| this.future.set(None));
                Poll::Ready(Err(caught))
            }
        }
    }
}
