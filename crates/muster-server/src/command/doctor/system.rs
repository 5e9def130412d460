//! Whether the system gives a desk what it needs: open files and memory.

use std::fs;

use super::Finding::{self, Fine, Note, Wrong};
use crate::config::Config;
use crate::limits;

/// What a desk opens beside its clients' connections: its database, its log, its listeners.
const OF_OUR_OWN: u64 = 200;
/// With fewer a desk can't work.
const TOO_FEW: u64 = 512;
/// A desk of a small team.
const LITTLE_MEMORY: u64 = 128 * 1024;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let memory = fs::read_to_string("/proc/meminfo").ok().and_then(|text| available(&text));
    let open = config.limits.connections.saturating_add(config.limits.visitor_sockets);
    let open = u64::try_from(open).unwrap_or(u64::MAX);
    [Some(open_files(limits::most_open_files(), open)), memory.map(judge_memory)].into_iter().flatten().collect()
}

/// `most`: to how many a desk can raise its limit. `open`: how many connections and sockets it would have at once.
fn open_files(most: Option<u64>, open: u64) -> Finding {
    let how = "raise the limit: LimitNOFILE= for systemd, --ulimit nofile= for Docker, `ulimit -Hn` in a shell";
    match most {
        Some(most) if most < TOO_FEW => Wrong(format!("a desk may open {most} files only: {how}")),
        Some(most) if most < open.saturating_add(OF_OUR_OWN) => Note(format!(
            "a desk may open {most} files, too few for the {open} connections and sockets it would accept: {how}"
        )),
        Some(most) => Fine(format!("a desk may open {most} files")),
        None => Fine("a desk may open any number of files".to_owned()),
    }
}

/// Kibibytes that programs can still get.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn judge_memory(kibibytes: u64) -> Finding {
    let left = kibibytes / 1024;
    if kibibytes < LITTLE_MEMORY {
        return Note(format!(
            "{left} MiB of memory are left on this machine: a desk takes some 50 MiB, and 19 MiB more for each \
             password that is being checked"
        ));
    }
    Fine(format!("{left} MiB of memory are left"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_below_the_connections_is_noted_and_a_tiny_one_wrong() {
        assert!(matches!(open_files(Some(256), 10_000), Wrong(text) if text.contains("256")));
        assert!(matches!(open_files(Some(4096), 10_000), Note(text) if text.contains("10000")));
        assert!(matches!(open_files(Some(1_048_576), 10_000), Fine(_)));
        assert!(matches!(open_files(None, 10_000), Fine(_)));
    }

    #[test]
    fn memory_is_read_as_the_system_tells_it() {
        let text = "MemTotal:  4000000 kB\nMemFree:  100 kB\nMemAvailable:   102400 kB\n";
        assert!(matches!(available(text).map(judge_memory), Some(Note(text)) if text.starts_with("100 MiB")));
        assert!(matches!(judge_memory(1024 * 1024), Fine(_)));
        assert_eq!(available("nothing"), None);
    }
}
