//! Domain events: what a transaction did, committed with it. Names are stable and payload fields
//! are only ever added.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Entity;
use crate::actor::{ActorRef, Via};
use crate::conversation::Priority;
use crate::id::{
    AgentId, AttributeId, BusinessHoursId, ContactId, ConversationId, DecisionId, DeskId, InboxId, IntegrationId,
    JobId, MacroId, MessageId, NoteId, NotificationId, RoleId, SkillId, StatusId, SurveyId, TagId, TeamId, TemplateId,
    ViewId,
};
use crate::message::MessageKind;
use crate::time::Timestamp;
use crate::word::words;

words! {
    pub enum AssignedHow { Router = "router", Taken = "taken", Given = "given", Created = "created" }
}

words! {
    pub enum UnassignedWhy {
        /// Somebody else got it.
        Reassigned = "reassigned",
        /// A person took it away or gave it back.
        Returned = "returned",
        TeamChanged = "team_changed",
        Disabled = "disabled",
        Locked = "locked",
        Deleted = "deleted",
        Reassigning = "reassigning",
        /// The agent's presence ran out and the customer waits.
        Absent = "absent",
        CameBackToNobody = "came_back_to_nobody",
    }
}

impl UnassignedWhy {
    /// Whether the agent is the first choice should they be able again.
    #[must_use]
    pub const fn keeps_preference(self) -> bool {
        matches!(self, Self::Disabled | Self::Locked | Self::Reassigning | Self::Absent | Self::CameBackToNobody)
    }

    /// Whether the agent may not get the conversation again for a while.
    #[must_use]
    pub const fn excludes(self) -> bool {
        matches!(self, Self::Returned)
    }
}

words! {
    /// What ends with a revocation.
    pub enum RevokedScope {
        /// Every sign-in: sessions and sockets.
        SignIns = "sign_ins",
        /// Sign-ins and everything that proves presence; keys are refused while the account is unusable.
        Account = "account",
        ApiKey = "api_key",
    }
}

words! {
    pub enum DecisionOutcome {
        Assigned = "assigned",
        Offered = "offered",
        Nobody = "nobody",
        LostRace = "lost_race",
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $word:literal { $($field:ident : $type:ty),* $(,)? } on $entity:ident($id:ident)),+ $(,)?) => {
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "name", content = "payload")]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $word)] $variant { $($field: $type),* }),+
        }

        impl Event {
            /// Every event's name, and what it is about.
            pub const KINDS: &[(&str, Entity)] = &[$(($word, Entity::$entity)),+];

            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $word),+
                }
            }

            /// What the event is about.
            #[must_use]
            pub const fn aggregate(&self) -> (Entity, i64) {
                match self {
                    $(Self::$variant { $id, .. } => (Entity::$entity, $id.0)),+
                }
            }
        }
    };
}

events! {
    AgentCreated = "agent.created" { agent: AgentId } on Agent(agent),
    /// Changed field names; never values.
    AgentUpdated = "agent.updated" { agent: AgentId, fields: Vec<String> } on Agent(agent),
    AgentDeleted = "agent.deleted" { agent: AgentId } on Agent(agent),
    AgentEnabled = "agent.enabled" { agent: AgentId } on Agent(agent),
    AgentDisabled = "agent.disabled" { agent: AgentId } on Agent(agent),
    AgentLocked = "agent.locked" { agent: AgentId } on Agent(agent),
    AgentUnlocked = "agent.unlocked" { agent: AgentId } on Agent(agent),
    AgentServingChanged = "agent.serving_changed" { agent: AgentId, serves: bool } on Agent(agent),
    AgentRolesChanged = "agent.roles_changed" { agent: AgentId, before: Vec<RoleId>, after: Vec<RoleId> } on Agent(agent),
    AgentChannelsChanged = "agent.channels_changed" { agent: AgentId, before: i64, after: i64 } on Agent(agent),
    AgentCapacityChanged = "agent.capacity_changed" { agent: AgentId, before: Option<u16>, after: Option<u16> } on Agent(agent),
    AgentSkillsChanged = "agent.skills_changed" { agent: AgentId } on Agent(agent),
    AgentAttributesChanged = "agent.attributes_changed" { agent: AgentId, keys: Vec<String> } on Agent(agent),
    MembershipAdded = "membership.added" { team: TeamId, agent: AgentId } on Agent(agent),
    MembershipChanged = "membership.changed" { team: TeamId, agent: AgentId } on Agent(agent),
    MembershipRemoved = "membership.removed" { team: TeamId, agent: AgentId } on Agent(agent),
    PresenceChanged = "presence.changed" { agent: AgentId, from: String, to: String, reason: Option<String>, lease_until: Option<Timestamp> } on Agent(agent),
    CredentialsRevoked = "credentials.revoked" { agent: AgentId, scope: RevokedScope } on Agent(agent),
    PasswordSet = "password.set" { agent: AgentId } on Agent(agent),
    SecondFactorEnabled = "second_factor.enabled" { agent: AgentId } on Agent(agent),
    SecondFactorDisabled = "second_factor.disabled" { agent: AgentId } on Agent(agent),
    RecoveryCodesReplaced = "recovery_codes.replaced" { agent: AgentId } on Agent(agent),
    /// A sign-in, or a change of the second factor, by a recovery code; so many are left.
    RecoveryCodeUsed = "recovery_code.used" { agent: AgentId, left: i64 } on Agent(agent),
    ApiKeyCreated = "api_key.created" { agent: AgentId, key_id: String, key_name: String } on Agent(agent),
    ApiKeyRevoked = "api_key.revoked" { agent: AgentId, key_id: String, key_name: String } on Agent(agent),
    LinkCreated = "link.created" { agent: AgentId, purpose: String } on Agent(agent),
    SignInSucceeded = "sign_in.succeeded" { agent: AgentId } on Agent(agent),
    SignInFailed = "sign_in.failed" { agent: AgentId } on Agent(agent),
    SignInEnded = "sign_in.ended" { agent: AgentId } on Agent(agent),

    TeamCreated = "team.created" { team: TeamId } on Team(team),
    TeamUpdated = "team.updated" { team: TeamId, fields: Vec<String> } on Team(team),
    TeamDeleted = "team.deleted" { team: TeamId } on Team(team),
    RoleCreated = "role.created" { role: RoleId } on Role(role),
    RoleUpdated = "role.updated" { role: RoleId, fields: Vec<String> } on Role(role),
    RoleDeleted = "role.deleted" { role: RoleId } on Role(role),
    SkillCreated = "skill.created" { skill: SkillId } on Skill(skill),
    SkillUpdated = "skill.updated" { skill: SkillId, fields: Vec<String> } on Skill(skill),
    SkillDeleted = "skill.deleted" { skill: SkillId } on Skill(skill),
    AttributeCreated = "attribute.created" { attribute: AttributeId } on Attribute(attribute),
    AttributeUpdated = "attribute.updated" { attribute: AttributeId, fields: Vec<String> } on Attribute(attribute),
    AttributeDeleted = "attribute.deleted" { attribute: AttributeId } on Attribute(attribute),
    IntegrationCreated = "integration.created" { integration: IntegrationId } on Integration(integration),
    /// Its scope changed, or a new token put an end to the earlier ones.
    IntegrationUpdated = "integration.updated" { integration: IntegrationId, fields: Vec<String> } on Integration(integration),
    IntegrationRevoked = "integration.revoked" { integration: IntegrationId } on Integration(integration),
    InboxCreated = "inbox.created" { inbox: InboxId } on Inbox(inbox),
    InboxUpdated = "inbox.updated" { inbox: InboxId, fields: Vec<String> } on Inbox(inbox),
    InboxDeleted = "inbox.deleted" { inbox: InboxId } on Inbox(inbox),
    StatusCreated = "status.created" { status: StatusId } on Status(status),
    StatusUpdated = "status.updated" { status: StatusId, fields: Vec<String> } on Status(status),
    StatusDeleted = "status.deleted" { status: StatusId } on Status(status),
    TagCreated = "tag.created" { tag: TagId } on Tag(tag),
    TagUpdated = "tag.updated" { tag: TagId, fields: Vec<String> } on Tag(tag),
    TagDeleted = "tag.deleted" { tag: TagId } on Tag(tag),
    ViewCreated = "view.created" { view: ViewId } on View(view),
    ViewUpdated = "view.updated" { view: ViewId, fields: Vec<String> } on View(view),
    ViewDeleted = "view.deleted" { view: ViewId } on View(view),
    MacroCreated = "macro.created" { r#macro: MacroId } on Macro(r#macro),
    MacroUpdated = "macro.updated" { r#macro: MacroId, fields: Vec<String> } on Macro(r#macro),
    MacroDeleted = "macro.deleted" { r#macro: MacroId } on Macro(r#macro),
    TemplateCreated = "template.created" { template: TemplateId } on Template(template),
    TemplateUpdated = "template.updated" { template: TemplateId, fields: Vec<String> } on Template(template),
    TemplateDeleted = "template.deleted" { template: TemplateId } on Template(template),
    BusinessHoursCreated = "business_hours.created" { hours: BusinessHoursId } on BusinessHours(hours),
    BusinessHoursUpdated = "business_hours.updated" { hours: BusinessHoursId, fields: Vec<String> } on BusinessHours(hours),
    BusinessHoursDeleted = "business_hours.deleted" { hours: BusinessHoursId } on BusinessHours(hours),

    ContactCreated = "contact.created" { contact: ContactId } on Contact(contact),
    ContactUpdated = "contact.updated" { contact: ContactId, fields: Vec<String> } on Contact(contact),
    ContactBlocked = "contact.blocked" { contact: ContactId } on Contact(contact),
    ContactUnblocked = "contact.unblocked" { contact: ContactId } on Contact(contact),
    /// It turned out to be somebody known, who has its conversations now.
    ContactMerged = "contact.merged" { contact: ContactId, into: ContactId } on Contact(contact),
    ContactNoted = "contact.noted" { contact: ContactId, note: NoteId } on Contact(contact),
    ContactNoteDeleted = "contact.note_deleted" { contact: ContactId, note: NoteId } on Contact(contact),
    /// Everything the desk knew of them is gone; see the conversations' own events.
    ContactErased = "contact.erased" { contact: ContactId } on Contact(contact),
    /// Nobody's words were left: the row is gone too.
    ContactDeleted = "contact.deleted" { contact: ContactId } on Contact(contact),

    ConversationCreated = "conversation.created" { conversation: ConversationId, contact: ContactId, inbox: InboxId } on Conversation(conversation),
    ConversationQueued = "conversation.queued" { conversation: ConversationId, team: Option<TeamId> } on Conversation(conversation),
    ConversationAssigned = "conversation.assigned" { conversation: ConversationId, agent: AgentId, how: AssignedHow } on Conversation(conversation),
    ConversationUnassigned = "conversation.unassigned" { conversation: ConversationId, agent: AgentId, why: UnassignedWhy } on Conversation(conversation),
    ConversationTeamChanged = "conversation.team_changed" { conversation: ConversationId, before: Option<TeamId>, after: Option<TeamId> } on Conversation(conversation),
    ConversationStatusChanged = "conversation.status_changed" { conversation: ConversationId, before: StatusId, after: StatusId } on Conversation(conversation),
    ConversationPriorityChanged = "conversation.priority_changed" { conversation: ConversationId, before: Option<Priority>, after: Option<Priority> } on Conversation(conversation),
    ConversationTagsChanged = "conversation.tags_changed" { conversation: ConversationId, before: Vec<TagId>, after: Vec<TagId> } on Conversation(conversation),
    ConversationAttributesChanged = "conversation.attributes_changed" { conversation: ConversationId, keys: Vec<String> } on Conversation(conversation),
    ConversationParked = "conversation.parked" { conversation: ConversationId, until: Option<Timestamp> } on Conversation(conversation),
    ConversationResumed = "conversation.resumed" { conversation: ConversationId } on Conversation(conversation),
    ConversationResolved = "conversation.resolved" { conversation: ConversationId } on Conversation(conversation),
    ConversationClosed = "conversation.closed" { conversation: ConversationId } on Conversation(conversation),
    ConversationReopened = "conversation.reopened" { conversation: ConversationId } on Conversation(conversation),
    /// Its words are gone; that it was, when, and who answered, stays.
    ConversationErased = "conversation.erased" { conversation: ConversationId } on Conversation(conversation),
    /// It was kept long enough: everything of it is gone.
    ConversationDeleted = "conversation.deleted" { conversation: ConversationId } on Conversation(conversation),
    RoutingDecided = "routing.decided" { conversation: ConversationId, decision: DecisionId, outcome: DecisionOutcome } on Conversation(conversation),

    MessageReceived = "message.received" { conversation: ConversationId, message: MessageId } on Conversation(conversation),
    /// A reply that still has to go out.
    MessageQueued = "message.queued" { conversation: ConversationId, message: MessageId } on Conversation(conversation),
    MessageSent = "message.sent" { conversation: ConversationId, message: MessageId } on Conversation(conversation),
    MessageFailed = "message.failed" { conversation: ConversationId, message: MessageId } on Conversation(conversation),
    MessageNoted = "message.noted" { conversation: ConversationId, message: MessageId } on Conversation(conversation),
    MessageActivity = "message.activity" { conversation: ConversationId, message: MessageId } on Conversation(conversation),
    /// Its words are gone; that it was stays.
    MessageDeleted = "message.deleted" { conversation: ConversationId, message: MessageId } on Conversation(conversation),
    MentionCreated = "mention.created" { conversation: ConversationId, message: MessageId, agents: Vec<AgentId>, teams: Vec<TeamId> } on Conversation(conversation),
    SurveyRequested = "csat.requested" { conversation: ConversationId, survey: SurveyId } on Conversation(conversation),
    SurveyAnswered = "csat.answered" { conversation: ConversationId, survey: SurveyId, message: Option<MessageId> } on Conversation(conversation),
    NotificationCreated = "notification.created" { notification: NotificationId, agent: AgentId } on Notification(notification),
    /// The general settings.
    SettingsChanged = "settings.changed" { desk: DeskId, fields: Vec<String> } on Desk(desk),
    MailWanted = "mail.wanted" { job: JobId } on Job(job),
    /// A person brought it back, or wants it done at once.
    JobRetried = "job.retried" { job: JobId } on Job(job),
}

impl Event {
    /// The event of a message that was just stored.
    #[must_use]
    pub const fn of_message(kind: MessageKind, conversation: ConversationId, message: MessageId) -> Self {
        match kind {
            MessageKind::Incoming => Self::MessageReceived { conversation, message },
            MessageKind::Outgoing => Self::MessageSent { conversation, message },
            MessageKind::Note => Self::MessageNoted { conversation, message },
            MessageKind::Activity => Self::MessageActivity { conversation, message },
        }
    }

    /// Whether it belongs into the audit log: changes of accounts, rights and configuration, and what
    /// was done away with.
    #[must_use]
    pub const fn is_audited(&self) -> bool {
        if let Self::ContactErased { .. }
        | Self::ContactDeleted { .. }
        | Self::ContactBlocked { .. }
        | Self::ContactUnblocked { .. }
        | Self::ContactMerged { .. }
        | Self::ConversationDeleted { .. } = self
        {
            return true;
        }
        match self.aggregate().0 {
            Entity::Agent => !matches!(self, Self::PresenceChanged { .. }),
            Entity::Team
            | Entity::Role
            | Entity::Skill
            | Entity::Attribute
            | Entity::Inbox
            | Entity::Credential
            | Entity::Link
            | Entity::Status
            | Entity::Integration
            | Entity::Tag
            | Entity::View
            | Entity::Macro
            | Entity::Template
            | Entity::BusinessHours
            | Entity::Desk => true,
            Entity::Job => matches!(self, Self::JobRetried { .. }),
            Entity::Contact
            | Entity::Conversation
            | Entity::Message
            | Entity::Media
            | Entity::Note
            | Entity::Draft
            | Entity::Notification
            | Entity::Survey => false,
        }
    }

    /// The conversation it is about.
    #[must_use]
    pub const fn conversation(&self) -> Option<ConversationId> {
        match self.aggregate() {
            (Entity::Conversation, id) => Some(ConversationId(id)),
            _ => None,
        }
    }
}

/// An event as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// What receivers deduplicate by.
    pub uuid: Uuid,
    /// Place in the one order of all events: 1, 2, 3 … without gaps, in commit order.
    pub position: i64,
    /// The message's number, on events that carry one.
    pub seq: Option<i64>,
    pub at: Timestamp,
    pub actor: ActorRef,
    pub via: Via,
    pub request_id: Option<String>,
    pub event: Event,
}
