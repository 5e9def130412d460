//! The realtime hub: who hears which committed event.
//!
//! Speaks domain events; dialects make frames of them. A listener's queue is bounded: one that doesn't keep up is told
//! to reload and never holds up the others. Who has a conversation open, who types in it, and who is at a chat are the only
//! things here that aren't stored.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use muster_core::access::Subject;
use muster_core::actor::Actor;
use muster_core::contact::Contact;
use muster_core::event::{Event, EventRecord, RevokedScope};
use muster_core::id::{AgentId, ContactId, InboxId};
use muster_core::notification::NotificationView;
use muster_core::presence::Shown;
use muster_core::view::{ConversationDetails, ConversationItem, MessageView};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::App;
use crate::page_visits::PageVisit;

mod audience;
mod load;
mod missed;
mod opened;

pub use missed::Missed;
pub use opened::{Typing, Viewer, Viewers};

use opened::{Opened, viewers_changed};

/// What a listener may leave unread before it is told to reload. Two batches of the follower of events fit, which come at
/// once: a listener that reads promptly doesn't fall behind by the desk's own doing.
const QUEUE: usize = 512;

/// A committed event with what a client is shown of it.
#[derive(Debug)]
pub struct Notice {
    pub record: EventRecord,
    /// The conversation as it is now, for events of conversations. `unread` is 0: it differs from reader to reader.
    pub conversation: Option<Arc<ConversationItem>>,
    /// What else the conversation holds now, for events that change it.
    pub details: Option<Arc<ConversationDetails>>,
    /// Who may read the conversation now.
    pub subject: Option<Subject>,
    /// Who might read it before the event, for events that change this: whoever may no longer hears of it too, so that
    /// it can be dropped from lists. Compare with [`muster_core::access::may_read`].
    pub before: Option<Subject>,
    /// The message, for events of messages; what asked, for [`Event::SurveyAnswered`].
    pub message: Option<Arc<MessageView>>,
    /// What is shown of the agent now, for [`Event::PresenceChanged`].
    pub shown: Option<Shown>,
    /// The contact, for events that change one.
    pub contact: Option<Arc<ChangedContact>>,
    /// The notification, for [`Event::NotificationCreated`].
    pub notification: Option<Arc<NotificationView>>,
}

/// A contact that has changed.
#[derive(Debug)]
pub struct ChangedContact {
    /// As it is now.
    pub contact: Contact,
    /// Its latest conversations, and what decides who may read each.
    pub conversations: Vec<(Uuid, Subject)>,
}

/// A customer has come to a chat, or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactNews {
    pub contact: ContactId,
    pub shown: Shown,
}

/// A contact has looked at another page.
#[derive(Debug, Clone)]
pub struct Visited {
    pub contact: ContactId,
    /// The newest first.
    pub visits: Arc<[PageVisit]>,
}

/// What a listener hears.
#[derive(Debug, Clone)]
pub enum Heard {
    Notice(Arc<Notice>),
    Typing(Typing),
    Contact(ContactNews),
    Visited(Visited),
    /// Who has the listener's open conversation open has changed, once or several times: see [`App::viewers`].
    Viewers,
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
    /// The position up to which everything has been told to whoever listened then.
    told: i64,
    stopped: bool,
}

/// Hears what its actor may hear, from its subscription until it is dropped.
#[derive(Debug)]
pub struct Listener {
    hub: Hub,
    number: u64,
    since: i64,
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
    opened: Option<Opened>,
    /// Who else has that conversation open has changed, and the listener hasn't been told yet.
    viewers_changed: bool,
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

    /// Whether there is nothing more to be heard of what was told until now.
    fn is_cut_off(&self) -> bool {
        let queue = lock(&self.queue);
        queue.lagged || queue.end.is_some()
    }

    fn take(&self) -> Option<Heard> {
        let mut queue = lock(&self.queue);
        if std::mem::take(&mut queue.lagged) {
            return Some(Heard::Lagged);
        }
        let heard = queue.heard.pop_front().or_else(|| queue.end.clone());
        heard.or_else(|| std::mem::take(&mut queue.viewers_changed).then_some(Heard::Viewers))
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

    /// Behind this position it hears everything; what is up to it was committed before it began to listen.
    #[must_use]
    pub const fn since(&self) -> i64 {
        self.since
    }

    /// Whether the next thing it hears is that it has to load everything again, or that it hears nothing more.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.mailbox.is_cut_off()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        lock(&self.hub.listeners).by_number.remove(&self.number);
        self.unfollow();
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
        Listener { hub: self.clone(), number, since: listeners.told, mailbox }
    }

    /// Notes that everything up to `position` needn't be told; returns those who hear what comes behind the position
    /// before.
    fn pass(&self, position: i64) -> Vec<Arc<Mailbox>> {
        let mut listeners = lock(&self.listeners);
        listeners.told = position;
        listeners.by_number.values().cloned().collect()
    }

    /// How many listen.
    #[must_use]
    pub fn listener_count(&self) -> usize {
        lock(&self.listeners).by_number.len()
    }

    /// Begins behind `position`.
    pub(crate) fn begin(&self, position: i64) {
        lock(&self.listeners).told = position;
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

    /// Passes `position` if nobody listens.
    fn has_passed_unheard(&self, position: i64) -> bool {
        let mut listeners = lock(&self.listeners);
        let is_unheard = listeners.by_number.is_empty();
        if is_unheard {
            listeners.told = position;
        }
        is_unheard
    }

    /// Tells committed events, in order, to whoever may hear of them.
    pub(crate) async fn publish(&self, app: &App, batch: Vec<EventRecord>) {
        let Some(last) = batch.last().map(|record| record.position) else { return };
        if self.has_passed_unheard(last) {
            return;
        }
        let notices = match load::notices(app, batch).await {
            Ok(notices) => notices,
            Err(error) => {
                tracing::warn!(error = ?error, "events can't be told; listeners have to reload");
                self.pass(last).iter().for_each(|mailbox| mailbox.lag());
                return;
            }
        };
        let mailboxes = self.pass(last);
        let in_other_hands = notices.iter().filter(|notice| notice.before.is_some());
        viewers_changed(&mailboxes, &in_other_hands.filter_map(|notice| notice.record.event.conversation()).collect());
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
}

impl App {
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.inner.runtime.hub
    }
}

/// Whether `event` ends what a visitor listens with.
fn kick_visitor(listener: ContactId, at: InboxId, event: &Event) -> Option<Kick> {
    match event {
        Event::ContactErased { contact } | Event::ContactDeleted { contact } | Event::ContactBlocked { contact }
            if *contact == listener =>
        {
            Some(Kick::AccountClosed)
        }
        Event::ContactMerged { contact, .. } if *contact == listener => Some(Kick::AccountClosed),
        Event::InboxDeleted { inbox } if *inbox == at => Some(Kick::AccountClosed),
        _ => None,
    }
}

/// Whether `event` ends what `actor` listens with.
fn kick(actor: &Actor, event: &Event) -> Option<Kick> {
    let listener = match actor {
        Actor::Agent(agent) => agent,
        Actor::Visitor { contact, inbox } => return kick_visitor(*contact, *inbox, event),
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
