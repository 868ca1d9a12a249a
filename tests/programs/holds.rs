//! Holds a reading guard on one map and a writing guard on another until its standard input ends.

use mapwatch::SharedMap;
use std::io::{Read, Write};

fn main() {
    let read: SharedMap<u64, u64> = SharedMap::new().named("read");
    let written: SharedMap<u64, u64> = SharedMap::new().named("written");
    read.insert(1, 1);
    written.insert(1, 1);
    let _reading = read.get(&1); // READ
    let _writing = written.get_mut(&1); // WRITTEN
    println!("ready");
    let _ = std::io::stdout().flush();
    let _ = std::io::stdin().read(&mut [0]);
}
