//! Values on their way into statements and out of rows.

use muster_core::Timestamp;
use muster_core::id::{
    AgentId, AttributeId, BusinessHoursId, ContactId, ConversationId, DecisionId, DraftId, IdentityId, InboxId,
    IntegrationId, JobId, MacroId, MediaId, MessageId, NoteId, NotificationId, PublicId, RoleId, SkillId, StatusId,
    SurveyId, TagId, TeamId, TemplateId, ViewId,
};
use uuid::Uuid;

/// A value bound to a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

/// A value read from a column. SQLite's booleans arrive as [`ValueRef::Int`] 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'r> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'r str),
}

/// What a column can be read as. `None` means that the stored value is impossible for this type.
pub trait FromValue: Sized {
    fn from_value(value: ValueRef<'_>) -> Option<Self>;
}

/// An array of [`Value`](crate::Value)s: `params![id, name, now]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::Value::from($value)),*] };
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<PublicId> for Value {
    fn from(value: PublicId) -> Self {
        Self::Text(value.as_str().to_owned())
    }
}

impl From<&PublicId> for Value {
    fn from(value: &PublicId) -> Self {
        Self::Text(value.as_str().to_owned())
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_millis())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl FromValue for bool {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Bool(value) => Some(value),
            ValueRef::Int(0) => Some(false),
            ValueRef::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl FromValue for f64 {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Float(value) => Some(value),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Text(value) => Some(value.to_owned()),
            _ => None,
        }
    }
}

impl FromValue for Uuid {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Text(value) => Self::parse_str(value).ok(),
            _ => None,
        }
    }
}

impl FromValue for PublicId {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        String::from_value(value).map(Self::from_stored)
    }
}

impl FromValue for Timestamp {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        i64::from_value(value).map(Self::from_millis)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

macro_rules! integers {
    ($($integer:ty),+) => {$(
        impl From<$integer> for Value {
            fn from(value: $integer) -> Self {
                Self::Int(i64::from(value))
            }
        }
    )+};
}
integers!(i64, i32, i16, u32, u16, u8);

macro_rules! integers_from {
    ($($integer:ty),+) => {$(
        impl FromValue for $integer {
            fn from_value(value: ValueRef<'_>) -> Option<Self> {
                match value {
                    ValueRef::Int(value) => Self::try_from(value).ok(),
                    _ => None,
                }
            }
        }
    )+};
}
integers_from!(i64, i32, i16, u64, u32, u16, u8, usize);

macro_rules! ids {
    ($($id:ident),+ $(,)?) => {$(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                Self::Int(id.0)
            }
        }

        impl FromValue for $id {
            fn from_value(value: ValueRef<'_>) -> Option<Self> {
                i64::from_value(value).map(Self)
            }
        }
    )+};
}
ids!(
    AgentId,
    AttributeId,
    BusinessHoursId,
    ContactId,
    ConversationId,
    DecisionId,
    DraftId,
    IdentityId,
    InboxId,
    IntegrationId,
    JobId,
    MacroId,
    MediaId,
    MessageId,
    NoteId,
    NotificationId,
    RoleId,
    SkillId,
    StatusId,
    SurveyId,
    TagId,
    TeamId,
    TemplateId,
    ViewId,
);
