//! Other agents' sessions and second factor, for those who administer them: ours, in the product's manner.

use axum::extract::State;
use muster_app::auth::Whose;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Result};
use crate::extract::{IdPath, PathId};
use crate::ids::{self, AgentSession};
use crate::reply::{Done, Envelope, Reply};
use crate::wire::account::SessionItem;

/// Lists an agent's sessions, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/agents/{id}/sessions",
    tag = "agents",
    params(IdPath),
    responses(
        (status = 200, description = "Sessions", body = Envelope<Vec<SessionItem>>),
        (status = 404, description = "User not found", body = ErrorBody)
    )
)]
pub(crate) async fn sessions(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Vec<SessionItem>>> {
    let sessions = api.app.list_sessions(&agent.caller, Whose::Of(ids::agent(id)?)).await?;
    Ok(Reply(sessions.into_iter().map(SessionItem::from).collect()))
}

/// Ends all of an agent's sessions.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/{id}/sessions",
    tag = "agents",
    params(IdPath),
    responses(
        (status = 200, description = "Ended", body = Envelope<bool>),
        (status = 404, description = "User not found", body = ErrorBody)
    )
)]
pub(crate) async fn end_sessions(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.end_sessions(&agent.caller, Whose::Of(ids::agent(id)?)).await?;
    Ok(Done)
}

/// Ends one of an agent's sessions.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/{id}/sessions/{session_id}",
    tag = "agents",
    params(IdPath, ("session_id" = String, Path, description = "The session")),
    responses(
        (status = 200, description = "Ended", body = Envelope<bool>),
        (status = 404, description = "No such agent, or no session of this agent", body = ErrorBody)
    )
)]
pub(crate) async fn end_session(State(api): State<Api>, agent: Agent, named: AgentSession) -> Result<Done> {
    api.app.end_session(&agent.caller, Whose::Of(named.agent), &named.session).await?;
    Ok(Done)
}

/// Takes an agent's second factor away, if there is one, and ends the sessions. The own one ends by password and code.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/{id}/second-factor",
    tag = "agents",
    params(IdPath),
    responses(
        (status = 200, description = "There is none now", body = Envelope<bool>),
        (status = 404, description = "User not found", body = ErrorBody)
    )
)]
pub(crate) async fn reset_second_factor(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.reset_second_factor(&agent.caller, ids::agent(id)?).await?;
    Ok(Done)
}
