//! Inboxes.

use muster_core::inbox::{self, Medium};
use muster_http::patch::Patch;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Time;
use super::chat_config::ChatConfig;
use crate::error::Result;

/// What stands where a stored secret is. Wire (observed, 2.7): ten bullets.
pub(crate) const MASK: &str = "••••••••••";

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inbox {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) name: String,
    pub(crate) channel: Channel,
    pub(crate) enabled: bool,
    pub(crate) csat_enabled: bool,
    pub(crate) prompt_tags_on_reply: bool,
    pub(crate) from: String,
    pub(crate) from_name_template: String,
    pub(crate) config: ChatConfig,
    /// Bullets where there is one.
    #[schema(required)]
    pub(crate) secret: Option<&'static str>,
    #[schema(required)]
    pub(crate) linked_email_inbox_id: Option<i64>,
    pub(crate) muster: InboxExtension,
}

/// How conversations come in.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Channel {
    Livechat,
    Email,
    /// Through the API alone. Ours, not the product's.
    Api,
}

impl From<Medium> for Channel {
    fn from(medium: Medium) -> Self {
        match medium {
            Medium::Chat => Self::Livechat,
            Medium::Email => Self::Email,
            Medium::Api => Self::Api,
        }
    }
}

/// What the desk keeps of an inbox beyond the product's own fields. Ours, not the product's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InboxExtension {
    pub(crate) version: i64,
    /// Conversations without a team get this one.
    #[schema(required)]
    pub(crate) default_team: Option<i64>,
    /// Days that resolved conversations are kept after their last change; null: for ever.
    #[schema(required)]
    pub(crate) retention_days: Option<u16>,
}

impl Inbox {
    pub(crate) fn new(inbox: inbox::Inbox) -> Result<Self> {
        let inbox::Inbox {
            id,
            uuid,
            name,
            medium,
            enabled,
            csat_enabled,
            prompt_tags_on_reply,
            sender,
            sender_name_template,
            config,
            secret,
            default_team,
            linked_email_inbox,
            retention_days,
            created_at,
            updated_at,
            deleted_at: _,
            version,
        } = inbox;
        Ok(Self {
            id: id.0,
            uuid: uuid.to_string(),
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            name,
            channel: medium.into(),
            enabled,
            csat_enabled,
            prompt_tags_on_reply,
            from: sender,
            from_name_template: sender_name_template,
            config: ChatConfig::read(config)?,
            secret: secret.map(|_| MASK),
            linked_email_inbox_id: linked_email_inbox.map(|inbox| inbox.0),
            muster: InboxExtension { version, default_team: default_team.map(|team| team.0), retention_days },
        })
    }
}

/// An inbox to be written. On an update an absent field stays as it is.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct InboxRequest {
    /// Needed on creation.
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) name: Option<String>,
    /// Needed on creation, and fixed by it. Only `livechat` is there yet.
    #[schema(value_type = Option<Channel>)]
    pub(crate) channel: Option<String>,
    /// True on creation when absent.
    pub(crate) enabled: Option<bool>,
    pub(crate) csat_enabled: Option<bool>,
    pub(crate) prompt_tags_on_reply: Option<bool>,
    pub(crate) from: Option<String>,
    pub(crate) from_name_template: Option<String>,
    /// Laid over the present configuration object by object.
    #[schema(value_type = Option<ChatConfig>)]
    pub(crate) config: Option<Value>,
    /// Empty or with a bullet keeps the present one.
    pub(crate) secret: Option<String>,
    #[serde(default)]
    pub(crate) linked_email_inbox_id: Patch<i64>,
    pub(crate) muster: Option<InboxExtensionRequest>,
}

muster_http::debug_without_fields!(InboxRequest);

impl InboxRequest {
    /// The secret to be stored, if one was given.
    pub(crate) fn new_secret(&self) -> Option<String> {
        self.secret.clone().filter(|secret| !secret.is_empty() && !secret.contains('•'))
    }
}

/// The desk's own fields of an inbox to be written; absent ones stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct InboxExtensionRequest {
    #[serde(default)]
    pub(crate) default_team: Patch<i64>,
    /// Resolved conversations that haven't changed for so many days are deleted; null keeps them for ever.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 36500)]
    pub(crate) retention_days: Patch<u16>,
}
