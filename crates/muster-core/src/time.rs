//! Instants: milliseconds since 1970, UTC.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, Why};

/// A day in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// An instant in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Shown as RFC 3339 in UTC, with milliseconds only where there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The midnight (UTC) at which this instant's day began.
    #[must_use]
    pub const fn day_start(self) -> Self {
        Self(self.0 - self.0.rem_euclid(DAY_MS))
    }

    /// Reads an instant in RFC 3339, with any offset; what is finer than a millisecond is cut off.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_millisecond()))
    }

    /// How long ago `earlier` was; zero if it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Minutes that a zone is ahead of UTC at an instant; 0 for one that isn't known.
#[must_use]
pub fn utc_offset(zone: &str, at: Timestamp) -> i16 {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(zone);
    let at = jiff::Timestamp::from_millisecond(at.as_millis());
    let (Ok(zone), Ok(at)) = (zone, at) else { return 0 };
    i16::try_from(zone.to_offset(at).seconds() / 60).unwrap_or(0)
}

/// Checks the IANA name of a time zone and returns it as the zone database spells it.
///
/// # Errors
/// [`Error::Invalid`] with [`Why::Unknown`].
pub fn zone(field: &'static str, name: &str) -> Result<String> {
    let known = jiff::tz::TimeZoneDatabase::bundled().get(name.trim());
    let zone = known.map_err(|_| Error::invalid(field, Why::Unknown))?;
    Ok(zone.iana_name().unwrap_or("UTC").to_owned())
}

/// A day of the calendar, without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(jiff::civil::Date);

impl Day {
    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        text.parse().ok().filter(|_| is_plain).map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A time zone with its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(jiff::tz::TimeZone);

impl Zone {
    pub const UTC: Self = Self(jiff::tz::TimeZone::UTC);

    /// By IANA name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        jiff::tz::TimeZoneDatabase::bundled().get(name.trim()).ok().map(Self)
    }

    /// The first instant of a day here, and the first behind it.
    #[must_use]
    pub fn span(&self, day: Day) -> (Timestamp, Timestamp) {
        // Beyond the last day that the calendar knows there is nothing.
        let next = day.0.tomorrow().map_or(Timestamp(i64::MAX), |next| self.start(next));
        (self.start(day.0), next)
    }

    fn start(&self, day: jiff::civil::Date) -> Timestamp {
        self.0
            .to_zoned_datetime(day.at(0, 0, 0, 0))
            .map_or(Timestamp(i64::MIN), |at| Timestamp(at.timestamp().as_millisecond()))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(millis(rhs)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, rhs: Duration) -> Self {
        Self(self.0.saturating_sub(millis(rhs)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => at.fmt(f),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_ahead_of_utc_by_the_season() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let (winter, summer) = (at("2026-01-05T09:00:00Z"), at("2026-07-05T09:00:00Z"));
        assert_eq!((utc_offset("Europe/Berlin", winter), utc_offset("Europe/Berlin", summer)), (60, 120));
        assert_eq!((utc_offset("Asia/Kolkata", winter), utc_offset("America/New_York", winter)), (330, -300));
        assert_eq!((utc_offset("UTC", winter), utc_offset("Mars/Olympus", winter)), (0, 0));
    }

    #[test]
    fn zones_are_known_by_their_iana_names() {
        assert_eq!(zone("timezone", "europe/berlin").unwrap(), "Europe/Berlin");
        assert_eq!(zone("timezone", "UTC").unwrap(), "UTC");
        assert!(zone("timezone", "Mars/Olympus").is_err());
    }

    #[test]
    fn a_day_begins_at_midnight_utc() {
        let start = |millis| Timestamp::from_millis(millis).day_start().as_millis();
        assert_eq!(start(1_756_375_200_120), 1_756_339_200_000);
        assert_eq!(start(1_756_339_200_000), 1_756_339_200_000);
        assert_eq!(start(-1), -86_400_000);
    }

    #[test]
    fn an_instant_is_read_with_its_offset() {
        let expected = Some(Timestamp::from_millis(1_756_375_200_120));
        assert_eq!(Timestamp::parse("2025-08-28T10:00:00.120Z"), expected);
        assert_eq!(Timestamp::parse("2025-08-28T12:00:00.1209+02:00"), expected);
        for text in ["", "2025-08-28", "2025-08-28T10:00:00", "10:00Z", "2025-02-30T10:00:00Z"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn shows_milliseconds_only_where_there_are_any() {
        assert_eq!(Timestamp::from_millis(1_756_375_200_000).to_string(), "2025-08-28T10:00:00Z");
        assert_eq!(Timestamp::from_millis(1_756_375_200_120).to_string(), "2025-08-28T10:00:00.12Z");
    }
}
