//! Unsafe code writes eight bytes too many into a buffer, over the header of the map behind it.
//!
//! Prints `map header overwritten` at the map's next operation and exits with 101: the canary took the hit, the
//! map behind it is whole.

use mapwatch::HashMap;

#[repr(C)]
struct Connection {
    buffer: [u8; 16],
    headers: HashMap<u32, u32>,
}

fn main() {
    let mut connection = Connection { buffer: [0; 16], headers: HashMap::new() };
    connection.headers.insert(1, 1);
    let packet = [0x41u8; 24];
    let target = &raw mut connection;
    // SAFETY: none. This is the bug: the buffer has sixteen bytes, the packet twenty-four.
    unsafe { std::ptr::copy_nonoverlapping(packet.as_ptr(), target.cast::<u8>(), packet.len()) };
    connection.headers.insert(2, 2);
    println!("{:?} {:?}", connection.buffer, connection.headers);
}
