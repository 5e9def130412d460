//! How long the desk keeps things of which there are ever more.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use muster_app::privacy::RetentionSettings;

use super::section::section;
use super::value::blank;

section! {
    /// How long the desk keeps things of which there are ever more: days such as "7d", or hours such as
    /// "12h"; empty keeps them for ever. Conversations are kept as long as their inbox says.
    Retention of "retention" {
        /// What happened: for what follows the desk from the inside, for exports, and for clients that catch up after an
        /// interruption.
        #[serde(with = "blank")]
        events: Option<Age> = RetentionSettings::default().events.map(Age),
        /// Background jobs that are done. Those given up stay until somebody looks at them.
        #[serde(with = "blank")]
        jobs: Option<Age> = RetentionSettings::default().jobs.map(Age),
        /// The audit log: who changed accounts, rights and configuration, and who erased whom.
        #[serde(with = "blank")]
        audit: Option<Age> = RetentionSettings::default().audit.map(Age),
    }
}

impl Retention {
    pub(crate) fn settings(&self) -> RetentionSettings {
        let Self { events, jobs, audit } = self;
        let kept = |age: &Option<Age>| age.as_ref().map(|age| age.0);
        RetentionSettings { events: kept(events), jobs: kept(jobs), audit: kept(audit) }
    }
}

/// Whole hours, an hour or more; written in days where they are whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Age(Duration);

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// A hundred years.
const LONGEST: u64 = 36_500 * DAY;

impl FromStr for Age {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected days or hours such as \"7d\" or \"12h\", or an empty text for ever";
        let (number, unit) = match (text.strip_suffix('d'), text.strip_suffix('h')) {
            (Some(number), _) => (number, DAY),
            (None, Some(number)) => (number, HOUR),
            (None, None) => return Err(EXPECTED),
        };
        let number: u64 = number.trim().parse().map_err(|_| EXPECTED)?;
        match number.checked_mul(unit) {
            Some(seconds @ HOUR..=LONGEST) => Ok(Self(Duration::from_secs(seconds))),
            _ => Err("expected between an hour and 36500 days"),
        }
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            seconds if seconds % DAY == 0 => write!(f, "{}d", seconds / DAY),
            seconds => write!(f, "{}h", seconds / HOUR),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_whole_days_or_hours() {
        for (text, seconds, shown) in [("7d", 7 * DAY, "7d"), ("48h", 2 * DAY, "2d"), ("12 h", 12 * HOUR, "12h")] {
            let age: Age = text.parse().unwrap();
            assert_eq!((age.0.as_secs(), age.to_string().as_str()), (seconds, shown));
        }
        for bad in ["7", "d", "0d", "-1d", "1.5d", "7 weeks", "36501d", "18446744073709551615d"] {
            assert!(bad.parse::<Age>().is_err(), "{bad}");
        }
    }
}
