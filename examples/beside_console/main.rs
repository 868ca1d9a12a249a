//! What it costs that tasks are seen: `beside-console short 200000` has so many tasks that live for two polls,
//! `beside-console live 10000` so many that sleep and wake. One source; features choose who looks on.
//!
//! Linux only: times and memory are read from `/proc`.

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

#[cfg(feature = "mapwatch")]
use mapwatch::task::spawn;
#[cfg(not(feature = "mapwatch"))]
use tokio::spawn;

/// So many tasks are spawned before the first of them is joined.
const TOGETHER: usize = 1_000;
/// Wakes a second, however many tasks share them.
const WAKES: f64 = 2_000.0;
const WATCHED_FOR: Duration = Duration::from_secs(10);

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    #[cfg(feature = "console")]
    console_subscriber::init();

    let mut arguments = std::env::args().skip(1);
    let (Some(kind), Some(number)) = (arguments.next(), arguments.next()) else {
        return Err("say `short N` or `live N`".into());
    };
    let number: usize = number.parse()?;
    // Whoever looks on has started by then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    match kind.as_str() {
        "short" => short(number).await,
        "live" => live(number).await,
        _ => Err("say `short N` or `live N`".into()),
    }
}

async fn short(number: usize) -> Result<(), Box<dyn Error>> {
    let (memory, cpu, start) = (resident()?, processor()?, Instant::now());
    for _ in 0..number / TOGETHER {
        let tasks: Vec<_> = (0..TOGETHER).map(|_| spawn(tokio::task::yield_now())).collect();
        for task in tasks {
            task.await?;
        }
    }
    let (time, cpu, memory) = (start.elapsed(), processor()? - cpu, resident()? - memory);
    let each = number as f64;
    println!(
        "{:.0} ns, {:.0} ns of the processor and {:.1} bytes that stay, for each of {number} tasks",
        time.as_nanos() as f64 / each,
        cpu * 1e9 / each,
        memory / each
    );
    Ok(())
}

async fn live(number: usize) -> Result<(), Box<dyn Error>> {
    let memory = resident()?;
    let pause = Duration::from_secs_f64(number as f64 / WAKES);
    for _ in 0..number {
        spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
            }
        });
    }
    let cpu = processor()?;
    tokio::time::sleep(WATCHED_FOR).await;
    println!(
        "{:.1} % of a core and {:.0} bytes a task, for {number} tasks",
        (processor()? - cpu) / WATCHED_FOR.as_secs_f64() * 100.0,
        (resident()? - memory) / number as f64
    );
    Ok(())
}

/// Seconds of processor time of this process, in hundredths.
fn processor() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("a strange /proc/self/stat")?;
    // User and system time are the 14th and 15th fields; the name, the second, is cut off before.
    let ticks: Result<Vec<f64>, _> = fields.split_whitespace().skip(11).take(2).map(str::parse).collect();
    Ok(ticks?.iter().sum::<f64>() / 100.0)
}

/// Bytes of this process in memory.
fn resident() -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1024.0)
}
