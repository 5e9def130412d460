//! The signed-in agent's own things.

use axum::extract::State;

use crate::Api;
use crate::auth::Agent;
use crate::error::{Failure, Result};
use crate::extract::Body;
use crate::reply::{Envelope, Reply};
use crate::wire::agent::User;
use crate::wire::auth::AvailabilityRequest;
use crate::wire::availability::AvailabilityStatus;
use crate::wire::team::Team;

/// Shows the signed-in agent.
#[utoipa::path(
    get,
    path = "/api/v1/agents/me",
    tag = "agents",
    responses((status = 200, description = "The signed-in agent", body = Envelope<User>))
)]
pub(crate) async fn profile(State(api): State<Api>, agent: Agent) -> Result<Reply<User>> {
    let profile = api.app.my_profile(&agent.caller).await?;
    Ok(Reply(User::new(&profile, api.app.now())))
}

/// Lists the signed-in agent's teams, the one changed last first.
#[utoipa::path(
    get,
    path = "/api/v1/agents/me/teams",
    tag = "agents",
    responses((status = 200, description = "Teams", body = Envelope<Vec<Team>>))
)]
pub(crate) async fn teams(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Team>>> {
    let teams = api.app.my_teams(&agent.caller).await?;
    Ok(Reply(teams.into_iter().map(Team::from).collect()))
}

/// Sets the signed-in agent's presence.
///
/// With `source: "idle"` nothing changes for whoever chose to be away.
#[utoipa::path(
    put,
    path = "/api/v1/agents/me/availability",
    tag = "agents",
    request_body = AvailabilityRequest,
    responses((status = 200, description = "The agent as it is now", body = Envelope<User>))
)]
pub(crate) async fn set_availability(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<AvailabilityRequest>,
) -> Result<Reply<User>> {
    let status = AvailabilityStatus::parse("status", &request.status)?;
    let by_idle_detector = request.source == "idle";
    let pauses = status == AvailabilityStatus::AwayManual && !by_idle_detector;
    let profile = match request.pause_reason.into_change() {
        Some(reason) if pauses => api.app.pause_myself(&agent.caller, reason.as_deref()).await?,
        Some(Some(_)) => return Err(Failure::invalid("pause_reason")),
        _ => api.app.set_my_presence(&agent.caller, status.wish(), by_idle_detector).await?,
    };
    Ok(Reply(User::new(&profile, api.app.now())))
}

/// Lists the reasons to pause for.
#[utoipa::path(
    get,
    path = "/api/v1/pause-reasons",
    tag = "agents",
    responses((status = 200, description = "Reasons", body = Envelope<Vec<String>>))
)]
pub(crate) async fn pause_reasons(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<String>>> {
    Ok(Reply(api.app.pause_reasons(&agent.caller)?))
}
