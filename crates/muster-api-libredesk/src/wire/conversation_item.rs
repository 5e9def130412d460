//! Conversations in lists and in socket frames.
//!
//! Wire (observed, 2.7): all keys are always there; what this desk doesn't keep yet (service levels)
//! is null.

use muster_core::conversation::{LastMessage, Priority, Sender};
use muster_core::inbox::Medium;
use muster_core::view;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;

/// The largest unread count shown: 10 means "more than 9".
const UNREAD_MAX: i64 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Channel {
    Livechat,
    Email,
    Api,
}

// Wire (observed, 2.7): two words; `api` is ours.
impl From<Medium> for Channel {
    fn from(medium: Medium) -> Self {
        match medium {
            Medium::Chat => Self::Livechat,
            Medium::Email => Self::Email,
            Medium::Api => Self::Api,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SenderType {
    Agent,
    Contact,
}

impl From<Sender> for SenderType {
    fn from(sender: Sender) -> Self {
        match sender {
            Sender::Agent => Self::Agent,
            Sender::Contact => Self::Contact,
        }
    }
}

/// The contact of a conversation in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ItemContact {
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
}

/// A conversation in a list, and in socket frames.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ConversationItem {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) uuid: Uuid,
    pub(crate) reference_number: String,
    #[schema(required)]
    pub(crate) waiting_since: Option<Time>,
    pub(crate) contact: ItemContact,
    pub(crate) inbox_channel: Channel,
    pub(crate) inbox_name: String,
    #[schema(required)]
    pub(crate) sla_policy_id: Option<i64>,
    #[schema(required)]
    pub(crate) first_reply_at: Option<Time>,
    #[schema(required)]
    pub(crate) last_reply_at: Option<Time>,
    #[schema(required)]
    pub(crate) resolved_at: Option<Time>,
    #[schema(required)]
    pub(crate) subject: Option<String>,
    #[schema(required)]
    pub(crate) last_message: Option<String>,
    #[schema(required)]
    pub(crate) last_message_at: Option<Time>,
    #[schema(required)]
    pub(crate) last_message_sender: Option<SenderType>,
    #[schema(required)]
    pub(crate) last_interaction: Option<String>,
    #[schema(required)]
    pub(crate) last_interaction_at: Option<Time>,
    #[schema(required)]
    pub(crate) last_interaction_sender: Option<SenderType>,
    #[schema(required)]
    pub(crate) next_sla_deadline_at: Option<Time>,
    #[schema(required)]
    pub(crate) priority_id: Option<i64>,
    #[schema(required)]
    pub(crate) assigned_user_id: Option<i64>,
    #[schema(required)]
    pub(crate) assigned_team_id: Option<i64>,
    /// Left out of socket frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) unread_message_count: Option<i64>,
    #[schema(required)]
    pub(crate) status: Option<String>,
    #[schema(required)]
    pub(crate) priority: Option<&'static str>,
    #[schema(required)]
    pub(crate) first_response_deadline_at: Option<Time>,
    #[schema(required)]
    pub(crate) resolution_deadline_at: Option<Time>,
    #[schema(required)]
    pub(crate) applied_sla_id: Option<i64>,
    #[schema(required)]
    pub(crate) next_response_deadline_at: Option<Time>,
    #[schema(required)]
    pub(crate) next_response_met_at: Option<Time>,
    /// The latest message that mentions the reader or a team of theirs; in the list of what does alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mentioned_message_uuid: Option<Uuid>,
}

/// A latest message, spread over three fields on the wire.
pub(super) struct Last {
    pub(super) text: Option<String>,
    pub(super) at: Option<Time>,
    pub(super) sender: Option<SenderType>,
}

pub(super) fn last(message: Option<&LastMessage>) -> Last {
    Last {
        text: message.map(|message| message.text.clone()),
        at: message.map(|message| Time(message.at)),
        sender: message.map(|message| message.sender.into()),
    }
}

pub(crate) fn priority_name(priority: Option<Priority>) -> Option<&'static str> {
    priority.map(Priority::name)
}

impl From<&view::ConversationItem> for ConversationItem {
    fn from(item: &view::ConversationItem) -> Self {
        let view::ConversationItem {
            id,
            uuid,
            number,
            contact: _,
            contact_created_at,
            contact_updated_at,
            contact_first_name,
            contact_last_name,
            contact_email,
            contact_avatar_url,
            inbox: _,
            inbox_name,
            medium,
            status_name,
            priority,
            sla_policy,
            subject,
            assignee,
            team,
            waiting_since,
            first_reply_at,
            last_reply_at,
            resolved_at,
            last_message,
            last_interaction,
            unread,
            mentioned_in,
            created_at,
            updated_at,
        } = item;
        let message = last(last_message.as_ref());
        let interaction = last(last_interaction.as_ref());
        Self {
            id: id.0,
            created_at: Time(*created_at),
            updated_at: Time(*updated_at),
            uuid: *uuid,
            reference_number: number.clone(),
            waiting_since: waiting_since.map(Time),
            contact: ItemContact {
                created_at: Time(*contact_created_at),
                updated_at: Time(*contact_updated_at),
                first_name: contact_first_name.clone(),
                last_name: contact_last_name.clone(),
                email: contact_email.clone(),
                avatar_url: contact_avatar_url.clone(),
            },
            inbox_channel: (*medium).into(),
            inbox_name: inbox_name.clone(),
            sla_policy_id: *sla_policy,
            first_reply_at: first_reply_at.map(Time),
            last_reply_at: last_reply_at.map(Time),
            resolved_at: resolved_at.map(Time),
            subject: subject.clone(),
            last_message: message.text,
            last_message_at: message.at,
            last_message_sender: message.sender,
            last_interaction: interaction.text,
            last_interaction_at: interaction.at,
            last_interaction_sender: interaction.sender,
            next_sla_deadline_at: None,
            priority_id: priority.map(Priority::rank),
            assigned_user_id: assignee.map(|id| id.0),
            assigned_team_id: team.map(|id| id.0),
            unread_message_count: Some((*unread).clamp(0, UNREAD_MAX)),
            status: Some(status_name.clone()),
            priority: priority_name(*priority),
            first_response_deadline_at: None,
            resolution_deadline_at: None,
            applied_sla_id: None,
            next_response_deadline_at: None,
            next_response_met_at: None,
            mentioned_message_uuid: *mentioned_in,
        }
    }
}

impl ConversationItem {
    /// As frames carry it: the unread count is each reader's own and isn't in them.
    pub(crate) fn for_frame(item: &view::ConversationItem) -> Self {
        Self { unread_message_count: None, ..Self::from(item) }
    }
}
