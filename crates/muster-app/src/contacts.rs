//! The address book: showing contacts, correcting what is known of them, noting things down, and shutting somebody out.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_core::actor::{Actor, Caller};
use muster_core::contact::{self, Contact, ContactField, ContactFilter, ContactKind, ContactNote};
use muster_core::event::Event;
use muster_core::id::{AgentId, ContactId, NoteId};
use muster_core::media::Owner;
use muster_core::permission::Permission;
use muster_core::view::{Page, PageRequest, Person};
use muster_core::{Entity, Error, Refusal, Result, agent};
use muster_store::db::Tx;
use muster_store::{authors, contact_notes, contacts};
use serde_json::json;

use crate::agents::fields::{country, first_name, last_name, optional};
use crate::media::{self, Kept, Upload};
use crate::{App, Work};

const PHONE_MAX: usize = 20;
const TEXT_MAX: usize = 140;

/// What an agent corrects of a contact. `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Debug, Clone, Default)]
pub struct ContactPatch {
    pub first_name: String,
    pub last_name: Option<String>,
    pub email: String,
    pub phone_number: Option<Option<String>>,
    pub phone_country: Option<Option<String>>,
    pub country: Option<Option<String>>,
    pub avatar_url: Option<Option<String>>,
}

/// A note with who wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteView {
    pub note: ContactNote,
    pub author: Option<Person>,
}

impl App {
    /// One page of the address book: contacts, and visitors who have told an address. `order`: by what, and whether the
    /// greatest comes first.
    ///
    /// # Errors
    /// [`Error::Denied`] without `contacts:read_all`.
    pub async fn contacts(
        &self,
        caller: &Caller,
        filter: ContactFilter,
        order: (ContactField, bool),
        request: PageRequest,
    ) -> Result<Page<Contact>> {
        caller.actor.require(Permission::ContactsReadAll)?;
        let (filter, zone) = (Arc::new(filter), Arc::new(self.zone().await?));
        let found = self.inner.store.scan(move |tx| {
            let (filter, zone) = (Arc::clone(&filter), Arc::clone(&zone));
            Box::pin(async move { contacts::page(tx, &filter, order, &zone, request).await })
        });
        found.await
    }

    /// # Errors
    /// [`Error::Denied`] without `contacts:read`; [`Error::NotFound`] also for an erased one.
    pub async fn contact(&self, caller: &Caller, id: ContactId) -> Result<Contact> {
        caller.actor.require(Permission::ContactsRead)?;
        self.read(move |tx| Box::pin(contacts::contact(tx, id))).await
    }

    /// Corrects a contact.
    ///
    /// # Errors
    /// [`Error::Denied`] without `contacts:write`; [`Error::Invalid`]; [`Error::NotFound`]; [`Error::Conflict`] for an
    /// address that is another contact's; those of the picture's file.
    pub async fn update_contact(
        &self,
        caller: &Caller,
        id: ContactId,
        patch: ContactPatch,
        picture: Option<Upload>,
    ) -> Result<Contact> {
        caller.actor.require(Permission::ContactsWrite)?;
        let patch = Arc::new(patch);
        if let Some(picture) = picture {
            let corrected = self.with_kept(caller, picture, move |work, kept| {
                let patch = Arc::clone(&patch);
                Box::pin(async move { update(work, id, &patch, Some(kept)).await })
            });
            return corrected.await;
        }
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch, None).await })
        })
        .await
    }

    /// Shuts a contact out, or lets them in again. Who is shut out has no session at any chat any more.
    ///
    /// # Errors
    /// [`Error::Denied`] without `contacts:block`; [`Error::NotFound`].
    pub async fn block_contact(&self, caller: &Caller, id: ContactId, blocked: bool) -> Result<Contact> {
        caller.actor.require(Permission::ContactsBlock)?;
        self.write(caller, move |work| Box::pin(block(work, id, blocked))).await
    }

    /// What agents have noted down about a contact, the newest first.
    ///
    /// # Errors
    /// [`Error::Denied`] without `contact_notes:read`; [`Error::NotFound`].
    pub async fn contact_notes(&self, caller: &Caller, id: ContactId) -> Result<Vec<NoteView>> {
        caller.actor.require(Permission::ContactNotesRead)?;
        let now = self.now();
        self.read(move |tx| {
            Box::pin(async move {
                contacts::contact(tx, id).await?;
                let notes = contact_notes::list(tx, id).await?;
                let writers: BTreeSet<AgentId> = notes.iter().map(|note| note.agent).collect();
                let people = authors::agents(tx, &writers.into_iter().collect::<Vec<_>>(), now).await?;
                let view = |note: ContactNote| NoteView { author: people.get(&note.agent).cloned(), note };
                Ok(notes.into_iter().map(view).collect())
            })
        })
        .await
    }

    /// Notes something down about a contact.
    ///
    /// # Errors
    /// [`Error::Denied`] without `contact_notes:write`; [`Error::Invalid`] for `note`; [`Error::NotFound`];
    /// [`Error::Unauthenticated`] for others than agents.
    pub async fn note_contact(&self, caller: &Caller, id: ContactId, note: &str) -> Result<NoteView> {
        caller.actor.require(Permission::ContactNotesWrite)?;
        let agent = caller.actor.agent()?.id;
        let note: Arc<str> = contact::note(note)?.into();
        self.write(caller, move |work| {
            let note = Arc::clone(&note);
            Box::pin(async move {
                // Locked, so that it isn't erased in between.
                contacts::lock_contact(work.tx, id).await?;
                let note = contact_notes::insert(work.tx, id, agent, &note, work.now).await?;
                work.record(Event::ContactNoted { contact: id, note: note.id });
                let author = author(work.tx, agent, work.now).await?;
                Ok(NoteView { note, author })
            })
        })
        .await
    }

    /// Deletes a note: the own, or anybody's for an administrator.
    ///
    /// # Errors
    /// [`Error::Denied`] without `contact_notes:delete`; [`Error::NotFound`]; [`Refusal::NotOwner`].
    pub async fn delete_contact_note(&self, caller: &Caller, contact: ContactId, id: NoteId) -> Result<()> {
        caller.actor.require(Permission::ContactNotesDelete)?;
        self.write(caller, move |work| {
            Box::pin(async move {
                let note = contact_notes::note(work.tx, contact, id).await?;
                if !may_delete(work.actor(), &note) {
                    return Err(Refusal::NotOwner(Entity::Note).into());
                }
                if !contact_notes::delete(work.tx, id).await? {
                    return Err(Error::NotFound(Entity::Note));
                }
                work.record(Event::ContactNoteDeleted { contact, note: id });
                Ok(())
            })
        })
        .await
    }
}

async fn author(tx: &mut Tx, agent: AgentId, now: muster_core::Timestamp) -> Result<Option<Person>> {
    Ok(authors::agents(tx, &[agent], now).await?.remove(&agent))
}

fn may_delete(actor: &Actor, note: &ContactNote) -> bool {
    match actor {
        Actor::Agent(agent) => agent.id == note.agent || agent.is_admin,
        Actor::Operator | Actor::System => true,
        Actor::Visitor { .. } | Actor::Integration(_) => false,
    }
}

async fn update(work: &mut Work<'_>, id: ContactId, patch: &ContactPatch, picture: Option<Kept>) -> Result<Contact> {
    let before = contacts::lock_contact(work.tx, id).await?;
    let mut contact = before.clone();
    apply(&mut contact, patch)?;
    if let Some(picture) = picture {
        let file = media::replace_picture(work, Owner::Contact(id), picture).await?;
        contact.avatar_url = Some(media::plain(file.uuid));
    } else if contact.avatar_url != before.avatar_url {
        media::drop_of(work, Owner::Contact(id)).await?;
    }
    let fields = changed(&before, &contact);
    if fields.is_empty() {
        return Ok(contact);
    }
    if contact.email != before.email {
        check_address(work, &contact).await?;
    }
    contact.updated_at = work.now;
    contacts::save_contact(work.tx, &mut contact).await?;
    work.record(Event::ContactUpdated { contact: id, fields });
    Ok(contact)
}

fn apply(contact: &mut Contact, patch: &ContactPatch) -> Result<()> {
    contact.email = Some(agent::email("email", &patch.email)?);
    contact.first_name = first_name(&patch.first_name)?;
    if let Some(name) = &patch.last_name {
        contact.last_name = last_name(name)?;
    }
    if let Some(number) = optional("phone_number", &patch.phone_number, PHONE_MAX)? {
        contact.phone.number = number;
    }
    if let Some(code) = country("phone_country", &patch.phone_country)? {
        if code != contact.phone.country {
            contact.phone.calling_code = None;
        }
        contact.phone.country = code;
    }
    if let Some(country) = optional("country", &patch.country, TEXT_MAX)? {
        contact.country = country;
    }
    if let Some(url) = &patch.avatar_url {
        let present = contact.avatar_url.take();
        let url = url.as_deref().filter(|url| !url.trim().is_empty());
        contact.avatar_url = url.map(|url| contact::avatar_url(url, present.as_deref())).transpose()?;
    }
    Ok(())
}

/// The names of the fields in which the two differ.
pub(crate) fn changed(before: &Contact, after: &Contact) -> Vec<String> {
    let all = [
        ("first_name", before.first_name != after.first_name),
        ("last_name", before.last_name != after.last_name),
        ("email", before.email != after.email),
        ("phone", before.phone != after.phone),
        ("country", before.country != after.country),
        ("avatar_url", before.avatar_url != after.avatar_url),
        ("attributes", before.attributes != after.attributes),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()).collect()
}

/// An address is one contact's; those that are known by an id of somebody else's may share one.
async fn check_address(work: &mut Work<'_>, contact: &Contact) -> Result<()> {
    if contact.kind == ContactKind::Contact && contact.external_id.is_some() {
        return Ok(());
    }
    let Some(email) = &contact.email else { return Ok(()) };
    match contacts::find_by_email(work.tx, email).await? {
        Some(owner) if owner != contact.id => Err(Error::Conflict(Entity::Contact)),
        _ => Ok(()),
    }
}

async fn block(work: &mut Work<'_>, id: ContactId, blocked: bool) -> Result<Contact> {
    let mut contact = contacts::lock_contact(work.tx, id).await?;
    if contact.blocked == blocked {
        return Ok(contact);
    }
    contact.blocked = blocked;
    contact.updated_at = work.now;
    contacts::save_contact(work.tx, &mut contact).await?;
    let event = if blocked {
        contacts::delete_sessions(work.tx, id).await?;
        Event::ContactBlocked { contact: id }
    } else {
        Event::ContactUnblocked { contact: id }
    };
    work.record_change(event, json!({ "blocked": !blocked }), json!({ "blocked": blocked }));
    Ok(contact)
}
