//! Pausing agents, and calling them back.

use std::sync::atomic::Ordering;

use axum::extract::State;
use muster_core::Error;
use muster_core::agent::Profile;

use super::agents::find;
use crate::Api;
use crate::auth::Call;
use crate::envelope::{AnyRefusal, ChangeRefusal, Refusal, Reply, Told};
use crate::error::{Failure, Result};
use crate::extract::Body;
use crate::wire::requests::{ChangeStateRequest, StateChanged};
use crate::wire::sent::Sent;

/// What an agent is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Ready,
    Pause,
}

/// Pauses an agent who is there, or calls one back.
#[utoipa::path(
    post,
    path = "/ca_apis/changeAgentState",
    tag = "state",
    request_body = ChangeStateRequest,
    responses(
        (status = 200, description = "The change, as JSON in a text", body = Told),
        (status = 400, description = "The body can't be read; or not now, or not in this way", body = ChangeRefusal),
        (status = 401, description = "No or a wrong key, token or account", body = AnyRefusal),
        (status = 404, description = "Agent not found", body = Refusal),
        (status = 429, description = "More than 60 calls in a minute", body = Refusal)
    )
)]
pub(crate) async fn change(
    State(api): State<Api>,
    call: Call,
    Body(request): Body<ChangeStateRequest>,
) -> Result<Reply<Told>> {
    let wanted = wanted(&request.state)?;
    let agent = find(&api, &call, request.agent_id.filled()).await?.agent;
    let changed = match wanted {
        Wanted::Ready => api.app.resume_agent(&call.caller, agent.id).await,
        Wanted::Pause => {
            let reason = request.pause_reason.filled().unwrap_or_default();
            api.app.pause_agent(&call.caller, agent.id, reason).await
        }
    };
    let profile = changed.map_err(|error| failure(error, &agent.login))?;
    Ok(Reply(Told::new(told(&api, &call, &profile, wanted))))
}

/// The state that a request asks for.
pub(super) fn wanted(sent: &Sent<String>) -> Result<Wanted> {
    match sent.filled() {
        Some(word) if word.eq_ignore_ascii_case("ready") => Ok(Wanted::Ready),
        Some(word) if word.eq_ignore_ascii_case("pause") => Ok(Wanted::Pause),
        // Wire (documented): the stray quote is theirs.
        _ => Err(Failure::refusal("The state should be either 'Ready' or 'Pause' state'")),
    }
}

// Wire (documented). The one about calls can't come up: there are none here.
fn failure(error: Error, login: &str) -> Failure {
    match error {
        Error::Refused(muster_core::Refusal::InWrapUp(_)) => {
            Failure::state(format!("Agent {login} is in ACW state. You cant change to Pause state"))
        }
        other => other.into(),
    }
}

// Wire (documented: the shape; chosen: no mode stands behind `~` where the agent has none).
fn told(api: &Api, call: &Call, profile: &Profile, wanted: Wanted) -> String {
    let (done, agent_status) = match wanted {
        Wanted::Ready => ("Success:tbAgentReady", "READY"),
        Wanted::Pause => ("Success:tbAgentPause", "PAUSED"),
    };
    let mode = profile.state.mode.map(|mode| format!("~{}", mode.as_str().to_ascii_uppercase()));
    let changed = StateChanged {
        kind: "response",
        utid: api.changes.fetch_add(1, Ordering::Relaxed).to_string(),
        resp: format!("{done}{}", mode.unwrap_or_default()),
        agent_status,
        agent_id: &profile.agent.login,
        user: &call.account.account,
    };
    serde_json::to_string(&changed).expect("texts become JSON")
}
