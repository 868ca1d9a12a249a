//! Runs a program's threads at once, and keeps what is said about them.

use mapwatch::{Config, Policy};
use std::sync::{Barrier, Mutex, Once};
use std::thread;

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Puts the strictest policy in force. What takes long on a busy machine is no finding here.
pub(crate) fn strictly() {
    static READY: Once = Once::new();
    READY.call_once(|| {
        let config = Config {
            policy: Policy::Strict,
            record: false,
            stall: None,
            provoke: false,
            ..Config::from_env()
        };
        config.install().expect("the first watched container comes later");
        mapwatch::on_conflict(|conflict| SAID.lock().unwrap().push(format!("{conflict:?}")));
    });
}

/// What was said so far.
pub(crate) fn said() -> Vec<String> {
    SAID.lock().unwrap().clone()
}

/// One thread for each program; none begins before all are there. The answers stand in the programs' order.
pub(crate) fn together<P: Sync, A: Send>(programs: &[P], run: impl Fn(usize, &P) -> A + Sync) -> Vec<A> {
    let start = Barrier::new(programs.len());
    thread::scope(|scope| {
        let begin = |(number, program)| {
            let (start, run) = (&start, &run);
            scope.spawn(move || {
                start.wait();
                run(number, program)
            })
        };
        let threads: Vec<_> = programs.iter().enumerate().map(begin).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
