//! A server whose handler panics: it goes on answering, and the panic is told with its request.

use crate::program::{command, lines, Scratch};
use mapwatch_event::wire::Line;
use mapwatch_event::{Ending, Event, Panic, TaskKind};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

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
        endings.push((path.value.as_str(), ending));
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
