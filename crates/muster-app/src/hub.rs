//! The realtime hub: who hears which committed event.
//!
//! Speaks domain events; dialects make frames of them. A listener's queue is bounded: one that doesn't keep up is told
//! to reload and never holds up the others. Typing, and who is at a chat, are the only things here that aren't stored.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use muster_core::access::{self, Subject, may_read};
use muster_core::actor::{Actor, Caller};
use muster_core::event::{Event, EventRecord, RevokedScope};
use muster_core::id::{AgentId, ContactId, ConversationId};
use muster_core::message::Author;
use muster_core::presence::Shown;
use muster_core::view::{ConversationItem, MessageView};
use muster_core::{Entity, Error, Result};
use muster_store::conversations;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::App;

mod audience;
mod load;

/// What a listener may leave unread before it is told to reload. Two batches of the follower of events fit, which come at
/// once: a listener that reads promptly doesn't fall behind by the desk's own doing.
const QUEUE: usize = 512;

/// A committed event with what a client is shown of it.
#[derive(Debug)]
pub struct Notice {
    pub record: EventRecord,
    /// The conversation as it is now, for events of conversations. `unread` is 0: it differs from reader to reader.
    pub conversation: Option<Arc<ConversationItem>>,
    /// Who may read the conversation now.
    pub subject: Option<Subject>,
    /// Who might read it before the event, for events that change this: whoever may no longer hears of it too, so that
    /// it can be dropped from lists. Compare with [`may_read`].
    pub before: Option<Subject>,
    /// The message, for events of messages; what asked, for [`Event::SurveyAnswered`].
    pub message: Option<Arc<MessageView>>,
    /// What is shown of the agent now, for [`Event::PresenceChanged`].
    pub shown: Option<Shown>,
}

/// Somebody is typing, or has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typing {
    pub conversation: ConversationId,
    pub uuid: Uuid,
    pub from: Author,
    pub is_typing: bool,
}

/// A customer has come to a chat, or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactNews {
    pub contact: ContactId,
    pub shown: Shown,
}

/// What a listener hears.
#[derive(Debug, Clone)]
pub enum Heard {
    Notice(Arc<Notice>),
    Typing(Typing),
    Contact(ContactNews),
    /// Too much went unread and is gone: load everything again. What comes after is complete again.
    Lagged,
    /// The listener's rights have changed or ended: the last thing it hears.
    Kicked(Kick),
    /// The desk is being stopped: the last thing it hears.
    Stopped,
}

/// Why a listener is sent away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kick {
    /// The sign-in that it rested on has ended.
    Revoked,
    /// The account is disabled, locked or deleted.
    AccountClosed,
    /// The account or its rights were changed: listen anew, with the new ones.
    Changed,
}

/// All listeners of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hub {
    listeners: Arc<Mutex<Listeners>>,
}

#[derive(Debug, Default)]
struct Listeners {
    last: u64,
    by_number: BTreeMap<u64, Arc<Mailbox>>,
    stopped: bool,
}

/// Hears what its actor may hear, from its subscription until it is dropped.
#[derive(Debug)]
pub struct Listener {
    hub: Hub,
    number: u64,
    mailbox: Arc<Mailbox>,
}

#[derive(Debug)]
struct Mailbox {
    actor: Actor,
    queue: Mutex<Queue>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    heard: VecDeque<Heard>,
    /// The queue ran over, and the listener hasn't been told yet.
    lagged: bool,
    /// What it hears at last, and from then on.
    end: Option<Heard>,
    followed: Option<ConversationId>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mailbox {
    fn put(&self, heard: Heard) {
        let mut queue = lock(&self.queue);
        if queue.end.is_some() || queue.lagged {
            return;
        }
        if queue.heard.len() >= QUEUE {
            queue.heard.clear();
            queue.lagged = true;
        } else {
            queue.heard.push_back(heard);
        }
        drop(queue);
        self.filled.notify_one();
    }

    fn lag(&self) {
        let mut queue = lock(&self.queue);
        queue.heard.clear();
        queue.lagged = true;
        drop(queue);
        self.filled.notify_one();
    }

    fn end(&self, end: Heard) {
        let mut queue = lock(&self.queue);
        queue.heard.clear();
        queue.lagged = false;
        queue.end.get_or_insert(end);
        drop(queue);
        self.filled.notify_one();
    }

    fn take(&self) -> Option<Heard> {
        let mut queue = lock(&self.queue);
        if std::mem::take(&mut queue.lagged) {
            return Some(Heard::Lagged);
        }
        queue.heard.pop_front().or_else(|| queue.end.clone())
    }
}

impl Listener {
    /// The next thing heard. Cancel safe. After [`Heard::Kicked`] or [`Heard::Stopped`] it says the same again.
    pub async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.mailbox.take() {
                return heard;
            }
            self.mailbox.filled.notified().await;
        }
    }

    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.mailbox.actor
    }

    /// From now on hears who types in this conversation; at most one at a time. Only while its actor may read it.
    pub fn follow(&self, conversation: Option<ConversationId>) {
        lock(&self.mailbox.queue).followed = conversation;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        lock(&self.hub.listeners).by_number.remove(&self.number);
    }
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self { listeners: Arc::default() }
    }

    /// Begins to listen. Whoever shows lists subscribes first and loads then, so that nothing falls between.
    #[must_use]
    pub fn subscribe(&self, actor: Actor) -> Listener {
        let mailbox = Arc::new(Mailbox { actor, queue: Mutex::default(), filled: Notify::new() });
        let mut listeners = lock(&self.listeners);
        if listeners.stopped {
            mailbox.end(Heard::Stopped);
        }
        listeners.last += 1;
        let number = listeners.last;
        listeners.by_number.insert(number, Arc::clone(&mailbox));
        Listener { hub: self.clone(), number, mailbox }
    }

    /// How many listen.
    #[must_use]
    pub fn listener_count(&self) -> usize {
        lock(&self.listeners).by_number.len()
    }

    pub(crate) fn stop(&self) {
        let mut listeners = lock(&self.listeners);
        listeners.stopped = true;
        for mailbox in listeners.by_number.values() {
            mailbox.end(Heard::Stopped);
        }
    }

    fn mailboxes(&self) -> Vec<Arc<Mailbox>> {
        lock(&self.listeners).by_number.values().cloned().collect()
    }

    /// Tells committed events, in order, to whoever may hear of them.
    pub(crate) async fn publish(&self, app: &App, batch: Vec<EventRecord>) {
        if self.listener_count() == 0 {
            return;
        }
        let notices = match load::notices(app, batch).await {
            Ok(notices) => notices,
            Err(error) => {
                tracing::warn!(error = ?error, "events can't be told; listeners have to reload");
                self.mailboxes().iter().for_each(|mailbox| mailbox.lag());
                return;
            }
        };
        let mailboxes = self.mailboxes();
        for notice in notices {
            let notice = Arc::new(notice);
            for mailbox in &mailboxes {
                if audience::hears(&mailbox.actor, &notice) {
                    mailbox.put(Heard::Notice(Arc::clone(&notice)));
                }
                if let Some(kick) = kick(&mailbox.actor, &notice.record.event) {
                    mailbox.end(Heard::Kicked(kick));
                }
            }
        }
    }

    /// Tells who types: agents hear it of the conversation they follow; the contact hears the agents.
    fn typing(&self, typing: Typing, subject: &Subject) {
        for mailbox in self.mailboxes() {
            let hears = match (&mailbox.actor, typing.from) {
                (Actor::Visitor { .. }, Author::Agent(_)) => true,
                (Actor::Agent(_), Author::Contact(_)) => lock(&mailbox.queue).followed == Some(typing.conversation),
                _ => false,
            };
            if hears && may_read(&mailbox.actor, subject) {
                mailbox.put(Heard::Typing(typing));
            }
        }
    }
}

impl Hub {
    /// Tells agents of the customer whose conversations these are, if they follow one of them.
    pub(crate) fn contact(&self, news: ContactNews, conversations: &[(ConversationId, Subject)]) {
        for mailbox in self.mailboxes() {
            let followed = lock(&mailbox.queue).followed;
            let about = conversations.iter().find(|(conversation, _)| followed == Some(*conversation));
            let is_agent = matches!(mailbox.actor, Actor::Agent(_));
            if is_agent && about.is_some_and(|(_, subject)| may_read(&mailbox.actor, subject)) {
                mailbox.put(Heard::Contact(news));
            }
        }
    }
}

impl App {
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.inner.runtime.hub
    }

    /// Lets a listener hear from now on who types in the conversation `uuid`, in place of the one it followed before.
    ///
    /// # Errors
    /// [`muster_core::Error::NotFound`]; as [`access::check`] for the listener's actor.
    pub async fn follow(&self, listener: &Listener, uuid: Uuid) -> Result<()> {
        let (conversation, _) = self.typed_in(listener.actor(), uuid).await?;
        listener.follow(Some(conversation));
        Ok(())
    }

    /// Tells that the caller is typing in a conversation, or has stopped: an agent to the contact, unless `private`;
    /// the contact to the agents who follow the conversation.
    ///
    /// # Errors
    /// [`muster_core::Error::NotFound`]; as [`access::check`].
    pub async fn typing(&self, caller: &Caller, uuid: Uuid, is_typing: bool, private: bool) -> Result<()> {
        let (conversation, subject) = self.typed_in(&caller.actor, uuid).await?;
        if !private {
            let from = Author::from(caller.actor.reference());
            self.hub().typing(Typing { conversation, uuid, from, is_typing }, &subject);
        }
        Ok(())
    }

    async fn typed_in(&self, actor: &Actor, uuid: Uuid) -> Result<(ConversationId, Subject)> {
        let found = self.read(move |tx| Box::pin(conversations::find_by_uuid(tx, uuid))).await?;
        let conversation = found.ok_or(Error::NotFound(Entity::Conversation))?;
        let subject = conversation.subject();
        access::check(actor, &subject)?;
        Ok((conversation.id, subject))
    }
}

/// Whether `event` ends what a visitor listens with.
fn kick_visitor(listener: ContactId, event: &Event) -> Option<Kick> {
    match event {
        Event::ContactErased { contact } | Event::ContactDeleted { contact } if *contact == listener => {
            Some(Kick::AccountClosed)
        }
        Event::ContactMerged { contact, .. } if *contact == listener => Some(Kick::AccountClosed),
        _ => None,
    }
}

/// Whether `event` ends what `actor` listens with.
fn kick(actor: &Actor, event: &Event) -> Option<Kick> {
    let listener = match actor {
        Actor::Agent(agent) => agent,
        Actor::Visitor { contact, .. } => return kick_visitor(*contact, event),
        Actor::Integration(_) | Actor::Operator | Actor::System => return None,
    };
    let of = |agent: &AgentId, kick| (*agent == listener.id).then_some(kick);
    match event {
        Event::AgentDisabled { agent } | Event::AgentLocked { agent } | Event::AgentDeleted { agent } => {
            of(agent, Kick::AccountClosed)
        }
        Event::CredentialsRevoked { agent, scope: RevokedScope::SignIns | RevokedScope::Account } => {
            of(agent, Kick::Revoked)
        }
        // Which of the agent's listeners rested on it isn't known here: the others listen anew.
        Event::SignInEnded { agent } | Event::SecondFactorDisabled { agent } | Event::ApiKeyRevoked { agent, .. } => {
            of(agent, Kick::Changed)
        }
        Event::AgentUpdated { agent, .. }
        | Event::AgentRolesChanged { agent, .. }
        | Event::MembershipAdded { agent, .. }
        | Event::MembershipChanged { agent, .. }
        | Event::MembershipRemoved { agent, .. } => of(agent, Kick::Changed),
        // Rare, and who held the role can't be told any more.
        Event::RoleUpdated { .. } | Event::RoleDeleted { .. } => Some(Kick::Changed),
        _ => None,
    }
}
