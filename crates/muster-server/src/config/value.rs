//! How single values are written.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The address of a PostgreSQL database, or nothing for SQLite. May hold a password, so it is not
/// shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct DatabaseUrl(Option<String>);

impl DatabaseUrl {
    pub(crate) fn postgres(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "postgres://…" } else { "" })
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "" => Ok(Self(None)),
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => Ok(Self(Some(url.to_owned()))),
            _ => Err("a database is named by a postgres:// URL; without one it is SQLite in the data directory"),
        }
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DatabaseUrl> for String {
    fn from(url: DatabaseUrl) -> Self {
        url.0.unwrap_or_default()
    }
}

/// How often something happens, such as `24h`, or nothing for never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Every(Option<Duration>);

impl Every {
    pub(crate) fn period(self) -> Option<Duration> {
        self.0
    }
}

impl TryFrom<String> for Every {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        let span: jiff::SignedDuration = text.trim().parse().map_err(|error: jiff::Error| error.to_string())?;
        match Duration::try_from(span) {
            Ok(period) if period >= SHORTEST_PERIOD => Ok(Self(Some(period))),
            _ => Err("the shortest period is one minute".to_owned()),
        }
    }
}

impl From<Every> for String {
    fn from(every: Every) -> Self {
        let span = every.0.and_then(|period| jiff::SignedDuration::try_from(period).ok());
        span.map(|span| format!("{span:#}")).unwrap_or_default()
    }
}

const SHORTEST_PERIOD: Duration = Duration::from_secs(60);

/// Whether an HTTP status tells of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StatusMode {
    Mapped,
    #[serde(rename = "always_200")]
    Always200,
}

/// How keys of an answer begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyCase {
    Capital,
    Lower,
}

/// A value that may be left empty.
pub(crate) mod blank {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<T: Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_str(""),
        }
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        let text = text.trim();
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
    }
}

/// A list, which an environment variable writes as one text with commas.
pub(crate) mod list {
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a list of texts, or one text with commas")]
    enum Written {
        List(Vec<String>),
        Text(String),
    }

    pub(crate) fn serialize<S: Serializer>(list: &Vec<String>, serializer: S) -> Result<S::Ok, S::Error> {
        list.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        Ok(match Written::deserialize(deserializer)? {
            Written::List(list) => list,
            Written::Text(text) => {
                text.split(',').map(|entry| entry.trim().to_owned()).filter(|entry| !entry.is_empty()).collect()
            }
        })
    }
}
