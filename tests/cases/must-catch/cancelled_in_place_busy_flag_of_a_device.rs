//! PATTERN: whoever loses the select leaves the device busy, because only the way through to the end clears the flag.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::BTreeMap; // MAP-IMPORT
use tokio::sync::Mutex; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

#[derive(Default)]
struct Device {
    busy: bool,
    jobs: Vec<String>,
}

type Devices = Arc<Mutex<BTreeMap<&'static str, Device>>>;

async fn print(devices: &Devices, name: &'static str, page: String) {
    {
        let mut devices = devices.lock().await;
        let device = devices.get_mut(name).unwrap(); // SITE-A
        device.busy = true;
    }
    tokio::time::sleep(Duration::from_secs(page.len() as u64)).await;
    let mut devices = devices.lock().await;
    if let Some(device) = devices.get_mut(name) { // SITE-B
        device.jobs.push(page);
        device.busy = false;
    }
}

#[tokio::main]
async fn main() {
    let devices = Devices::default();
    devices.lock().await.insert("laser", Device::default());
    print(&devices, "laser", String::new()).await;
    tokio::select! {
        biased;
        () = print(&devices, "laser", "a long page".to_owned()) => {}
        () = tokio::time::sleep(Duration::from_millis(5)) => println!("cancelled by the user"),
    }
    let devices = devices.lock().await;
    println!("busy: {}, printed: {}", devices["laser"].busy, devices["laser"].jobs.len());
}
