//! What is recorded can be read, however the program ends and whoever listens.

use crate::program::{command, lines, Scratch};
use mapwatch_event::wire::{decode_line, Line};
use mapwatch_event::{Event, Lane};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Stdio};

const BUSY: &str = env!("CARGO_BIN_EXE_busy");

/// Starts the busy program with a piped standard input and waits until it is at work.
fn start(mut command: std::process::Command) -> Child {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(ready, "ready\n");
    child
}

/// Sequence numbers count from one without gaps, after one header.
fn in_order(lines: &[Line]) {
    assert!(matches!(lines.first(), Some(Line::Header(_))));
    for (index, line) in lines.iter().enumerate().skip(1) {
        match line {
            Line::Event { seq, .. } => assert_eq!(seq.0, index as u64),
            other => panic!("{other:?}"),
        }
    }
}

fn names_the_map(lines: &[Line]) -> bool {
    lines.iter().any(|line| match line {
        Line::Event { event: Event::MapMade(map), .. } => map.name == "busy",
        Line::Event { event: Event::MapNamed(map), .. } => map.name == "busy",
        _ => false,
    })
}

#[test]
fn a_program_that_ends_says_so() {
    let recording = Scratch::new("ends");
    let mut busy = command(BUSY);
    busy.env("MAPWATCH_OUT", &recording.0);
    let mut child = start(busy);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    let lines = lines(&recording.0);
    in_order(&lines);
    assert!(names_the_map(&lines));
    assert!(matches!(lines.last(), Some(Line::Event { event: Event::End(_), .. })));
    let traffic = |line: &Line| match line {
        Line::Event { event: Event::Traffic(traffic), .. } => traffic.maps.iter().map(|map| map.writes).sum(),
        _ => 0,
    };
    let lost = |line: &Line| match line {
        Line::Event { event: Event::Loss(loss), .. } if loss.lane == Lane::Samples => loss.count,
        _ => 0,
    };
    let told: u64 = lines.iter().map(|line| traffic(line) + lost(line)).sum();
    assert!(told >= 5000, "{told} writes told or counted as lost");
}

/// The busy program runs to its end with this for `MAPWATCH_OUT`; what it said on standard error.
fn records_to(path: &std::path::Path) -> String {
    let mut busy = command(BUSY);
    busy.env("MAPWATCH_OUT", path).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = busy.output().unwrap();
    assert!(output.status.success(), "{}: {}", path.display(), crate::program::stderr(&output));
    crate::program::stderr(&output)
}

#[test]
fn where_nothing_can_be_recorded_the_program_runs_on_and_says_why() {
    let pipe = Scratch::new("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe.0).status().unwrap().success());
    let said = records_to(&pipe.0);
    assert!(said.contains("it is a pipe that nobody reads; nothing is recorded to it"), "{said}");
    // Somebody who opens it and does not read: the pipe is full, and is not waited for.
    let idle = std::fs::OpenOptions::new().read(true).write(true).open(&pipe.0).unwrap();
    records_to(&pipe.0);
    drop(idle);
    let said = records_to(std::path::Path::new("/proc/no/such/folder/run.jsonl"));
    assert!(said.contains("could not open /proc/no/such/folder/run.jsonl"), "{said}");
    if cfg!(target_os = "linux") {
        let said = records_to(std::path::Path::new("/dev/full"));
        assert!(said.contains("could not write /dev/full: No space left on device"), "{said}");
        assert_eq!(said.matches("/dev/full").count(), 1, "it is said once: {said}");
    }
}

#[test]
fn each_process_may_have_a_file_of_its_own() {
    let folder = Scratch::new("own");
    std::fs::create_dir(&folder.0).unwrap();
    records_to(&folder.0.join("run-%p.jsonl"));
    records_to(&folder.0.join("run-%p.jsonl"));
    let files: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    files.iter().for_each(|file| in_order(&lines(file)));
    std::fs::remove_dir_all(&folder.0).unwrap();
}

#[test]
fn a_killed_program_leaves_a_readable_recording() {
    let recording = Scratch::new("killed");
    let mut busy = command(BUSY);
    busy.env("MAPWATCH_OUT", &recording.0);
    let mut child = start(busy);
    // Killed only when something was written: what was drained must be there.
    while std::fs::metadata(&recording.0).is_ok_and(|facts| facts.len() < 500) {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let bytes = std::fs::read(&recording.0).unwrap();
    let whole: Vec<_> =
        bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).collect();
    let lines: Vec<Line> = whole.into_iter().map(|line| decode_line(line).unwrap()).collect();
    in_order(&lines);
    assert!(!lines.iter().any(|line| matches!(line, Line::Event { event: Event::End(_), .. })));
}

#[test]
fn viewers_come_late_three_at_once_and_go_without_a_word() {
    let directory = std::env::temp_dir().join(format!("mapwatch-test-run-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut busy = command(BUSY);
    busy.env("MAPWATCH", "panic").env("XDG_RUNTIME_DIR", &directory);
    let mut child = start(busy);
    let socket = directory.join("mapwatch").join(format!("{}.sock", child.id()));
    let mut viewers: Vec<_> = (0..3).map(|_| BufReader::new(UnixStream::connect(&socket).unwrap())).collect();
    for viewer in &mut viewers {
        let mut seen = Vec::new();
        while !names_the_map(&seen) {
            let mut line = Vec::new();
            viewer.read_until(b'\n', &mut line).unwrap();
            seen.push(decode_line(&line).unwrap());
        }
        in_order(&seen);
    }
    // A viewer that talks rubbish, and viewers that vanish, harm nobody.
    let mut rude = UnixStream::connect(&socket).unwrap();
    let _ = rude.write_all(&[0xff; 4096]);
    drop(rude);
    drop(viewers);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(!socket.exists(), "the door is closed behind the last one");
    let _ = std::fs::remove_dir_all(&directory);
}

#[test]
fn a_program_that_is_told_to_connect_does() {
    let socket = Scratch::new("viewer.sock");
    let listener = UnixListener::bind(&socket.0).unwrap();
    let mut busy = command(BUSY);
    busy.env("MAPWATCH_CONNECT", &socket.0);
    let mut child = start(busy);
    let (peer, _) = listener.accept().unwrap();
    drop(child.stdin.take());
    let lines: Vec<Line> =
        BufReader::new(peer).split(b'\n').map(|line| decode_line(&line.unwrap()).unwrap()).collect();
    in_order(&lines);
    assert!(matches!(lines.last(), Some(Line::Event { event: Event::End(_), .. })));
    assert!(child.wait().unwrap().success());
}

/// What `count` gives for the events of a recording, added up.
fn sum(lines: &[Line], count: impl Fn(&Event) -> u64) -> u64 {
    lines.iter().map(|line| if let Line::Event { event, .. } = line { count(event) } else { 0 }).sum()
}

#[test]
fn a_thousand_threads_and_ten_thousand_maps_are_told_or_counted() {
    let recording = Scratch::new("crowd");
    let output = command(env!("CARGO_BIN_EXE_crowd")).env("MAPWATCH_OUT", &recording.0).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&recording.0);
    in_order(&lines);
    let lost = |lane: Lane| {
        sum(&lines, |event| match event {
            Event::Loss(loss) if loss.lane == lane => loss.count,
            _ => 0,
        })
    };
    let made = sum(&lines, |event| matches!(event, Event::MapMade(_)).into());
    let actors = sum(&lines, |event| matches!(event, Event::Actor(_)).into());
    assert!(made + lost(Lane::Facts) >= 11_000, "{made} maps told, {} facts lost", lost(Lane::Facts));
    assert!(actors + lost(Lane::Facts) >= 1000, "{actors} threads told");
    let accesses = sum(&lines, |event| match event {
        Event::Traffic(traffic) => traffic.maps.iter().map(|map| map.reads + map.writes).sum(),
        _ => 0,
    });
    assert!(accesses + lost(Lane::Samples) >= 310_000, "{accesses} accesses told");
}

#[test]
fn crowded_shards_and_hot_keys_are_told_and_no_key_is() {
    let recording = Scratch::new("spread");
    let mut spread = command(env!("CARGO_BIN_EXE_spread"));
    spread.env("MAPWATCH_OUT", &recording.0);
    assert!(spread.status().unwrap().success());
    let lines = lines(&recording.0);
    let made = lines.iter().find_map(|line| match line {
        Line::Event { event: Event::MapMade(made), .. } => Some(made),
        _ => None,
    });
    assert_eq!(made.unwrap().entry_bytes, Some(16), "a key and a value of eight bytes each");
    let mut told = lines.into_iter().filter_map(|line| match line {
        Line::Event { event: Event::Spread(spread), .. } => Some(spread),
        _ => None,
    });
    let told = told.next_back().unwrap();
    assert_eq!((told.shards.len(), told.shards.iter().sum::<u64>()), (16, 5_000));
    assert!(told.shards.iter().any(|visits| *visits > 4_000), "{told:?}");
    let hottest = told.keys[0];
    assert!(hottest.count * 4 > told.samples * 3 && hottest.hash != 7, "{told:?}");
}

#[test]
fn maps_that_change_by_entries_alone_tell_their_size() {
    let recording = Scratch::new("by-entries");
    let mut program = command(env!("CARGO_BIN_EXE_by_entries"));
    assert!(program.env("MAPWATCH_OUT", &recording.0).status().unwrap().success());
    let (mut names, mut lengths) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
    let mut grown = std::collections::BTreeSet::new();
    for line in lines(&recording.0) {
        match line {
            Line::Event { event: Event::MapMade(made), .. } => drop(names.insert(made.id, made.name)),
            Line::Event { event: Event::MapNamed(named), .. } => drop(names.insert(named.id, named.name)),
            Line::Event { event: Event::Growth(growth), .. } => drop(grown.insert(growth.map)),
            Line::Event { event: Event::Traffic(traffic), .. } => {
                lengths.extend(traffic.maps.iter().map(|map| (map.map, map.length)));
            }
            _ => {}
        }
    }
    let of = |name: &str| *names.iter().find(|(_, told)| told.as_str() == name).unwrap().0;
    for name in ["shared", "hashed", "tree", "collected"] {
        assert_eq!(lengths[&of(name)], Some(300), "{name}");
    }
    assert!(
        grown.contains(&of("shared")) && grown.contains(&of("hashed")) && !grown.contains(&of("collected"))
    );
}

#[test]
fn a_fork_leaves_one_recording_of_the_parent() {
    let recording = Scratch::new("forks");
    let output = command(env!("CARGO_BIN_EXE_forks")).env("MAPWATCH_OUT", &recording.0).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&recording.0);
    in_order(&lines);
    let writes = sum(&lines, |event| match event {
        Event::Traffic(traffic) => traffic.maps.iter().map(|map| map.writes).sum(),
        Event::Loss(loss) => loss.count,
        _ => 0,
    });
    assert_eq!(writes, 2000, "the child's are not the parent's");
    assert!(matches!(lines.last(), Some(Line::Event { event: Event::End(_), .. })));
}

#[test]
fn guards_of_either_kind_are_shown_while_they_are_held() {
    let socket = Scratch::new("holds.sock");
    let listener = UnixListener::bind(&socket.0).unwrap();
    let mut holds = command(env!("CARGO_BIN_EXE_holds"));
    holds.env("MAPWATCH_CONNECT", &socket.0);
    let mut child = start(holds);
    let (stream, _) = listener.accept().unwrap();
    let mut operations = std::collections::BTreeSet::new();
    for line in BufReader::new(stream).split(b'\n') {
        if let Ok(Line::Event { event: Event::Holders(inside), .. }) = decode_line(&line.unwrap()) {
            operations.extend(inside.holders.iter().map(|holder| holder.operation.to_string()));
        }
        if operations.len() == 2 {
            break;
        }
    }
    assert_eq!(operations.into_iter().collect::<Vec<_>>(), ["get", "get_mut"]);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
