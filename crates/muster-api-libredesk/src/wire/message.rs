//! Messages.

use muster_core::contact::ContactKind;
use muster_core::id::{AgentId, TeamId};
use muster_core::mention::Mentions;
use muster_core::message::{Activity, ContentType, MessageKind, MessageState};
use muster_core::survey::Survey;
use muster_core::view::{self, PersonKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;
use super::availability::AvailabilityStatus;
use super::conversation_item::SenderType;
use super::media::{Disposition, content_id, disposition};
use super::survey;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MessageType {
    Incoming,
    Outgoing,
    Activity,
}

impl MessageType {
    /// The kinds of ours that a word stands for: a note is outgoing and private.
    pub(crate) fn kinds(word: &str) -> Option<&'static [MessageKind]> {
        match word {
            "incoming" => Some(&[MessageKind::Incoming]),
            "outgoing" => Some(&[MessageKind::Outgoing, MessageKind::Note]),
            "activity" => Some(&[MessageKind::Activity]),
            _ => None,
        }
    }
}

impl From<MessageKind> for MessageType {
    fn from(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Incoming => Self::Incoming,
            MessageKind::Outgoing | MessageKind::Note => Self::Outgoing,
            MessageKind::Activity => Self::Activity,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MessageStatus {
    Received,
    Pending,
    Sent,
    Failed,
}

impl From<MessageState> for MessageStatus {
    fn from(state: MessageState) -> Self {
        match state {
            MessageState::Received => Self::Received,
            MessageState::Pending => Self::Pending,
            MessageState::Sent => Self::Sent,
            MessageState::Failed => Self::Failed,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ContentTypeWord {
    Text,
    Html,
}

impl From<ContentType> for ContentTypeWord {
    fn from(content_type: ContentType) -> Self {
        match content_type {
            ContentType::Text => Self::Text,
            ContentType::Html => Self::Html,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PersonType {
    Agent,
    Contact,
    Visitor,
}

impl From<PersonKind> for PersonType {
    fn from(kind: PersonKind) -> Self {
        match kind {
            PersonKind::Agent | PersonKind::System => Self::Agent,
            PersonKind::Contact => Self::Contact,
            PersonKind::Visitor => Self::Visitor,
        }
    }
}

impl From<ContactKind> for PersonType {
    fn from(kind: ContactKind) -> Self {
        match kind {
            ContactKind::Contact => Self::Contact,
            ContactKind::Visitor => Self::Visitor,
        }
    }
}

/// A file that came with a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) size: i64,
    #[schema(required)]
    pub(crate) content: Option<String>,
    pub(crate) content_id: String,
    pub(crate) content_type: String,
    pub(crate) disposition: Disposition,
    pub(crate) uuid: Uuid,
    /// Good for an hour, for whoever has it.
    pub(crate) url: String,
    /// Of a small picture; empty for what is no image.
    pub(crate) thumbnail_url: String,
}

impl From<&view::Attachment> for Attachment {
    fn from(attachment: &view::Attachment) -> Self {
        let view::Attachment { media, url, thumbnail_url } = attachment;
        Self {
            name: media.filename.clone(),
            size: media.size,
            content: None,
            content_id: content_id(media),
            content_type: media.content_type.clone(),
            disposition: disposition(media),
            uuid: media.uuid,
            url: url.clone(),
            thumbnail_url: thumbnail_url.clone().unwrap_or_default(),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Author {
    pub(crate) id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    pub(crate) availability_status: AvailabilityStatus,
    pub(crate) r#type: PersonType,
    #[schema(required)]
    pub(crate) last_active_at: Option<Time>,
}

impl From<&view::Person> for Author {
    fn from(person: &view::Person) -> Self {
        let view::Person { id, kind, first_name, last_name, email, avatar_url, shown, last_active_at } = person;
        Self {
            id: *id,
            first_name: first_name.clone(),
            last_name: last_name.clone(),
            email: email.clone(),
            avatar_url: avatar_url.clone(),
            availability_status: (*shown).into(),
            r#type: (*kind).into(),
            last_active_at: last_active_at.map(Time),
        }
    }
}

/// A message. Wire (observed, 2.7): all keys are always there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) uuid: Uuid,
    pub(crate) r#type: MessageType,
    pub(crate) status: MessageStatus,
    pub(crate) conversation_id: i64,
    pub(crate) conversation_uuid: Uuid,
    /// HTML that is safe to show, or text in which the characters that mean something there are escaped.
    pub(crate) content: String,
    pub(crate) text_content: String,
    pub(crate) content_type: ContentTypeWord,
    /// Not shown to the contact.
    pub(crate) private: bool,
    pub(crate) sender_id: i64,
    pub(crate) sender_type: SenderType,
    /// `echo_id`, where the sender gave one; `activity_type` on activities; `deleted_at` on notes that were taken back;
    /// `is_csat`, `csat_submitted`, `submitted_rating` and `submitted_feedback` where the customer is asked for a rating,
    /// and `csat_uuid` for callers with an API key.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) meta: Map<String, Value>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) author: Author,
    /// 1, 2, 3 … within the conversation, without gaps (this desk's extension).
    pub(crate) seq: i64,
}

impl From<&view::MessageView> for Message {
    fn from(view: &view::MessageView) -> Self {
        let view::MessageView { message, conversation_uuid, author, survey, attachments } = view;
        let (content, text_content) = words(message);
        Self {
            id: message.id.0,
            created_at: Time(message.created_at),
            updated_at: Time(message.updated_at),
            uuid: message.uuid,
            r#type: message.kind.into(),
            status: message.state.into(),
            conversation_id: message.conversation.0,
            conversation_uuid: *conversation_uuid,
            content,
            text_content,
            content_type: message.content_type.into(),
            private: !message.kind.is_public(),
            sender_id: author.id,
            sender_type: sender_type(author.kind),
            meta: meta(message, survey.as_ref()),
            attachments: attachments.iter().map(Into::into).collect(),
            author: author.into(),
            seq: message.seq,
        }
    }
}

impl Message {
    /// As a program sees it that has a key: with the name by which the customer's rating can be given.
    ///
    /// Wire (observed, 2.7): not with a session, whose owner could rate the own work.
    pub(crate) fn for_program(view: &view::MessageView) -> Self {
        let mut message = Self::from(view);
        message.meta.extend(view.survey.iter().map(survey::link));
        message
    }
}

pub(crate) const fn sender_type(kind: PersonKind) -> SenderType {
    match kind {
        PersonKind::Agent | PersonKind::System => SenderType::Agent,
        PersonKind::Contact | PersonKind::Visitor => SenderType::Contact,
    }
}

/// Wire (observed, 2.7): what stands in place of a note that was taken back.
pub(crate) const DELETED_NOTE: &str = "This note was deleted";

/// Content and plain text. Activities and notes that were taken back get their words here.
pub(crate) fn words(message: &muster_core::message::Message) -> (String, String) {
    if message.deleted_at.is_some() {
        return (DELETED_NOTE.to_owned(), DELETED_NOTE.to_owned());
    }
    match &message.activity {
        Some(activity) => {
            let text = activity_text(activity);
            (muster_core::message::escaped(&text), text)
        }
        None => (message.content.clone(), message.text.clone()),
    }
}

fn meta(message: &muster_core::message::Message, survey: Option<&Survey>) -> Map<String, Value> {
    let mut meta = message.meta.clone();
    meta.extend(survey.into_iter().flat_map(survey::facts));
    if let Some(at) = message.deleted_at {
        meta.insert("deleted_at".to_owned(), at.to_string().into());
    }
    if let Some(echo) = &message.client_ref {
        meta.insert("echo_id".to_owned(), echo.clone().into());
    }
    if let Some(word) = message.activity.as_ref().and_then(activity_type) {
        meta.insert("activity_type".to_owned(), word.into());
    }
    meta
}

/// Wire (observed, 2.7): `meta.activity_type`. `None` for activities that the product doesn't have.
const fn activity_type(activity: &Activity) -> Option<&'static str> {
    match activity {
        Activity::Assigned { .. } => Some("assigned_user_change"),
        Activity::SelfAssigned { .. } => Some("self_assign"),
        Activity::TeamAssigned { .. } => Some("assigned_team_change"),
        Activity::StatusChanged { .. } => Some("status_change"),
        Activity::PriorityChanged { to: Some(_), .. } => Some("priority_change"),
        Activity::TagAdded { .. } => Some("tag_added"),
        Activity::TagRemoved { .. } => Some("tag_removed"),
        Activity::PriorityChanged { to: None, .. } | Activity::Unassigned { .. } | Activity::TeamRemoved { .. } => None,
    }
}

/// Wire (observed, 2.7): the English texts; those about taking something away are ours.
fn activity_text(activity: &Activity) -> String {
    match activity {
        Activity::Assigned { to, by, .. } => format!("Assigned to {to} by {by}"),
        Activity::SelfAssigned { by } => format!("{by} self-assigned this conversation"),
        Activity::Unassigned { from, by } => format!("Unassigned from {from} by {by}"),
        Activity::TeamAssigned { to, by, .. } => format!("Assigned to {to} team by {by}"),
        Activity::TeamRemoved { by } => format!("{by} removed the team"),
        Activity::StatusChanged { to, by } => format!("{by} marked the conversation as {to}"),
        Activity::PriorityChanged { to: Some(to), by } => format!("{by} set priority to {to}"),
        Activity::PriorityChanged { to: None, by } => format!("{by} removed the priority"),
        Activity::TagAdded { tag, by } => format!("{by} added tag {tag}"),
        Activity::TagRemoved { tag, by } => format!("{by} removed tag {tag}"),
    }
}

/// A message to be written.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"message": "<p>Hello Pat</p>", "sender_type": "agent", "private": false}))]
pub(crate) struct MessageRequest {
    /// HTML.
    #[schema(required, value_type = String)]
    pub(crate) message: Option<String>,
    /// `agent`; `contact` to write in the contact's name.
    #[schema(required, value_type = String)]
    pub(crate) sender_type: Option<String>,
    /// A note, which the contact doesn't see.
    pub(crate) private: Option<bool>,
    /// Ids of files that the caller uploaded and that were not sent yet, at most 100.
    pub(crate) attachments: Option<Vec<i64>>,
    /// Whom a note calls, at most 100; looked at on notes only.
    pub(crate) mentions: Option<Vec<Mention>>,
    /// The sender's own name for the message: sent again, it gives the first message and writes none.
    pub(crate) echo_id: Option<String>,
}

/// An agent or a team that a note calls.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub(crate) struct Mention {
    pub(crate) r#type: MentionType,
    pub(crate) id: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MentionType {
    Agent,
    Team,
}

/// Everybody a note calls.
pub(crate) fn mentions(all: &[Mention]) -> muster_core::Result<Mentions> {
    let of = |wanted| all.iter().filter(move |mention| mention.r#type == wanted).map(|mention| mention.id);
    Mentions::new(of(MentionType::Agent).map(AgentId).collect(), of(MentionType::Team).map(TeamId).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activities_are_worded_as_the_product_words_them() {
        let (kim, lee) = ("Kim Doe".to_owned(), "Lee Roe".to_owned());
        for (activity, text, word) in [
            (
                Activity::Assigned { to: kim.clone(), agent: AgentId(1), by: lee.clone() },
                "Assigned to Kim Doe by Lee Roe",
                Some("assigned_user_change"),
            ),
            (
                Activity::SelfAssigned { by: kim.clone() },
                "Kim Doe self-assigned this conversation",
                Some("self_assign"),
            ),
            (Activity::Unassigned { from: kim.clone(), by: lee.clone() }, "Unassigned from Kim Doe by Lee Roe", None),
            (
                Activity::TeamAssigned { team: TeamId(1), to: "Support".to_owned(), by: kim.clone() },
                "Assigned to Support team by Kim Doe",
                Some("assigned_team_change"),
            ),
            (Activity::TeamRemoved { by: kim.clone() }, "Kim Doe removed the team", None),
            (
                Activity::StatusChanged { to: "Resolved".to_owned(), by: kim.clone() },
                "Kim Doe marked the conversation as Resolved",
                Some("status_change"),
            ),
            (
                Activity::PriorityChanged { to: Some("High".to_owned()), by: kim.clone() },
                "Kim Doe set priority to High",
                Some("priority_change"),
            ),
            (Activity::PriorityChanged { to: None, by: kim.clone() }, "Kim Doe removed the priority", None),
            (
                Activity::TagAdded { tag: "billing".to_owned(), by: kim.clone() },
                "Kim Doe added tag billing",
                Some("tag_added"),
            ),
            (
                Activity::TagRemoved { tag: "billing".to_owned(), by: kim },
                "Kim Doe removed tag billing",
                Some("tag_removed"),
            ),
        ] {
            assert_eq!((activity_text(&activity).as_str(), activity_type(&activity)), (text, word));
        }
    }
}
