//! Definitions of attributes: what agents, contacts and conversations may have values for.

mod delete;
mod input;
mod values;

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::attribute::{Definition, Scope};
use muster_core::event::Event;
use muster_core::id::AttributeId;
use muster_core::permission::Permission;
use muster_core::{Error, Result, Why};
use muster_store::attributes;
use serde_json::json;

use crate::{App, Work};

pub use input::{AttributePatch, NewAttribute};

/// How many rows are looked at in one go.
const PAGE: usize = 1000;

impl App {
    /// The attributes of this scope, by key: to judge input before anything else. Asks nobody for a permission.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn attribute_definitions(&self, scope: Scope) -> Result<Vec<Definition>> {
        self.read(move |tx| Box::pin(attributes::definitions(tx, scope))).await
    }

    /// The attributes of one scope or of all, by scope and key.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn list_attributes(&self, caller: &Caller, scope: Option<Scope>) -> Result<Vec<Definition>> {
        caller.actor.require_staff()?;
        match scope {
            Some(scope) => self.attribute_definitions(scope).await,
            None => self.read(|tx| Box::pin(attributes::all_definitions(tx))).await,
        }
    }

    /// # Errors
    /// [`Error::Unauthenticated`] for visitors; [`Error::NotFound`].
    pub async fn attribute(&self, caller: &Caller, id: AttributeId) -> Result<Definition> {
        caller.actor.require_staff()?;
        self.read(move |tx| Box::pin(attributes::definition(tx, id))).await
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`]; [`Error::Conflict`] if the scope has this key.
    pub async fn create_attribute(&self, caller: &Caller, new: NewAttribute) -> Result<Definition> {
        caller.actor.require(Permission::CustomAttributesManage)?;
        let new = Arc::new(new.checked(self.now())?);
        self.write(caller, move |work| {
            let new = Arc::clone(&new);
            Box::pin(async move { create(work, &new).await })
        })
        .await
    }

    /// Changes an attribute. Scope, key and kind never change: giving others is refused.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`]; [`Error::Invalid`], with [`Why::UnfitAttribute`] for options or a pattern
    /// that a value somewhere wouldn't fit.
    pub async fn update_attribute(
        &self,
        caller: &Caller,
        id: AttributeId,
        patch: AttributePatch,
    ) -> Result<Definition> {
        caller.actor.require(Permission::CustomAttributesManage)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch).await })
        })
        .await
    }

    /// Deletes an attribute with all values that there are for it.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`]; [`muster_core::Refusal::NeededByRule`].
    pub async fn delete_attribute(&self, caller: &Caller, id: AttributeId) -> Result<()> {
        caller.actor.require(Permission::CustomAttributesManage)?;
        self.write(caller, move |work| Box::pin(delete::delete(work, id))).await
    }
}

async fn create(work: &mut Work<'_>, new: &Definition) -> Result<Definition> {
    let mut definition = Definition { created_at: work.now, updated_at: work.now, ..new.clone() };
    definition.id = attributes::insert_definition(work.tx, &definition).await?;
    let event = Event::AttributeCreated { attribute: definition.id };
    work.record_change(event, json!(null), shown(&definition));
    Ok(definition)
}

async fn update(work: &mut Work<'_>, id: AttributeId, patch: &AttributePatch) -> Result<Definition> {
    attributes::lock_definitions(work.tx).await?;
    let before = attributes::definition(work.tx, id).await?;
    let mut definition = patch.applied(&before)?;
    let fields = changed_fields(&before, &definition);
    if fields.is_empty() {
        return Ok(before);
    }
    if before.options != definition.options {
        check_values(work, &definition, "options").await?;
    }
    if before.regex != definition.regex {
        check_values(work, &definition, "regex").await?;
    }
    definition.version += 1;
    definition.updated_at = work.now;
    attributes::save_definition(work.tx, &definition).await?;
    work.record_change(Event::AttributeUpdated { attribute: id, fields }, shown(&before), shown(&definition));
    Ok(definition)
}

/// Refuses a change of `field` that would leave a value where it doesn't fit. The definitions are locked.
async fn check_values(work: &mut Work<'_>, definition: &Definition, field: &'static str) -> Result<()> {
    let matcher = definition.matcher();
    let mut after = i64::MIN;
    loop {
        let page = attributes::values_page(work.tx, definition.scope, &definition.key, after, PAGE).await?;
        if page.iter().any(|(_, value)| value.as_ref().is_some_and(|value| !matcher.admits(value))) {
            return Err(Error::invalid(field, Why::UnfitAttribute { key: definition.key.clone() }));
        }
        match page.last() {
            Some((id, _)) if page.len() == PAGE => after = *id,
            _ => return Ok(()),
        }
    }
}

fn changed_fields(before: &Definition, after: &Definition) -> Vec<String> {
    let moved = [
        ("name", before.name != after.name),
        ("description", before.description != after.description),
        ("options", before.options != after.options),
        ("regex", before.regex != after.regex),
        ("regex_hint", before.regex_hint != after.regex_hint),
    ];
    moved.iter().filter(|(_, moved)| *moved).map(|(name, _)| (*name).to_owned()).collect()
}

fn shown(definition: &Definition) -> serde_json::Value {
    json!({
        "scope": definition.scope,
        "key": definition.key,
        "name": definition.name,
        "description": definition.description,
        "kind": definition.kind,
        "options": definition.options,
        "regex": definition.regex,
        "regex_hint": definition.regex_hint,
    })
}
