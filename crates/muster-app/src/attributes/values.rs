//! Values that agents note on conversations and contacts.

use std::sync::Arc;

use muster_core::Result;
use muster_core::access;
use muster_core::actor::Caller;
use muster_core::agent::Attributes;
use muster_core::attribute::{self, Scope};
use muster_core::event::Event;
use muster_store::{attributes, contacts, conversations};
use uuid::Uuid;

use crate::conversations::{change, readable};
use crate::{App, Work};

impl App {
    /// Gives a conversation these attributes in place of those it has.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] for visitors; [`muster_core::Error::NotFound`];
    /// [`muster_core::Refusal::NoAccess`]; [`muster_core::Error::Invalid`] as [`attribute::merge`] says.
    pub async fn set_conversation_attributes(&self, caller: &Caller, uuid: Uuid, values: Attributes) -> Result<()> {
        caller.actor.require_staff()?;
        let values = Arc::new(values);
        self.write(caller, move |work| {
            let values = Arc::clone(&values);
            Box::pin(async move { set_of_conversation(work, uuid, &values).await })
        })
        .await
    }

    /// Merges attributes into those of a conversation's contact by key, null deleting.
    ///
    /// # Errors
    /// As [`Self::set_conversation_attributes`]; [`muster_core::Error::NotFound`] also for an erased contact.
    pub async fn merge_contact_attributes(&self, caller: &Caller, uuid: Uuid, changes: Attributes) -> Result<()> {
        caller.actor.require_staff()?;
        let changes = Arc::new(changes);
        self.write(caller, move |work| {
            let changes = Arc::clone(&changes);
            Box::pin(async move { merge_into_contact(work, uuid, &changes).await })
        })
        .await
    }
}

async fn set_of_conversation(work: &mut Work<'_>, uuid: Uuid, values: &Attributes) -> Result<()> {
    attributes::hold_definitions(work.tx).await?;
    let id = conversations::brief(work.tx, uuid).await?.id;
    let mut conversation = conversations::lock(work.tx, id).await?;
    access::check(work.actor(), &conversation.subject())?;
    let definitions = attributes::definitions(work.tx, Scope::Conversation).await?;
    let values = attribute::merge("attributes", &Attributes::new(), values, &definitions)?;
    let keys = changed_keys(&conversation.attributes, &values);
    if keys.is_empty() {
        return Ok(());
    }
    conversation.attributes = values;
    change::save(work, &mut conversation).await?;
    work.record(Event::ConversationAttributesChanged { conversation: id, keys });
    Ok(())
}

async fn merge_into_contact(work: &mut Work<'_>, uuid: Uuid, changes: &Attributes) -> Result<()> {
    attributes::hold_definitions(work.tx).await?;
    let actor = work.actor().clone();
    let contact = readable(work.tx, &actor, uuid).await?.contact;
    let mut contact = contacts::lock_contact(work.tx, contact).await?;
    let definitions = attributes::definitions(work.tx, Scope::Contact).await?;
    let merged = attribute::merge("attributes", &contact.attributes, changes, &definitions)?;
    if merged == contact.attributes {
        return Ok(());
    }
    contact.attributes = merged;
    contact.updated_at = work.now;
    contacts::save_contact(work.tx, &mut contact).await?;
    work.record(Event::ContactUpdated { contact: contact.id, fields: vec!["attributes".to_owned()] });
    Ok(())
}

/// The keys whose values differ, by key.
fn changed_keys(before: &Attributes, after: &Attributes) -> Vec<String> {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let set = after.iter().filter(|(key, value)| before.get(*key) != Some(value)).map(|(key, _)| key);
    let mut keys: Vec<String> = gone.chain(set).cloned().collect();
    keys.sort();
    keys
}
