//! Texts of mails.

use axum::extract::State;
use muster_core::template::TemplateKind;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::query::TemplateParams;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::template::{Template, TemplateRequest, TemplateType};

/// Lists the templates of a type, those changed last first.
#[utoipa::path(
    get,
    path = "/api/v1/templates",
    tag = "templates",
    params(TemplateParams),
    responses((status = 200, description = "Templates", body = Envelope<Vec<Template>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<Vec<Template>>> {
    let templates = api.app.list_templates(&agent.caller, kind(query.get("type"))?).await?;
    Ok(Reply(templates.into_iter().map(Template::from).collect()))
}

/// Shows a template.
#[utoipa::path(
    get,
    path = "/api/v1/templates/{id}",
    tag = "templates",
    params(IdPath),
    responses(
        (status = 200, description = "The template", body = Envelope<Template>),
        (status = 404, description = "Template not found", body = ErrorBody)
    )
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Template>> {
    let template = api.app.template(&agent.caller, ids::template(id)?).await?;
    Ok(Reply(template.into()))
}

/// Creates a template.
#[utoipa::path(
    post,
    path = "/api/v1/templates",
    tag = "templates",
    request_body = TemplateRequest,
    responses((status = 200, description = "The new template", body = Envelope<Template>))
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<TemplateRequest>,
) -> Result<Reply<Template>> {
    let name = request.name.as_deref().unwrap_or_default();
    if name.trim().is_empty() {
        return Err(Failure::empty("name"));
    }
    let patch = request.into_patch()?;
    let kind = patch.kind.ok_or_else(|| Failure::empty("type"))?;
    let template = api.app.create_template(&agent.caller, kind, patch).await?;
    Ok(Reply(template.into()))
}

/// Changes a template. Absent fields stay as they are.
#[utoipa::path(
    put,
    path = "/api/v1/templates/{id}",
    tag = "templates",
    params(IdPath),
    request_body = TemplateRequest,
    responses(
        (status = 200, description = "The template as it is now", body = Envelope<Template>),
        (status = 404, description = "Template not found", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<TemplateRequest>,
) -> Result<Reply<Template>> {
    let id = ids::template(id)?;
    let template = api.app.update_template(&agent.caller, id, request.into_patch()?).await?;
    Ok(Reply(template.into()))
}

/// Deletes a template.
#[utoipa::path(
    delete,
    path = "/api/v1/templates/{id}",
    tag = "templates",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted", body = Envelope<bool>),
        (status = 404, description = "Template not found", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_template(&agent.caller, ids::template(id)?).await?;
    Ok(Done)
}

fn kind(word: Option<&str>) -> Result<TemplateKind> {
    match word {
        None | Some("") => Err(Failure::empty("type")),
        Some(word) => TemplateType::parse(word).ok_or_else(|| Failure::invalid("type")),
    }
}
