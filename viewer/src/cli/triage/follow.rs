//! An input that goes on: what comes up is told when it comes up, and the report is printed at the end, which is
//! the input's end or the first SIGINT or SIGTERM.

use super::alarm::Caller;
use super::{TriageArguments, now};
use crate::cli::complain;
use crate::os::{self, Asked};
use anyhow::{Context as _, bail};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use mapwatch_triage::envelope::Context;
use mapwatch_triage::{Summary, Triage};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A pause after which what has come is read as it is.
const PAUSE: Duration = Duration::from_millis(300);
/// How often a file is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// What comes in.
enum News {
    Bytes(Vec<u8>),
    /// A signal asked for the report.
    Enough,
}

/// Follows the only input and gives the summary at its end.
pub(super) fn follow(
    mut triage: Triage,
    arguments: &TriageArguments,
    alarms: &mut Caller<'_>,
) -> anyhow::Result<Summary> {
    let [input] = arguments.inputs.as_slice() else {
        bail!("--follow takes one input: standard input, or one file");
    };
    let (sender, news) = bounded(64);
    read_on_a_thread(input, sender.clone())?;
    os::on_signals(move |asked| match asked {
        // Where the reader waits for room, the signal waits, too: the loop below always makes room.
        Asked::End(_) => drop(sender.send(News::Enough)),
        Asked::Suspend => drop(os::suspend()),
    })
    .context("no signal could be waited for")?;
    let year =
        now().map_or(1970, |at| mapwatch_triage::time::civil_from_days(at.div_euclid(86_400_000_000)).0);
    let mut told = Told::default();
    let mut reports = 0;
    let mut input = triage.follow(input, Context { year });
    loop {
        match news.recv_timeout(PAUSE) {
            Ok(News::Bytes(bytes)) if bytes.is_empty() => break,
            Ok(News::Bytes(bytes)) => {
                input.push(&bytes);
                continue;
            }
            Ok(News::Enough) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => input.settle(),
        }
        if input.reports() != reports {
            reports = input.reports();
            told.tell(&input.summary(), alarms, arguments.quiet);
        }
    }
    take_the_rest(&news, &mut |bytes| input.push(bytes));
    input.end();
    Ok(triage.finish())
}

/// What came before the signal is read, too.
fn take_the_rest(news: &Receiver<News>, push: &mut dyn FnMut(&[u8])) {
    while let Ok(News::Bytes(bytes)) = news.try_recv() {
        push(&bytes);
    }
}

/// Groups that were told, with their counts.
#[derive(Default)]
struct Told(BTreeMap<String, u64>);

impl Told {
    fn tell(&mut self, summary: &Summary, alarms: &mut Caller<'_>, quiet: bool) {
        let mut lines = Vec::new();
        for group in &summary.groups {
            let before = self.0.insert(group.fingerprint.clone(), group.count).unwrap_or(0);
            if before == 0 {
                lines.push(format!("new: {}", mapwatch_triage::print::line(group)));
            }
        }
        lines.extend(alarms.call(summary));
        if !quiet {
            lines.iter().for_each(|line| complain(line));
        }
    }
}

/// An empty piece is the end.
fn read_on_a_thread(input: &str, sender: Sender<News>) -> anyhow::Result<()> {
    let source: Box<dyn FnOnce() + Send> = if input == "-" {
        Box::new(move || pump(io::stdin(), &sender, &mut |_| false))
    } else {
        let path = PathBuf::from(input);
        let file = File::open(&path).with_context(|| format!("could not read {input}"))?;
        Box::new(move || pump(file, &sender, &mut |file| wait_for_more(file, &path)))
    };
    std::thread::Builder::new()
        .name("follow".to_owned())
        .spawn(source)
        .context("no thread could be started")?;
    Ok(())
}

/// Sends what is there; at an end, `again` says whether to look once more.
fn pump<R: Read>(mut input: R, sender: &Sender<News>, again: &mut dyn FnMut(&mut R) -> bool) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match input.read(&mut buffer) {
            Ok(0) if again(&mut input) => continue,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                complain(&format!("could not read on: {error}"));
                0
            }
        };
        if sender.send(News::Bytes(buffer[..count].to_vec())).is_err() || count == 0 {
            return;
        }
    }
}

/// Waits a moment; a file that was cut or replaced (rotation) is read from its beginning then.
fn wait_for_more(file: &mut File, path: &Path) -> bool {
    std::thread::sleep(LOOK);
    let Ok(there) = std::fs::metadata(path) else { return true };
    let read = file.stream_position().unwrap_or(0);
    let replaced = file.metadata().is_ok_and(|mine| os::is_another_file(&mine, &there));
    // What was written between the last look and the rotation is read first.
    let drained = file.metadata().is_ok_and(|mine| mine.len() <= read);
    if (there.len() < read || replaced)
        && drained
        && let Ok(new) = File::open(path)
    {
        *file = new;
    }
    true
}
