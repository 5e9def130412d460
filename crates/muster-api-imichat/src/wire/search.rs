//! What users are searched by.

use std::cmp::Ordering;

use muster_core::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::Status;

/// Conditions that all have to hold; none of them is every user.
// Wire (documented, "Search users"): the fields and their operators. (chosen): the three forms
// `{"conditions": [{"field", "operator", "value"}]}`, `{"status": {"eq": "active"}}` and `{"status": "active"}`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Search(pub(crate) Vec<Condition>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Status(Status),
    CreatedAt(Comparison, Timestamp),
    UpdatedAt(Comparison, Timestamp),
    AcceptingChats(bool),
    ActiveChats(Comparison, i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Eq,
    Lt,
    Gt,
    Lte,
    Gte,
}

impl Comparison {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Eq,
            "lt" => Self::Lt,
            "gt" => Self::Gt,
            "lte" => Self::Lte,
            "gte" => Self::Gte,
            _ => return None,
        })
    }

    pub(crate) fn holds<T: Ord>(self, one: &T, other: &T) -> bool {
        let order = one.cmp(other);
        match self {
            Self::Eq => order == Ordering::Equal,
            Self::Lt => order == Ordering::Less,
            Self::Gt => order == Ordering::Greater,
            Self::Lte => order != Ordering::Greater,
            Self::Gte => order != Ordering::Less,
        }
    }
}

impl Condition {
    fn read(field: &str, operator: &str, value: &Value) -> Option<Self> {
        let comparison = Comparison::parse(operator)?;
        let equals = comparison == Comparison::Eq;
        match field {
            "status" if equals => Status::try_from(value.as_str()?.to_owned()).ok().map(Self::Status),
            "accepting_chats" if equals => value.as_bool().map(Self::AcceptingChats),
            "active_chats" if !equals => value.as_i64().map(|count| Self::ActiveChats(comparison, count)),
            "created_at" => Timestamp::parse(value.as_str()?).map(|at| Self::CreatedAt(comparison, at)),
            "updated_at" => Timestamp::parse(value.as_str()?).map(|at| Self::UpdatedAt(comparison, at)),
            _ => None,
        }
    }
}

impl Search {
    fn read(fields: &Map<String, Value>) -> Option<Self> {
        let mut conditions = Vec::new();
        for (field, asked) in fields {
            match asked {
                Value::Array(listed) if field == "conditions" => {
                    for one in listed {
                        conditions.push(listed_condition(one)?);
                    }
                }
                Value::Object(operators) if !operators.is_empty() => {
                    for (operator, value) in operators {
                        conditions.push(Condition::read(field, operator, value)?);
                    }
                }
                value => conditions.push(Condition::read(field, "eq", value)?),
            }
        }
        Some(Self(conditions))
    }
}

fn listed_condition(one: &Value) -> Option<Condition> {
    Condition::read(one.get("field")?.as_str()?, one.get("operator")?.as_str()?, one.get("value")?)
}

impl<'de> Deserialize<'de> for Search {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        Self::read(&fields).ok_or_else(|| serde::de::Error::custom("no field and operator of a search"))
    }
}

impl PartialSchema for Search {
    fn schema() -> RefOr<Schema> {
        let word = |words: &[&str]| ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.to_vec()));
        let fields = ["status", "created_at", "updated_at", "accepting_chats", "active_chats"];
        let condition = ObjectBuilder::new()
            .property("field", word(&fields))
            .property("operator", word(&["eq", "lt", "gt", "lte", "gte"]))
            .property("value", Schema::default())
            .required("field")
            .required("operator")
            .required("value");
        ObjectBuilder::new()
            .description(Some("`conditions`, or fields with a value or with operators and values."))
            .property("conditions", ArrayBuilder::new().items(condition))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .into()
    }
}

impl ToSchema for Search {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> Option<Vec<Condition>> {
        serde_json::from_value::<Search>(body).ok().map(|search| search.0)
    }

    #[test]
    fn three_forms_say_the_same() {
        let expected = Some(vec![Condition::Status(Status::Active)]);
        assert_eq!(read(json!({"conditions": [{"field": "status", "operator": "eq", "value": "active"}]})), expected);
        assert_eq!(read(json!({"status": {"eq": "active"}})), expected);
        assert_eq!(read(json!({"status": "active"})), expected);
        assert_eq!(read(json!({})), Some(vec![]));
        assert_eq!(read(json!({"conditions": []})), Some(vec![]));
    }

    #[test]
    fn each_field_has_its_own_operators_and_type() {
        for good in [
            json!({"accepting_chats": true}),
            json!({"active_chats": {"lt": 3, "gte": 0}}),
            json!({"created_at": {"gte": "2026-01-05T09:00:00.200Z", "lt": "2026-01-05T10:00:00+01:00"}}),
            json!({"updated_at": "2026-01-05T09:00:00Z"}),
        ] {
            assert!(read(good.clone()).is_some(), "{good}");
        }
        for bad in [
            json!({"status": {"lt": "active"}}),
            json!({"status": "Active"}),
            json!({"status": null}),
            json!({"status": ["active"]}),
            json!({"active_chats": 3}),
            json!({"active_chats": {"lt": 1.5}}),
            json!({"active_chats": {"lt": "3"}}),
            json!({"accepting_chats": "true"}),
            json!({"accepting_chats": {"gt": true}}),
            json!({"created_at": {"gte": "yesterday"}}),
            json!({"created_at": {"near": "2026-01-05T09:00:00Z"}}),
            json!({"login_id": "ana"}),
            json!({"status": {}}),
            json!({"nonsense": {}}),
            json!({"conditions": {}}),
            json!({"status": "inactive", "x": 1}),
            json!({"conditions": [{"field": "status", "value": "active"}]}),
            json!({"conditions": ["status"]}),
            json!({"conditions": null}),
        ] {
            assert_eq!(read(bad.clone()), None, "{bad}");
        }
    }
}
