//! Handing out what the desk holds of a contact, in parts that fit into memory.
//!
//! The parts are read one after the other, each as it is then: not one snapshot. Private notes and activities are the
//! desk's own and are given only when asked for.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::contact::{Contact, ContactNote};
use muster_core::conversation::Conversation;
use muster_core::draft::Draft;
use muster_core::id::{ContactId, ConversationId};
use muster_core::message::MessageKind;
use muster_core::notification::Notification;
use muster_core::permission::Permission;
use muster_core::survey::Survey;
use muster_core::view::MessageView;
use muster_core::{Entity, Result};
use muster_store::db::Tx;
use muster_store::privacy::export;
use muster_store::{contact_notes, contacts, drafts, inboxes, mentions, notifications, statuses, surveys};

pub use muster_store::mentions::Mentioned;
pub use muster_store::privacy::export::{Audited, Fact, Identity};

use crate::App;

/// Rows of one part.
const PART: i64 = 200;

/// What the desk holds of a contact beside their conversations.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub contact: Contact,
    pub identities: Vec<Identity>,
    /// Chat sessions that aren't over. What proves them is stored as a hash only.
    pub sessions: i64,
    /// What agents have noted down, the newest first: empty unless it is asked for.
    pub notes: Vec<ContactNote>,
}

/// A conversation of the contact's, without its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldConversation {
    pub conversation: Conversation,
    pub inbox_name: String,
    pub status_name: String,
    /// How the contact rated it, if they were asked.
    pub survey: Option<Survey>,
    pub asides: Asides,
}

/// What agents keep or were told about a conversation: empty unless it is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Asides {
    pub drafts: Vec<Draft>,
    pub mentions: Vec<Mentioned>,
    pub notifications: Vec<Notification>,
}

/// Whether what the contact never saw is handed out too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notes {
    Included,
    LeftOut,
}

impl Notes {
    fn kinds(self) -> Vec<MessageKind> {
        let wanted = |kind: &MessageKind| self == Self::Included || kind.is_public();
        MessageKind::ALL.iter().copied().filter(wanted).collect()
    }
}

impl App {
    /// Begins an export.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`] without `privacy:manage`; [`muster_core::Error::NotFound`] also for an erased
    /// contact.
    pub async fn export_contact(&self, caller: &Caller, id: ContactId, notes: Notes) -> Result<Held> {
        caller.actor.require(Permission::PrivacyManage)?;
        let now = self.now();
        self.inner
            .store
            .scan(move |tx| {
                Box::pin(async move {
                    Ok(Held {
                        contact: contacts::contact(tx, id).await?,
                        identities: export::identities(tx, id).await?,
                        sessions: export::count_sessions(tx, id, now).await?,
                        notes: match notes {
                            Notes::Included => contact_notes::list(tx, id).await?,
                            Notes::LeftOut => Vec::new(),
                        },
                    })
                })
            })
            .await
    }

    /// The contact's next conversation behind `after`, in order of id.
    ///
    /// # Errors
    /// As [`App::export_contact`].
    pub async fn export_conversation(
        &self,
        caller: &Caller,
        contact: ContactId,
        after: ConversationId,
        notes: Notes,
    ) -> Result<Option<HeldConversation>> {
        caller.actor.require(Permission::PrivacyManage)?;
        self.inner.store.scan(move |tx| Box::pin(next_conversation(tx, contact, after, notes))).await
    }

    /// The next messages of a conversation of the contact's behind number `after`, in order; none at its end.
    ///
    /// # Errors
    /// As [`App::export_contact`].
    pub async fn export_messages(
        &self,
        caller: &Caller,
        of: ConversationId,
        after: i64,
        notes: Notes,
    ) -> Result<Vec<MessageView>> {
        caller.actor.require(Permission::PrivacyManage)?;
        let (kinds, links, now) = (Arc::new(notes.kinds()), self.links(), self.now());
        self.inner
            .store
            .scan(move |tx| {
                let (kinds, links) = (Arc::clone(&kinds), links.clone());
                Box::pin(async move {
                    let rows = export::messages_after(tx, of, after, &kinds, PART).await?;
                    links.views(tx, rows, now).await
                })
            })
            .await
    }

    /// The next events about the contact or a conversation behind the one of id `after`; none at their end.
    ///
    /// # Errors
    /// As [`App::export_contact`].
    pub async fn export_facts(&self, caller: &Caller, about: (Entity, i64), after: i64) -> Result<Vec<Fact>> {
        caller.actor.require(Permission::PrivacyManage)?;
        self.inner.store.scan(move |tx| Box::pin(export::facts_after(tx, about, after, PART))).await
    }

    /// The next entries of the audit log about the contact or a conversation behind the one of id `after`; none at
    /// their end.
    ///
    /// # Errors
    /// As [`App::export_contact`].
    pub async fn export_audit(&self, caller: &Caller, about: (Entity, i64), after: i64) -> Result<Vec<Audited>> {
        caller.actor.require(Permission::PrivacyManage)?;
        self.inner.store.scan(move |tx| Box::pin(export::audited_after(tx, about, after, PART))).await
    }
}

async fn next_conversation(
    tx: &mut Tx,
    contact: ContactId,
    after: ConversationId,
    notes: Notes,
) -> Result<Option<HeldConversation>> {
    contacts::contact(tx, contact).await?;
    let Some(conversation) = export::next_conversation(tx, contact, after).await? else { return Ok(None) };
    Ok(Some(HeldConversation {
        inbox_name: inboxes::inbox_or_deleted(tx, conversation.inbox).await?.name,
        status_name: statuses::status(tx, conversation.status).await?.name,
        survey: surveys::find_of(tx, conversation.id).await?,
        asides: asides(tx, conversation.id, notes).await?,
        conversation,
    }))
}

async fn asides(tx: &mut Tx, conversation: ConversationId, notes: Notes) -> Result<Asides> {
    if notes == Notes::LeftOut {
        return Ok(Asides::default());
    }
    Ok(Asides {
        drafts: drafts::list_of_conversation(tx, conversation).await?,
        mentions: mentions::list_of_conversation(tx, conversation).await?,
        notifications: notifications::list_of_conversation(tx, conversation).await?,
    })
}
