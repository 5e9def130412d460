//! Texts of mails that administrators keep.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::TemplateId;
use muster_core::permission::Permission;
use muster_core::template::{Template, TemplateKind, TemplatePatch};
use muster_core::{Entity, Refusal, Result};
use muster_store::templates;
use serde_json::{Value, json};

use crate::work::changed_fields;
use crate::{App, Work};

impl App {
    /// The templates of a kind, the latest changed first.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`] without `templates:manage`.
    pub async fn list_templates(&self, caller: &Caller, kind: TemplateKind) -> Result<Vec<Template>> {
        caller.actor.require(Permission::TemplatesManage)?;
        self.read(move |tx| Box::pin(templates::list(tx, kind))).await
    }

    /// # Errors
    /// [`muster_core::Error::Denied`] without `templates:manage`; [`muster_core::Error::NotFound`].
    pub async fn template(&self, caller: &Caller, id: TemplateId) -> Result<Template> {
        caller.actor.require(Permission::TemplatesManage)?;
        self.read(move |tx| Box::pin(templates::template(tx, id))).await
    }

    /// # Errors
    /// [`muster_core::Error::Denied`] without `templates:manage`; [`muster_core::Error::Invalid`], also without a name;
    /// [`muster_core::Error::Conflict`] for a second default of its kind.
    pub async fn create_template(&self, caller: &Caller, kind: TemplateKind, new: TemplatePatch) -> Result<Template> {
        caller.actor.require(Permission::TemplatesManage)?;
        let new = Arc::new(Template::new(kind, self.now()).patched(&new)?);
        self.write(caller, move |work| {
            let new = Arc::clone(&new);
            Box::pin(async move { create(work, &new).await })
        })
        .await
    }

    /// # Errors
    /// As [`Self::create_template`]; [`muster_core::Error::NotFound`].
    pub async fn update_template(&self, caller: &Caller, id: TemplateId, patch: TemplatePatch) -> Result<Template> {
        caller.actor.require(Permission::TemplatesManage)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch).await })
        })
        .await
    }

    /// # Errors
    /// [`muster_core::Error::Denied`] without `templates:manage`; [`muster_core::Error::NotFound`];
    /// [`Refusal::BuiltIn`].
    pub async fn delete_template(&self, caller: &Caller, id: TemplateId) -> Result<()> {
        caller.actor.require(Permission::TemplatesManage)?;
        self.write(caller, move |work| Box::pin(delete(work, id))).await
    }
}

async fn create(work: &mut Work<'_>, new: &Template) -> Result<Template> {
    let mut made = Template { created_at: work.now, updated_at: work.now, ..new.clone() };
    made.id = templates::insert(work.tx, &made).await?;
    work.record_change(Event::TemplateCreated { template: made.id }, json!(null), shown(&made));
    Ok(made)
}

async fn update(work: &mut Work<'_>, id: TemplateId, patch: &TemplatePatch) -> Result<Template> {
    let before = templates::lock(work.tx, id).await?;
    let mut after = before.patched(patch)?;
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = work.now;
    templates::save(work.tx, &after).await?;
    let (was, is) = (shown(&before), shown(&after));
    let fields = changed_fields(&was, &is);
    work.record_change(Event::TemplateUpdated { template: id, fields }, was, is);
    Ok(after)
}

async fn delete(work: &mut Work<'_>, id: TemplateId) -> Result<()> {
    let template = templates::lock(work.tx, id).await?;
    if template.is_built_in {
        return Err(Refusal::BuiltIn(Entity::Template).into());
    }
    templates::delete(work.tx, id).await?;
    work.record_change(Event::TemplateDeleted { template: id }, shown(&template), json!(null));
    Ok(())
}

fn shown(template: &Template) -> Value {
    json!({
        "kind": template.kind,
        "name": template.name,
        "subject": template.subject,
        "body": template.body,
        "is_default": template.is_default,
    })
}
