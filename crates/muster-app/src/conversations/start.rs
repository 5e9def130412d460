//! Starting conversations.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::agent::{self, Attributes, Phone, Profile};
use muster_core::attribute::{self, Scope};
use muster_core::contact::{Contact, ContactKind};
use muster_core::conversation::{Assignee, Category, Conversation, OPEN, Priority, check_assignable};
use muster_core::event::{AssignedHow, Event};
use muster_core::id::{AgentId, ContactId, ConversationId, InboxId, MediaId, TeamId};
use muster_core::inbox::Inbox;
use muster_core::message::{Author, Body, ContentType, MessageKind};
use muster_core::permission::Permission;
use muster_core::skill::{LEVEL_MAX, RequiredSkill};
use muster_core::view::ConversationView;
use muster_core::{Entity, Error, Refusal, Result, Why, text};
use muster_store::{agents, attributes, contacts, conversations, inboxes, lost_race, people, skills};

use super::change::{self, Cause};
use super::{slot, view};
use crate::media::Wanted;
use crate::messages::{self, NewMessage};
use crate::{App, Work, board};

/// Longest subject, in characters.
const SUBJECT_MAX: usize = 500;

/// Whose words a conversation starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiator {
    /// The caller writes to the contact.
    Agent,
    /// The caller notes down what the contact said.
    Contact,
}

/// A conversation that an agent starts.
#[derive(Debug, Clone)]
pub struct NewConversation {
    pub inbox: InboxId,
    /// Whose it is; a contact who has this address is taken as they are.
    pub contact_email: String,
    pub first_name: String,
    pub last_name: String,
    pub subject: Option<String>,
    /// HTML.
    pub content: String,
    pub initiator: Initiator,
    pub agent: Option<AgentId>,
    /// `None`: the inbox's.
    pub team: Option<TeamId>,
    pub priority: Option<Priority>,
    pub required_skills: Vec<RequiredSkill>,
    /// What no attribute is defined for, and what its attribute doesn't admit, is dropped.
    pub attributes: Attributes,
    /// Files that the caller uploaded and that are in no use yet.
    pub attachments: Vec<MediaId>,
}

/// [`NewConversation`] after its checks.
struct Checked {
    new: NewConversation,
    body: Body,
    files: Wanted,
}

impl App {
    /// Starts a conversation in a contact's name or with them.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::NotFound`] for inbox, team, agent or skill; [`Refusal::InboxDisabled`];
    /// [`Refusal::Blocked`]; [`Refusal::NotAssignable`] and [`Refusal::AtCapacity`] for the agent.
    pub async fn start_conversation(&self, caller: &Caller, new: NewConversation) -> Result<ConversationView> {
        caller.actor.require(Permission::ConversationsWrite)?;
        let checked = Arc::new(new.checked(self.inner.links.public_url())?);
        self.write(caller, move |work| {
            let checked = Arc::clone(&checked);
            Box::pin(async move { start(work, &checked).await })
        })
        .await
    }
}

impl NewConversation {
    fn checked(self, public_url: &str) -> Result<Checked> {
        let mut files = Wanted::of(&self.attachments)?;
        let mut body = messages::body_of_agent(&self.content, ContentType::Html, &files)?;
        files.settle(&mut body, public_url);
        let subject = self.subject.as_deref().map(|subject| text::bounded("subject", subject, 0, SUBJECT_MAX));
        if self.required_skills.iter().any(|required| !(1..=LEVEL_MAX).contains(&required.level)) {
            return Err(Error::invalid("required_skills", Why::OutOfRange));
        }
        let new = Self {
            contact_email: agent::email("contact_email", &self.contact_email)?,
            first_name: text::bounded("first_name", &self.first_name, 1, agent::NAME_MAX)?,
            last_name: text::bounded("last_name", &self.last_name, 0, agent::NAME_MAX)?,
            subject: subject.transpose()?.filter(|subject| !subject.is_empty()),
            ..self
        };
        Ok(Checked { new, body, files })
    }
}

async fn start(work: &mut Work<'_>, Checked { new, body, files }: &Checked) -> Result<ConversationView> {
    let agent = match new.agent {
        Some(id) => Some(agents::lock_profile(work.tx, id).await?),
        None => None,
    };
    let attributes = defined(work, Scope::Conversation, &new.attributes).await?;
    let inbox = inboxes::inbox(work.tx, new.inbox).await?;
    if !inbox.enabled {
        return Err(Refusal::InboxDisabled.into());
    }
    check_skills(work, &new.required_skills).await?;
    let team = new.team.or(inbox.default_team);
    let rules = match team {
        Some(id) => Some(board::load_team(work.tx, id).await?.ok_or(Error::NotFound(Entity::Team))?),
        None => None,
    };
    let contact = contact_by_email(work, new).await?;
    if contact.blocked {
        return Err(Refusal::Blocked.into());
    }
    let opening = Opening {
        team,
        subject: new.subject.clone(),
        priority: new.priority,
        required_skills: new.required_skills.clone(),
        attributes,
        ..Opening::default()
    };
    let mut conversation = open(work, &inbox, contact.id, opening).await?;
    write_first(work, &mut conversation, new.initiator, (body, files)).await?;
    let (effects, author) = match &agent {
        Some(profile) => {
            let effects = given(work, &mut conversation, profile, rules.as_ref()).await?;
            (effects, Author::from(work.actor().reference()))
        }
        None => (conversation.enqueue(), Author::System),
    };
    change::store(work, &mut conversation, effects, author).await?;
    view(work.tx, conversation).await
}

async fn given(
    work: &mut Work<'_>,
    conversation: &mut Conversation,
    profile: &Profile,
    rules: Option<&muster_core::routing::TeamRules>,
) -> Result<muster_core::conversation::Effects> {
    check_assignable(profile)?;
    slot::require(work, profile, rules).await?;
    let to = Assignee { id: profile.agent.id, name: profile.agent.name() };
    let cause = Cause::of(work.actor());
    let effects = conversation.assign(&to, &cause.by(), AssignedHow::Created, work.now)?;
    Ok(slot::without_slot(effects, profile.agent.id))
}

async fn write_first(
    work: &mut Work<'_>,
    conversation: &mut Conversation,
    initiator: Initiator,
    (body, files): (&Body, &Wanted),
) -> Result<()> {
    let (kind, author) = match initiator {
        Initiator::Agent => (MessageKind::Outgoing, Author::from(work.actor().reference())),
        Initiator::Contact => (MessageKind::Incoming, Author::Contact(conversation.contact)),
    };
    let first = NewMessage::new(kind, author, body.clone()).with_files(files.clone());
    messages::append(work, conversation, first).await?;
    match initiator {
        Initiator::Agent => messages::note_reply(conversation, author, work.now),
        Initiator::Contact => conversation.waiting_since = Some(work.now),
    }
    Ok(())
}

async fn check_skills(work: &mut Work<'_>, required: &[RequiredSkill]) -> Result<()> {
    let ids: Vec<_> = required.iter().map(|required| required.skill).collect();
    let known = skills::skills_by_ids(work.tx, &ids).await?;
    let all_known = ids.iter().all(|id| known.iter().any(|skill| skill.id == *id));
    if all_known { Ok(()) } else { Err(Error::NotFound(Entity::Skill)) }
}

/// The values whose attribute is defined for `scope` and admits them, under the keys as they are defined.
pub(crate) async fn defined(work: &mut Work<'_>, scope: Scope, values: &Attributes) -> Result<Attributes> {
    if values.is_empty() {
        return Ok(Attributes::new());
    }
    attributes::hold_definitions(work.tx).await?;
    let definitions = attributes::definitions(work.tx, scope).await?;
    let admitted = |key: &str, value: &serde_json::Value| {
        let definition = attribute::find(key, &definitions)?;
        definition.admits(value).then(|| (definition.key.clone(), value.clone()))
    };
    Ok(values.iter().filter_map(|(key, value)| admitted(key, value)).collect())
}

async fn contact_by_email(work: &mut Work<'_>, new: &NewConversation) -> Result<Contact> {
    if let Some(contact) = contacts::lock_by_email(work.tx, &new.contact_email).await? {
        return Ok(contact);
    }
    let contact = Contact {
        first_name: new.first_name.clone(),
        last_name: new.last_name.clone(),
        email: Some(new.contact_email.clone()),
        ..blank_contact(work, ContactKind::Contact).await?
    };
    if !contacts::insert_contact(work.tx, &contact).await? {
        return Err(lost_race());
    }
    work.record(Event::ContactCreated { contact: contact.id });
    Ok(contact)
}

/// A new contact without anything that tells who it is.
pub(crate) async fn blank_contact(work: &mut Work<'_>, kind: ContactKind) -> Result<Contact> {
    Ok(Contact {
        id: ContactId(people::next_id(work.tx).await?),
        public_id: work.draw.public_id(),
        kind,
        first_name: String::new(),
        last_name: String::new(),
        email: None,
        phone: Phone::default(),
        country: None,
        avatar_url: None,
        external_id: None,
        blocked: false,
        attributes: Attributes::new(),
        manager: None,
        last_active_at: None,
        created_at: work.now,
        updated_at: work.now,
        deleted_at: None,
        version: 1,
    })
}

/// What is known of a conversation when it begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opening {
    /// What people call it; drawn if not given.
    pub(crate) number: Option<String>,
    pub(crate) team: Option<TeamId>,
    pub(crate) subject: Option<String>,
    pub(crate) priority: Option<Priority>,
    pub(crate) required_skills: Vec<RequiredSkill>,
    pub(crate) attributes: Attributes,
}

/// Inserts an open conversation that nobody has. Whoever calls puts it into the queue or assigns it.
pub(crate) async fn open(
    work: &mut Work<'_>,
    inbox: &Inbox,
    contact: ContactId,
    opening: Opening,
) -> Result<Conversation> {
    let number = match opening.number {
        Some(number) => number,
        None => conversations::next_number(work.tx).await?,
    };
    let mut conversation = Conversation {
        id: ConversationId(0),
        uuid: work.draw.uuid(),
        public_id: work.draw.public_id(),
        queue_public_id: work.draw.public_id(),
        number,
        contact,
        identity: None,
        inbox: inbox.id,
        medium: inbox.medium,
        status: OPEN,
        category: Category::Open,
        is_closed: false,
        team: opening.team,
        assignee: None,
        assigned_at: None,
        priority: opening.priority,
        sla_policy: None,
        subject: opening.subject,
        visitor_slot: None,
        snoozed_until: None,
        waiting_since: None,
        first_reply_at: None,
        last_reply_at: None,
        resolved_at: None,
        closed_at: None,
        reopened_count: 0,
        closed_by: None,
        close_comment: None,
        last_message: None,
        last_interaction: None,
        last_seq: 0,
        contact_seen_seq: 0,
        sort_at: work.now,
        required_skills: opening.required_skills,
        preferred_agent: None,
        attributes: opening.attributes,
        source: serde_json::json!({}),
        merged_into: None,
        created_at: work.now,
        updated_at: work.now,
        version: 0,
    };
    conversation.id = conversations::insert(work.tx, &conversation).await?;
    work.record(Event::ConversationCreated { conversation: conversation.id, contact, inbox: inbox.id });
    Ok(conversation)
}
