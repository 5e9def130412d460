//! Definitions of custom attributes.

use muster_core::attribute::{Definition, Scope, ValueKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// An attribute that things may have a value for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomAttribute {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) applies_to: AppliesTo,
    pub(crate) key: String,
    /// The options of a list.
    pub(crate) values: Vec<String>,
    pub(crate) data_type: DataType,
    /// What a text or link must match somewhere; empty: anything.
    pub(crate) regex: String,
    pub(crate) regex_hint: String,
}

impl From<Definition> for CustomAttribute {
    fn from(definition: Definition) -> Self {
        let Definition { id, scope, key, name, description, kind, options, regex, regex_hint, .. } = definition;
        Self {
            id: id.0,
            created_at: Time(definition.created_at),
            updated_at: Time(definition.updated_at),
            name,
            description,
            applies_to: scope.into(),
            key,
            values: options,
            data_type: kind.into(),
            regex: regex.unwrap_or_default(),
            regex_hint,
        }
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident of $domain:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        pub(crate) enum $name {
            $(#[serde(rename = $word)] #[schema(rename = $word)] $variant),+
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value {
                    $($domain::$variant => Self::$variant),+
                }
            }
        }

        impl $name {
            pub(crate) fn parse(word: &str) -> Option<$domain> {
                match word {
                    $($word => Some($domain::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

named! {
    // Wire (observed, 2.7): contact and conversation. Wire (chosen): those of agents.
    /// What has values for it. `agent.skill` decides on skills with a rule. The two of agents are ours.
    AppliesTo of Scope {
        Contact = "contact",
        Conversation = "conversation",
        AgentCustom = "agent.custom",
        AgentSkill = "agent.skill",
    }
}

named! {
    // Wire (observed, 2.7): the first six. Wire (chosen): `multi`.
    /// `multi`, several options at a time, is ours.
    DataType of ValueKind {
        Text = "text",
        Number = "number",
        Bool = "checkbox",
        Date = "date",
        Link = "link",
        List = "list",
        Multi = "multi",
    }
}

/// An attribute to be written. On an update an absent field stays as it is; `applies_to`, `key` and `data_type` can only
/// be what they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"name": "Plan", "description": "What they pay for", "applies_to": "contact", "key": "plan", "data_type": "list", "values": ["free", "paid"]}))]
pub(crate) struct CustomAttributeRequest {
    /// Needed on creation, like the next four.
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) name: Option<String>,
    #[schema(min_length = 1, max_length = 1000)]
    pub(crate) description: Option<String>,
    #[schema(value_type = Option<AppliesTo>)]
    pub(crate) applies_to: Option<String>,
    /// Unique among those that apply to the same, in any case.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) key: Option<String>,
    #[schema(value_type = Option<DataType>)]
    pub(crate) data_type: Option<String>,
    #[schema(max_items = 1000)]
    pub(crate) values: Option<Vec<String>>,
    /// For texts and links.
    #[schema(max_length = 500)]
    pub(crate) regex: Option<String>,
    #[schema(max_length = 1000)]
    pub(crate) regex_hint: Option<String>,
}
