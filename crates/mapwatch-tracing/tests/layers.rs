//! The layer beside others, in any order: spans, context, and events of its own.

use mapwatch::cell::RefCell;
use mapwatch::{HashMap, Named};
use mapwatch_core::event::wire::{Line, decode_line};
use mapwatch_core::event::{Event, Panic, TaskKind};
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::{Dispatch, Subscriber, dispatcher, info, info_span, warn};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry, reload};

/// Where the fmt layer writes to.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// The fmt layer.
fn lines<S>(written: &Written) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let written = written.clone();
    fmt::layer().with_ansi(false).with_writer(move || written.clone())
}

/// The ways in which layers are put together; each hides what is below `INFO`.
fn orders(written: &Written) -> Vec<(&'static str, Dispatch)> {
    let filter = || EnvFilter::new("info");
    let ours = mapwatch_tracing::layer;
    let (behind, handle) = reload::Layer::new(ours());
    let dispatches = vec![
        ("first", Dispatch::new(registry().with(ours()).with(lines(written)).with(filter()))),
        ("last", Dispatch::new(registry().with(filter()).with(lines(written)).with(ours()))),
        ("between", Dispatch::new(registry().with(lines(written)).with(ours()).with(filter()))),
        ("filtered", Dispatch::new(registry().with(lines(written)).with(ours().with_filter(filter())))),
        ("reloaded", Dispatch::new(registry().with(behind).with(lines(written)).with(filter()))),
    ];
    handle.reload(ours()).expect("the layer is there");
    dispatches
}

/// Two borrows that exclude each other, in a span, after something was said.
fn collide() {
    let shelf = RefCell::new(HashMap::from([(1, 1)])).named("shelf");
    let _request = info_span!("request", id = 42).entered();
    info!(customer = 7, "about to look");
    tracing::debug!("hidden");
    let _look = shelf.borrow();
    let met = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(shelf.borrow_mut())));
    assert!(met.is_err());
}

#[test]
fn a_conflict_is_an_event_in_any_order_of_layers() {
    let written = Written::default();
    for (order, dispatch) in orders(&written) {
        written.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        dispatcher::with_default(&dispatch, collide);
        let text = written.text();
        assert!(text.contains("about to look"), "{order}: {text}");
        let told = text.lines().find(|line| line.contains("mapwatch:")).expect(order);
        assert!(told.contains("ERROR") && told.contains("category=\"reentrant-borrow\""), "{order}: {told}");
        assert!(told.contains("request{id=42}"), "{order}: {told}");
    }
}

/// Run by the tests below, with a recording.
#[test]
#[ignore = "a program for the other tests"]
fn program() {
    let order: usize = std::env::var("ORDER").ok().and_then(|order| order.parse().ok()).unwrap_or(0);
    let (_, dispatch) = orders(&Written::default()).swap_remove(order);
    dispatcher::with_default(&dispatch, || {
        collide();
        let span = info_span!("settle", order = 9, late = tracing::field::Empty);
        span.record("late", "yes");
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _in = span.entered();
            warn!("it will not end well");
            panic!("over");
        }));
        assert!(died.is_err());
        let spawned = tracing::info_span!(
            target: "tokio::task",
            "runtime.spawn",
            kind = "task",
            task.name = "fetch",
            loc.file = "src/fetch.rs",
            loc.line = 12
        );
        drop(spawned.entered());
    });
}

fn recorded(order: usize) -> Vec<Event> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.jsonl");
    let mut program = Command::new(std::env::current_exe().expect("this program"));
    program.args(["--exact", "program", "--ignored"]).env("ORDER", order.to_string());
    let output = program.env("MAPWATCH_OUT", &file).env_remove("MAPWATCH").output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let bytes = std::fs::read(&file).expect("a recording");
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let event = |line| match decode_line(line) {
        Ok(Line::Event { event, .. }) => Some(event),
        _ => None,
    };
    lines.filter_map(event).collect()
}

#[test]
fn spans_are_scopes_with_fields_and_what_was_said_stands_beside_a_panic() {
    for order in 0..5 {
        let events = recorded(order);
        let spawned = |name: &str| {
            let found = events.iter().find_map(|event| match event {
                Event::TaskSpawned(task) if task.name == name => Some(task),
                _ => None,
            });
            found.unwrap_or_else(|| panic!("{name} was not told, order {order}"))
        };
        let settle = spawned("settle");
        assert_eq!(settle.kind, TaskKind::Span);
        let fields: Vec<_> =
            settle.fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        assert!(fields.starts_with(&[("level", "INFO"), ("order", "9")]), "{fields:?}");
        assert_eq!(spawned("fetch").kind, TaskKind::Future);
        let conflict = events.iter().find_map(|event| match event {
            Event::Conflict(conflict) => Some(conflict),
            _ => None,
        });
        let context = &conflict.expect("one met").context;
        assert_eq!(context.last().map(|note| note.text.as_str()), Some("about to look customer=7"));
        let panics: Vec<&Panic> = events
            .iter()
            .filter_map(|event| if let Event::Panic(panic) = event { Some(&**panic) } else { None })
            .collect();
        assert_eq!(panics.len(), 2, "{panics:?}");
        assert_eq!(panics[1].scopes.last().map(|scope| scope.name.as_str()), Some("settle"));
        let said: Vec<&str> = panics[1].context.iter().map(|note| note.text.as_str()).collect();
        assert!(said.contains(&"about to look customer=7"), "{said:?}");
        assert_eq!(said.last(), Some(&"it will not end well"));
        assert!(!said.contains(&"hidden"));
    }
}
