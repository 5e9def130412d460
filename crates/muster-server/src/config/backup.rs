//! Copies that the desk makes of itself.

use std::path::{Path, PathBuf};

use super::section::section;
use super::value::Every;
use crate::exit::Usage;

section! {
    /// Copies that the desk makes of itself while it is served. `muster backup` makes one at any time.
    Backup of "backup" {
        /// How often, such as "24h". Empty: never.
        every: Every = Every::default(),
        /// Where they are kept. Empty: `backups` in the data directory, which is lost with it.
        dir: PathBuf = PathBuf::new(),
        /// How many are kept. The oldest is removed when a newer one is whole.
        keep: u16 = 7,
        /// A file that holds the passphrase they are encrypted with. Empty: they aren't.
        passphrase_file: PathBuf = PathBuf::new(),
        /// Whether a desk on PostgreSQL is copied into the data directory before a newer program changes
        /// its tables. A desk on SQLite always is.
        before_upgrade: bool = true,
    }
}

impl Backup {
    /// # Errors
    /// What the desk could not work with.
    pub(super) fn check(&self) -> Result<(), Usage> {
        if self.every.period().is_some() && self.keep == 0 {
            return Err(Usage::new("backup.keep: at least one copy has to be kept"));
        }
        Ok(())
    }

    /// Where copies are kept of a desk whose files are in `data`.
    pub(crate) fn directory(&self, data: &Path) -> PathBuf {
        if self.dir.as_os_str().is_empty() { data.join("backups") } else { self.dir.clone() }
    }

    /// The file that holds the passphrase, if copies are encrypted.
    pub(crate) fn passphrase_file(&self) -> Option<&Path> {
        Some(self.passphrase_file.as_path()).filter(|path| !path.as_os_str().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn every(text: &str) -> Result<Option<Duration>, String> {
        Every::try_from(text.to_owned()).map(Every::period)
    }

    #[test]
    fn a_period_is_empty_or_at_least_a_minute() {
        assert_eq!(every(" "), Ok(None));
        assert_eq!(every("24h"), Ok(Some(Duration::from_secs(86400))));
        assert!(every("59s").is_err() && every("-1h").is_err() && every("daily").is_err());
        for text in ["", "24h", "1h 30m"] {
            let period = Every::try_from(text.to_owned()).unwrap();
            assert_eq!(Every::try_from(String::from(period)), Ok(period), "{text}");
        }
    }

    #[test]
    fn a_schedule_that_keeps_nothing_is_refused() {
        let backup = Backup { every: Every::try_from("1h".to_owned()).unwrap(), keep: 0, ..Backup::default() };
        assert!(backup.check().is_err());
        assert!(Backup { keep: 0, ..Backup::default() }.check().is_ok());
    }
}
