//! Saved views.

use axum::extract::State;
use muster_app::conversations::Listing;
use muster_app::views::{SharedWith, ViewInput};
use muster_core::filter::Filter;
use muster_core::id::TeamId;
use muster_core::{Error, Refusal};
use muster_http::paging::Page;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::query::{ListQuery as _, PageParams, page, request};
use crate::reply::{Done, Envelope, Reply};
use crate::wire::conversation_item::ConversationItem;
use crate::wire::filter::refused;
use crate::wire::view::{SharedViewRequest, View, ViewRequest, filters};

/// Lists the signed-in agent's own views.
#[utoipa::path(
    get,
    path = "/api/v1/views/me",
    tag = "views",
    responses((status = 200, description = "Views", body = Envelope<Vec<View>>))
)]
pub(crate) async fn own(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<View>>> {
    let views = api.app.own_views(&agent.caller).await?;
    Ok(Reply(views.into_iter().map(View::from).collect()))
}

/// Saves a view of one's own.
#[utoipa::path(
    post,
    path = "/api/v1/views/me",
    tag = "views",
    request_body = ViewRequest,
    responses((status = 200, description = "The new view", body = Envelope<View>))
)]
pub(crate) async fn create_own(
    State(api): State<Api>,
    agent: Agent,
    Body(ViewRequest { name, filters }): Body<ViewRequest>,
) -> Result<Reply<View>> {
    let input = input(name, filters, CREATED)?;
    let view = api.app.create_own_view(&agent.caller, input).await.map_err(refused)?;
    Ok(Reply(view.into()))
}

/// Changes a view of one's own.
#[utoipa::path(
    put,
    path = "/api/v1/views/me/{id}",
    tag = "views",
    params(IdPath),
    request_body = ViewRequest,
    responses(
        (status = 200, description = "The view as it is now", body = Envelope<View>),
        (status = 404, description = "No such view", body = ErrorBody)
    )
)]
pub(crate) async fn update_own(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(ViewRequest { name, filters }): Body<ViewRequest>,
) -> Result<Reply<View>> {
    let id = ids::view(id)?;
    let input = input(name, filters, UPDATED)?;
    let view = api.app.update_own_view(&agent.caller, id, input).await.map_err(of_own)?;
    Ok(Reply(view.into()))
}

/// Deletes a view of one's own.
#[utoipa::path(
    delete,
    path = "/api/v1/views/me/{id}",
    tag = "views",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted", body = Envelope<bool>),
        (status = 404, description = "No such view", body = ErrorBody)
    )
)]
pub(crate) async fn delete_own(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_own_view(&agent.caller, ids::view(id)?).await.map_err(of_own)?;
    Ok(Done)
}

/// Lists the views that are shared with the signed-in agent.
#[utoipa::path(
    get,
    path = "/api/v1/views/shared",
    tag = "views",
    responses((status = 200, description = "Views", body = Envelope<Vec<View>>))
)]
pub(crate) async fn shared_with_me(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<View>>> {
    let views = api.app.views_shared_with(&agent.caller).await?;
    Ok(Reply(views.into_iter().map(View::from).collect()))
}

/// Lists the conversations that a view lets through, as far as the signed-in agent may read them.
#[utoipa::path(
    get,
    path = "/api/v1/views/{id}/conversations",
    tag = "views",
    params(IdPath, PageParams),
    responses(
        (status = 200, description = "A page of conversations", body = Envelope<Page<ConversationItem>>),
        (status = 404, description = "No such view", body = ErrorBody)
    )
)]
pub(crate) async fn conversations(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    query: Query,
) -> Result<Reply<Page<ConversationItem>>> {
    let id = ids::view(id)?;
    let paging = query.paging();
    let listing = Listing { page: request(paging), order: query.order()?, filter: Filter::All(Vec::new()) };
    let found = api.app.list_view(&agent.caller, id, listing).await?;
    Ok(Reply(page(&found, paging)))
}

/// Lists all shared views.
#[utoipa::path(
    get,
    path = "/api/v1/shared-views",
    tag = "views",
    responses((status = 200, description = "Views", body = Envelope<Vec<View>>))
)]
pub(crate) async fn list_shared(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<View>>> {
    let views = api.app.shared_views(&agent.caller).await?;
    Ok(Reply(views.into_iter().map(View::from).collect()))
}

/// Shows a shared view.
#[utoipa::path(
    get,
    path = "/api/v1/shared-views/{id}",
    tag = "views",
    params(IdPath),
    responses(
        (status = 200, description = "The view", body = Envelope<View>),
        (status = 404, description = "No such shared view", body = ErrorBody)
    )
)]
pub(crate) async fn get_shared(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<View>> {
    let view = api.app.shared_view(&agent.caller, ids::view(id)?).await?;
    Ok(Reply(view.into()))
}

/// Saves a view for a team or for everybody.
#[utoipa::path(
    post,
    path = "/api/v1/shared-views",
    tag = "views",
    request_body = SharedViewRequest,
    responses((status = 200, description = "The new view", body = Envelope<View>))
)]
pub(crate) async fn create_shared(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<SharedViewRequest>,
) -> Result<Reply<View>> {
    let (input, with) = shared(request, CREATED)?;
    let view = api.app.create_shared_view(&agent.caller, input, with).await.map_err(refused)?;
    Ok(Reply(view.into()))
}

/// Changes a shared view.
#[utoipa::path(
    put,
    path = "/api/v1/shared-views/{id}",
    tag = "views",
    params(IdPath),
    request_body = SharedViewRequest,
    responses(
        (status = 200, description = "The view as it is now", body = Envelope<View>),
        (status = 404, description = "No such shared view", body = ErrorBody)
    )
)]
pub(crate) async fn update_shared(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<SharedViewRequest>,
) -> Result<Reply<View>> {
    let id = ids::view(id)?;
    let (input, with) = shared(request, UPDATED)?;
    let view = api.app.update_shared_view(&agent.caller, id, input, with).await.map_err(refused)?;
    Ok(Reply(view.into()))
}

/// Deletes a shared view.
#[utoipa::path(
    delete,
    path = "/api/v1/shared-views/{id}",
    tag = "views",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted", body = Envelope<bool>),
        (status = 404, description = "No such shared view", body = ErrorBody)
    )
)]
pub(crate) async fn delete_shared(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_shared_view(&agent.caller, ids::view(id)?).await?;
    Ok(Done)
}

// Wire (observed, 2.7): how the two fields are called when they are empty, on creation and on an update.
const CREATED: [&str; 2] = ["Name", "Filters"];
const UPDATED: [&str; 2] = ["name", "filters"];

fn input(name: Option<String>, given: Option<serde_json::Value>, called: [&str; 2]) -> Result<ViewInput> {
    let name = name.filter(|name| !name.trim().is_empty()).ok_or_else(|| Failure::empty(called[0]))?;
    let filter = filters(given)?.ok_or_else(|| Failure::empty(called[1]))?;
    Ok(ViewInput { name, filter })
}

fn shared(request: SharedViewRequest, called: [&str; 2]) -> Result<(ViewInput, SharedWith)> {
    let SharedViewRequest { name, filters, visibility, team_id } = request;
    let input = input(name, filters, called)?;
    let with = match visibility.as_deref() {
        Some("all") => SharedWith::Everybody,
        Some("team") => {
            let team = team_id.filter(|id| *id > 0).ok_or_else(|| Failure::input("`team_id` Required"))?;
            SharedWith::Team(TeamId(team))
        }
        _ => return Err(Failure::invalid("visibility")),
    };
    Ok((input, with))
}

/// Wire (observed, 2.7): somebody else's own view is 403.
fn of_own(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::NotOwner(_)) => Failure::permission(crate::error::PERMISSION_DENIED),
        error => refused(error),
    }
}
