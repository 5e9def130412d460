//! Inboxes: the doors conversations come in by.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::{InboxId, TeamId};
use muster_core::inbox::{Inbox, Medium, NAME_MAX, RETENTION_MAX};
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Result, Why, text};
use muster_store::{contacts, inboxes, lost_race, teams};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{App, Work};

/// Length of the secret that signs the tokens of identified visitors.
const SECRET_LEN: usize = 32;

#[derive(Debug, Clone)]
pub struct NewInbox {
    pub name: String,
    pub medium: Medium,
    pub enabled: bool,
    pub csat_enabled: bool,
    pub prompt_tags_on_reply: bool,
    /// `Name <address>` that mail is sent from.
    pub sender: String,
    pub sender_name_template: String,
    /// Kept as it is: whoever gives it knows what the medium needs.
    pub config: Value,
    /// Signs the tokens of identified visitors; a chat gets one drawn if none is given.
    pub secret: Option<String>,
    pub default_team: Option<TeamId>,
    pub linked_email_inbox: Option<InboxId>,
    /// Days that resolved conversations are kept; `None`: for ever.
    pub retention_days: Option<u16>,
}

/// Changes of an inbox; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct InboxPatch {
    /// The version that the change was made for; `None`: whichever.
    pub version: Option<i64>,
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub csat_enabled: Option<bool>,
    pub prompt_tags_on_reply: Option<bool>,
    pub sender: Option<String>,
    pub sender_name_template: Option<String>,
    pub config: Option<Value>,
    pub secret: Option<String>,
    pub default_team: Option<Option<TeamId>>,
    pub linked_email_inbox: Option<Option<InboxId>>,
    pub retention_days: Option<Option<u16>>,
}

impl App {
    /// All inboxes, in order of id. Their secrets are sealed.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn inboxes(&self, caller: &Caller) -> Result<Vec<Inbox>> {
        caller.actor.require_staff()?;
        self.read(|tx| Box::pin(inboxes::list_inboxes(tx))).await
    }

    /// # Errors
    /// [`Error::Denied`] without `inboxes:manage`; [`Error::NotFound`].
    pub async fn inbox(&self, caller: &Caller, id: InboxId) -> Result<Inbox> {
        caller.actor.require(Permission::InboxesManage)?;
        self.read(move |tx| Box::pin(inboxes::inbox(tx, id))).await
    }

    /// The inbox that a widget names, whether or not it is enabled.
    ///
    /// # Errors
    /// The store's only.
    pub async fn inbox_by_uuid(&self, uuid: Uuid) -> Result<Option<Inbox>> {
        self.read(move |tx| Box::pin(inboxes::find_by_uuid(tx, uuid))).await
    }

    /// What signs the tokens of the inbox's identified visitors.
    ///
    /// # Errors
    /// [`Error::Denied`] without `inboxes:manage`; [`Error::NotFound`].
    pub async fn inbox_secret(&self, caller: &Caller, id: InboxId) -> Result<Option<String>> {
        let inbox = self.inbox(caller, id).await?;
        inbox.secret.map(|sealed| self.inner.seal.open(&sealed)).transpose()
    }

    /// # Errors
    /// [`Error::Denied`] without `inboxes:manage`; [`Error::Invalid`]; [`Error::NotFound`] for the team or
    /// the linked inbox.
    pub async fn create_inbox(&self, caller: &Caller, new: NewInbox) -> Result<Inbox> {
        caller.actor.require(Permission::InboxesManage)?;
        check_retention(new.retention_days)?;
        let new = Arc::new(NewInbox { name: text::bounded("name", &new.name, 1, NAME_MAX)?, ..new });
        self.write(caller, move |work| {
            let new = Arc::clone(&new);
            Box::pin(async move { create(work, &new).await })
        })
        .await
    }

    /// Changes an inbox. Another secret ends the chat sessions of whom the present one vouched for, and a shorter
    /// `session_duration` shortens them.
    ///
    /// # Errors
    /// As [`App::create_inbox`]; [`Error::NotFound`] for the inbox too; [`Error::Conflict`] if its version is another.
    pub async fn update_inbox(&self, caller: &Caller, id: InboxId, patch: InboxPatch) -> Result<Inbox> {
        caller.actor.require(Permission::InboxesManage)?;
        let name = patch.name.as_deref().map(|name| text::bounded("name", name, 1, NAME_MAX)).transpose()?;
        check_retention(patch.retention_days.flatten())?;
        let patch = Arc::new(InboxPatch { name, ..patch });
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch).await })
        })
        .await
    }

    /// Opens a closed inbox, and closes an open one.
    ///
    /// # Errors
    /// [`Error::Denied`] without `inboxes:manage`; [`Error::NotFound`].
    pub async fn toggle_inbox(&self, caller: &Caller, id: InboxId) -> Result<Inbox> {
        caller.actor.require(Permission::InboxesManage)?;
        self.write(caller, move |work| {
            Box::pin(async move {
                let enabled = Some(!inboxes::lock_inbox(work.tx, id).await?.enabled);
                update(work, id, &InboxPatch { enabled, ..InboxPatch::default() }).await
            })
        })
        .await
    }

    /// Deletes an inbox: nobody can write to it any more, neither visitors nor agents. Its conversations stay, and are
    /// kept for as long as the inbox said.
    ///
    /// # Errors
    /// [`Error::Denied`] without `inboxes:manage`; [`Error::NotFound`].
    pub async fn delete_inbox(&self, caller: &Caller, id: InboxId) -> Result<()> {
        caller.actor.require(Permission::InboxesManage)?;
        self.write(caller, move |work| Box::pin(delete(work, id))).await
    }
}

fn check_retention(days: Option<u16>) -> Result<()> {
    match days {
        Some(days) if !(1..=RETENTION_MAX).contains(&days) => Err(Error::invalid("retention_days", Why::OutOfRange)),
        _ => Ok(()),
    }
}

async fn create(work: &mut Work<'_>, new: &NewInbox) -> Result<Inbox> {
    check_references(work, new.default_team, new.linked_email_inbox).await?;
    let secret = match (&new.secret, new.medium) {
        (Some(secret), _) => Some(secret.clone()),
        (None, Medium::Chat) => Some(work.draw.alphanumeric(SECRET_LEN)),
        (None, Medium::Email | Medium::Api) => None,
    };
    let seal = work.seal();
    let secret = secret.map(|secret| seal.close(&secret, &mut work.draw)).transpose()?;
    let mut inbox = Inbox {
        id: InboxId(0),
        uuid: work.draw.uuid(),
        name: new.name.clone(),
        medium: new.medium,
        enabled: new.enabled,
        csat_enabled: new.csat_enabled,
        prompt_tags_on_reply: new.prompt_tags_on_reply,
        sender: new.sender.clone(),
        sender_name_template: new.sender_name_template.clone(),
        config: new.config.clone(),
        secret,
        default_team: new.default_team,
        linked_email_inbox: new.linked_email_inbox,
        retention_days: new.retention_days,
        created_at: work.now,
        updated_at: work.now,
        deleted_at: None,
        version: 1,
    };
    inbox.id = inboxes::insert_inbox(work.tx, &inbox).await?;
    work.record_change(Event::InboxCreated { inbox: inbox.id }, json!(null), shown(&inbox));
    Ok(inbox)
}

async fn update(work: &mut Work<'_>, id: InboxId, patch: &InboxPatch) -> Result<Inbox> {
    let linked = patch.linked_email_inbox.flatten();
    if let Some(lower) = linked.filter(|linked| *linked < id) {
        inboxes::hold_inbox(work.tx, lower).await?;
    }
    let mut inbox = inboxes::lock_inbox(work.tx, id).await?;
    if patch.version.is_some_and(|version| version != inbox.version) {
        return Err(Error::Conflict(Entity::Inbox));
    }
    let before = shown(&inbox);
    let life = inbox.session_life(true);
    check_references(work, patch.default_team.flatten(), linked).await?;
    let mut fields = Vec::new();
    change(&mut inbox.name, patch.name.as_ref(), "name", &mut fields);
    change(&mut inbox.enabled, patch.enabled.as_ref(), "enabled", &mut fields);
    change(&mut inbox.csat_enabled, patch.csat_enabled.as_ref(), "csat_enabled", &mut fields);
    change(&mut inbox.prompt_tags_on_reply, patch.prompt_tags_on_reply.as_ref(), "prompt_tags_on_reply", &mut fields);
    change(&mut inbox.sender, patch.sender.as_ref(), "sender", &mut fields);
    change(&mut inbox.sender_name_template, patch.sender_name_template.as_ref(), "sender_name_template", &mut fields);
    change(&mut inbox.config, patch.config.as_ref(), "config", &mut fields);
    change(&mut inbox.default_team, patch.default_team.as_ref(), "default_team", &mut fields);
    change(&mut inbox.linked_email_inbox, patch.linked_email_inbox.as_ref(), "linked_email_inbox", &mut fields);
    change(&mut inbox.retention_days, patch.retention_days.as_ref(), "retention_days", &mut fields);
    if inbox.session_life(true) < life {
        contacts::shorten_verified_sessions(work.tx, id, work.now + inbox.session_life(true)).await?;
    }
    let seal = work.seal();
    if let Some(secret) = &patch.secret {
        let present = inbox.secret.as_deref().map(|sealed| seal.open(sealed)).transpose()?;
        if present.as_ref() != Some(secret) {
            inbox.secret = Some(seal.close(secret, &mut work.draw)?);
            fields.push("secret".to_owned());
            contacts::end_verified_sessions(work.tx, id).await?;
        }
    }
    if !fields.is_empty() {
        inbox.updated_at = work.now;
        inboxes::save_inbox(work.tx, &mut inbox).await?;
        work.record_change(Event::InboxUpdated { inbox: id, fields }, before, shown(&inbox));
    }
    Ok(inbox)
}

async fn delete(work: &mut Work<'_>, id: InboxId) -> Result<()> {
    let (mut inbox, linked) = lock_with_linked(work, id).await?;
    let was = shown(&inbox);
    inbox.enabled = false;
    inbox.secret = None;
    inbox.deleted_at = Some(work.now);
    inbox.updated_at = work.now;
    inboxes::save_inbox(work.tx, &mut inbox).await?;
    let unlinked = InboxPatch { linked_email_inbox: Some(None), ..InboxPatch::default() };
    for other in linked {
        update(work, other, &unlinked).await?;
    }
    work.record_change(Event::InboxDeleted { inbox: id }, was, json!(null));
    Ok(())
}

/// Locks an inbox and those that go on by it, in order of id.
async fn lock_with_linked(work: &mut Work<'_>, id: InboxId) -> Result<(Inbox, Vec<InboxId>)> {
    let linked = inboxes::list_linked_to(work.tx, id).await?;
    for lower in linked.iter().filter(|linked| **linked < id) {
        inboxes::lock_inbox(work.tx, *lower).await.map_err(gone)?;
    }
    let inbox = inboxes::lock_inbox(work.tx, id).await?;
    for higher in linked.iter().filter(|linked| **linked > id) {
        inboxes::lock_inbox(work.tx, *higher).await.map_err(gone)?;
    }
    if inboxes::list_linked_to(work.tx, id).await? == linked { Ok((inbox, linked)) } else { Err(lost_race()) }
}

/// What it is that a linked inbox is there no more: another has just deleted it.
fn gone(error: Error) -> Error {
    if matches!(error, Error::NotFound(_)) { lost_race() } else { error }
}

/// Of an inbox what the audit log shows: all but its secret.
fn shown(inbox: &Inbox) -> Value {
    json!({
        "name": inbox.name,
        "medium": inbox.medium,
        "enabled": inbox.enabled,
        "csat_enabled": inbox.csat_enabled,
        "prompt_tags_on_reply": inbox.prompt_tags_on_reply,
        "sender": inbox.sender,
        "sender_name_template": inbox.sender_name_template,
        "config": inbox.config,
        "default_team": inbox.default_team,
        "linked_email_inbox": inbox.linked_email_inbox,
        "retention_days": inbox.retention_days,
    })
}

fn change<T: PartialEq + Clone>(field: &mut T, to: Option<&T>, name: &str, fields: &mut Vec<String>) {
    if let Some(to) = to
        && field != to
    {
        field.clone_from(to);
        fields.push(name.to_owned());
    }
}

async fn check_references(work: &mut Work<'_>, team: Option<TeamId>, linked: Option<InboxId>) -> Result<()> {
    if let Some(team) = team
        && teams::find_team(work.tx, team).await?.is_none()
    {
        return Err(Error::NotFound(Entity::Team));
    }
    if let Some(linked) = linked {
        inboxes::hold_inbox(work.tx, linked).await?;
    }
    Ok(())
}
