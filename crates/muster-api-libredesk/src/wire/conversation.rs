//! One conversation.
//!
//! Wire (observed, 2.7): all keys are always there; what this desk doesn't keep yet (mail, service
//! levels) is null or empty in the documented type.

use muster_core::Timestamp;
use muster_core::agent::Attributes;
use muster_core::conversation::Priority;
use muster_core::view;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;
use super::availability::AvailabilityStatus;
use super::conversation_item::{Channel, SenderType, last, priority_name};
use super::message::PersonType;
use super::status::CategoryWord;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Contact {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    pub(crate) r#type: PersonType,
    pub(crate) availability_status: AvailabilityStatus,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    #[schema(required)]
    pub(crate) phone_number: Option<String>,
    #[schema(required)]
    pub(crate) phone_number_country_code: Option<String>,
    #[schema(required)]
    pub(crate) country: Option<String>,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) custom_attributes: Attributes,
    pub(crate) enabled: bool,
    #[schema(required)]
    pub(crate) last_active_at: Option<Time>,
    #[schema(required)]
    pub(crate) last_login_at: Option<Time>,
    #[schema(required)]
    pub(crate) external_user_id: Option<String>,
}

impl From<&muster_core::contact::Contact> for Contact {
    fn from(contact: &muster_core::contact::Contact) -> Self {
        Self {
            id: contact.id.0,
            created_at: Time(contact.created_at),
            updated_at: Time(contact.updated_at),
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            email: contact.email.clone(),
            r#type: contact.kind.into(),
            availability_status: AvailabilityStatus::Offline,
            avatar_url: contact.avatar_url.clone(),
            phone_number: contact.phone.number.clone(),
            phone_number_country_code: contact.phone.codes().0,
            country: contact.country.clone(),
            custom_attributes: contact.attributes.clone(),
            enabled: !contact.blocked,
            last_active_at: contact.last_active_at.map(Time),
            last_login_at: None,
            external_user_id: contact.external_id.clone(),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PreviousContact {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PreviousConversation {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) uuid: Uuid,
    #[schema(required)]
    pub(crate) subject: Option<String>,
    pub(crate) contact: PreviousContact,
    #[schema(required)]
    pub(crate) last_message: Option<String>,
    #[schema(required)]
    pub(crate) last_message_at: Option<Time>,
}

impl From<&view::ConversationItem> for PreviousConversation {
    fn from(item: &view::ConversationItem) -> Self {
        let message = last(item.last_message.as_ref());
        Self {
            id: item.id.0,
            created_at: Time(item.created_at),
            updated_at: Time(item.updated_at),
            uuid: item.uuid,
            subject: item.subject.clone(),
            contact: PreviousContact {
                first_name: item.contact_first_name.clone(),
                last_name: item.contact_last_name.clone(),
                avatar_url: item.contact_avatar_url.clone(),
            },
            last_message: message.text,
            last_message_at: message.at,
        }
    }
}

/// What this desk knows of a conversation beyond the product's own fields.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ConversationExtension {
    pub(crate) public_id: String,
    pub(crate) required_skills: Vec<RequiredSkill>,
    #[schema(required)]
    pub(crate) preferred_agent_id: Option<i64>,
    pub(crate) reopened_count: i64,
    pub(crate) version: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RequiredSkill {
    pub(crate) skill: String,
    pub(crate) skill_id: i64,
    pub(crate) level: u8,
}

/// One conversation. Everything of [`ConversationItem`] that isn't here is in the list only.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Conversation {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) uuid: Uuid,
    pub(crate) contact_id: i64,
    pub(crate) inbox_id: i64,
    #[schema(required)]
    pub(crate) closed_at: Option<Time>,
    #[schema(required)]
    pub(crate) resolved_at: Option<Time>,
    pub(crate) reference_number: String,
    #[schema(required)]
    pub(crate) priority: Option<&'static str>,
    #[schema(required)]
    pub(crate) priority_id: Option<i64>,
    #[schema(required)]
    pub(crate) status: Option<String>,
    #[schema(required)]
    pub(crate) status_category: Option<CategoryWord>,
    #[schema(required)]
    pub(crate) status_id: Option<i64>,
    #[schema(required)]
    pub(crate) first_reply_at: Option<Time>,
    #[schema(required)]
    pub(crate) last_reply_at: Option<Time>,
    #[schema(required)]
    pub(crate) assigned_user_id: Option<i64>,
    #[schema(required)]
    pub(crate) assigned_team_id: Option<i64>,
    #[schema(required)]
    pub(crate) waiting_since: Option<Time>,
    #[schema(required)]
    pub(crate) snoozed_until: Option<Time>,
    #[schema(required)]
    pub(crate) subject: Option<String>,
    pub(crate) inbox_mail: String,
    pub(crate) inbox_reply_to: String,
    pub(crate) inbox_name: String,
    pub(crate) inbox_channel: Channel,
    pub(crate) tags: Vec<String>,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) meta: Map<String, Value>,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) custom_attributes: Attributes,
    #[schema(required)]
    pub(crate) last_message_at: Option<Time>,
    #[schema(required)]
    pub(crate) last_message: Option<String>,
    #[schema(required)]
    pub(crate) last_message_sender: Option<SenderType>,
    #[schema(required)]
    pub(crate) last_interaction: Option<String>,
    #[schema(required)]
    pub(crate) last_interaction_at: Option<Time>,
    #[schema(required)]
    pub(crate) last_interaction_sender: Option<SenderType>,
    pub(crate) contact: Contact,
    #[schema(required)]
    pub(crate) sla_policy_id: Option<i64>,
    #[schema(required)]
    pub(crate) sla_policy_name: Option<String>,
    #[schema(required)]
    pub(crate) applied_sla_id: Option<i64>,
    #[schema(required)]
    pub(crate) first_response_deadline_at: Option<Time>,
    #[schema(required)]
    pub(crate) resolution_deadline_at: Option<Time>,
    #[schema(required)]
    pub(crate) next_response_deadline_at: Option<Time>,
    #[schema(required)]
    pub(crate) next_response_met_at: Option<Time>,
    #[schema(required)]
    pub(crate) csat_rating: Option<i64>,
    #[schema(required)]
    pub(crate) csat_feedback: Option<String>,
    #[schema(required)]
    pub(crate) csat_responded_at: Option<Time>,
    /// Filled where one conversation is read alone, else `null`.
    #[schema(required)]
    pub(crate) previous_conversations: Option<Vec<PreviousConversation>>,
    pub(crate) muster: ConversationExtension,
}

impl Conversation {
    /// With the contact present or not, as they are now.
    pub(crate) fn shown_at(view: &view::ConversationView, now: Timestamp) -> Self {
        let conversation = Self::from(view);
        let contact = Contact { availability_status: view.contact.shown(now).into(), ..conversation.contact };
        Self { contact, ..conversation }
    }
}

impl From<&view::ConversationView> for Conversation {
    fn from(view: &view::ConversationView) -> Self {
        let view::ConversationView {
            conversation,
            contact,
            inbox_name,
            inbox_sender,
            status_name,
            previous,
            tags,
            required_skills,
            survey,
        } = view;
        let message = last(conversation.last_message.as_ref());
        let interaction = last(conversation.last_interaction.as_ref());
        let time = |at: Option<Timestamp>| at.map(Time);
        let rated = survey.as_ref();
        Self {
            id: conversation.id.0,
            created_at: Time(conversation.created_at),
            updated_at: Time(conversation.updated_at),
            uuid: conversation.uuid,
            contact_id: conversation.contact.0,
            inbox_id: conversation.inbox.0,
            closed_at: time(conversation.closed_at),
            resolved_at: time(conversation.resolved_at),
            reference_number: conversation.number.clone(),
            priority: priority_name(conversation.priority),
            priority_id: conversation.priority.map(Priority::rank),
            status: Some(status_name.clone()),
            status_category: Some(conversation.category.into()),
            status_id: Some(conversation.status.0),
            first_reply_at: time(conversation.first_reply_at),
            last_reply_at: time(conversation.last_reply_at),
            assigned_user_id: conversation.assignee.map(|id| id.0),
            assigned_team_id: conversation.team.map(|id| id.0),
            waiting_since: time(conversation.waiting_since),
            snoozed_until: time(conversation.snoozed_until),
            subject: conversation.subject.clone(),
            inbox_mail: inbox_sender.clone(),
            inbox_reply_to: String::new(),
            inbox_name: inbox_name.clone(),
            inbox_channel: conversation.medium.into(),
            tags: tags.clone(),
            meta: Map::new(),
            custom_attributes: conversation.attributes.clone(),
            last_message_at: message.at,
            last_message: message.text,
            last_message_sender: message.sender,
            last_interaction: interaction.text,
            last_interaction_at: interaction.at,
            last_interaction_sender: interaction.sender,
            contact: contact.into(),
            sla_policy_id: conversation.sla_policy,
            sla_policy_name: None,
            applied_sla_id: None,
            first_response_deadline_at: None,
            resolution_deadline_at: None,
            next_response_deadline_at: None,
            next_response_met_at: None,
            csat_rating: rated.and_then(|survey| survey.rating),
            csat_feedback: rated.and_then(|survey| survey.feedback.clone()),
            csat_responded_at: time(rated.and_then(|survey| survey.responded_at)),
            previous_conversations: previous.as_ref().map(|previous| previous.iter().map(Into::into).collect()),
            muster: ConversationExtension {
                public_id: conversation.public_id.as_str().to_owned(),
                required_skills: required_skills
                    .iter()
                    .map(|(id, name, level)| RequiredSkill { skill: name.clone(), skill_id: id.0, level: *level })
                    .collect(),
                preferred_agent_id: conversation.preferred_agent.map(|id| id.0),
                reopened_count: conversation.reopened_count,
                version: conversation.version,
            },
        }
    }
}
