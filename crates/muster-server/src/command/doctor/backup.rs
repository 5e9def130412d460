//! Whether the desk has a copy to go back to.

use std::time::Duration;

use muster_app::{Clock as _, SystemClock};
use muster_core::Timestamp;

use super::Finding::{self, Fine, Note, Wrong};
use crate::backup::schedule::copies;
use crate::config::Config;
use crate::exit::words;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let Some(every) = config.backup.every.period() else {
        let text = "the desk makes no copies of itself: set backup.every, or run `muster backup` from a timer";
        return vec![Note(text.to_owned())];
    };
    let directory = config.backup.directory(&config.server.data);
    if config.backup.dir.as_os_str().is_empty() {
        let text = "copies are kept in the data directory and lost with it: set backup.dir to another disk";
        return vec![newest(&directory, every, SystemClock.now()), Note(text.to_owned())];
    }
    vec![newest(&directory, every, SystemClock.now())]
}

/// How old the newest copy is. One that is twice as old as it should be says that they fail.
fn newest(directory: &std::path::Path, every: Duration, now: Timestamp) -> Finding {
    let place = directory.display();
    if !directory.exists() {
        return Note(format!("there is no copy of the desk in {place} yet: `muster serve` makes the first one"));
    }
    match copies(directory).map(|mut copies| copies.pop()) {
        Err(error) => Wrong(words(&error)),
        Ok(None) => Wrong(format!("there is no copy of the desk in {place}: see the job backup.copy")),
        Ok(Some((at, _))) if now.since(at) > every * 2 => Wrong(format!(
            "the last good copy of the desk is of {at}, older than it should be: see the job backup.copy"
        )),
        Ok(Some((at, path))) => Fine(format!("the last good copy of the desk is of {at}: {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_is_missing_or_old_is_wrong() {
        let place = tempfile::tempdir().unwrap();
        let now = Timestamp::parse("2026-08-28T10:00:00Z").unwrap();
        let hour = Duration::from_secs(3600);
        let found = || newest(place.path(), hour, now);
        assert!(matches!(newest(&place.path().join("none"), hour, now), Note(_)));
        assert!(matches!(found(), Wrong(_)));
        std::fs::write(place.path().join("muster-20260828T075959Z.backup"), "").unwrap();
        assert!(matches!(found(), Wrong(text) if text.contains("2026-08-28T07:59:59Z")));
        std::fs::write(place.path().join("muster-20260828T080000Z.backup"), "").unwrap();
        assert!(matches!(found(), Fine(text) if text.contains("080000Z")));
    }

    #[test]
    fn a_desk_without_copies_is_noted() {
        assert!(matches!(&look(&Config::default())[..], [Note(text)] if text.contains("backup.every")));
    }
}
