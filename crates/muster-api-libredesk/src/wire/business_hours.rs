//! When a team is there.

use std::collections::BTreeMap;

use muster_core::business_hours::{self, Day, HoursPatch, Span, TimeOfDay, Week};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use crate::error::{Failure, Result};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BusinessHours {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) name: String,
    pub(crate) description: String,
    /// At all times, holidays included.
    pub(crate) is_always_open: bool,
    /// By the English name of the day; days that are absent are closed.
    pub(crate) hours: BTreeMap<&'static str, OpenClose>,
    /// By date.
    pub(crate) holidays: Vec<Holiday>,
}

/// `HH:MM`. Closing at an earlier time than opening is on the next day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct OpenClose {
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub(crate) open: String,
    #[schema(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
    pub(crate) close: String,
}

/// Closed all day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Holiday {
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) name: String,
    #[schema(format = Date)]
    pub(crate) date: String,
}

impl From<business_hours::BusinessHours> for BusinessHours {
    fn from(hours: business_hours::BusinessHours) -> Self {
        let business_hours::BusinessHours {
            id,
            name,
            description,
            is_always_open,
            week,
            holidays,
            created_at,
            updated_at,
            version: _,
        } = hours;
        let span = |span: Span| OpenClose { open: span.open().to_string(), close: span.close().to_string() };
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            name,
            description,
            is_always_open,
            hours: week.into_iter().map(|(day, hours)| (word(day), span(hours))).collect(),
            holidays: holidays.into_iter().map(|(date, name)| Holiday { name, date: date.to_string() }).collect(),
        }
    }
}

/// Business hours to be written. On an update an absent field stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct BusinessHoursRequest {
    /// Needed on creation.
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) name: Option<String>,
    #[schema(max_length = 1000)]
    pub(crate) description: Option<String>,
    pub(crate) is_always_open: Option<bool>,
    /// By the English name of the day.
    pub(crate) hours: Option<BTreeMap<String, OpenClose>>,
    /// Each date once.
    #[schema(max_items = 1000)]
    pub(crate) holidays: Option<Vec<Holiday>>,
}

impl BusinessHoursRequest {
    pub(crate) fn into_patch(self) -> Result<HoursPatch> {
        let Self { name, description, is_always_open, hours, holidays } = self;
        Ok(HoursPatch {
            name,
            description,
            is_always_open,
            week: hours.map(week).transpose()?,
            holidays: holidays.map(dates).transpose()?,
        })
    }
}

fn week(hours: BTreeMap<String, OpenClose>) -> Result<Week> {
    let mut week = Week::new();
    for (name, OpenClose { open, close }) in hours {
        let day = Day::parse(&name.to_lowercase()).ok_or_else(|| Failure::invalid("hours"))?;
        let time = |text: &str| TimeOfDay::parse(text).ok_or_else(|| Failure::invalid("hours"));
        if week.insert(day, Span::new(time(&open)?, time(&close)?)?).is_some() {
            return Err(Failure::invalid("hours"));
        }
    }
    Ok(week)
}

fn dates(list: Vec<Holiday>) -> Result<business_hours::Holidays> {
    let mut dates = business_hours::Holidays::new();
    for Holiday { name, date } in list {
        let parsed = date.parse().ok().filter(|_| date.len() == "YYYY-MM-DD".len());
        let date = parsed.ok_or_else(|| Failure::invalid("holidays"))?;
        if dates.insert(date, name).is_some() {
            return Err(Failure::input(format!("Holiday {date} already exists")));
        }
    }
    Ok(dates)
}

const fn word(day: Day) -> &'static str {
    match day {
        Day::Monday => "Monday",
        Day::Tuesday => "Tuesday",
        Day::Wednesday => "Wednesday",
        Day::Thursday => "Thursday",
        Day::Friday => "Friday",
        Day::Saturday => "Saturday",
        Day::Sunday => "Sunday",
    }
}
