//! Values as they were sent: the product tells an absent field, an empty one and a wrong one apart.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A field of a request. It needs `#[serde(default)]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Sent<T> {
    #[default]
    Absent,
    Null,
    /// Of another type than the field's.
    Wrong,
    Given(T),
}

/// What a field's value is read as.
pub(crate) trait Read: Sized {
    fn read(value: &Value) -> Option<Self>;
}

impl<T: Read> Sent<T> {
    pub(crate) fn of(value: Option<&Value>) -> Self {
        match value {
            None => Self::Absent,
            Some(Value::Null) => Self::Null,
            Some(value) => T::read(value).map_or(Self::Wrong, Self::Given),
        }
    }
}

impl<T> Sent<T> {
    pub(crate) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl Sent<String> {
    /// The text, if there is one that is more than blanks.
    pub(crate) fn filled(&self) -> Option<&str> {
        match self {
            Self::Given(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Absent | Self::Null | Self::Wrong => None,
        }
    }

    // Wire (chosen): a missing value is `null` or an empty text; one of blanks is a value, though a wrong one.
    /// Whether the field is there without a value.
    pub(crate) fn is_missing_value(&self) -> bool {
        matches!(self, Self::Null) || matches!(self, Self::Given(text) if text.is_empty())
    }
}

impl<'de, T: Read> Deserialize<'de> for Sent<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(Some(&Value::deserialize(deserializer)?)))
    }
}

impl Read for String {
    fn read(value: &Value) -> Option<Self> {
        value.as_str().map(ToOwned::to_owned)
    }
}

impl Read for bool {
    // Wire (chosen): the words too, in any case.
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(*flag),
            Value::String(word) if word.eq_ignore_ascii_case("true") => Some(true),
            Value::String(word) if word.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}

/// A place in an order, 1 first, up to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Priority(u8);

impl Read for Priority {
    // Wire (documented: 1 to 100; chosen: digits in a text too).
    fn read(value: &Value) -> Option<Self> {
        let number = match value {
            Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
            other => other.as_u64(),
        };
        number.and_then(|number| u8::try_from(number).ok()).filter(|number| (1..=100).contains(number)).map(Self)
    }
}

impl Priority {
    pub(crate) const FIRST: Self = Self(1);

    pub(crate) const fn get(self) -> u8 {
        self.0
    }

    /// The desk's level of a skill: 100 best.
    pub(crate) const fn level(self) -> u8 {
        101 - self.0
    }

    /// The priority of a level of 1 to 100.
    pub(crate) const fn of_level(level: u8) -> u8 {
        101_u8.saturating_sub(level)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn absent_null_wrong_and_given_are_four_things() {
        #[derive(Debug, Deserialize)]
        #[serde(default)]
        #[derive(Default)]
        struct Request {
            text: Sent<String>,
        }
        let read = |value: Value| serde_json::from_value::<Request>(value).unwrap().text;
        assert_eq!(read(json!({})), Sent::Absent);
        assert_eq!(read(json!({"text": null})), Sent::Null);
        assert_eq!(read(json!({"text": 7})), Sent::Wrong);
        assert_eq!(read(json!({"text": " a "})), Sent::Given(" a ".to_owned()));
        assert_eq!((read(json!({"text": " a "})).filled(), read(json!({"text": " "})).filled()), (Some("a"), None));
    }

    #[test]
    fn flags_are_words_in_any_case_too() {
        for (value, expected) in [(json!(true), true), (json!("True"), true), (json!("FALSE"), false)] {
            assert_eq!(bool::read(&value), Some(expected));
        }
        for wrong in [json!(1), json!("yes"), json!(""), json!([true])] {
            assert_eq!(bool::read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_priority_is_a_level_turned_round() {
        for (value, priority) in [(json!(1), 1), (json!(100), 100), (json!("7"), 7)] {
            assert_eq!(Priority::read(&value).map(Priority::get), Some(priority));
        }
        for wrong in [json!(0), json!(101), json!(-1), json!(1.5), json!("x"), json!(""), json!("+7"), json!(true)] {
            assert_eq!(Priority::read(&wrong), None, "{wrong}");
        }
        for priority in 1..=100 {
            let read = Priority::read(&json!(priority)).unwrap();
            assert_eq!(Priority::of_level(read.level()), read.get());
        }
    }
}
