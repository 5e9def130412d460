//! What searches find.

use muster_core::contact::Contact;
use muster_core::view;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;

/// Characters of a message's text that are shown.
const TEXT_MAX: usize = 200;

/// A conversation that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundConversation {
    pub(crate) created_at: Time,
    pub(crate) uuid: Uuid,
    pub(crate) reference_number: String,
    #[schema(required)]
    pub(crate) subject: Option<String>,
    pub(crate) status: String,
}

impl From<view::FoundConversation> for FoundConversation {
    fn from(found: view::FoundConversation) -> Self {
        let view::FoundConversation { uuid, number, subject, status_name, created_at } = found;
        Self { created_at: Time(created_at), uuid, reference_number: number, subject, status: status_name }
    }
}

/// A message that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundMessage {
    pub(crate) created_at: Time,
    /// The beginning of it.
    #[schema(max_length = 200)]
    pub(crate) text_content: String,
    pub(crate) conversation_created_at: Time,
    pub(crate) conversation_uuid: Uuid,
    pub(crate) conversation_reference_number: String,
    pub(crate) conversation_status: String,
}

impl From<view::FoundMessage> for FoundMessage {
    fn from(found: view::FoundMessage) -> Self {
        let view::FoundMessage { text, created_at, conversation } = found;
        let view::FoundConversation { uuid, number, subject: _, status_name, created_at: started_at } = conversation;
        Self {
            created_at: Time(created_at),
            text_content: text.chars().take(TEXT_MAX).collect(),
            conversation_created_at: Time(started_at),
            conversation_uuid: uuid,
            conversation_reference_number: number,
            conversation_status: status_name,
        }
    }
}

/// A contact who was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundContact {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_user_id: Option<String>,
}

impl From<Contact> for FoundContact {
    fn from(contact: Contact) -> Self {
        let Contact { id, first_name, last_name, email, external_id, created_at, .. } = contact;
        Self { id: id.0, created_at: Time(created_at), first_name, last_name, email, external_user_id: external_id }
    }
}
