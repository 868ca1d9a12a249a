//! Plays a part of a tape into a world: reads the lines where they are recorded, and takes them in as they were
//! taken in at first.
//!
//! Lines are decoded by a thread that runs ahead. A long journey leaves worlds behind on its way: who goes back
//! step by step comes through the same lines again.

use super::arrival::Arrival;
use super::blocks;
use crate::model::tape::{Entry, Journey, Place, Sight, Stop, What};
use crate::model::world::World;
use crate::msg::StreamId;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

/// Entries that are decoded ahead.
const AHEAD: usize = 2;

/// Plays a journey to its end; says what went wrong where it ended early.
#[must_use]
pub fn play(journey: Journey) -> Sight {
    let Journey { world, entries, stop, apart } = journey;
    let (sender, decoded) = bounded(AHEAD);
    let left = world.position.0;
    let mut player = Player { world, stop, apart, left, on_the_way: Vec::new() };
    let entries = &entries[..];
    let trouble = std::thread::scope(|scope| {
        let ahead = std::thread::Builder::new().name("mapview-decode".to_owned());
        let ahead = ahead.spawn_scoped(scope, move || read_ahead(entries, &sender));
        // Who reads ahead ends when nobody takes any more: `decoded` goes away with this call.
        ahead.and_then(|_| player.all(entries, decoded)).err()
    });
    player.world.fresh.clear();
    let trouble = trouble.map(|error| format!("the recording could not be read again: {error}"));
    Sight { world: player.world, on_the_way: player.on_the_way, trouble }
}

/// The lines of one entry after the other.
type Decoded = Receiver<io::Result<Vec<Arrival>>>;

struct Player {
    world: World,
    stop: Stop,
    apart: u64,
    /// Where the last world was left.
    left: u64,
    on_the_way: Vec<World>,
}

impl Player {
    fn all(&mut self, entries: &[Entry], decoded: Decoded) -> io::Result<()> {
        for entry in entries {
            if !self.entry(entry, &decoded)? {
                break;
            }
        }
        Ok(())
    }

    /// Plays one entry; whether to go on.
    fn entry(&mut self, entry: &Entry, decoded: &Decoded) -> io::Result<bool> {
        let position = self.world.position;
        if self.stop == Stop::At(position) {
            return Ok(false);
        }
        self.world.clock = entry.clock;
        match &entry.what {
            What::Lines(stream, _) => return self.lines(*stream, decoded, position.0 - entry.from.0),
            // These are one step each: a world that stands behind one has taken it in.
            _ if position > entry.from => {}
            What::Opened(stream, origin) => self.world.opened(*stream, origin.clone(), None),
            What::Closed(stream, close) => self.world.closed(*stream, close),
            What::Refused(why) => self.world.refused(why.clone()),
            What::Unrecorded => return Ok(false),
        }
        Ok(true)
    }

    /// Takes in the lines of an entry but for the first ones, which the world knows.
    fn lines(&mut self, stream: StreamId, decoded: &Decoded, known: u64) -> io::Result<bool> {
        let gone = |_| io::Error::other("the thread that reads it is gone");
        let arrivals = decoded.recv().map_err(gone)??;
        for arrival in arrivals.into_iter().skip(usize::try_from(known).unwrap_or(usize::MAX)) {
            if let Stop::Until(until) = self.stop
                && self.world.wall(stream, &arrival).is_some_and(|wall| wall > until)
            {
                return Ok(false);
            }
            self.leave_a_world();
            self.world.take_in(stream, arrival);
            if self.stop == Stop::At(self.world.position) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn leave_a_world(&mut self) {
        let position = self.world.position.0;
        if position - self.left >= self.apart {
            self.left = position;
            self.world.fresh.clear();
            self.on_the_way.push(self.world.clone());
        }
    }
}

/// Reads and decodes the lines of all entries, in order, until nobody wants them any more.
fn read_ahead(entries: &[Entry], decoded: &Sender<io::Result<Vec<Arrival>>>) {
    let mut files = HashMap::new();
    for entry in entries {
        let What::Lines(_, place) = &entry.what else { continue };
        let lines = read(place, &mut files);
        let failed = lines.is_err();
        if decoded.send(lines).is_err() || failed {
            return;
        }
    }
}

fn read(place: &Place, files: &mut HashMap<Arc<PathBuf>, File>) -> io::Result<Vec<Arrival>> {
    let file = match files.get_mut(&place.file) {
        Some(file) => file,
        None => {
            let file = File::open(&**place.file)?;
            files.entry(Arc::clone(&place.file)).or_insert(file)
        }
    };
    file.seek(SeekFrom::Start(place.offset))?;
    let mut bytes = Vec::new();
    file.take(place.bytes).read_to_end(&mut bytes)?;
    Ok(blocks::arrivals(&bytes, place.line).0)
}
