//! What the disk itself can do.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::{Duration, Instant};

use anyhow::Result;

/// Writes of 4 KiB made durable, a second, one after the other.
pub(crate) fn fsyncs_per_second(time: Duration) -> Result<f64> {
    let mut file = tempfile::tempfile()?;
    let page = [7_u8; 4096];
    let begin = Instant::now();
    let mut count = 0_u32;
    while begin.elapsed() < time {
        file.seek(SeekFrom::Start(u64::from(count % 1024) * 4096))?;
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / begin.elapsed().as_secs_f64())
}
