//! Contacts whom the owner of the page vouches for, by a token signed with the inbox's secret.

use std::fmt;
use std::sync::Arc;

use muster_core::actor::Actor;
use muster_core::agent::Attributes;
use muster_core::attribute::Scope;
use muster_core::contact::{Contact, ContactKind};
use muster_core::event::Event;
use muster_core::inbox::{Inbox, Medium};
use muster_core::signed_identity::SignedIdentity;
use muster_core::{Entity, Error, Refusal, Result};
use muster_store::contacts::{self, VisitorSession};
use muster_store::{attributes, inboxes, lost_race};
use uuid::Uuid;

use super::chat;
use crate::auth::{Origin, secret_hash};
use crate::contacts::changed;
use crate::conversations::{blank_contact, defined};
use crate::{App, Work};

/// Sessions of one contact at one inbox; the oldest end.
const SESSIONS_MAX: i64 = 20;

/// A contact who was vouched for, with a new session.
#[derive(Clone)]
pub struct Identified {
    /// Shown this once.
    pub token: String,
    pub contact: Contact,
}

impl fmt::Debug for Identified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identified").field("contact", &self.contact.id).finish_non_exhaustive()
    }
}

impl App {
    /// Opens a session for whoever a signed token names, and brings what the desk knows of them up to its words. Somebody
    /// unknown becomes a contact: an address alone makes nobody the same person.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an inbox that is unknown, disabled or no chat; [`Error::Unauthenticated`] for a token that
    /// isn't good there; [`Error::Invalid`] for what a good one says; [`Refusal::Blocked`].
    pub async fn identify_visitor(&self, origin: &Origin, inbox: Uuid, token: &str) -> Result<Identified> {
        let token: Arc<str> = token.into();
        self.check_identity(inbox, &token).await?;
        self.write(&origin.caller(Actor::System), move |work| {
            let token = Arc::clone(&token);
            Box::pin(async move { identify(work, inbox, &token).await })
        })
        .await
    }
}

impl App {
    /// Refuses a token that isn't good before anything is written or held.
    async fn check_identity(&self, inbox: Uuid, token: &str) -> Result<()> {
        let inbox = self.read(move |tx| Box::pin(chat(tx, inbox))).await?;
        let sealed = inbox.secret.as_deref().ok_or(Error::Unauthenticated)?;
        SignedIdentity::read(token, &self.inner.seal.open(sealed)?, self.now()).map(drop)
    }
}

async fn identify(work: &mut Work<'_>, inbox: Uuid, token: &str) -> Result<Identified> {
    attributes::hold_definitions(work.tx).await?;
    // Held until the commit: a session isn't opened by a secret that was changed meanwhile.
    let inbox = inboxes::hold_by_uuid(work.tx, inbox).await?;
    let inbox =
        inbox.filter(|inbox| inbox.enabled && inbox.medium == Medium::Chat).ok_or(Error::NotFound(Entity::Inbox))?;
    let sealed = inbox.secret.as_deref().ok_or(Error::Unauthenticated)?;
    let identity = SignedIdentity::read(token, &work.seal().open(sealed)?, work.now)?;
    let said = defined(work, Scope::Contact, &identity.attributes).await?;
    let contact = match contacts::lock_by_external_id(work.tx, &identity.external_id).await? {
        Some(contact) if contact.blocked => return Err(Refusal::Blocked.into()),
        Some(contact) => follow(work, contact, identity, said).await?,
        None => introduce(work, identity, said).await?,
    };
    work.act_as(Actor::Visitor { contact: contact.id, inbox: inbox.id });
    let token = open_session(work, &inbox, &contact).await?;
    Ok(Identified { token, contact })
}

async fn introduce(work: &mut Work<'_>, identity: SignedIdentity, attributes: Attributes) -> Result<Contact> {
    let SignedIdentity { external_id, email, first_name, last_name, phone, attributes: _ } = identity;
    let contact = Contact {
        external_id: Some(external_id),
        email: Some(email),
        first_name,
        last_name,
        phone: phone.unwrap_or_default(),
        attributes,
        ..blank_contact(work, ContactKind::Contact).await?
    };
    if !contacts::insert_contact(work.tx, &contact).await? {
        return Err(lost_race());
    }
    work.record(Event::ContactCreated { contact: contact.id });
    Ok(contact)
}

/// Brings a known contact up to the token's words. What it doesn't say stays.
async fn follow(
    work: &mut Work<'_>,
    mut contact: Contact,
    identity: SignedIdentity,
    attributes: Attributes,
) -> Result<Contact> {
    let before = contact.clone();
    let SignedIdentity { external_id: _, email, first_name, last_name, phone, attributes: _ } = identity;
    contact.email = Some(email);
    contact.first_name = first_name;
    contact.last_name = last_name;
    if let Some(phone) = phone {
        contact.phone = phone;
    }
    contact.attributes.extend(attributes);
    let fields = changed(&before, &contact);
    if !fields.is_empty() {
        contact.updated_at = work.now;
        contacts::save_contact(work.tx, &mut contact).await?;
        work.record(Event::ContactUpdated { contact: contact.id, fields });
    }
    Ok(contact)
}

async fn open_session(work: &mut Work<'_>, inbox: &Inbox, contact: &Contact) -> Result<String> {
    let token = work.draw.token();
    let expires_at = work.now + inbox.session_life(true);
    let session = VisitorSession { contact: contact.id, inbox: inbox.id, expires_at };
    contacts::insert_session(work.tx, &secret_hash(&token), &session, work.now).await?;
    contacts::end_oldest_sessions(work.tx, contact.id, inbox.id, SESSIONS_MAX).await?;
    Ok(token)
}
