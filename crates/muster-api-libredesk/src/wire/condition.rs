//! The rule of a skill: a condition over agents' skill attributes. Ours, not the product's.

use muster_core::skill::{self, Op};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extension::words;

/// At most eight levels deep, with at most 64 tests.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Condition {
    /// Each of these.
    #[schema(no_recursion)]
    All(Vec<Condition>),
    /// One of these.
    #[schema(no_recursion)]
    Any(Vec<Condition>),
    Test(Test),
}

/// Compares the agent's value with another one. Without a value no test is met; texts are compared without case.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    /// The key of an attribute of `agent.skill`.
    pub(crate) attribute: String,
    pub(crate) op: OpWord,
    pub(crate) value: Operand,
}

words! {
    /// `eq` the same; `in` one of a list; `contains` a part of a text, or one of several options; `gt` and `lt` greater
    /// and less, for numbers and dates.
    OpWord of Op { Eq, In, Contains, Gt, Lt }
}

/// One value, or for `in` a list of them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Operand {
    One(Scalar),
    Many(Vec<Scalar>),
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Bool(bool),
    Number(Number),
    Text(String),
}

/// A number with all its digits.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = f64)]
pub(crate) struct Number(serde_json::Number);

impl From<skill::Condition> for Condition {
    fn from(condition: skill::Condition) -> Self {
        let each = |parts: Vec<skill::Condition>| parts.into_iter().map(Self::from).collect();
        match condition {
            skill::Condition::All(parts) => Self::All(each(parts)),
            skill::Condition::Any(parts) => Self::Any(each(parts)),
            skill::Condition::Test(skill::Test { attribute, op, value }) => {
                Self::Test(Test { attribute, op: op.into(), value: value.into() })
            }
        }
    }
}

impl From<Condition> for skill::Condition {
    fn from(condition: Condition) -> Self {
        let each = |parts: Vec<Condition>| parts.into_iter().map(Self::from).collect();
        match condition {
            Condition::All(parts) => Self::All(each(parts)),
            Condition::Any(parts) => Self::Any(each(parts)),
            Condition::Test(Test { attribute, op, value }) => {
                Self::Test(skill::Test { attribute, op: op.into(), value: value.into() })
            }
        }
    }
}

impl From<serde_json::Value> for Operand {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Array(items) => Self::Many(items.into_iter().map(Scalar::from).collect()),
            one => Self::One(one.into()),
        }
    }
}

impl From<Operand> for serde_json::Value {
    fn from(operand: Operand) -> Self {
        match operand {
            Operand::One(one) => one.into(),
            Operand::Many(items) => items.into_iter().map(Self::from).collect(),
        }
    }
}

impl From<serde_json::Value> for Scalar {
    /// Stored tests hold nothing but scalars and lists of them; anything else shows as its JSON.
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(value) => Self::Number(Number(value)),
            serde_json::Value::String(value) => Self::Text(value),
            other => Self::Text(other.to_string()),
        }
    }
}

impl From<Scalar> for serde_json::Value {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Bool(value) => Self::Bool(value),
            Scalar::Number(Number(value)) => Self::Number(value),
            Scalar::Text(value) => Self::String(value),
        }
    }
}
