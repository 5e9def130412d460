//! Inboxes.

use axum::extract::State;
use muster_app::inboxes::{InboxPatch, NewInbox};
use muster_core::id::{InboxId, TeamId};
use muster_core::inbox::Medium;
use serde_json::{Value, json};

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::chat_config::ChatConfig;
use crate::wire::inbox::{Inbox, InboxExtensionRequest, InboxRequest};

/// Lists the inboxes.
#[utoipa::path(
    get,
    path = "/api/v1/inboxes",
    tag = "inboxes",
    responses((status = 200, description = "Inboxes", body = Envelope<Vec<Inbox>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Inbox>>> {
    let inboxes = api.app.inboxes(&agent.caller).await?;
    Ok(Reply(inboxes.into_iter().map(Inbox::new).collect::<Result<_>>()?))
}

/// Shows an inbox.
#[utoipa::path(
    get,
    path = "/api/v1/inboxes/{id}",
    tag = "inboxes",
    params(IdPath),
    responses((status = 200, description = "The inbox", body = Envelope<Inbox>))
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Inbox>> {
    let inbox = api.app.inbox(&agent.caller, ids::inbox(id)?).await?;
    Ok(Reply(Inbox::new(inbox)?))
}

/// Creates a live-chat inbox.
#[utoipa::path(
    post,
    path = "/api/v1/inboxes",
    tag = "inboxes",
    request_body = InboxRequest,
    responses((status = 200, description = "The new inbox", body = Envelope<Inbox>))
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<InboxRequest>,
) -> Result<Reply<Inbox>> {
    let secret = request.new_secret();
    let name = request.name.filter(|name| !name.trim().is_empty()).ok_or_else(|| Failure::input("name empty"))?;
    let medium = medium(request.channel.as_deref())?;
    let linked = request.linked_email_inbox_id.into_value();
    let config = ChatConfig::changed(&json!({}), sent(request.config), linked.is_some())?;
    let InboxExtensionRequest { default_team, retention_days } = request.muster.unwrap_or_default();
    let new = NewInbox {
        name,
        medium,
        enabled: request.enabled.unwrap_or(true),
        csat_enabled: request.csat_enabled.unwrap_or_default(),
        prompt_tags_on_reply: request.prompt_tags_on_reply.unwrap_or_default(),
        sender: request.from.unwrap_or_default(),
        sender_name_template: request.from_name_template.unwrap_or_default(),
        config,
        secret,
        default_team: default_team.into_value().map(TeamId),
        linked_email_inbox: linked.map(InboxId),
        retention_days: retention_days.into_value(),
    };
    let inbox = api.app.create_inbox(&agent.caller, new).await?;
    Ok(Reply(Inbox::new(inbox)?))
}

/// Changes an inbox. Absent fields stay as they are.
#[utoipa::path(
    put,
    path = "/api/v1/inboxes/{id}",
    tag = "inboxes",
    params(IdPath),
    request_body = InboxRequest,
    responses(
        (status = 200, description = "The inbox as it is now", body = Envelope<Inbox>),
        (status = 409, description = "Changed by somebody else at that moment", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<InboxRequest>,
) -> Result<Reply<Inbox>> {
    let id = ids::inbox(id)?;
    let present = api.app.inbox(&agent.caller, id).await?;
    if request.channel.is_some() && medium(request.channel.as_deref())? != present.medium {
        return Err(Failure::invalid("channel"));
    }
    let secret = request.new_secret();
    let linked = request.linked_email_inbox_id.into_change();
    let has_mail = linked.unwrap_or(present.linked_email_inbox.map(|inbox| inbox.0)).is_some();
    let config = request.config.map(|config| ChatConfig::changed(&present.config, config, has_mail)).transpose()?;
    let InboxExtensionRequest { default_team, retention_days } = request.muster.unwrap_or_default();
    let patch = InboxPatch {
        version: config.is_some().then_some(present.version),
        name: request.name,
        enabled: request.enabled,
        csat_enabled: request.csat_enabled,
        prompt_tags_on_reply: request.prompt_tags_on_reply,
        sender: request.from,
        sender_name_template: request.from_name_template,
        config,
        secret,
        default_team: default_team.map(TeamId).into_change(),
        linked_email_inbox: linked.map(|linked| linked.map(InboxId)),
        retention_days: retention_days.into_change(),
    };
    let inbox = api.app.update_inbox(&agent.caller, id, patch).await?;
    Ok(Reply(Inbox::new(inbox)?))
}

/// Opens a closed inbox, and closes an open one.
#[utoipa::path(
    put,
    path = "/api/v1/inboxes/{id}/toggle",
    tag = "inboxes",
    params(IdPath),
    responses((status = 200, description = "The inbox as it is now", body = Envelope<Inbox>))
)]
pub(crate) async fn toggle(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Inbox>> {
    let inbox = api.app.toggle_inbox(&agent.caller, ids::inbox(id)?).await?;
    Ok(Reply(Inbox::new(inbox)?))
}

/// Deletes an inbox. Nobody can write to it any more; its conversations stay readable.
#[utoipa::path(
    delete,
    path = "/api/v1/inboxes/{id}",
    tag = "inboxes",
    params(IdPath),
    responses((status = 200, description = "Deleted", body = Envelope<bool>))
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_inbox(&agent.caller, ids::inbox(id)?).await?;
    Ok(Done)
}

fn sent(config: Option<Value>) -> Value {
    config.unwrap_or_else(|| json!({}))
}

/// The channel of a new inbox.
fn medium(channel: Option<&str>) -> Result<Medium> {
    match channel {
        Some("livechat") => Ok(Medium::Chat),
        Some("email") => Err(Failure::input("E-mail inboxes are not available yet")),
        None | Some("") => Err(Failure::empty("channel")),
        Some(_) => Err(Failure::invalid("channel")),
    }
}
