//! Who has which conversation open, and who types in it. None of it is stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_core::access::{self, Subject, may_read};
use muster_core::actor::{Actor, Caller};
use muster_core::id::{AgentId, ContactId, ConversationId};
use muster_core::message::Author;
use muster_core::{Entity, Error, Result};
use muster_store::{agents, contacts, conversations};
use uuid::Uuid;

use super::{Heard, Hub, Listener, Mailbox, lock};
use crate::App;

/// Conversations of a contact; whoever has one of them open hears of the contact: the latest.
const SHOWN: i64 = 50;

/// Somebody is typing, or has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typing {
    pub conversation: ConversationId,
    pub uuid: Uuid,
    pub from: Author,
    pub is_typing: bool,
}

/// An agent who has a conversation open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub agent: AgentId,
    pub first_name: String,
    pub last_name: String,
    pub avatar_url: Option<String>,
}

/// Who has a conversation open: agents who may read it, each once, in order of id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewers {
    pub uuid: Uuid,
    pub agents: Vec<Viewer>,
}

/// The conversation that a listener has open.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    conversation: ConversationId,
    uuid: Uuid,
    /// The listener itself, if it is an agent.
    viewer: Option<Viewer>,
}

impl Listener {
    /// From now on it has no conversation open.
    pub fn unfollow(&self) {
        self.open(None);
    }

    /// Whoever has the conversation open that it leaves or comes to hears of it; many changes at a time are one.
    fn open(&self, opened: Option<Opened>) {
        let after = opened.as_ref().map(|opened| opened.conversation);
        let before = std::mem::replace(&mut lock(&self.mailbox.queue).opened, opened);
        let before = before.map(|before| before.conversation).filter(|before| Some(*before) != after);
        viewers_changed(&self.hub.mailboxes(), &before.into_iter().chain(after).collect());
    }

    fn opened(&self) -> Option<Opened> {
        lock(&self.mailbox.queue).opened.clone()
    }
}

/// Lets those who have one of these conversations open look again who else has.
pub(super) fn viewers_changed(mailboxes: &[Arc<Mailbox>], conversations: &BTreeSet<ConversationId>) {
    if conversations.is_empty() {
        return;
    }
    for mailbox in mailboxes {
        let mut queue = lock(&mailbox.queue);
        if queue.opened.as_ref().is_some_and(|opened| conversations.contains(&opened.conversation)) {
            queue.viewers_changed = true;
            drop(queue);
            mailbox.filled.notify_one();
        }
    }
}

impl Hub {
    fn viewers(&self, conversation: ConversationId, subject: &Subject) -> Vec<Viewer> {
        let mut viewers: Vec<Viewer> = Vec::new();
        for mailbox in self.mailboxes().iter().filter(|mailbox| may_read(&mailbox.actor, subject)) {
            let opened = lock(&mailbox.queue).opened.clone();
            viewers
                .extend(opened.filter(|opened| opened.conversation == conversation).and_then(|opened| opened.viewer));
        }
        viewers.sort_by_key(|viewer| viewer.agent);
        viewers.dedup_by_key(|viewer| viewer.agent);
        viewers
    }

    /// Tells agents who have one of these conversations open, and may read it.
    fn tell_readers(&self, news: &Heard, conversations: &[(ConversationId, Subject)]) {
        for mailbox in self.mailboxes() {
            let opened = lock(&mailbox.queue).opened.as_ref().map(|opened| opened.conversation);
            let about = conversations.iter().find(|(conversation, _)| opened == Some(*conversation));
            let is_agent = matches!(mailbox.actor, Actor::Agent(_));
            if is_agent && about.is_some_and(|(_, subject)| may_read(&mailbox.actor, subject)) {
                mailbox.put(news.clone());
            }
        }
    }

    fn has_opened(&self) -> bool {
        self.mailboxes().iter().any(|mailbox| lock(&mailbox.queue).opened.is_some())
    }

    /// Tells who types: agents hear it of the conversation they have open; the contact hears the agents.
    fn typing(&self, typing: Typing, subject: &Subject) {
        for mailbox in self.mailboxes() {
            let opened = lock(&mailbox.queue).opened.as_ref().map(|opened| opened.conversation);
            let hears = match (&mailbox.actor, typing.from) {
                (Actor::Visitor { .. }, Author::Agent(_)) => true,
                (Actor::Agent(_), Author::Contact(_)) => opened == Some(typing.conversation),
                _ => false,
            };
            if hears && may_read(&mailbox.actor, subject) {
                mailbox.put(Heard::Typing(typing));
            }
        }
    }
}

impl App {
    /// Notes that a listener has the conversation `uuid` open, in place of the one before: it hears who types in it, and
    /// who else has it open.
    ///
    /// # Errors
    /// [`Error::NotFound`]; as [`access::check`] for the listener's actor.
    pub async fn follow(&self, listener: &Listener, uuid: Uuid) -> Result<()> {
        let (conversation, _) = self.typed_in(listener.actor(), uuid).await?;
        let viewer = match listener.actor() {
            Actor::Agent(agent) => self.viewer(agent.id).await?,
            _ => None,
        };
        listener.open(Some(Opened { conversation, uuid, viewer }));
        Ok(())
    }

    async fn viewer(&self, id: AgentId) -> Result<Option<Viewer>> {
        let profiles = self.read(move |tx| Box::pin(async move { agents::profiles_by_ids(tx, &[id]).await })).await?;
        Ok(profiles.into_iter().next().map(|profile| Viewer {
            agent: id,
            first_name: profile.agent.first_name,
            last_name: profile.agent.last_name,
            avatar_url: profile.agent.avatar_url,
        }))
    }

    /// Who has the conversation open that the listener has open; `None` if it has none open, or may not read it any more.
    ///
    /// # Errors
    /// Those of reading the store.
    pub async fn viewers(&self, listener: &Listener) -> Result<Option<Viewers>> {
        let Some(Opened { conversation, uuid, .. }) = listener.opened() else { return Ok(None) };
        match self.typed_in(listener.actor(), uuid).await {
            Ok((_, subject)) => Ok(Some(Viewers { uuid, agents: self.hub().viewers(conversation, &subject) })),
            Err(Error::NotFound(_) | Error::Denied(_) | Error::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Tells something of a contact to the agents who have one of the contact's conversations open.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a contact who is gone.
    pub(crate) async fn tell_of_contact(&self, contact: ContactId, news: Heard) -> Result<()> {
        let has_opened = self.hub().has_opened();
        let found = self.read(move |tx| {
            Box::pin(async move {
                contacts::contact(tx, contact).await?;
                if has_opened { conversations::open_to(tx, contact, SHOWN).await } else { Ok(Vec::new()) }
            })
        });
        let about: Vec<_> = found.await?.into_iter().map(|(id, _, subject)| (id, subject)).collect();
        self.hub().tell_readers(&news, &about);
        Ok(())
    }

    /// Tells that the caller is typing in a conversation, or has stopped: an agent to the contact, unless `private`;
    /// the contact to the agents who have the conversation open.
    ///
    /// # Errors
    /// [`Error::NotFound`]; as [`access::check`].
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
