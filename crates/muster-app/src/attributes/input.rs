//! What can be said about an attribute.

use std::collections::BTreeSet;

use muster_core::attribute::{Definition, Scope, ValueKind, checked_key, pattern, takes_regex};
use muster_core::id::AttributeId;
use muster_core::{Error, Result, Timestamp, Why, text};

const NAME_MAX: usize = 140;
const DESCRIPTION_MAX: usize = 1000;
const OPTION_MAX: usize = 140;
const OPTIONS_MAX: usize = 1000;

/// An attribute to be defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttribute {
    pub scope: Scope,
    pub key: String,
    pub name: String,
    pub description: String,
    pub kind: ValueKind,
    pub options: Vec<String>,
    /// For texts and links; empty: any.
    pub regex: String,
    pub regex_hint: String,
}

/// A change of an attribute. What is `None` stays as it is; the first three can only be what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributePatch {
    pub scope: Option<Scope>,
    pub key: Option<String>,
    pub kind: Option<ValueKind>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub options: Option<Vec<String>>,
    /// Empty: any.
    pub regex: Option<String>,
    pub regex_hint: Option<String>,
}

impl NewAttribute {
    /// The definition, but for its id.
    pub(super) fn checked(self, now: Timestamp) -> Result<Definition> {
        Ok(Definition {
            id: AttributeId(0),
            key: checked_key(self.scope, &self.key)?,
            scope: self.scope,
            name: name(&self.name)?,
            description: description(&self.description)?,
            options: options(&self.options)?,
            regex: regex(self.kind, &self.regex)?,
            kind: self.kind,
            regex_hint: hint(&self.regex_hint)?,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }
}

impl AttributePatch {
    /// The definition as this would have it.
    pub(super) fn applied(&self, before: &Definition) -> Result<Definition> {
        if self.scope.is_some_and(|scope| scope != before.scope) {
            return Err(Error::invalid("scope", Why::Unknown));
        }
        if self.key.as_ref().is_some_and(|key| text::key(key) != text::key(&before.key)) {
            return Err(Error::invalid("key", Why::Unknown));
        }
        if self.kind.is_some_and(|kind| kind != before.kind) {
            return Err(Error::invalid("kind", Why::Unknown));
        }
        let before = before.clone();
        Ok(Definition {
            name: self.name.as_deref().map_or(Ok(before.name), name)?,
            description: self.description.as_deref().map_or(Ok(before.description), description)?,
            options: self.options.as_deref().map_or(Ok(before.options), options)?,
            regex: self.regex.as_deref().map_or(Ok(before.regex), |source| regex(before.kind, source))?,
            regex_hint: self.regex_hint.as_deref().map_or(Ok(before.regex_hint), hint)?,
            ..before
        })
    }
}

fn name(given: &str) -> Result<String> {
    text::bounded("name", given, 1, NAME_MAX)
}

fn description(given: &str) -> Result<String> {
    text::bounded("description", given, 0, DESCRIPTION_MAX)
}

fn hint(given: &str) -> Result<String> {
    text::bounded("regex_hint", given, 0, DESCRIPTION_MAX)
}

/// Options without outer blanks; each may be there once, whatever its case.
fn options(given: &[String]) -> Result<Vec<String>> {
    if given.len() > OPTIONS_MAX {
        return Err(Error::invalid("options", Why::OutOfRange));
    }
    let options: Vec<String> =
        given.iter().map(|option| text::bounded("options", option, 1, OPTION_MAX)).collect::<Result<_>>()?;
    let keys: BTreeSet<String> = options.iter().map(|option| text::key(option)).collect();
    if keys.len() == options.len() { Ok(options) } else { Err(Error::invalid("options", Why::Malformed)) }
}

fn regex(kind: ValueKind, source: &str) -> Result<Option<String>> {
    if source.is_empty() {
        return Ok(None);
    }
    if !takes_regex(kind) || source.contains('\0') {
        return Err(Error::invalid("regex", Why::Malformed));
    }
    pattern(source)?;
    Ok(Some(source.to_owned()))
}
