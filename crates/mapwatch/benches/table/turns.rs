//! Rows of three columns (raw, off, on), measured turn and turn about; each figure is the least of all rounds, which a
//! busy machine burdens least. Words on the command line choose rows: `-- get`.

use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const SPAN: Duration = Duration::from_millis(20);
/// Calls between two looks at the clock.
const BATCH: u64 = 1024;

/// [`BATCH`] calls of one.
pub(crate) fn batch(mut call: impl FnMut(u64)) {
    (0..BATCH).for_each(&mut call);
}

/// Prints the head of the table.
pub(crate) fn head() {
    println!("| work | threads | raw (ns) | off | on | on, more (ns) |\n|---|---|---|---|---|---|");
}

/// Nanoseconds per call.
fn time(turn: &dyn Fn()) -> f64 {
    turn();
    let (start, mut batches) = (Instant::now(), 0);
    while start.elapsed() < SPAN {
        turn();
        batches += 1;
    }
    start.elapsed().as_secs_f64() * 1e9 / (f64::from(batches) * BATCH as f64)
}

/// Whether a row is asked for: its name has the words of the command line in it, where there are any.
fn is_asked_for(work: &str) -> bool {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    work.contains(&words.join(" "))
}

fn print(work: &str, threads: usize, mut measure: impl FnMut(usize) -> f64) {
    if !is_asked_for(work) {
        return;
    }
    let rounds: Vec<[f64; 3]> = (0..ROUNDS).map(|_| [0, 1, 2].map(&mut measure)).collect();
    let [raw, off, on] = [0, 1, 2].map(|column: usize| {
        let mut figures: Vec<f64> = rounds.iter().map(|round| round[column]).collect();
        figures.sort_by(f64::total_cmp);
        figures[0]
    });
    println!("| {work} | {threads} | {raw:.1} | {:.2} | {:.2} | {:.1} |", off / raw, on / raw, on - raw);
}

/// Measures a row on this thread alone.
pub(crate) fn row(work: &str, columns: [&dyn Fn(); 3]) {
    print(work, 1, |column| time(columns[column]));
}

/// Measures a row on two threads at once; the mean of the two.
pub(crate) fn row_of_two(work: &str, columns: [&(dyn Fn() + Sync); 3]) {
    print(work, 2, |column| {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| time(columns[column]));
            f64::midpoint(time(columns[column]), other.join().expect("nobody panics"))
        })
    });
}
