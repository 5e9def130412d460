//! A visitor who turns out to be a known contact: what was theirs becomes the contact's.

use std::sync::Arc;

use muster_core::actor::{Actor, Caller};
use muster_core::contact::{Contact, ContactKind};
use muster_core::event::Event;
use muster_core::id::{ContactId, ConversationId, InboxId};
use muster_core::media::Owner;
use muster_core::{Error, Result, Timestamp};
use muster_store::contacts::{self, absorb};
use muster_store::db::Tx;
use muster_store::lost_race;
use muster_store::privacy::erase;

use crate::auth::secret_hash;
use crate::{App, Work, media};

/// What a visitor's token is worth to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// It proves to be this visitor, at the contact's own inbox.
    Visitor(ContactId),
    /// It proves nothing any more.
    Spent,
    /// It proves something that is no visitor's to be merged.
    Other,
}

impl App {
    /// Gives the caller, a verified contact, what belongs to the visitor whose token this is: conversations with
    /// everything in them, notes, and ways of being known. The visitor is gone then, and the token with them. Tells
    /// whether the token is of no use any more: for that, or because it wasn't before.
    ///
    /// Nothing is merged by what somebody typed, nor by a token of another inbox, of a contact, or of a blocked visitor.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than visitors and contacts at a chat.
    pub async fn merge_visitor(&self, caller: &Caller, token: &str) -> Result<bool> {
        let Actor::Visitor { contact, inbox } = caller.actor else { return Err(Error::Unauthenticated) };
        let (hash, now): (Arc<str>, _) = (secret_hash(token).into(), self.now());
        let looked_up = Arc::clone(&hash);
        let worth = self.read(move |tx| {
            let hash = Arc::clone(&looked_up);
            Box::pin(async move { worth(tx, &hash, contact, inbox, now).await })
        });
        match worth.await? {
            Worth::Spent => Ok(true),
            Worth::Other => Ok(false),
            Worth::Visitor(_) => {
                let merged = self.write(caller, move |work| {
                    let hash = Arc::clone(&hash);
                    Box::pin(async move { merge(work, &hash, contact, inbox).await })
                });
                merged.await
            }
        }
    }
}

async fn worth(tx: &mut Tx, hash: &str, to: ContactId, inbox: InboxId, now: Timestamp) -> Result<Worth> {
    if !known(contacts::contact(tx, to).await)?.is_some_and(|contact| contact.is_verified() && !contact.blocked) {
        return Ok(Worth::Other);
    }
    let Some(session) = contacts::find_session(tx, hash).await? else { return Ok(Worth::Spent) };
    if session.inbox != inbox {
        return Ok(Worth::Other);
    }
    if session.expires_at <= now {
        return Ok(Worth::Spent);
    }
    let visitor = known(contacts::contact(tx, session.contact).await)?;
    let is_visitor = |contact: &Contact| contact.kind == ContactKind::Visitor && !contact.blocked;
    Ok(visitor.filter(is_visitor).map_or(Worth::Other, |visitor| Worth::Visitor(visitor.id)))
}

fn known(found: Result<Contact>) -> Result<Option<Contact>> {
    match found {
        Ok(contact) => Ok(Some(contact)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn merge(work: &mut Work<'_>, hash: &str, into: ContactId, inbox: InboxId) -> Result<bool> {
    let from = match worth(work.tx, hash, into, inbox, work.now).await? {
        Worth::Visitor(from) => from,
        Worth::Spent => return Ok(true),
        Worth::Other => return Ok(false),
    };
    let conversations: Vec<ConversationId> =
        erase::lock_conversations(work.tx, from).await?.iter().map(|conversation| conversation.id).collect();
    for contact in [from.min(into), from.max(into)] {
        if known(contacts::lock_contact(work.tx, contact).await)?.is_none() {
            return Err(lost_race());
        }
    }
    let is_same = worth(work.tx, hash, into, inbox, work.now).await? == Worth::Visitor(from);
    if !is_same || erase::conversation_ids(work.tx, from).await? != conversations {
        return Err(lost_race());
    }
    media::drop_of(work, Owner::Contact(from)).await?;
    absorb::absorb(work.tx, from, into, work.now).await?;
    work.record(Event::ContactMerged { contact: from, into });
    Ok(true)
}
