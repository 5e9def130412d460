//! Statuses of one's own beside the built-in ones.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::conversation::{Category, Status};
use muster_core::event::Event;
use muster_core::id::StatusId;
use muster_core::permission::Permission;
use muster_core::{Entity, Refusal, Result};
use muster_store::statuses;
use serde_json::json;

use crate::{App, Work};

/// A change of a status. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusPatch {
    pub name: Option<String>,
    pub category: Option<Category>,
}

impl App {
    /// # Errors
    /// [`muster_core::Error::Denied`]; [`muster_core::Error::Invalid`] as [`Status::checked_name`] says;
    /// [`muster_core::Error::Conflict`] for a name that is taken.
    pub async fn create_status(&self, caller: &Caller, name: &str, category: Category) -> Result<Status> {
        caller.actor.require(Permission::StatusManage)?;
        let name: Arc<str> = Status::checked_name(name)?.into();
        self.write(caller, move |work| {
            let name = Arc::clone(&name);
            Box::pin(async move { create(work, &name, category).await })
        })
        .await
    }

    /// Changes a status of one's own: its name at any time, its category while no conversation has it.
    ///
    /// # Errors
    /// As [`Self::create_status`]; [`muster_core::Error::NotFound`]; [`Refusal::BuiltIn`]; [`Refusal::InUse`].
    pub async fn update_status(&self, caller: &Caller, id: StatusId, patch: StatusPatch) -> Result<Status> {
        caller.actor.require(Permission::StatusManage)?;
        let name = patch.name.as_deref().map(Status::checked_name).transpose()?;
        let patch = Arc::new(StatusPatch { name, ..patch });
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch).await })
        })
        .await
    }

    /// Deletes a status of one's own that no conversation has.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`]; [`muster_core::Error::NotFound`]; [`Refusal::BuiltIn`]; [`Refusal::InUse`].
    pub async fn delete_status(&self, caller: &Caller, id: StatusId) -> Result<()> {
        caller.actor.require(Permission::StatusManage)?;
        self.write(caller, move |work| Box::pin(delete(work, id))).await
    }
}

async fn create(work: &mut Work<'_>, name: &str, category: Category) -> Result<Status> {
    let mut status = Status { id: StatusId(0), name: name.to_owned(), category, built_in: false, created_at: work.now };
    status.id = statuses::insert(work.tx, &status).await?;
    work.record_change(Event::StatusCreated { status: status.id }, json!(null), shown(&status));
    Ok(status)
}

async fn lock_own(work: &mut Work<'_>, id: StatusId) -> Result<Status> {
    let status = statuses::lock(work.tx, id).await?;
    if status.built_in { Err(Refusal::BuiltIn(Entity::Status).into()) } else { Ok(status) }
}

async fn check_unused(work: &mut Work<'_>, id: StatusId) -> Result<()> {
    if statuses::is_used(work.tx, id).await? { Err(Refusal::InUse(Entity::Status).into()) } else { Ok(()) }
}

async fn update(work: &mut Work<'_>, id: StatusId, patch: &StatusPatch) -> Result<Status> {
    let before = lock_own(work, id).await?;
    let status = Status {
        name: patch.name.clone().unwrap_or_else(|| before.name.clone()),
        category: patch.category.unwrap_or(before.category),
        ..before.clone()
    };
    if status == before {
        return Ok(before);
    }
    if status.category != before.category {
        check_unused(work, id).await?;
    }
    statuses::save(work.tx, &status).await?;
    let moved = [("name", status.name != before.name), ("category", status.category != before.category)];
    let fields = moved.iter().filter(|(_, moved)| *moved).map(|(name, _)| (*name).to_owned()).collect();
    work.record_change(Event::StatusUpdated { status: id, fields }, shown(&before), shown(&status));
    Ok(status)
}

async fn delete(work: &mut Work<'_>, id: StatusId) -> Result<()> {
    let status = lock_own(work, id).await?;
    check_unused(work, id).await?;
    statuses::delete(work.tx, id).await?;
    work.record_change(Event::StatusDeleted { status: id }, shown(&status), json!(null));
    Ok(())
}

fn shown(status: &Status) -> serde_json::Value {
    json!({ "name": status.name, "category": status.category.as_str() })
}
