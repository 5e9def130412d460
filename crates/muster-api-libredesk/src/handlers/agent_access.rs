//! Other agents' first passwords, sessions and second factor, for those who administer them: ours, in the product's manner.

use axum::extract::State;
use muster_app::auth::Whose;
use muster_core::{Entity, Error, Refusal};

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{IdPath, PathId};
use crate::ids::{self, AgentSession};
use crate::reply::{Done, Envelope, Reply};
use crate::wire::account::SessionItem;
use crate::wire::auth::Invitation;

/// Makes a link by which an agent chooses a first password. Links made before can't be used any more.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{id}/invitation",
    tag = "agents",
    params(IdPath),
    responses(
        (status = 200, description = "The link, good for a day", body = Envelope<Invitation>),
        (status = 404, description = "User not found", body = ErrorBody)
    )
)]
pub(crate) async fn invite(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Invitation>> {
    match api.app.invite_agent(&agent.caller, ids::agent(id)?).await {
        Ok(link) => Ok(Reply(link.into())),
        // The texts of the error table speak of the caller's own account, and of changes.
        Err(Error::Refused(Refusal::AccountDisabled)) => Err(Failure::input("The account is disabled or locked")),
        Err(Error::Refused(Refusal::BuiltIn(Entity::Agent))) => Err(Failure::input("Only people can be invited")),
        Err(error) => Err(error.into()),
    }
}

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
