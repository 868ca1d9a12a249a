//! What panics is caught, and the others go on: in every build, whether anything is watched or not.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use mapwatch::recover::{Caught, Level, Recovery, catch, catch_future};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn poll<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return answer;
        }
    }
}

/// Panics when it is dropped.
struct Trap;

impl Drop for Trap {
    fn drop(&mut self) {
        panic!("sprung");
    }
}

#[test]
fn a_panic_is_a_value_with_the_identity_of_its_work() {
    let recovery = Recovery::new("charge").level(Level::Warn).field("id", 42).redacted("card");
    let caught = recovery.run(|| -> u32 { panic!("no funds in {}", std::hint::black_box("x")) }).unwrap_err();
    assert_eq!((caught.name(), caught.level(), caught.message()), ("charge", Level::Warn, "no funds in x"));
    assert_eq!(caught.to_string(), "`charge` (id=42 card=…) panicked: no funds in x");
    assert_eq!(*caught.into_payload().downcast::<String>().unwrap(), "no funds in x");
    assert_eq!(catch("charge", || 7).unwrap(), 7);
}

#[test]
fn identities_are_bounded() {
    let recovery = (0..40).fold(Recovery::new("long"), |recovery, _| recovery.field("x", "é".repeat(1000)));
    let caught = recovery.run(|| panic!("over")).unwrap_err();
    assert_eq!(caught.fields().len(), 16);
    assert!(caught.fields().iter().all(|field| field.value.len() <= 512 + '…'.len_utf8()));
}

#[test]
fn a_layer_that_rethrows_hands_the_same_panic_on() {
    let outer = catch("outer", || {
        let _ = Recovery::new("inner").rethrow().run(|| panic!("through"));
    });
    assert_eq!(outer.unwrap_err().message(), "through");
    let outer = poll(catch_future("outer", Recovery::new("inner").rethrow().future(async { panic!("on") })));
    assert_eq!(outer.unwrap_err().message(), "on");
}

#[test]
fn a_future_panics_at_any_poll_and_its_neighbours_go_on() {
    let mut polled = 0;
    let late = poll_fn(move |_| {
        polled += 1;
        if polled == 3 { panic!("third poll") } else { Poll::<()>::Pending }
    });
    assert_eq!(poll(catch_future("late", late)).unwrap_err().message(), "third poll");
    assert_eq!(poll(catch_future("well", async { 7 })).unwrap(), 7);
}

#[test]
fn what_panics_while_the_broken_future_is_dropped_is_caught_too() {
    let trap = Trap;
    // Not an `async` block: its locals are gone after its panic, this one's are not.
    let broken = poll_fn(move |_| -> Poll<()> {
        let _kept = &trap;
        panic!("first")
    });
    assert_eq!(poll(catch_future("broken", broken)).unwrap_err().message(), "first");
}

#[test]
fn a_future_that_was_done_is_not_polled_again() {
    let mut done = Box::pin(catch_future("done", async { panic!("over") }));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(done.as_mut().poll(&mut cx), Poll::Ready(Err(_))));
    let again = catch_unwind(AssertUnwindSafe(|| done.as_mut().poll(&mut cx).map(drop)));
    assert!(again.is_err());
}

#[test]
fn what_is_caught_can_be_passed_on_as_an_error() {
    fn goes_anywhere<T: std::error::Error + Send + Sync + 'static>() {}
    goes_anywhere::<Caught>();
}

#[cfg(feature = "tower")]
mod tower {
    use super::poll;
    use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
    use http::{Request, Response, StatusCode};
    use mapwatch::recover::{Caught, RecoverLayer, Recovery};
    use std::convert::Infallible;
    use std::future::{Ready, ready};
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll};
    use tower::{Layer, Service, ServiceExt, service_fn};

    type Page = Response<String>;

    /// Panics in the call itself, or in the future, or not at all.
    #[derive(Clone)]
    struct Shop;

    impl Service<Request<()>> for Shop {
        type Response = Page;
        type Error = Infallible;
        type Future = Ready<Result<Page, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<()>) -> Self::Future {
            assert_eq!(request.uri().path(), "/tea", "no such thing");
            ready(Ok(Response::new("tea".to_owned())))
        }
    }

    async fn shop(request: Request<()>) -> Result<Page, Infallible> {
        Shop.oneshot(request).await
    }

    fn ask(path: &str) -> Request<()> {
        Request::get(path).body(()).unwrap()
    }

    #[test]
    fn a_request_that_panics_is_answered_and_the_next_one_is_served() {
        fn check<S>(service: S)
        where
            S: Service<Request<()>, Response = Page, Error = Infallible> + Clone,
        {
            let broken = poll(service.clone().oneshot(ask("/coffee?secret=1"))).unwrap();
            assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(broken.body(), "");
            assert_eq!(poll(service.oneshot(ask("/tea"))).unwrap().body(), "tea");
        }
        check(RecoverLayer::new("shop").layer(Shop));
        check(RecoverLayer::new("shop").layer(service_fn(shop)));
    }

    #[test]
    fn the_answer_knows_whose_request_it_was() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        let layer = RecoverLayer::with(Recovery::new("shop").field("shop", 3)).header(AUTHORIZATION).answer(
            move |caught: Caught| {
                told.lock().unwrap().push(caught.to_string());
                Response::new("sorry".to_owned())
            },
        );
        let mut service = layer.layer(Shop);
        let mut secret = HeaderValue::from_static("Basic 1234");
        secret.set_sensitive(true);
        for value in [HeaderValue::from_static("nobody"), secret] {
            let mut request = ask("/coffee?secret=1");
            request.headers_mut().insert(AUTHORIZATION, value);
            assert_eq!(poll(service.call(request)).unwrap().body(), "sorry");
        }
        let seen = seen.lock().unwrap();
        assert!(
            seen[0].starts_with("`shop` (shop=3 method=GET path=/coffee authorization=nobody) panicked: ")
        );
        assert!(seen[1].starts_with("`shop` (shop=3 method=GET path=/coffee authorization=…) panicked: "));
    }

    #[test]
    fn requests_need_not_be_of_http() {
        let layer = RecoverLayer::new("sums")
            .identify(|request: &(u32, u32), recovery: Recovery| {
                assert_ne!(request.1, 99, "cannot be told");
                recovery.field("by", request.1)
            })
            .answer(|caught: Caught| Err::<u32, String>(caught.to_string()));
        let divide = service_fn(async |(a, b): (u32, u32)| Ok::<_, Infallible>(Ok(a / b)));
        let service = layer.layer(divide);
        let answer = |request| poll(service.clone().oneshot(request)).unwrap();
        assert_eq!(answer((6, 2)), Ok(3));
        assert_eq!(answer((6, 0)).unwrap_err(), "`sums` (by=0) panicked: attempt to divide by zero");
        assert!(answer((6, 99)).unwrap_err().contains("cannot be told"));
        // A header is looked for where there are headers.
        let _ = RecoverLayer::new("shop").header(HeaderName::from_static("x-request-id"));
    }
}
