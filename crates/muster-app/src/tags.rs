//! Tags: what agents sort conversations by.

use std::sync::Arc;

use muster_core::access;
use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::TagId;
use muster_core::message::Author;
use muster_core::permission::Permission;
use muster_core::tag::{Tag, TagChange, check_named, checked_name};
use muster_core::{Result, text};
use muster_store::{conversations, tags};
use serde_json::json;
use uuid::Uuid;

use crate::conversations::change::{self, Cause};
use crate::{App, Work};

impl App {
    /// All tags, by name.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] for visitors.
    pub async fn list_tags(&self, caller: &Caller) -> Result<Vec<Tag>> {
        caller.actor.require_staff()?;
        self.read(|tx| Box::pin(tags::list_tags(tx))).await
    }

    /// # Errors
    /// [`muster_core::Error::Denied`]; [`muster_core::Error::Invalid`]; [`muster_core::Error::Conflict`] for a name that is taken.
    pub async fn create_tag(&self, caller: &Caller, name: &str) -> Result<Tag> {
        caller.actor.require(Permission::TagsManage)?;
        let name: Arc<str> = checked_name(name)?.into();
        self.write(caller, move |work| {
            let name = Arc::clone(&name);
            Box::pin(async move { create(work, &name).await })
        })
        .await
    }

    /// Gives a tag another name.
    ///
    /// # Errors
    /// As [`Self::create_tag`]; [`muster_core::Error::NotFound`].
    pub async fn rename_tag(&self, caller: &Caller, id: TagId, name: &str) -> Result<Tag> {
        caller.actor.require(Permission::TagsManage)?;
        let name: Arc<str> = checked_name(name)?.into();
        self.write(caller, move |work| {
            let name = Arc::clone(&name);
            Box::pin(async move { rename(work, id, &name).await })
        })
        .await
    }

    /// Deletes a tag; conversations that had it go without.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`]; [`muster_core::Error::NotFound`].
    pub async fn delete_tag(&self, caller: &Caller, id: TagId) -> Result<()> {
        caller.actor.require(Permission::TagsManage)?;
        self.write(caller, move |work| Box::pin(delete(work, id))).await
    }

    /// Sets, adds or removes the tags of a conversation by name; names of no tag are left out.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`]; [`muster_core::Error::Invalid`] `tags` for more than [`muster_core::tag::NAMED_MAX`] names; [`muster_core::Error::NotFound`];
    /// [`muster_core::Refusal::NoAccess`]; [`muster_core::Refusal::Closed`] for one merged into another.
    pub async fn change_tags(&self, caller: &Caller, uuid: Uuid, change: TagChange, names: Vec<String>) -> Result<()> {
        caller.actor.require(Permission::ConversationsUpdateTags)?;
        check_named(&names)?;
        let names: Arc<[String]> = names.into_iter().filter(|name| text::is_storable(name)).collect();
        self.write(caller, move |work| {
            let names = Arc::clone(&names);
            Box::pin(async move { change_tags(work, uuid, change, &names).await })
        })
        .await
    }
}

pub(crate) async fn create(work: &mut Work<'_>, name: &str) -> Result<Tag> {
    let mut tag = Tag { id: TagId(0), name: name.to_owned(), created_at: work.now, updated_at: work.now, version: 1 };
    tag.id = tags::insert_tag(work.tx, &tag).await?;
    work.record_change(Event::TagCreated { tag: tag.id }, json!(null), shown(&tag));
    Ok(tag)
}

async fn rename(work: &mut Work<'_>, id: TagId, name: &str) -> Result<Tag> {
    let before = tags::lock_tag(work.tx, id).await?;
    if before.name == name {
        return Ok(before);
    }
    let tag = Tag { name: name.to_owned(), updated_at: work.now, version: before.version + 1, ..before.clone() };
    tags::save_tag(work.tx, &tag).await?;
    let event = Event::TagUpdated { tag: id, fields: vec!["name".to_owned()] };
    work.record_change(event, shown(&before), shown(&tag));
    Ok(tag)
}

async fn delete(work: &mut Work<'_>, id: TagId) -> Result<()> {
    let tag = tags::lock_tag(work.tx, id).await?;
    tags::delete_tag(work.tx, id).await?;
    work.record_change(Event::TagDeleted { tag: id }, shown(&tag), json!(null));
    Ok(())
}

fn shown(tag: &Tag) -> serde_json::Value {
    json!({ "name": tag.name })
}

async fn change_tags(work: &mut Work<'_>, uuid: Uuid, change: TagChange, names: &[String]) -> Result<()> {
    let id = conversations::brief(work.tx, uuid).await?.id;
    let mut conversation = conversations::lock(work.tx, id).await?;
    access::check(work.actor(), &conversation.subject())?;
    let named = tags::hold_by_names(work.tx, names).await?;
    let before = tags::tags_of(work.tx, id).await?;
    let after = change.applied(&before, &named);
    let effects = conversation.tagged(&before, &after, &Cause::of(work.actor()).by())?;
    if !effects.is_empty() {
        tags::move_tags(work.tx, id, &before, &after).await?;
    }
    let author = Author::from(work.actor().reference());
    change::store(work, &mut conversation, effects, author).await
}
