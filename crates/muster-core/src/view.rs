//! Read models: what lists and pages show, put together from several aggregates.

use crate::agent::{AgentKind, Attributes, Membership};
use crate::contact::Contact;
use crate::conversation::{Conversation, LastMessage, Priority};
use crate::event::DecisionOutcome;
use crate::id::{AgentId, ContactId, ConversationId, InboxId, SkillId, TeamId};
use crate::inbox::Medium;
use crate::media::Media;
use crate::message::Message;
use crate::presence::Shown;
use crate::survey::Survey;
use crate::time::Timestamp;
use uuid::Uuid;

/// An agent in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSummary {
    pub id: AgentId,
    pub kind: AgentKind,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub enabled: bool,
    pub locked: bool,
    pub avatar_url: Option<String>,
    pub external_id: Option<String>,
    pub shown: Shown,
    pub state_since: Timestamp,
    pub pause_reason: Option<String>,
    /// Open conversations held.
    pub load: u16,
    /// Open conversations at a time; `None`: the desk's default.
    pub capacity: Option<u16>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An agent in the list of those who administer agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentListing {
    pub summary: AgentSummary,
    /// Names.
    pub roles: Vec<String>,
    pub teams: Vec<TeamLabel>,
}

/// What a team is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamLabel {
    pub id: TeamId,
    pub name: String,
    pub emoji: Option<String>,
}

/// An agent in the list of a team's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberListing {
    pub summary: AgentSummary,
    pub membership: Membership,
}

/// A conversation in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationItem {
    pub id: ConversationId,
    pub uuid: Uuid,
    pub number: String,
    pub contact: ContactId,
    pub contact_created_at: Timestamp,
    pub contact_updated_at: Timestamp,
    pub contact_first_name: String,
    pub contact_last_name: String,
    pub contact_email: Option<String>,
    pub contact_avatar_url: Option<String>,
    pub inbox: InboxId,
    pub inbox_name: String,
    pub medium: Medium,
    pub status_name: String,
    pub priority: Option<Priority>,
    pub sla_policy: Option<i64>,
    pub subject: Option<String>,
    pub assignee: Option<AgentId>,
    pub team: Option<TeamId>,
    pub waiting_since: Option<Timestamp>,
    pub first_reply_at: Option<Timestamp>,
    pub last_reply_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub last_message: Option<LastMessage>,
    pub last_interaction: Option<LastMessage>,
    /// Messages behind the reader's mark.
    pub unread: i64,
    /// The latest message that mentions the reader; only in the list of what does.
    pub mentioned_in: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A conversation that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundConversation {
    pub uuid: Uuid,
    pub number: String,
    pub subject: Option<String>,
    pub status_name: String,
    pub created_at: Timestamp,
}

/// A message that a search found, and its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMessage {
    pub text: String,
    pub created_at: Timestamp,
    pub conversation: FoundConversation,
}

/// What a conversation holds that lists don't show.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationDetails {
    pub snoozed_until: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// By name.
    pub tags: Vec<String>,
    pub attributes: Attributes,
}

/// One conversation with what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationView {
    pub conversation: Conversation,
    pub contact: Contact,
    pub inbox_name: String,
    pub inbox_sender: String,
    pub status_name: String,
    /// Up to ten latest others of the same contact; only where one conversation is read alone.
    pub previous: Option<Vec<ConversationItem>>,
    /// Names of its tags, in order.
    pub tags: Vec<String>,
    /// Required skills by name.
    pub required_skills: Vec<(SkillId, String, u8)>,
    /// Whether and how the customer rated it; `None` if never asked.
    pub survey: Option<Survey>,
}

/// A message with its author.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageView {
    pub message: Message,
    pub conversation_uuid: Uuid,
    pub author: Person,
    /// What the message asks the customer, if it does.
    pub survey: Option<Survey>,
    /// In the order in which they were uploaded.
    pub attachments: Vec<Attachment>,
}

/// A file of a message, with the address under which whoever reads the message gets it for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub media: Media,
    pub url: String,
    /// Of the small picture, where there is one.
    pub thumbnail_url: Option<String>,
}

/// Somebody as the author of a message or the holder of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: i64,
    pub kind: PersonKind,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub avatar_url: Option<String>,
    pub shown: Shown,
    pub last_active_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonKind {
    Agent,
    Contact,
    Visitor,
    System,
}

/// A stored routing decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub at: Timestamp,
    pub outcome: DecisionOutcome,
    pub agent: Option<AgentId>,
    pub agent_name: Option<String>,
    pub because: serde_json::Value,
    pub policy_version: i64,
    pub hash: String,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub total: i64,
}

/// Which page: both from 1; `size` is bounded by whoever reads the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    pub page: i64,
    pub size: i64,
}

impl PageRequest {
    #[must_use]
    pub const fn offset(self) -> i64 {
        (self.page.saturating_sub(1)).saturating_mul(self.size)
    }
}
