//! Attributes that an operator defines: what values they may have.

use serde_json::Value;

use crate::agent::Attributes;
use crate::text;
use crate::word::words;
use crate::{Error, Result, Why};

/// Longest text value, in characters.
pub const TEXT_MAX: usize = 1000;

words! {
    /// What kind of thing an attribute is an attribute of.
    pub enum Scope {
        AgentCustom = "agent.custom",
        AgentSkill = "agent.skill",
        Contact = "contact",
        Conversation = "conversation",
    }
}

words! {
    pub enum ValueKind {
        Text = "text",
        Number = "number",
        Bool = "bool",
        /// RFC 3339 date, `2025-08-28`.
        Date = "date",
        /// An `http` or `https` address.
        Link = "link",
        /// One of the options.
        List = "list",
        /// Several of the options.
        Multi = "multi",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    pub scope: Scope,
    pub key: String,
    pub name: String,
    pub description: String,
    pub kind: ValueKind,
    pub options: Vec<String>,
}

impl Definition {
    /// Whether `value` may stand under this key.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        match (self.kind, value) {
            (ValueKind::Text, Value::String(text)) => is_text(text),
            (ValueKind::Number, Value::Number(_)) | (ValueKind::Bool, Value::Bool(_)) => true,
            (ValueKind::Date, Value::String(text)) => text.parse::<jiff::civil::Date>().is_ok(),
            (ValueKind::Link, Value::String(text)) => {
                is_text(text) && (text.starts_with("https://") || text.starts_with("http://"))
            }
            (ValueKind::List, Value::String(text)) => self.offers(text),
            (ValueKind::Multi, Value::Array(items)) => {
                items.iter().all(|item| item.as_str().is_some_and(|text| self.offers(text)))
            }
            _ => false,
        }
    }

    fn offers(&self, text: &str) -> bool {
        self.options.iter().any(|option| option == text)
    }
}

fn is_text(text: &str) -> bool {
    !text.contains('\0') && text.chars().count() <= TEXT_MAX
}

/// Merges `changes` into `values` by key, null deleting; keys are compared folded and kept as defined.
///
/// # Errors
/// [`Error::Invalid`] with [`Why::UnknownAttribute`] for a key that isn't defined, [`Why::UnfitAttribute`] for a value
/// that doesn't fit its definition.
pub fn merge(
    field: &'static str,
    values: &Attributes,
    changes: &Attributes,
    definitions: &[Definition],
) -> Result<Attributes> {
    let mut merged = values.clone();
    for (key, value) in changes {
        let folded = text::key(key);
        let definition = definitions.iter().find(|definition| text::key(&definition.key) == folded);
        let unknown = || Error::invalid(field, Why::UnknownAttribute { key: key.clone() });
        let definition = definition.ok_or_else(unknown)?;
        if value.is_null() {
            merged.remove(&definition.key);
        } else if definition.admits(value) {
            merged.insert(definition.key.clone(), value.clone());
        } else {
            return Err(Error::invalid(field, Why::UnfitAttribute { key: definition.key.clone() }));
        }
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition(kind: ValueKind, options: &[&str]) -> Definition {
        Definition {
            scope: Scope::AgentCustom,
            key: "Level".into(),
            name: "Level".into(),
            description: String::new(),
            kind,
            options: options.iter().map(ToString::to_string).collect(),
        }
    }

    fn values(pairs: &[(&str, Value)]) -> Attributes {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    }

    #[test]
    fn values_fit_their_kind() {
        let cases = [
            (definition(ValueKind::Text, &[]), json!("x"), json!(1)),
            (definition(ValueKind::Number, &[]), json!(1.5), json!("1.5")),
            (definition(ValueKind::Bool, &[]), json!(true), json!("true")),
            (definition(ValueKind::Date, &[]), json!("2025-08-28"), json!("2025-02-30")),
            (definition(ValueKind::Link, &[]), json!("https://example.org"), json!("javascript:alert(1)")),
            (definition(ValueKind::List, &["a", "b"]), json!("a"), json!("c")),
            (definition(ValueKind::Multi, &["a", "b"]), json!(["a", "b"]), json!(["a", "c"])),
        ];
        for (definition, good, bad) in cases {
            assert!(definition.admits(&good), "{good}");
            assert!(!definition.admits(&bad), "{bad}");
        }
    }

    #[test]
    fn a_list_without_options_offers_nothing() {
        assert!(!definition(ValueKind::List, &[]).admits(&json!("anything")));
    }

    #[test]
    fn merging_keeps_what_is_absent_and_null_deletes() {
        let definitions = [definition(ValueKind::Text, &[])];
        let set = merge("attributes", &Attributes::new(), &values(&[("LEVEL", json!("x"))]), &definitions).unwrap();
        assert_eq!(set, values(&[("Level", json!("x"))]));
        assert_eq!(merge("attributes", &set, &Attributes::new(), &definitions).unwrap(), set);
        let gone = merge("attributes", &set, &values(&[("level", Value::Null)]), &definitions).unwrap();
        assert!(gone.is_empty());
        assert!(merge("attributes", &set, &values(&[("other", json!("x"))]), &definitions).is_err());
    }
}
