//! Conversations and their state machine. Each transition changes the row in hand and returns the
//! [`Effects`] that have to be stored with it: events, activities, load and queue.
//!
//! The phase is derived: queued (open, nobody assigned), active (open, assigned), parked (category
//! waiting), resolved, closed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::Subject;
use crate::agent::{Attributes, Profile};
use crate::event::{AssignedHow, Event, UnassignedWhy};
use crate::id::{AgentId, ContactId, ConversationId, IdentityId, InboxId, PublicId, StatusId, TeamId};
use crate::inbox::Medium;
use crate::message::{self, Activity, Message, MessageKind};
use crate::presence::Intent;
use crate::skill::RequiredSkill;
use crate::tag::Tag;
use crate::team::Team;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Refusal, Result, text};

words! {
    pub enum Category { Open = "open", Waiting = "waiting", Resolved = "resolved" }
}

words! {
    /// Whose message it was that stands last.
    pub enum Sender { Agent = "agent", Contact = "contact" }
}

/// Five ranks, 1 the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Priority(u8);

impl Priority {
    /// Names by rank, 1 first.
    pub const NAMES: [&str; 5] = ["Highest", "High", "Medium", "Low", "Lowest"];
    /// The rank in the queue of a conversation without priority.
    pub const UNRANKED: i64 = 99;

    #[must_use]
    pub fn from_rank(rank: i64) -> Option<Self> {
        u8::try_from(rank).ok().filter(|rank| (1..=5).contains(rank)).map(Self)
    }

    #[must_use]
    pub fn rank(self) -> i64 {
        i64::from(self.0)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[usize::from(self.0) - 1]
    }

    /// By name, case ignored.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let at = Self::NAMES.iter().position(|known| known.eq_ignore_ascii_case(name.trim()))?;
        Self::from_rank(i64::try_from(at).ok()? + 1)
    }
}

/// A named status; its category is what the rules look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub id: StatusId,
    pub name: String,
    pub category: Category,
    pub built_in: bool,
    pub created_at: Timestamp,
}

impl Status {
    /// Longest name, in characters.
    pub const NAME_MAX: usize = 25;

    /// Checks a name and returns it without outer blanks.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] `status` for one that is too long, `name` else.
    pub fn checked_name(name: &str) -> Result<String> {
        let name = text::bounded("name", name, 1, usize::MAX)?;
        text::bounded("status", &name, 1, Self::NAME_MAX)
    }

    /// Whether setting it closes the conversation rather than resolving it.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.id == CLOSED
    }
}

/// The four built-in statuses, seeded in this order.
pub const OPEN: StatusId = StatusId(1);
pub const SNOOZED: StatusId = StatusId(2);
pub const RESOLVED: StatusId = StatusId(3);
pub const CLOSED: StatusId = StatusId(4);

/// The latest message as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    pub text: String,
    pub at: Timestamp,
    pub sender: Sender,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    pub id: ConversationId,
    pub uuid: Uuid,
    pub public_id: PublicId,
    pub queue_public_id: PublicId,
    /// What people call it: a number from 100 on, kept as text.
    pub number: String,
    pub contact: ContactId,
    pub identity: Option<IdentityId>,
    pub inbox: InboxId,
    pub medium: Medium,
    pub status: StatusId,
    pub category: Category,
    pub is_closed: bool,
    pub team: Option<TeamId>,
    pub assignee: Option<AgentId>,
    pub assigned_at: Option<Timestamp>,
    pub priority: Option<Priority>,
    pub sla_policy: Option<i64>,
    pub subject: Option<String>,
    pub visitor_slot: Option<String>,
    pub snoozed_until: Option<Timestamp>,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<Timestamp>,
    pub first_reply_at: Option<Timestamp>,
    pub last_reply_at: Option<Timestamp>,
    /// First values: reopening doesn't clear them.
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub reopened_count: i64,
    pub closed_by: Option<AgentId>,
    pub close_comment: Option<String>,
    pub last_message: Option<LastMessage>,
    /// The latest that is neither activity nor note.
    pub last_interaction: Option<LastMessage>,
    pub last_seq: i64,
    /// Up to where the contact has read.
    pub contact_seen_seq: i64,
    /// Last message, else creation: what lists are ordered by.
    pub sort_at: Timestamp,
    pub required_skills: Vec<RequiredSkill>,
    pub preferred_agent: Option<AgentId>,
    pub attributes: Attributes,
    pub source: serde_json::Value,
    pub merged_into: Option<ConversationId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

words! {
    /// What lists of conversations can be ordered by.
    pub enum OrderBy {
        LastMessageAt = "last_message_at",
        LastInteractionAt = "last_interaction_at",
        LastInteractionSender = "last_interaction_sender",
        CreatedAt = "created_at",
        WaitingSince = "waiting_since",
        SnoozedUntil = "snoozed_until",
        Priority = "priority",
        Status = "status",
        StatusName = "status_name",
        Team = "team",
        Assignee = "assignee",
        Inbox = "inbox",
        Medium = "medium",
        SlaPolicy = "sla_policy",
        ContactEmail = "contact_email",
        ContactExternalId = "contact_external_id",
    }
}

/// The order of a list. Equal ones stand by id, in the same direction; those without a value stand last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub by: OrderBy,
    pub descending: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self { by: OrderBy::LastMessageAt, descending: true }
    }
}

/// What has to happen to the queue entry of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueChange {
    #[default]
    Keep,
    /// Make one, or move the one there is to the conversation's team and rank; the place
    /// (`queued_at`) stays if there was one.
    Enter,
    Leave,
}

/// One agent's load going up or down, in the desk and in the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadChange {
    pub agent: AgentId,
    pub team: Option<TeamId>,
    pub by: i16,
}

/// What a transition wants stored with the conversation, in one transaction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effects {
    pub events: Vec<Event>,
    pub activities: Vec<Activity>,
    pub load: Vec<LoadChange>,
    pub queue: QueueChange,
    /// The agent who may not get this conversation again for a while.
    pub exclude: Option<AgentId>,
}

impl Effects {
    /// Whether the transition changed anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Puts what another transition caused behind this one's.
    pub fn extend(&mut self, later: Self) {
        self.events.extend(later.events);
        self.activities.extend(later.activities);
        self.load.extend(later.load);
        if later.queue != QueueChange::Keep {
            self.queue = later.queue;
        }
        self.exclude = later.exclude.or(self.exclude);
    }

    /// Load changes summed by agent and team, without those that cancel out.
    #[must_use]
    pub fn net_load(&self) -> Vec<LoadChange> {
        let mut sums: BTreeMap<(AgentId, Option<TeamId>), i16> = BTreeMap::new();
        for change in &self.load {
            *sums.entry((change.agent, change.team)).or_default() += change.by;
        }
        sums.into_iter().filter(|(_, by)| *by != 0).map(|((agent, team), by)| LoadChange { agent, team, by }).collect()
    }
}

impl Conversation {
    /// Characters of a message that lists show.
    const PREVIEW_MAX: usize = 200;

    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject { assignee: self.assignee, team: self.team, contact: self.contact, inbox: self.inbox }
    }

    #[must_use]
    pub fn is_open(&self) -> bool {
        self.category == Category::Open
    }

    #[must_use]
    pub fn is_queued(&self) -> bool {
        self.is_open() && self.assignee.is_none()
    }

    /// Rank in the queue: priority first, 99 without.
    #[must_use]
    pub fn rank(&self) -> i64 {
        self.priority.map_or(Priority::UNRANKED, Priority::rank)
    }

    fn check_not_closed(&self) -> Result<()> {
        if self.is_closed { Err(Refusal::Closed(self.id).into()) } else { Ok(()) }
    }

    fn load(&self, agent: AgentId, by: i16) -> Option<LoadChange> {
        self.is_open().then_some(LoadChange { agent, team: self.team, by })
    }

    /// Gives the conversation to an agent, in place of whoever has it.
    ///
    /// A parked or resolved one stays parked or resolved. Capacity is the claim's affair: it is
    /// judged on the agent's locked row.
    ///
    /// # Errors
    /// [`Refusal::Closed`].
    pub fn assign(&mut self, to: &Assignee, by: &By<'_>, how: AssignedHow, now: Timestamp) -> Result<Effects> {
        self.check_not_closed()?;
        if self.assignee == Some(to.id) {
            return Ok(Effects::default());
        }
        let mut effects = Effects::default();
        if let Some(old) = self.assignee {
            effects.load.extend(self.load(old, -1));
            effects.events.push(Event::ConversationUnassigned {
                conversation: self.id,
                agent: old,
                why: UnassignedWhy::Reassigned,
            });
        }
        effects.load.extend(self.load(to.id, 1));
        self.assignee = Some(to.id);
        self.assigned_at = Some(now);
        self.preferred_agent = None;
        effects.queue = QueueChange::Leave;
        effects.events.push(Event::ConversationAssigned { conversation: self.id, agent: to.id, how });
        effects.activities.push(if by.agent == Some(to.id) {
            Activity::SelfAssigned { by: to.name.clone() }
        } else {
            Activity::Assigned { to: to.name.clone(), agent: to.id, by: by.name.to_owned() }
        });
        Ok(effects)
    }

    /// Takes the conversation from its agent. An open one goes to the queue, with the agent as the
    /// preferred one unless somebody took it away on purpose, and then excluded for a while.
    ///
    /// # Errors
    /// [`Refusal::Closed`].
    pub fn unassign(&mut self, from_name: &str, by: &By<'_>, why: UnassignedWhy) -> Result<Effects> {
        self.check_not_closed()?;
        let Some(agent) = self.assignee else { return Ok(Effects::default()) };
        let mut effects = Effects::default();
        effects.load.extend(self.load(agent, -1));
        self.assignee = None;
        self.assigned_at = None;
        self.preferred_agent = why.keeps_preference().then_some(agent);
        effects.exclude = why.excludes().then_some(agent);
        effects.events.push(Event::ConversationUnassigned { conversation: self.id, agent, why });
        effects.activities.push(Activity::Unassigned { from: from_name.to_owned(), by: by.name.to_owned() });
        if self.is_open() {
            effects.extend(self.enqueue());
        }
        Ok(effects)
    }

    /// The effects of standing in the queue.
    #[must_use]
    pub fn enqueue(&self) -> Effects {
        Effects {
            queue: QueueChange::Enter,
            events: vec![Event::ConversationQueued { conversation: self.id, team: self.team }],
            ..Effects::default()
        }
    }

    /// Moves the conversation to a team, or to none. A changed team takes it from its agent.
    ///
    /// # Errors
    /// [`Refusal::Closed`].
    pub fn set_team(&mut self, to: Option<(TeamId, &str)>, assignee_name: &str, by: &By<'_>) -> Result<Effects> {
        self.check_not_closed()?;
        let team = to.map(|(id, _)| id);
        if self.team == team {
            return Ok(Effects::default());
        }
        let was_unassigned = self.assignee.is_none();
        let before = self.team;
        let mut effects = Effects::default();
        let taken = self.unassign(assignee_name, by, UnassignedWhy::TeamChanged)?;
        self.team = team;
        self.preferred_agent = None;
        effects.events.push(Event::ConversationTeamChanged { conversation: self.id, before, after: team });
        effects.activities.push(match to {
            Some((team, name)) => Activity::TeamAssigned { team, to: name.to_owned(), by: by.name.to_owned() },
            None => Activity::TeamRemoved { by: by.name.to_owned() },
        });
        effects.extend(taken);
        if was_unassigned && self.is_open() {
            effects.extend(self.enqueue());
        }
        for event in &mut effects.events {
            if let Event::ConversationQueued { team, .. } = event {
                *team = self.team;
            }
        }
        Ok(effects)
    }

    /// Sets a named status: opens, parks, resolves or closes.
    ///
    /// `back` says what becomes of the assignee when the conversation opens again
    /// ([`comes_back_to`]). `until` is for parking. A status of the same category only changes the name.
    ///
    /// # Errors
    /// [`Refusal::Closed`] for a conversation merged into another.
    pub fn set_status(
        &mut self,
        to: &Status,
        until: Option<Timestamp>,
        by: &By<'_>,
        back: &Back<'_>,
        now: Timestamp,
    ) -> Result<Effects> {
        if self.merged_into.is_some() {
            return Err(Refusal::Closed(self.id).into());
        }
        if self.status == to.id && (to.category != Category::Waiting || self.snoozed_until == until) {
            return Ok(Effects::default());
        }
        let before = (self.status, self.category);
        self.status = to.id;
        self.snoozed_until = if to.category == Category::Waiting { until } else { None };
        let mut effects = Effects {
            events: vec![Event::ConversationStatusChanged { conversation: self.id, before: before.0, after: to.id }],
            activities: vec![Activity::StatusChanged { to: to.name.clone(), by: by.name.to_owned() }],
            ..Effects::default()
        };
        effects.extend(match (before.1, to.category) {
            (Category::Open, Category::Open) | (Category::Waiting, Category::Waiting) => Effects::default(),
            (_, Category::Open) => self.open(before.1, back, now),
            (_, Category::Waiting) => self.park(before.1),
            (_, Category::Resolved) => self.finish(before.1, to.closes(), by, now),
        });
        Ok(effects)
    }

    fn leave_open(&mut self, before: Category) -> Effects {
        if before != Category::Open {
            return Effects::default();
        }
        let load = self.assignee.map(|agent| LoadChange { agent, team: self.team, by: -1 });
        Effects { load: load.into_iter().collect(), queue: QueueChange::Leave, ..Effects::default() }
    }

    fn park(&mut self, before: Category) -> Effects {
        let mut effects = self.leave_open(before);
        self.category = Category::Waiting;
        self.is_closed = false;
        effects.events.push(Event::ConversationParked { conversation: self.id, until: self.snoozed_until });
        effects
    }

    fn finish(&mut self, before: Category, closes: bool, by: &By<'_>, now: Timestamp) -> Effects {
        let mut effects = self.leave_open(before);
        self.category = Category::Resolved;
        self.waiting_since = None;
        self.resolved_at = self.resolved_at.or(Some(now));
        if closes && !self.is_closed {
            self.closed_at = self.closed_at.or(Some(now));
            self.closed_by = by.agent;
            effects.events.push(Event::ConversationClosed { conversation: self.id });
        } else if !closes && before != Category::Resolved {
            effects.events.push(Event::ConversationResolved { conversation: self.id });
        }
        self.is_closed = closes;
        effects
    }

    fn open(&mut self, before: Category, back: &Back<'_>, _now: Timestamp) -> Effects {
        self.category = Category::Open;
        self.is_closed = false;
        let mut effects = Effects::default();
        effects.events.push(if before == Category::Waiting {
            Event::ConversationResumed { conversation: self.id }
        } else {
            self.reopened_count += 1;
            Event::ConversationReopened { conversation: self.id }
        });
        let keeps = self.assignee.filter(|_| back.to_assignee);
        match (keeps, self.assignee) {
            (Some(agent), _) => effects.load.push(LoadChange { agent, team: self.team, by: 1 }),
            (None, Some(agent)) => {
                self.assignee = None;
                self.assigned_at = None;
                self.preferred_agent = back.still_exists.then_some(agent);
                let why = UnassignedWhy::CameBackToNobody;
                effects.events.push(Event::ConversationUnassigned { conversation: self.id, agent, why });
                effects.activities.push(Activity::Unassigned { from: back.name.to_owned(), by: "System".to_owned() });
                effects.extend(self.enqueue());
            }
            (None, None) => effects.extend(self.enqueue()),
        }
        effects
    }

    /// The team ends to exist. The conversation goes to `to`, or to no team; it keeps its agent and its
    /// place in the queue.
    pub fn leave_team(&mut self, to: Option<(TeamId, &str)>, by: &By<'_>) -> Effects {
        let before = self.team;
        self.team = to.map(|(id, _)| id);
        let activity = match to {
            Some((team, name)) => Activity::TeamAssigned { team, to: name.to_owned(), by: by.name.to_owned() },
            None => Activity::TeamRemoved { by: by.name.to_owned() },
        };
        Effects {
            events: vec![Event::ConversationTeamChanged { conversation: self.id, before, after: self.team }],
            activities: vec![activity],
            queue: if self.is_queued() { QueueChange::Enter } else { QueueChange::Keep },
            ..Effects::default()
        }
    }

    /// Sets or clears the priority.
    ///
    /// # Errors
    /// [`Refusal::Closed`].
    pub fn set_priority(&mut self, to: Option<Priority>, by: &By<'_>) -> Result<Effects> {
        self.check_not_closed()?;
        if self.priority == to {
            return Ok(Effects::default());
        }
        let before = std::mem::replace(&mut self.priority, to);
        Ok(Effects {
            events: vec![Event::ConversationPriorityChanged { conversation: self.id, before, after: to }],
            activities: vec![Activity::PriorityChanged { to: to.map(|p| p.name().to_owned()), by: by.name.to_owned() }],
            queue: if self.is_queued() { QueueChange::Enter } else { QueueChange::Keep },
            ..Effects::default()
        })
    }

    /// The tags that the conversation had were changed: `before` to `after`.
    ///
    /// # Errors
    /// [`Refusal::Closed`] for a conversation merged into another.
    pub fn tagged(&self, before: &[Tag], after: &[Tag], by: &By<'_>) -> Result<Effects> {
        if self.merged_into.is_some() {
            return Err(Refusal::Closed(self.id).into());
        }
        let only_in = |these: &[Tag], those: &[Tag]| -> Vec<String> {
            let only = these.iter().filter(|tag| those.iter().all(|other| other.id != tag.id));
            only.map(|tag| tag.name.clone()).collect()
        };
        let (added, removed) = (only_in(after, before), only_in(before, after));
        if added.is_empty() && removed.is_empty() {
            return Ok(Effects::default());
        }
        let name = || by.name.to_owned();
        let added = added.into_iter().map(|tag| Activity::TagAdded { tag, by: name() });
        let removed = removed.into_iter().map(|tag| Activity::TagRemoved { tag, by: name() });
        let ids = |tags: &[Tag]| tags.iter().map(|tag| tag.id).collect();
        Ok(Effects {
            events: vec![Event::ConversationTagsChanged {
                conversation: self.id,
                before: ids(before),
                after: ids(after),
            }],
            activities: added.chain(removed).collect(),
            ..Effects::default()
        })
    }

    /// Refuses to resolve a conversation without tags if its team asks for one. What is resolved already stays so.
    ///
    /// # Errors
    /// [`Refusal::TagRequired`].
    pub fn check_tagged(&self, to: &Status, team: &Team, has_tags: bool) -> Result<()> {
        let resolves = to.category == Category::Resolved && self.category != Category::Resolved;
        if resolves && team.tag_required && !has_tags { Err(Refusal::TagRequired(team.id).into()) } else { Ok(()) }
    }

    /// The customer wrote: waits from now on, and a conversation that was not open opens again.
    ///
    /// # Errors
    /// [`Refusal::Closed`] for a conversation merged into another.
    pub fn customer_wrote(&mut self, open: &Status, back: &Back<'_>, now: Timestamp) -> Result<Effects> {
        if self.waiting_since.is_none() {
            self.waiting_since = Some(now);
        }
        if self.is_open() {
            return Ok(Effects::default());
        }
        self.set_status(open, None, &By::SYSTEM, back, now)
    }

    /// Takes a message in: gives it its number and moves what lists show of the conversation.
    /// Activities get a number only; notes are no interaction.
    pub fn take_message(&mut self, kind: MessageKind, text: &str, now: Timestamp) -> i64 {
        self.last_seq += 1;
        let sender = match kind {
            MessageKind::Activity => return self.last_seq,
            MessageKind::Incoming => Sender::Contact,
            MessageKind::Outgoing | MessageKind::Note => Sender::Agent,
        };
        let last = LastMessage { text: message::preview(text, Self::PREVIEW_MAX), at: now, sender };
        self.sort_at = now;
        if kind != MessageKind::Note {
            self.last_interaction = Some(last.clone());
        }
        self.last_message = Some(last);
        self.last_seq
    }

    /// A note was taken back: lists don't show it any more, and the conversation goes back to the place that it had
    /// without it. `left` is the latest message that they can show.
    pub fn note_taken_back(&mut self, note: &Message, left: Option<&Message>) {
        if left.is_some_and(|left| left.seq > note.seq) {
            return;
        }
        self.sort_at = left.map_or(self.created_at, |left| left.created_at);
        self.last_message = left.map(|left| LastMessage {
            text: message::preview(&left.text, Self::PREVIEW_MAX),
            at: left.created_at,
            sender: if left.kind == MessageKind::Incoming { Sender::Contact } else { Sender::Agent },
        });
    }

    /// An agent's public reply went out.
    pub fn replied(&mut self, now: Timestamp) {
        self.first_reply_at = self.first_reply_at.or(Some(now));
        self.last_reply_at = Some(now);
        self.waiting_since = None;
    }
}

/// Who is given a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignee {
    pub id: AgentId,
    pub name: String,
}

/// Who causes a transition, as activities name them.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    pub agent: Option<AgentId>,
    pub name: &'a str,
}

impl By<'static> {
    pub const SYSTEM: Self = Self { agent: None, name: "System" };
}

/// What becomes of the assignee when a conversation opens again.
#[derive(Debug, Clone, Copy)]
pub struct Back<'a> {
    /// Whether the assignee keeps it ([`comes_back_to`]).
    pub to_assignee: bool,
    /// Whether the assignee's account still exists, to be preferred.
    pub still_exists: bool,
    /// The assignee's name.
    pub name: &'a str,
}

/// Whether a conversation that opens again stays with its assignee: the account is usable and may
/// answer, is not giving work away, and is there (or the medium is mail, which waits).
/// Capacity isn't asked: it is own work.
#[must_use]
pub fn comes_back_to(profile: &Profile, medium: Medium, now: Timestamp) -> bool {
    profile.agent.is_usable()
        && profile.answers()
        && profile.state.intent != Intent::Reassigning
        && (medium == Medium::Email || profile.state.is_live(now))
}

/// Whether somebody may be given a conversation by a person: presence isn't asked.
///
/// # Errors
/// [`Refusal::NotAssignable`].
pub fn check_assignable(profile: &Profile) -> Result<()> {
    if profile.agent.is_usable() && profile.answers() {
        Ok(())
    } else {
        Err(Refusal::NotAssignable(profile.agent.id).into())
    }
}

#[cfg(test)]
mod tests;
