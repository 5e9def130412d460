//! Memory that a process holds for itself: anonymous and shared pages, not the cached files it reads.

use anyhow::{Context as _, Result};

/// RssAnon + RssShmem in KiB.
pub(crate) fn kib(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| -> Result<u64> {
        let line = status.lines().find(|line| line.starts_with(name)).context("no such field")?;
        Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
    };
    Ok(field("RssAnon:")? + field("RssShmem:")?)
}
