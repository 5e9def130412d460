//! Attributes that an operator defines: what values they may have.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use crate::agent::Attributes;
use crate::id::AttributeId;
use crate::text;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why};

/// Longest text value, in characters.
pub const TEXT_MAX: usize = 1000;
pub const KEY_MAX: usize = 64;
/// Longest pattern, in characters.
const REGEX_MAX: usize = 500;
/// How much memory a pattern may take once compiled, in bytes.
const REGEX_SIZE: usize = 1 << 18;

/// What a conversation has of its own, and how long ago things happened to it: attributes of contacts and conversations
/// can't be called so.
const RESERVED: [&str; 12] = [
    "assigned_team",
    "assigned_user",
    "contact_email",
    "content",
    "hours_since_created",
    "hours_since_first_reply",
    "hours_since_last_reply",
    "hours_since_resolved",
    "inbox",
    "priority",
    "status",
    "subject",
];

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
    pub id: AttributeId,
    pub scope: Scope,
    /// Unique within the scope; case is kept, compared folded. Never changes.
    pub key: String,
    pub name: String,
    pub description: String,
    /// Never changes.
    pub kind: ValueKind,
    pub options: Vec<String>,
    /// What a text or link must match somewhere.
    pub regex: Option<String>,
    /// What people are told who type something that doesn't match.
    pub regex_hint: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

impl Definition {
    /// Whether `value` may stand under this key. [`Self::matcher`] does it for many.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        self.matcher().admits(value)
    }

    /// The definition with its pattern made ready.
    #[must_use]
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher { definition: self, pattern: self.regex.as_deref().map(|source| pattern(source).ok()) }
    }

    fn fits_kind(&self, value: &Value) -> bool {
        match (self.kind, value) {
            (ValueKind::Text, Value::String(text)) => is_text(text),
            (ValueKind::Number, Value::Number(_)) | (ValueKind::Bool, Value::Bool(_)) => true,
            (ValueKind::Date, Value::String(text)) => text.parse::<jiff::civil::Date>().is_ok(),
            (ValueKind::Link, Value::String(text)) => {
                is_text(text) && (text.starts_with("https://") || text.starts_with("http://"))
            }
            (ValueKind::List, Value::String(text)) => self.offers(text),
            (ValueKind::Multi, Value::Array(items)) => {
                items.len() <= self.options.len()
                    && items.iter().all(|item| item.as_str().is_some_and(|text| self.offers(text)))
            }
            _ => false,
        }
    }

    fn offers(&self, text: &str) -> bool {
        self.options.iter().any(|option| option == text)
    }
}

/// Tells which values a definition admits.
#[derive(Debug)]
pub struct Matcher<'d> {
    definition: &'d Definition,
    /// `Some(None)`: a text that is no pattern, which nothing matches.
    pattern: Option<Option<Regex>>,
}

impl Matcher<'_> {
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        self.definition.fits_kind(value)
            && match (&self.pattern, value) {
                (None, _) => true,
                (Some(Some(pattern)), Value::String(text)) => pattern.is_match(text),
                (Some(_), _) => false,
            }
    }
}

/// Whether a value of this kind is a text that can be matched.
#[must_use]
pub const fn takes_regex(kind: ValueKind) -> bool {
    matches!(kind, ValueKind::Text | ValueKind::Link)
}

/// A pattern, made ready. It takes time linear in the text that it is matched with.
///
/// # Errors
/// [`Error::Invalid`] with [`Why::TooLong`] or [`Why::Malformed`], which is also said of one that would take too much
/// memory.
pub fn pattern(source: &str) -> Result<Regex> {
    if source.chars().count() > REGEX_MAX {
        return Err(Error::invalid("regex", Why::TooLong { max: REGEX_MAX }));
    }
    let built = RegexBuilder::new(source).size_limit(REGEX_SIZE).dfa_size_limit(REGEX_SIZE).build();
    built.map_err(|_| Error::invalid("regex", Why::Malformed))
}

/// Checks the key of a new definition and returns it without outer blanks.
///
/// # Errors
/// [`Error::Invalid`] with [`Why::Empty`], [`Why::TooLong`], or [`Why::Malformed`] for control characters, quotes and
/// backslashes; [`Why::Unknown`] for a reserved word.
pub fn checked_key(scope: Scope, key: &str) -> Result<String> {
    let key = text::bounded("key", key, 1, KEY_MAX)?;
    if key.chars().any(|c| c.is_control() || c == '"' || c == '\\') {
        return Err(Error::invalid("key", Why::Malformed));
    }
    let is_taken =
        matches!(scope, Scope::Contact | Scope::Conversation) && RESERVED.contains(&text::key(&key).as_str());
    if is_taken { Err(Error::invalid("key", Why::Unknown)) } else { Ok(key) }
}

pub(crate) fn is_text(text: &str) -> bool {
    !text.contains('\0') && text.chars().count() <= TEXT_MAX
}

/// The definition of this key, compared folded.
#[must_use]
pub fn find<'d>(key: &str, definitions: &'d [Definition]) -> Option<&'d Definition> {
    let folded = text::key(key);
    definitions.iter().find(|definition| text::key(&definition.key) == folded)
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
        let definition = admitting(field, key, value, definitions)?;
        if value.is_null() {
            merged.remove(&definition.key);
        } else {
            merged.insert(definition.key.clone(), value.clone());
        }
    }
    Ok(merged)
}

/// Whether [`merge`] would take these changes.
///
/// # Errors
/// As [`merge`].
pub fn check(field: &'static str, changes: &Attributes, definitions: &[Definition]) -> Result<()> {
    changes.iter().try_for_each(|(key, value)| admitting(field, key, value, definitions).map(drop))
}

/// The definition of the key, if it admits the value or there is nothing to admit.
fn admitting<'d>(
    field: &'static str,
    key: &str,
    value: &Value,
    definitions: &'d [Definition],
) -> Result<&'d Definition> {
    let unknown = || Error::invalid(field, Why::UnknownAttribute { key: key.to_owned() });
    let definition = find(key, definitions).ok_or_else(unknown)?;
    if value.is_null() || definition.admits(value) {
        Ok(definition)
    } else {
        Err(Error::invalid(field, Why::UnfitAttribute { key: definition.key.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition(kind: ValueKind, options: &[&str]) -> Definition {
        Definition {
            id: AttributeId(1),
            scope: Scope::AgentCustom,
            key: "Level".into(),
            name: "Level".into(),
            description: String::new(),
            kind,
            options: options.iter().map(ToString::to_string).collect(),
            regex: None,
            regex_hint: String::new(),
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
            version: 1,
        }
    }

    fn values(pairs: &[(&str, Value)]) -> Attributes {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    }

    /// What was wrong, if anything was.
    fn why(outcome: Result<()>) -> Option<Why> {
        match outcome {
            Ok(()) => None,
            Err(Error::Invalid { field: "attributes", why }) => Some(why),
            Err(other) => panic!("{other:?}"),
        }
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

    #[test]
    fn a_check_says_what_a_merge_would() {
        let definitions = [definition(ValueKind::Number, &[])];
        let none = Attributes::new();
        let unknown = || Some(Why::UnknownAttribute { key: "other".into() });
        let unfit = || Some(Why::UnfitAttribute { key: "Level".into() });
        let cases = [
            (values(&[("level", json!(1))]), None),
            (values(&[("LEVEL", Value::Null)]), None),
            (values(&[("level", json!("x"))]), unfit()),
            (values(&[("other", json!(1))]), unknown()),
            (values(&[("other", Value::Null)]), unknown()),
            (values(&[("level", json!(1)), ("other", json!(1))]), unknown()),
        ];
        for (changes, expected) in cases {
            assert_eq!(why(check("attributes", &changes, &definitions)), expected, "{changes:?}");
            let merged = merge("attributes", &none, &changes, &definitions);
            assert_eq!(why(merged.map(drop)), expected, "{changes:?}");
        }
    }

    #[test]
    fn a_text_matches_its_pattern_somewhere() {
        let coded = Definition { regex: Some("^[A-Z]{2}-[0-9]+$".into()), ..definition(ValueKind::Text, &[]) };
        assert!(coded.admits(&json!("AB-12")));
        assert!(!coded.admits(&json!("ab-12")) && !coded.admits(&json!("")));
        let anywhere = Definition { regex: Some("b".into()), ..definition(ValueKind::Text, &[]) };
        assert!(anywhere.admits(&json!("abc")));
        let broken = Definition { regex: Some("(".into()), ..definition(ValueKind::Text, &[]) };
        assert!(!broken.admits(&json!("(")));
    }

    #[test]
    fn patterns_are_bounded() {
        assert!(pattern("(").is_err());
        assert!(pattern(&"a".repeat(REGEX_MAX + 1)).is_err());
        assert!(pattern("((a{100}){100}){100}").is_err());
        assert!(pattern(r"^\p{L}+@\w+$").is_ok());
    }

    #[test]
    fn keys_are_bounded_and_some_are_reserved() {
        assert_eq!(checked_key(Scope::Contact, " plan ").unwrap(), "plan");
        assert!(checked_key(Scope::AgentSkill, "priority").is_ok());
        for bad in ["", "a\"b", "a\\b", "a\nb", "Status", "contact_email", &"k".repeat(65)] {
            assert!(checked_key(Scope::Conversation, bad).is_err(), "{bad}");
        }
    }
}
