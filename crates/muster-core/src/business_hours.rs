//! When a team is there: a span of each weekday, and holidays, as a clock on the wall shows them.
//!
//! A span that closes at an earlier time than it opens runs over midnight, and belongs to the day it opens on. On a
//! holiday nothing opens; what opened the evening before runs to its end. A time that a change of the clocks leaves out
//! is as much later as the clocks are put forward; one that comes twice is its first.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use crate::id::BusinessHoursId;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why, text};

pub const NAME_MAX: usize = 140;
pub const DESCRIPTION_MAX: usize = 1000;
pub const HOLIDAYS_MAX: usize = 1000;

words! {
    pub enum Day {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

impl From<Weekday> for Day {
    fn from(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// Minutes since midnight, 0 to 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    const MIDNIGHT_AFTER: Self = Self(24 * 60);

    /// Reads `HH:MM`, from `00:00` to `24:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |digits: &str| {
            let is_pair = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<u16>().ok().filter(|_| is_pair)
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let time = Self(hours * 60 + minutes);
        (minutes < 60 && time <= Self::MIDNIGHT_AFTER).then_some(time)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// From when to when; over midnight if it closes at an earlier time than it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    open: TimeOfDay,
    close: TimeOfDay,
}

impl Span {
    /// # Errors
    /// [`Error::Invalid`] `hours` if it would never be over or never begin.
    pub fn new(open: TimeOfDay, close: TimeOfDay) -> Result<Self> {
        if open == close || open == TimeOfDay::MIDNIGHT_AFTER {
            return Err(Error::invalid("hours", Why::OutOfRange));
        }
        Ok(Self { open, close })
    }

    #[must_use]
    pub const fn open(self) -> TimeOfDay {
        self.open
    }

    #[must_use]
    pub const fn close(self) -> TimeOfDay {
        self.close
    }

    /// Its two ends, should it open on `date`; `None` if the clocks leave all of it out.
    fn on(self, date: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let last = if self.close < self.open { date.tomorrow().ok()? } else { date };
        let (open, close) = (instant(date, self.open, zone)?, instant(last, self.close, zone)?);
        (open < close).then_some((open, close))
    }
}

fn instant(date: Date, time: TimeOfDay, zone: &TimeZone) -> Option<Timestamp> {
    let (date, minutes) = if time == TimeOfDay::MIDNIGHT_AFTER { (date.tomorrow().ok()?, 0) } else { (date, time.0) };
    let (hour, minute) = (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?);
    let at = zone.to_ambiguous_timestamp(date.at(hour, minute, 0, 0)).compatible().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

/// Days without a span are closed.
pub type Week = BTreeMap<Day, Span>;
/// What each holiday is called.
pub type Holidays = BTreeMap<Date, String>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessHours {
    pub id: BusinessHoursId,
    pub name: String,
    pub description: String,
    /// Open at all times, whatever week and holidays say.
    pub is_always_open: bool,
    pub week: Week,
    pub holidays: Holidays,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

/// A change of business hours; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoursPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub is_always_open: Option<bool>,
    pub week: Option<Week>,
    pub holidays: Option<Holidays>,
}

impl BusinessHours {
    /// Hours that nobody has named yet: closed for ever.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self {
            id: BusinessHoursId(0),
            name: String::new(),
            description: String::new(),
            is_always_open: false,
            week: Week::new(),
            holidays: Holidays::new(),
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// # Errors
    /// [`Error::Invalid`].
    pub fn patched(&self, patch: &HoursPatch) -> Result<Self> {
        let mut after = self.clone();
        if let Some(name) = &patch.name {
            after.name = text::bounded("name", name, 1, NAME_MAX)?;
        }
        if let Some(description) = &patch.description {
            after.description = text::bounded("description", description, 0, DESCRIPTION_MAX)?;
        }
        after.is_always_open = patch.is_always_open.unwrap_or(after.is_always_open);
        if let Some(week) = &patch.week {
            after.week.clone_from(week);
        }
        if let Some(holidays) = &patch.holidays {
            after.holidays = checked(holidays)?;
        }
        Ok(after)
    }

    /// Whether it is open at this instant in the zone of this IANA name.
    #[must_use]
    pub fn is_open(&self, at: Timestamp, zone: &str) -> bool {
        let Some((zone, today)) = self.place(at, zone) else { return self.is_always_open };
        let days = [today.yesterday().ok(), Some(today)];
        let mut spans = days.into_iter().flatten().filter_map(|day| self.span(day, &zone));
        self.is_always_open || spans.any(|(open, close)| (open..close).contains(&at))
    }

    /// The first instant from `at` on at which it is open; `None` if it never opens again.
    #[must_use]
    pub fn next_opening(&self, at: Timestamp, zone: &str) -> Option<Timestamp> {
        if self.is_open(at, zone) {
            return Some(at);
        }
        let (zone, today) = self.place(at, zone)?;
        // Of so many weeks one has no holiday; one more for a span that a change of the clocks leaves out.
        let days = 7 * (self.holidays.len() + 2);
        let openings = today.series(jiff::Span::new().days(1)).take(days).filter_map(|day| self.span(day, &zone));
        openings.map(|(open, _)| open).find(|open| *open >= at)
    }

    /// The zone, and the date there.
    fn place(&self, at: Timestamp, zone: &str) -> Option<(TimeZone, Date)> {
        let zone = TimeZoneDatabase::bundled().get(zone).unwrap_or(TimeZone::UTC);
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
        let today = zone.to_datetime(at).date();
        Some((zone, today))
    }

    fn span(&self, date: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let span = self.week.get(&Day::from(date.weekday()))?;
        if self.holidays.contains_key(&date) { None } else { span.on(date, zone) }
    }
}

fn checked(holidays: &Holidays) -> Result<Holidays> {
    if holidays.len() > HOLIDAYS_MAX {
        return Err(Error::invalid("holidays", Why::OutOfRange));
    }
    holidays.iter().map(|(date, name)| Ok((*date, text::bounded("holidays", name, 1, NAME_MAX)?))).collect()
}

#[cfg(test)]
mod tests;
