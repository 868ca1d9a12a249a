//! Recovery for `tower`: a panic inside one request is that request's answer.

use super::{Caught, Recovered, Recovery};
use http::{HeaderName, Request, Response, StatusCode};
use mapwatch_core::task::life::Life;
use pin_project_lite::pin_project;
use std::borrow::Cow;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Tells who a request is.
///
/// Implemented for functions `Fn(&Request, Recovery) -> Recovery`, which add fields.
pub trait Identify<Request> {
    /// The layer for this request: the one given, with the request's fields.
    fn identify(&self, request: &Request, recovery: Recovery) -> Recovery;
}

impl<Request, F: Fn(&Request, Recovery) -> Recovery> Identify<Request> for F {
    fn identify(&self, request: &Request, recovery: Recovery) -> Recovery {
        self(request, recovery)
    }
}

/// An HTTP request by its method, its path without the query, and a header where one is named.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    header: Option<HeaderName>,
}

impl<B> Identify<Request<B>> for HttpRequest {
    fn identify(&self, request: &Request<B>, recovery: Recovery) -> Recovery {
        let recovery = recovery.field("method", request.method()).field("path", request.uri().path());
        let Some(header) = &self.header else { return recovery };
        match request.headers().get(header) {
            Some(value) if value.is_sensitive() => recovery.redacted(header.as_str()),
            Some(value) => recovery.field(header.as_str(), String::from_utf8_lossy(value.as_bytes())),
            None => recovery,
        }
    }
}

/// Answers a request that panicked.
///
/// Implemented for functions `Fn(Caught) -> Response`.
pub trait Answer<Response> {
    /// The answer.
    fn answer(&self, caught: Caught) -> Response;
}

impl<Response, F: Fn(Caught) -> Response> Answer<Response> for F {
    fn answer(&self, caught: Caught) -> Response {
        self(caught)
    }
}

/// `500 Internal Server Error`, with an empty body: nothing of the panic leaves the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct InternalServerError;

impl<B: Default> Answer<Response<B>> for InternalServerError {
    fn answer(&self, _: Caught) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}

/// A `tower` layer that catches panics of the service below it, each with its request's identity.
///
/// ```
/// use http::{Request, Response, StatusCode};
/// use mapwatch::recover::RecoverLayer;
/// use std::convert::Infallible;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// async fn shop(request: Request<String>) -> Result<Response<String>, Infallible> {
///     assert_ne!(request.uri().path(), "/broken", "out of order");
///     Ok(Response::new("tea".to_owned()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let layer = RecoverLayer::new("shop").header(http::HeaderName::from_static("x-request-id"));
/// let service = ServiceBuilder::new().layer(layer).service(service_fn(shop));
/// let ask = |path: &str| Request::get(path).body(String::new()).unwrap();
///
/// let broken = service.clone().oneshot(ask("/broken")).await.unwrap();
/// assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
/// let tea = service.oneshot(ask("/tea")).await.unwrap();
/// assert_eq!(tea.body(), "tea");
/// # }
/// ```
///
/// Readiness (`poll_ready`) belongs to no request, and is left alone. A panic of [`Answer`] itself is not caught.
#[derive(Clone, Debug)]
pub struct RecoverLayer<I = HttpRequest, A = InternalServerError> {
    recovery: Recovery,
    identify: I,
    answer: A,
    made: &'static Location<'static>,
}

impl RecoverLayer {
    /// A layer for HTTP: a request is its method and path, a panic is answered 500.
    #[must_use]
    #[track_caller]
    pub fn new(name: impl Into<Cow<'static, str>>) -> RecoverLayer {
        RecoverLayer::with(Recovery::new(name))
    }

    /// The same, with a level and fields that all requests have.
    #[must_use]
    #[track_caller]
    pub fn with(recovery: Recovery) -> RecoverLayer {
        RecoverLayer {
            recovery,
            identify: HttpRequest::default(),
            answer: InternalServerError,
            made: Location::caller(),
        }
    }
}

impl<A> RecoverLayer<HttpRequest, A> {
    /// A header that is part of a request's identity. One that is marked as sensitive is redacted.
    #[must_use]
    pub fn header(self, name: HeaderName) -> RecoverLayer<HttpRequest, A> {
        RecoverLayer { identify: HttpRequest { header: Some(name) }, ..self }
    }
}

impl<I, A> RecoverLayer<I, A> {
    /// Another way to tell requests apart, for HTTP or anything else.
    #[must_use]
    pub fn identify<J>(self, identify: J) -> RecoverLayer<J, A> {
        let RecoverLayer { recovery, identify: _, answer, made } = self;
        RecoverLayer { recovery, identify, answer, made }
    }

    /// Another answer to a request that panicked.
    #[must_use]
    pub fn answer<B>(self, answer: B) -> RecoverLayer<I, B> {
        let RecoverLayer { recovery, identify, answer: _, made } = self;
        RecoverLayer { recovery, identify, answer, made }
    }
}

impl<S, I: Clone, A: Clone> Layer<S> for RecoverLayer<I, A> {
    type Service = RecoverService<S, I, A>;

    fn layer(&self, inner: S) -> Self::Service {
        RecoverService { inner, layer: self.clone() }
    }
}

/// A service whose panics are answers; made by [`RecoverLayer`].
#[derive(Clone, Debug)]
pub struct RecoverService<S, I = HttpRequest, A = InternalServerError> {
    inner: S,
    layer: RecoverLayer<I, A>,
}

impl<Request, S, I, A> Service<Request> for RecoverService<S, I, A>
where
    S: Service<Request>,
    I: Identify<Request>,
    A: Answer<S::Response> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Answering<S::Future, A>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let RecoverService { inner, layer } = self;
        let answer = layer.answer.clone();
        let plain = || layer.recovery.clone();
        let identified = plain().attempt(|| layer.identify.identify(&request, plain()));
        let called = identified.and_then(|recovery| {
            let life: Option<Arc<Life>> = recovery.begin(layer.made);
            let future = recovery.enter(life.as_ref(), || inner.call(request))?;
            Ok(Recovered::new(recovery, life, future))
        });
        match called {
            Ok(future) => Answering { future: Some(future), caught: None, answer },
            Err(caught) => Answering { future: None, caught: Some(caught), answer },
        }
    }
}

pin_project! {
    /// The answer of a request under a [`RecoverLayer`].
    ///
    /// # Panics
    ///
    /// When it is polled after it was done.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Answering<F, A> {
        #[pin]
        future: Option<Recovered<F>>,
        // A panic before there was a future.
        caught: Option<Caught>,
        answer: A,
    }
}

impl<F, A, R, E> Future for Answering<F, A>
where
    F: Future<Output = Result<R, E>>,
    A: Answer<R>,
{
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<R, E>> {
        let this = self.project();
        let answer = match this.future.as_pin_mut() {
            Some(future) => std::task::ready!(future.poll(cx)),
            None => Err(this.caught.take().expect("an answered request was polled again")),
        };
        Poll::Ready(answer.unwrap_or_else(|caught| Ok(this.answer.answer(caught))))
    }
}
