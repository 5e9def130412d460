//! What the desk holds of a contact. Ours, not the product's.

use std::collections::BTreeMap;

use muster_app::privacy::{self, Asides, Audited, Fact, Held, HeldConversation, Mentioned};
use muster_core::agent::Attributes;
use muster_core::contact::ContactNote;
use muster_core::conversation::Priority;
use muster_core::draft::Draft;
use muster_core::message::{Author, MessageKind};
use muster_core::notification::Notification;
use muster_core::survey::Survey;
use muster_core::view::{Attachment, MessageView};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;
use super::conversation_item::Channel;
use super::draft::DraftType;
use super::message::{ContentTypeWord, PersonType, words};
use super::notification::NotificationType;

/// Everything that the desk holds of one person.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "written part by part, and described as a whole")]
pub(crate) struct ContactExport {
    pub(crate) contact: ExportedContact,
    pub(crate) identities: Vec<ExportedIdentity>,
    /// Chat sessions that aren't over. The desk keeps no more than hashes of what proves them.
    pub(crate) sessions: i64,
    /// What agents have noted down, the newest first; only where notes were asked for.
    pub(crate) notes: Vec<ExportedNote>,
    /// In the order in which they were started.
    pub(crate) conversations: Vec<ExportedConversation>,
    /// What happened to the contact.
    pub(crate) events: Vec<ExportedEvent>,
    /// What the audit log tells of the contact.
    pub(crate) audit: Vec<ExportedEvent>,
}

#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "written part by part, and described as a whole")]
pub(crate) struct ExportedConversation {
    pub(crate) conversation: ConversationFacts,
    /// What agents have begun to write; as the next two only where notes were asked for.
    pub(crate) drafts: Vec<ExportedDraft>,
    /// Whom notes called.
    pub(crate) mentions: Vec<ExportedMention>,
    /// What agents were told of the conversation.
    pub(crate) notifications: Vec<ExportedNotification>,
    /// In order. Private notes and activities only where they were asked for.
    pub(crate) messages: Vec<ExportedMessage>,
    /// What happened to the conversation, as far as the desk still knows.
    pub(crate) events: Vec<ExportedEvent>,
    /// What the audit log tells of the conversation.
    pub(crate) audit: Vec<ExportedEvent>,
}

/// The part of an export that stands before the conversations.
#[derive(Debug, Serialize)]
pub(crate) struct Opening {
    pub(crate) contact: ExportedContact,
    pub(crate) identities: Vec<ExportedIdentity>,
    pub(crate) sessions: i64,
    pub(crate) notes: Vec<ExportedNote>,
}

impl From<Held> for Opening {
    fn from(held: Held) -> Self {
        let Held { contact, identities, sessions, notes } = held;
        Self {
            contact: contact.into(),
            identities: identities.into_iter().map(Into::into).collect(),
            sessions,
            notes: notes.into_iter().map(Into::into).collect(),
        }
    }
}

/// What an agent has noted down about the contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedNote {
    pub(crate) agent_id: i64,
    /// HTML.
    pub(crate) note: String,
    pub(crate) created_at: Time,
}

impl From<ContactNote> for ExportedNote {
    fn from(note: ContactNote) -> Self {
        let ContactNote { id: _, contact: _, agent, note, created_at, updated_at: _ } = note;
        Self { agent_id: agent.0, note, created_at: Time(created_at) }
    }
}

/// The part of a conversation that stands before its messages.
#[derive(Debug, Serialize)]
pub(crate) struct ConversationOpening {
    pub(crate) conversation: ConversationFacts,
    pub(crate) drafts: Vec<ExportedDraft>,
    pub(crate) mentions: Vec<ExportedMention>,
    pub(crate) notifications: Vec<ExportedNotification>,
}

impl From<HeldConversation> for ConversationOpening {
    fn from(held: HeldConversation) -> Self {
        let Asides { drafts, mentions, notifications } = held.asides.clone();
        Self {
            conversation: held.into(),
            drafts: drafts.into_iter().map(Into::into).collect(),
            mentions: mentions.into_iter().map(Into::into).collect(),
            notifications: notifications.into_iter().map(Into::into).collect(),
        }
    }
}

/// What an agent has begun to write.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedDraft {
    pub(crate) agent_id: i64,
    pub(crate) r#type: DraftType,
    pub(crate) content: String,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) meta: Map<String, Value>,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl From<Draft> for ExportedDraft {
    fn from(draft: Draft) -> Self {
        let Draft { id: _, conversation: _, agent, kind, content, meta, created_at, updated_at } = draft;
        Self {
            agent_id: agent.0,
            r#type: kind.into(),
            content,
            meta,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
        }
    }
}

/// An agent or a team that a note called.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedMention {
    /// The number of the note within the conversation.
    pub(crate) seq: i64,
    #[schema(required)]
    pub(crate) agent_id: Option<i64>,
    #[schema(required)]
    pub(crate) team_id: Option<i64>,
    pub(crate) created_at: Time,
}

impl From<Mentioned> for ExportedMention {
    fn from(mentioned: Mentioned) -> Self {
        let Mentioned { seq, agent, team, at } = mentioned;
        Self { seq, agent_id: agent.map(|id| id.0), team_id: team.map(|id| id.0), created_at: Time(at) }
    }
}

/// What an agent was told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedNotification {
    pub(crate) agent_id: i64,
    pub(crate) notification_type: NotificationType,
    pub(crate) title: String,
    #[schema(required)]
    pub(crate) body: Option<String>,
    pub(crate) created_at: Time,
}

impl From<Notification> for ExportedNotification {
    fn from(told: Notification) -> Self {
        let Notification { agent, kind, title, body, created_at, .. } = told;
        Self { agent_id: agent.0, notification_type: kind.into(), title, body, created_at: Time(created_at) }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedContact {
    pub(crate) id: i64,
    /// `visitor` if nobody has verified who it is.
    pub(crate) r#type: PersonType,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    #[schema(required)]
    pub(crate) phone_number: Option<String>,
    #[schema(required)]
    pub(crate) phone_number_country_code: Option<String>,
    #[schema(required)]
    pub(crate) phone_number_calling_code: Option<String>,
    #[schema(required)]
    pub(crate) country: Option<String>,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    #[schema(required)]
    pub(crate) external_user_id: Option<String>,
    pub(crate) blocked: bool,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) custom_attributes: Attributes,
    #[schema(required)]
    pub(crate) last_active_at: Option<Time>,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl From<muster_core::contact::Contact> for ExportedContact {
    fn from(contact: muster_core::contact::Contact) -> Self {
        let (country_code, calling_code) = contact.phone.codes();
        Self {
            id: contact.id.0,
            r#type: contact.kind.into(),
            first_name: contact.first_name,
            last_name: contact.last_name,
            email: contact.email,
            phone_number: contact.phone.number,
            phone_number_country_code: country_code,
            phone_number_calling_code: calling_code,
            country: contact.country,
            avatar_url: contact.avatar_url,
            external_user_id: contact.external_id,
            blocked: contact.blocked,
            custom_attributes: contact.attributes,
            last_active_at: contact.last_active_at.map(Time),
            created_at: Time(contact.created_at),
            updated_at: Time(contact.updated_at),
        }
    }
}

/// One way of the desk to know the contact again, without what proves it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedIdentity {
    pub(crate) kind: String,
    #[schema(required)]
    pub(crate) verified_at: Option<Time>,
    pub(crate) created_at: Time,
}

impl From<privacy::Identity> for ExportedIdentity {
    fn from(identity: privacy::Identity) -> Self {
        let privacy::Identity { kind, verified_at, created_at } = identity;
        Self { kind, verified_at: verified_at.map(Time), created_at: Time(created_at) }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationFacts {
    pub(crate) uuid: Uuid,
    pub(crate) reference_number: String,
    pub(crate) inbox_name: String,
    pub(crate) channel: Channel,
    pub(crate) status: String,
    #[schema(required)]
    pub(crate) priority: Option<&'static str>,
    #[schema(required)]
    pub(crate) subject: Option<String>,
    #[schema(required)]
    pub(crate) close_comment: Option<String>,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) custom_attributes: Attributes,
    /// Where the conversation came from, as far as the channel tells.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) source: Value,
    pub(crate) created_at: Time,
    #[schema(required)]
    pub(crate) first_reply_at: Option<Time>,
    #[schema(required)]
    pub(crate) last_reply_at: Option<Time>,
    #[schema(required)]
    pub(crate) resolved_at: Option<Time>,
    #[schema(required)]
    pub(crate) closed_at: Option<Time>,
    /// The contact's rating, if they were asked.
    #[schema(required)]
    pub(crate) csat: Option<ExportedRating>,
}

/// How the contact rated a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedRating {
    /// 1, the worst, to 5; null before there is an answer, and for one in words alone.
    #[schema(required)]
    pub(crate) rating: Option<i64>,
    #[schema(required)]
    pub(crate) feedback: Option<String>,
    /// Further fields of the page that the contact filled in.
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) asked_at: Time,
    #[schema(required)]
    pub(crate) responded_at: Option<Time>,
}

impl From<Survey> for ExportedRating {
    fn from(survey: Survey) -> Self {
        let Survey { id: _, uuid: _, conversation: _, message: _, rating, feedback, fields, created_at, responded_at } =
            survey;
        Self { rating, feedback, fields, asked_at: Time(created_at), responded_at: responded_at.map(Time) }
    }
}

impl From<HeldConversation> for ConversationFacts {
    fn from(held: HeldConversation) -> Self {
        let HeldConversation { conversation, inbox_name, status_name, survey, asides: _ } = held;
        Self {
            uuid: conversation.uuid,
            reference_number: conversation.number,
            inbox_name,
            channel: conversation.medium.into(),
            status: status_name,
            priority: conversation.priority.map(Priority::name),
            subject: conversation.subject,
            close_comment: conversation.close_comment,
            custom_attributes: conversation.attributes,
            source: conversation.source,
            created_at: Time(conversation.created_at),
            first_reply_at: conversation.first_reply_at.map(Time),
            last_reply_at: conversation.last_reply_at.map(Time),
            resolved_at: conversation.resolved_at.map(Time),
            closed_at: conversation.closed_at.map(Time),
            csat: survey.map(Into::into),
        }
    }
}

/// Who wrote a message. Agents go by the name that the contact was shown.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportedAuthor {
    Agent,
    Contact,
    System,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportedKind {
    Incoming,
    Outgoing,
    Note,
    Activity,
}

/// A file of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedFile {
    pub(crate) uuid: Uuid,
    pub(crate) name: String,
    pub(crate) content_type: String,
    /// In bytes.
    pub(crate) size: i64,
    /// Where it can be had, for an hour.
    pub(crate) url: String,
}

impl From<Attachment> for ExportedFile {
    fn from(attachment: Attachment) -> Self {
        let Attachment { media, url, thumbnail_url: _ } = attachment;
        Self { uuid: media.uuid, name: media.filename, content_type: media.content_type, size: media.size, url }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedMessage {
    /// 1, 2, 3 … within the conversation.
    pub(crate) seq: i64,
    pub(crate) uuid: Uuid,
    pub(crate) kind: ExportedKind,
    pub(crate) author: ExportedAuthor,
    pub(crate) author_name: String,
    pub(crate) content: String,
    pub(crate) content_type: ContentTypeWord,
    pub(crate) text_content: String,
    /// What the sender's own page called the message.
    #[schema(required)]
    pub(crate) echo_id: Option<String>,
    pub(crate) attachments: Vec<ExportedFile>,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) meta: Map<String, Value>,
    pub(crate) created_at: Time,
}

impl From<MessageView> for ExportedMessage {
    fn from(view: MessageView) -> Self {
        let MessageView { message, conversation_uuid: _, author, survey: _, attachments } = view;
        let (content, text_content) = words(&message);
        Self {
            seq: message.seq,
            uuid: message.uuid,
            kind: match message.kind {
                MessageKind::Incoming => ExportedKind::Incoming,
                MessageKind::Outgoing => ExportedKind::Outgoing,
                MessageKind::Note => ExportedKind::Note,
                MessageKind::Activity => ExportedKind::Activity,
            },
            author: match message.author {
                Author::Agent(_) => ExportedAuthor::Agent,
                Author::Contact(_) => ExportedAuthor::Contact,
                Author::System => ExportedAuthor::System,
            },
            author_name: muster_core::text::joined_name(&author.first_name, &author.last_name),
            content,
            content_type: message.content_type.into(),
            text_content,
            echo_id: message.client_ref,
            attachments: attachments.into_iter().map(ExportedFile::from).collect(),
            meta: message.meta,
            created_at: Time(message.created_at),
        }
    }
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedEvent {
    /// Such as `conversation.assigned`.
    pub(crate) name: String,
    pub(crate) at: Time,
    /// Such as `agent:7`, `contact:9`, `integration:2`, `operator` or `system`.
    pub(crate) by: String,
}

impl From<Fact> for ExportedEvent {
    fn from(fact: Fact) -> Self {
        Self { name: fact.name, at: Time(fact.at), by: fact.by.to_string() }
    }
}

impl From<Audited> for ExportedEvent {
    fn from(entry: Audited) -> Self {
        Self { name: entry.action, at: Time(entry.at), by: entry.by.to_string() }
    }
}
