//! What the board no longer knows for sure: marked by events, read anew by the router.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use muster_core::event::{Event, EventRecord};
use muster_core::id::{AgentId, ConversationId, TeamId};
use muster_core::routing::Board;
use tokio::sync::{Notify, oneshot};

/// Marks of things to be read anew. Their number is bounded by the number of things, however many events come.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    /// A role or a skill changed: read all.
    pub(super) everything: bool,
    pub(super) agents: BTreeSet<AgentId>,
    pub(super) teams: BTreeSet<TeamId>,
    pub(super) conversations: BTreeSet<ConversationId>,
    /// Conversations that entered or left the open ones, which changes their holder's load.
    pub(super) held: BTreeSet<ConversationId>,
    /// The last event that is in here.
    pub(super) position: i64,
}

impl Marks {
    pub(super) fn touches_anything(&self) -> bool {
        self.everything || !(self.agents.is_empty() && self.teams.is_empty() && self.conversations.is_empty())
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::AgentCreated { agent }
            | Event::AgentUpdated { agent, .. }
            | Event::AgentDeleted { agent }
            | Event::AgentEnabled { agent }
            | Event::AgentDisabled { agent }
            | Event::AgentLocked { agent }
            | Event::AgentUnlocked { agent }
            | Event::AgentServingChanged { agent, .. }
            | Event::AgentRolesChanged { agent, .. }
            | Event::AgentChannelsChanged { agent, .. }
            | Event::AgentCapacityChanged { agent, .. }
            | Event::AgentSkillsChanged { agent }
            | Event::AgentAttributesChanged { agent, .. }
            | Event::PresenceChanged { agent, .. } => {
                self.agents.insert(*agent);
            }
            Event::MembershipAdded { team, agent }
            | Event::MembershipChanged { team, agent }
            | Event::MembershipRemoved { team, agent } => {
                self.agents.insert(*agent);
                self.teams.insert(*team);
            }
            Event::TeamCreated { team } | Event::TeamUpdated { team, .. } | Event::TeamDeleted { team } => {
                self.teams.insert(*team);
            }
            Event::RoleUpdated { .. }
            | Event::RoleDeleted { .. }
            | Event::SkillCreated { .. }
            | Event::SkillUpdated { .. }
            | Event::SkillDeleted { .. } => self.everything = true,
            Event::ConversationAssigned { conversation, agent, .. }
            | Event::ConversationUnassigned { conversation, agent, .. } => {
                self.conversations.insert(*conversation);
                self.agents.insert(*agent);
            }
            Event::ConversationCreated { conversation, .. }
            | Event::ConversationQueued { conversation, .. }
            | Event::ConversationTeamChanged { conversation, .. }
            | Event::ConversationPriorityChanged { conversation, .. } => {
                self.conversations.insert(*conversation);
            }
            Event::ConversationStatusChanged { conversation, .. }
            | Event::ConversationParked { conversation, .. }
            | Event::ConversationResumed { conversation }
            | Event::ConversationResolved { conversation }
            | Event::ConversationClosed { conversation }
            | Event::ConversationReopened { conversation } => {
                self.conversations.insert(*conversation);
                self.held.insert(*conversation);
            }
            Event::CredentialsRevoked { .. }
            | Event::PasswordSet { .. }
            | Event::SecondFactorEnabled { .. }
            | Event::SecondFactorDisabled { .. }
            | Event::RecoveryCodesReplaced { .. }
            | Event::RecoveryCodeUsed { .. }
            | Event::ApiKeyCreated { .. }
            | Event::ApiKeyRevoked { .. }
            | Event::LinkCreated { .. }
            | Event::SignInSucceeded { .. }
            | Event::SignInFailed { .. }
            | Event::SignInEnded { .. }
            | Event::RoleCreated { .. }
            | Event::AttributeCreated { .. }
            | Event::AttributeUpdated { .. }
            | Event::AttributeDeleted { .. }
            | Event::IntegrationCreated { .. }
            | Event::IntegrationUpdated { .. }
            | Event::IntegrationRevoked { .. }
            | Event::InboxCreated { .. }
            | Event::InboxUpdated { .. }
            | Event::InboxDeleted { .. }
            | Event::StatusCreated { .. }
            | Event::StatusUpdated { .. }
            | Event::StatusDeleted { .. }
            | Event::TagCreated { .. }
            | Event::TagUpdated { .. }
            | Event::TagDeleted { .. }
            | Event::ViewCreated { .. }
            | Event::ViewUpdated { .. }
            | Event::ViewDeleted { .. }
            | Event::MacroCreated { .. }
            | Event::MacroUpdated { .. }
            | Event::MacroDeleted { .. }
            | Event::TemplateCreated { .. }
            | Event::TemplateUpdated { .. }
            | Event::TemplateDeleted { .. }
            | Event::BusinessHoursCreated { .. }
            | Event::BusinessHoursUpdated { .. }
            | Event::BusinessHoursDeleted { .. }
            | Event::SettingsChanged { .. }
            | Event::ContactCreated { .. }
            | Event::ContactUpdated { .. }
            | Event::ContactBlocked { .. }
            | Event::ContactUnblocked { .. }
            | Event::ContactMerged { .. }
            | Event::ContactNoted { .. }
            | Event::ContactNoteDeleted { .. }
            | Event::ContactErased { .. }
            | Event::ContactDeleted { .. }
            // Both are of conversations that were resolved before.
            | Event::ConversationErased { .. }
            | Event::ConversationDeleted { .. }
            // The router's own word.
            | Event::RoutingDecided { .. }
            | Event::MessageReceived { .. }
            | Event::MessageQueued { .. }
            | Event::MessageSent { .. }
            | Event::MessageFailed { .. }
            | Event::MessageNoted { .. }
            | Event::MessageActivity { .. }
            | Event::MessageDeleted { .. }
            | Event::MentionCreated { .. }
            | Event::ConversationTagsChanged { .. }
            | Event::ConversationAttributesChanged { .. }
            | Event::SurveyRequested { .. }
            | Event::SurveyAnswered { .. }
            | Event::NotificationCreated { .. }
            | Event::MailWanted { .. }
            | Event::JobRetried { .. } => {}
        }
    }
}

/// The marks that wait for the router.
#[derive(Debug)]
pub(crate) struct Touched {
    marks: Mutex<Marks>,
    /// Who wants a copy of the board.
    asked: Mutex<Vec<oneshot::Sender<Board>>>,
    changed: Notify,
}

impl Touched {
    pub(crate) fn new() -> Self {
        Self { marks: Mutex::default(), asked: Mutex::default(), changed: Notify::new() }
    }

    /// Marks what committed events touch.
    pub(crate) fn events(&self, batch: &[EventRecord]) {
        let mut marks = self.marks();
        for record in batch {
            marks.event(&record.event);
            marks.position = marks.position.max(record.position);
        }
        drop(marks);
        self.changed.notify_one();
    }

    pub(super) fn conversation(&self, conversation: ConversationId) {
        self.marks().conversations.insert(conversation);
        self.changed.notify_one();
    }

    pub(super) fn pair(&self, conversation: ConversationId, agent: AgentId) {
        let mut marks = self.marks();
        marks.conversations.insert(conversation);
        marks.agents.insert(agent);
    }

    /// Asks the router for a copy of its board.
    pub(super) fn ask(&self) -> oneshot::Receiver<Board> {
        let (answer, copy) = oneshot::channel();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
        self.changed.notify_one();
        copy
    }

    pub(super) fn take_asked(&self) -> Vec<oneshot::Sender<Board>> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn take(&self) -> Marks {
        std::mem::take(&mut self.marks())
    }

    pub(super) fn put_back(&self, taken: &Marks) {
        let mut marks = self.marks();
        marks.everything |= taken.everything;
        marks.agents.extend(&taken.agents);
        marks.teams.extend(&taken.teams);
        marks.conversations.extend(&taken.conversations);
        marks.held.extend(&taken.held);
        marks.position = marks.position.max(taken.position);
    }

    /// Completes when something was marked since it last did.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
