//! A server whose handler panics: it goes on answering, the panic is told with its request, and is counted.

use crate::program::{command, lines, Scratch};
use mapwatch_event::wire::Line;
use mapwatch_event::{Ending, Event, Panic, TaskKind};
use mapwatch_triage::classify;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

/// A running server; it is asked to end when the test does, and killed where it does not.
struct Server {
    child: Child,
    port: u16,
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    fn start(recording: &Scratch) -> Server {
        let mut program = command(env!("CARGO_BIN_EXE_serves"));
        program.env("MAPWATCH_OUT", &recording.0).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = program.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Server { child, port: line.trim().parse().unwrap(), _stdout: stdout }
    }

    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        // A server that hangs fails the test.
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        Connection(BufReader::new(stream))
    }

    fn quit(mut self) {
        // A client that is gone is not served: the connection stays.
        let mut last = self.connect();
        last.send("/quit", "last");
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One connection that is kept open: a server that loses it in a panic fails the next request.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn send(&mut self, path: &str, id: &str) {
        let head = format!("GET {path} HTTP/1.1\r\nhost: test\r\nx-request-id: {id}\r\n\r\n");
        self.0.get_mut().write_all(head.as_bytes()).unwrap();
    }

    /// Status and body.
    fn receive(&mut self) -> (u16, String) {
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the connection was closed");
            match line.trim_end().split_once(' ') {
                None if line.trim_end().is_empty() => break,
                Some(("HTTP/1.1", rest)) => status = rest[..3].parse().unwrap(),
                Some(("content-length:", rest)) => length = rest.parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        (status, String::from_utf8(body).unwrap())
    }

    fn ask(&mut self, path: &str, id: &str) -> (u16, String) {
        self.send(path, id);
        self.receive()
    }
}

/// The line of the program that carries a mark.
fn line(mark: &str) -> u32 {
    let source = include_str!("../programs/serves.rs");
    source.lines().position(|line| line.ends_with(&format!("// {mark}"))).unwrap() as u32 + 1
}

fn field<'a>(panic: &'a Panic, name: &str) -> Option<&'a str> {
    let scope = panic.scopes.iter().find(|scope| scope.name == "shop")?;
    scope.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
}

#[test]
fn a_panic_in_a_handler_takes_no_other_request_down() {
    let recording = Scratch::new("serves");
    let server = Server::start(&recording);
    let (mut slow, mut quick) = (server.connect(), server.connect());
    slow.send("/slow", "slow-1");
    assert_eq!(quick.ask("/waiting", "w"), (200, "one waits".to_owned()));
    assert_eq!(quick.ask("/tea", "t-1"), (200, "2".to_owned()));
    assert_eq!(quick.ask("/coffee?card=1234", "c-1"), (500, String::new()));
    assert_eq!(quick.ask("/broken", "b-1"), (500, String::new()));
    assert_eq!(quick.ask("/tea", "t-2"), (200, "1".to_owned()));
    assert_eq!(quick.ask("/release", "r"), (200, "released".to_owned()));
    assert_eq!(slow.receive(), (200, "at last".to_owned()));
    let scraped = scrape(&mut quick);
    server.quit();

    let events: Vec<Event> = lines(&recording.0)
        .into_iter()
        .filter_map(|line| match line {
            Line::Event { event, .. } => Some(event),
            _ => None,
        })
        .collect();
    assert!(
        !std::fs::read_to_string(&recording.0).unwrap().contains("card="),
        "the query is the client's own"
    );
    let panics: Vec<&Panic> = events
        .iter()
        .filter_map(|event| if let Event::Panic(panic) = event { Some(&**panic) } else { None })
        .collect();
    assert_eq!(panics.len(), 2, "{panics:?}");
    for (panic, path, id, mark) in
        [(panics[0], "/coffee", "c-1", "PANIC"), (panics[1], "/broken", "b-1", "CALL")]
    {
        assert_eq!(panic.caught_by, "shop");
        assert_eq!(panic.location.line, line(mark));
        let told = ["level", "method", "path", "x-request-id"].map(|name| field(panic, name));
        assert_eq!(told, [Some("WARN"), Some("GET"), Some(path), Some(id)]);
    }
    assert_eq!(panics[0].held[0].title, "shelf");
    panics_are_counted(&scraped, &panics);
    requests_end_as_they_should(&events);
}

/// Two requests panicked, the others are complete; all are scopes of the layer's name.
fn requests_end_as_they_should(events: &[Event]) {
    let mut endings = Vec::new();
    for event in events {
        let Event::TaskSpawned(task) = event else { continue };
        assert_eq!((task.kind, task.name.as_str()), (TaskKind::Scope, "shop"));
        let path = task.fields.iter().find(|field| field.name == "path").unwrap();
        let ending = events.iter().find_map(|event| match event {
            Event::TaskEnded(ended) if ended.id == task.id => Some(ended.ending),
            _ => None,
        });
        if path.value != "/metrics" {
            endings.push((path.value.as_str(), ending));
        }
    }
    let all = |wanted| {
        let mut paths: Vec<_> =
            endings.iter().filter(|(_, ending)| *ending == Some(wanted)).map(|(path, _)| *path).collect();
        paths.sort_unstable();
        paths
    };
    assert_eq!(all(Ending::Panicked), ["/broken", "/coffee"], "{endings:?}");
    assert_eq!(all(Ending::Completed)[..5], ["/quit", "/release", "/slow", "/tea", "/tea"], "{endings:?}");
}

/// What the endpoint says once it counts two panics and all that goes with them: names take a moment, and so do
/// the numbers of maps.
fn scrape(connection: &mut Connection) -> String {
    let wanted = |text: &str| {
        let lines = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        lines("mapwatch_panics_total{") == 2
            && lines("mapwatch_panics_caught_total{layer=\"shop\"} 2") == 1
            && lines("mapwatch_tasks_ended_total{ending=\"panicked\"} 2") == 1
            && lines("mapwatch_map_operations_total{map=\"stock\",access=\"write\"} ") == 1
            && lines("mapwatch_map_held_nanoseconds_total{map=\"shelf\"} ") == 1
    };
    let began = Instant::now();
    loop {
        let (status, text) = connection.ask("/metrics", "m");
        assert_eq!(status, 200);
        if wanted(&text) {
            return text;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "{text}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// By the category that triage gives the recorded panics, and by the function that each is in.
fn panics_are_counted(scraped: &str, panics: &[&Panic]) {
    assert!(scraped.lines().any(|line| line == "# TYPE mapwatch_panics_total counter"), "{scraped}");
    for (panic, function) in panics.iter().zip(["serves::sell", "serves::serve"]) {
        let verdict = classify::of(&panic.message, &panic.stack.frames, Some(&panic.location));
        let category = format!("category=\"{}\"", verdict.category);
        // Inlined functions have no names of their own in a build with line tables alone.
        let place = match cfg!(debug_assertions) {
            true => format!("crate=\"serves\",function=\"{function}\""),
            false => "crate=".to_owned(),
        };
        let counted = |line: &&str| {
            line.starts_with("mapwatch_panics_total{")
                && line.contains(&category)
                && line.contains(&place)
                && line.ends_with(" 1")
        };
        assert_eq!(scraped.lines().filter(counted).count(), 1, "{category} {place}\n{scraped}");
    }
}
