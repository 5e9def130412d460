//! Who is there, and what they do.

use axum::extract::State;

use crate::Api;
use crate::auth::Call;
use crate::envelope::{Refusal, RefusalMessageFirst, Reply, ReportRefusal, SuccessWord};
use crate::error::{Failure, Result};
use crate::extract::Body;
use crate::wire::details::{AgentDetail, AgentDetails, AgentLogin, AgentLogins, is_there};
use crate::wire::requests::{Account, AgentDetailsRequest};

/// Shows an agent, or all of them, and what they do now.
#[utoipa::path(
    post,
    path = "/ca_apis/AgentDetails",
    tag = "reports",
    request_body = AgentDetailsRequest,
    responses(
        (status = 200, description = "Agents", body = AgentDetails),
        (status = 400, description = "The body can't be read, or names a campaign", body = ReportRefusal),
        (status = 401, description = "No or a wrong key, token or account", body = ReportRefusal),
        (status = 404, description = "Agent not found", body = Refusal),
        (status = 429, description = "More than 10 calls in a minute", body = RefusalMessageFirst)
    )
)]
pub(crate) async fn details(
    State(api): State<Api>,
    call: Call,
    Body(request): Body<AgentDetailsRequest>,
) -> Result<Reply<AgentDetails>> {
    // Wire (documented): the text. There are no campaigns here.
    if !request.campaign_name.is_absent() && !request.campaign_name.is_missing_value() {
        return Err(Failure::message_first("campaignName is Invalid"));
    }
    let profiles = if request.agent_id.is_absent() || request.agent_id.is_missing_value() {
        api.app.agent_profiles(&call.caller).await?
    } else {
        let id = request.agent_id.filled().ok_or_else(Failure::agent_not_found)?;
        vec![api.app.agent_by_login(&call.caller, id).await?]
    };
    let now = api.app.now();
    let message = profiles.iter().map(|profile| AgentDetail::new(profile, now)).collect();
    Ok(Reply(AgentDetails { message, status: SuccessWord::Word }))
}

/// Lists the agents who are there.
#[utoipa::path(
    post,
    path = "/ca_apis/getAgentLogins",
    tag = "reports",
    request_body = Account,
    responses(
        (status = 200, description = "Agents; an empty list if nobody is there", body = AgentLogins),
        (status = 401, description = "No or a wrong key, token or account", body = ReportRefusal),
        (status = 429, description = "More than 5 calls in a minute", body = RefusalMessageFirst)
    )
)]
pub(crate) async fn logins(State(api): State<Api>, call: Call) -> Result<Reply<AgentLogins>> {
    let now = api.app.now();
    let profiles = api.app.agent_profiles(&call.caller).await?;
    let there = profiles.iter().filter(|profile| is_there(profile, now));
    let message = there.map(|profile| AgentLogin::new(profile, now)).collect();
    Ok(Reply(AgentLogins { status: SuccessWord::Word, message }))
}
