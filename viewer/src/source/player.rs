//! Plays a part of a tape into a world: reads the lines where they are recorded, and takes them in as they were
//! taken in at first.

use super::arrival::Arrival;
use super::lines::{Lines, Read};
use crate::model::tape::{Entry, Journey, Place, Stop, What};
use crate::model::world::World;
use crate::msg::StreamId;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

/// Plays a journey to its end; says what went wrong where it ended early.
#[must_use]
pub fn play(journey: Journey) -> (World, Option<String>) {
    let Journey { world, entries, stop } = journey;
    let mut player = Player { world, stop, files: HashMap::new() };
    let mut trouble = None;
    for entry in &entries {
        match player.entry(entry) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                trouble = Some(format!("the recording could not be read again: {error}"));
                break;
            }
        }
    }
    player.world.fresh.clear();
    (player.world, trouble)
}

struct Player {
    world: World,
    stop: Stop,
    files: HashMap<Arc<PathBuf>, File>,
}

impl Player {
    /// Plays one entry; whether to go on.
    fn entry(&mut self, entry: &Entry) -> io::Result<bool> {
        let position = self.world.position;
        if self.stop == Stop::At(position) {
            return Ok(false);
        }
        self.world.clock = entry.clock;
        match &entry.what {
            What::Lines(stream, place) => return self.lines(*stream, place, position.0 - entry.from.0),
            // These are one step each: a world that stands behind one has taken it in.
            _ if position > entry.from => {}
            What::Opened(stream, origin) => self.world.opened(*stream, origin.clone(), None),
            What::Closed(stream, close) => self.world.closed(*stream, close),
            What::Refused(why) => self.world.refused(why.clone()),
            What::Unrecorded => return Ok(false),
        }
        Ok(true)
    }

    fn lines(&mut self, stream: StreamId, place: &Place, mut skip: u64) -> io::Result<bool> {
        let file = match self.files.get_mut(&place.file) {
            Some(file) => file,
            None => {
                let file = File::open(&**place.file)?;
                self.files.entry(Arc::clone(&place.file)).or_insert(file)
            }
        };
        file.seek(SeekFrom::Start(place.offset))?;
        let mut lines = Lines::from_line(file.take(place.bytes), place.line);
        loop {
            let read = lines.read()?;
            if read == Read::End {
                return Ok(true);
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let arrival = match read {
                Read::Line(number, bytes) => Arrival::read(number, bytes),
                Read::TooLong(number) => Arrival::too_long(number),
                Read::Cut(number) => Arrival::cut(number),
                Read::End => return Ok(true),
            };
            if let Stop::Until(until) = self.stop
                && self.world.wall(stream, &arrival).is_some_and(|wall| wall > until)
            {
                return Ok(false);
            }
            self.world.take_in(stream, arrival);
            if self.stop == Stop::At(self.world.position) {
                return Ok(false);
            }
        }
    }
}
