//! What an agent's attribute values must be like for a skill to follow from them.
//!
//! As JSON: `{"test": {"attribute": "language", "op": "eq", "value": "fr"}}`, `{"all": [...]}`, `{"any": [...]}`.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::agent::Attributes;
use crate::attribute::{self, Definition, ValueKind, is_text};
use crate::text;
use crate::word::words;
use crate::{Error, Result, Why};

/// Most levels, tests included.
const DEPTH_MAX: usize = 8;
/// Most tests in one condition.
const TESTS_MAX: usize = 64;
/// Most values that one test names.
const VALUES_MAX: usize = 100;

words! {
    /// How a value is compared.
    pub enum Op {
        /// The same text (compared folded), number, yes or no, or date.
        Eq = "eq",
        /// The same as one of a list.
        In = "in",
        /// A text with this text in it, or several options with this one among them.
        Contains = "contains",
        /// A greater number or a later date.
        Gt = "gt",
        /// A smaller number or an earlier date.
        Lt = "lt",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Test(Test),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// The key of an attribute, compared folded.
    pub attribute: String,
    pub op: Op,
    pub value: Value,
}

impl Condition {
    /// Whether these values meet it. An attribute without a value meets no test.
    #[must_use]
    pub fn holds(&self, values: &Attributes) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(values)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(values)),
            Self::Test(test) => test.holds(values),
        }
    }

    /// Whether a test asks for this attribute.
    #[must_use]
    pub fn names(&self, key: &str) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.names(key)),
            Self::Test(test) => text::key(&test.attribute) == text::key(key),
        }
    }

    /// The condition with its attributes spelled as they are defined.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `rule`: [`Why::OutOfRange`] for too many levels or tests, [`Why::Malformed`] for
    /// an empty list, [`Why::UnknownAttribute`] and [`Why::UnfitAttribute`] for a test that its attribute can't be put to.
    pub fn checked(self, definitions: &[Definition]) -> Result<Self> {
        let mut tests_left = TESTS_MAX;
        self.checked_within(definitions, DEPTH_MAX, &mut tests_left)
    }

    fn checked_within(self, definitions: &[Definition], depth_left: usize, tests_left: &mut usize) -> Result<Self> {
        let depth_left = depth_left.checked_sub(1).ok_or(invalid(Why::OutOfRange))?;
        let mut all = |parts: Vec<Self>| -> Result<Vec<Self>> {
            if parts.is_empty() {
                return Err(invalid(Why::Malformed));
            }
            parts.into_iter().map(|part| part.checked_within(definitions, depth_left, tests_left)).collect()
        };
        match self {
            Self::All(parts) => all(parts).map(Self::All),
            Self::Any(parts) => all(parts).map(Self::Any),
            Self::Test(test) => {
                *tests_left = tests_left.checked_sub(1).ok_or(invalid(Why::OutOfRange))?;
                test.checked(definitions).map(Self::Test)
            }
        }
    }
}

const fn invalid(why: Why) -> Error {
    Error::invalid("rule", why)
}

impl Test {
    fn holds(&self, values: &Attributes) -> bool {
        let Some(held) = value_of(values, &self.attribute) else { return false };
        match self.op {
            Op::Eq => is_same(held, &self.value),
            Op::In => self.value.as_array().is_some_and(|list| list.iter().any(|one| is_same(held, one))),
            Op::Contains => contains(held, &self.value),
            Op::Gt => order(held, &self.value) == Some(Ordering::Greater),
            Op::Lt => order(held, &self.value) == Some(Ordering::Less),
        }
    }

    fn checked(self, definitions: &[Definition]) -> Result<Self> {
        let Some(definition) = attribute::find(&self.attribute, definitions) else {
            return Err(invalid(Why::UnknownAttribute { key: self.attribute }));
        };
        let key = definition.key.clone();
        if self.fits(definition.kind) {
            Ok(Self { attribute: key, ..self })
        } else {
            Err(invalid(Why::UnfitAttribute { key }))
        }
    }

    /// Whether values of this kind can be compared in this way.
    fn fits(&self, kind: ValueKind) -> bool {
        let has_text = matches!(kind, ValueKind::Text | ValueKind::Link | ValueKind::List);
        match self.op {
            Op::Eq => kind != ValueKind::Multi && is_operand(kind, &self.value),
            Op::In => {
                let list = self.value.as_array().filter(|list| (1..=VALUES_MAX).contains(&list.len()));
                let is_single = has_text || matches!(kind, ValueKind::Number | ValueKind::Date);
                is_single && list.is_some_and(|list| list.iter().all(|one| is_operand(kind, one)))
            }
            Op::Contains => {
                let is_blank = self.value.as_str().is_none_or(|text| text::key(text).is_empty());
                (has_text || kind == ValueKind::Multi) && !is_blank && is_operand(kind, &self.value)
            }
            Op::Gt | Op::Lt => matches!(kind, ValueKind::Number | ValueKind::Date) && is_operand(kind, &self.value),
        }
    }
}

fn is_operand(kind: ValueKind, value: &Value) -> bool {
    match kind {
        ValueKind::Text | ValueKind::Link | ValueKind::List | ValueKind::Multi => value.as_str().is_some_and(is_text),
        ValueKind::Number => value.is_number(),
        ValueKind::Bool => value.is_boolean(),
        ValueKind::Date => date(value).is_some(),
    }
}

fn value_of<'v>(values: &'v Attributes, key: &str) -> Option<&'v Value> {
    // Keys are nearly always spelled as defined.
    values.get(key).or_else(|| {
        let folded = text::key(key);
        values.iter().find(|(key, _)| text::key(key) == folded).map(|(_, value)| value)
    })
}

fn is_same(held: &Value, wanted: &Value) -> bool {
    match (held, wanted) {
        (Value::String(held), Value::String(wanted)) => text::key(held) == text::key(wanted),
        (Value::Number(held), Value::Number(wanted)) => order_of_numbers(held, wanted) == Some(Ordering::Equal),
        (Value::Bool(held), Value::Bool(wanted)) => held == wanted,
        _ => false,
    }
}

fn contains(held: &Value, wanted: &Value) -> bool {
    match (held, wanted) {
        (Value::String(held), Value::String(wanted)) => text::key(held).contains(&text::key(wanted)),
        (Value::Array(items), wanted) => items.iter().any(|item| is_same(item, wanted)),
        _ => false,
    }
}

fn order(held: &Value, wanted: &Value) -> Option<Ordering> {
    match (held, wanted) {
        (Value::Number(held), Value::Number(wanted)) => order_of_numbers(held, wanted),
        _ => Some(date(held)?.cmp(&date(wanted)?)),
    }
}

fn order_of_numbers(held: &Number, wanted: &Number) -> Option<Ordering> {
    if let (Some(held), Some(wanted)) = (held.as_i128(), wanted.as_i128()) {
        return Some(held.cmp(&wanted));
    }
    held.as_f64()?.partial_cmp(&wanted.as_f64()?)
}

fn date(value: &Value) -> Option<jiff::civil::Date> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests;
