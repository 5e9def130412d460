//! The signed-in agent's password, sessions and second factor. Only a session may touch them; an API key may not.

use axum::extract::State;
use axum::response::Response;
use muster_app::auth::Whose;
use muster_core::Error;

use super::auth::welcome;
use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, RateLimitBody, Result};
use crate::extract::Body;
use crate::ids::SessionId;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::account::{
    CodeRequest, PasswordAndCodeRequest, PasswordChangeRequest, RecoveryCodes, SecondFactor, SecondFactorRequest,
    SecondFactorSecret, SessionItem,
};
use crate::wire::agent::User;

fn session(agent: &Agent) -> Result<&str> {
    agent.session.as_deref().ok_or_else(|| Error::Unauthenticated.into())
}

fn check_filled(fields: &[(&str, &str)]) -> Result<()> {
    match fields.iter().find(|(_, text)| text.trim().is_empty()) {
        Some((field, _)) => Err(Failure::empty(field)),
        None => Ok(()),
    }
}

/// Changes the signed-in agent's password.
///
/// All other sign-ins end; this session goes on, under the cookies that are set anew.
#[utoipa::path(
    put,
    path = "/api/v1/agents/me/password",
    tag = "account",
    security(("session" = [])),
    request_body = PasswordChangeRequest,
    responses(
        (status = 200, description = "Changed", body = Envelope<User>),
        (status = 429, description = "Too many calls from this address, or too many wrong passwords", body = RateLimitBody)
    )
)]
pub(crate) async fn change_password(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<PasswordChangeRequest>,
) -> Result<Response> {
    let PasswordChangeRequest { current_password, new_password } = &request;
    check_filled(&[("current_password", current_password), ("new_password", new_password)])?;
    let token = session(&agent)?;
    let renewed = api.app.change_my_password(&agent.caller, token, current_password, new_password).await?;
    Ok(welcome(&api, &renewed))
}

/// Lists the signed-in agent's sessions, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/agents/me/sessions",
    tag = "account",
    security(("session" = [])),
    responses((status = 200, description = "Sessions", body = Envelope<Vec<SessionItem>>))
)]
pub(crate) async fn sessions(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<SessionItem>>> {
    let own = Whose::Own { token: session(&agent)? };
    let sessions = api.app.list_sessions(&agent.caller, own).await?;
    Ok(Reply(sessions.into_iter().map(SessionItem::from).collect()))
}

/// Ends all of the signed-in agent's sessions but this one.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/me/sessions",
    tag = "account",
    security(("session" = [])),
    responses((status = 200, description = "Ended", body = Envelope<bool>))
)]
pub(crate) async fn end_sessions(State(api): State<Api>, agent: Agent) -> Result<Done> {
    api.app.end_sessions(&agent.caller, Whose::Own { token: session(&agent)? }).await?;
    Ok(Done)
}

/// Ends one of the signed-in agent's sessions.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/me/sessions/{session_id}",
    tag = "account",
    security(("session" = [])),
    params(("session_id" = String, Path, description = "The session")),
    responses(
        (status = 200, description = "Ended", body = Envelope<bool>),
        (status = 404, description = "No session of this agent", body = ErrorBody)
    )
)]
pub(crate) async fn end_session(State(api): State<Api>, agent: Agent, SessionId(id): SessionId) -> Result<Done> {
    api.app.end_session(&agent.caller, Whose::Own { token: session(&agent)? }, &id).await?;
    Ok(Done)
}

/// Tells how the signed-in agent's second factor stands.
#[utoipa::path(
    get,
    path = "/api/v1/agents/me/second-factor",
    tag = "account",
    security(("session" = [])),
    responses((status = 200, description = "How it stands", body = Envelope<SecondFactor>))
)]
pub(crate) async fn second_factor(State(api): State<Api>, agent: Agent) -> Result<Reply<SecondFactor>> {
    Ok(Reply(api.app.my_second_factor(&agent.caller).await?.into()))
}

/// Draws a secret for the signed-in agent's device.
///
/// It counts once `second-factor/confirm` was given a code of it, within ten minutes.
#[utoipa::path(
    post,
    path = "/api/v1/agents/me/second-factor",
    tag = "account",
    security(("session" = [])),
    request_body = SecondFactorRequest,
    responses(
        (status = 200, description = "The secret, shown this once", body = Envelope<SecondFactorSecret>),
        (status = 409, description = "There is a second factor already", body = ErrorBody),
        (status = 429, description = "Too many calls from this address, or too many wrong passwords", body = RateLimitBody)
    )
)]
pub(crate) async fn begin_second_factor(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<SecondFactorRequest>,
) -> Result<Reply<SecondFactorSecret>> {
    check_filled(&[("current_password", &request.current_password)])?;
    Ok(Reply(api.app.begin_second_factor(&agent.caller, &request.current_password).await?.into()))
}

/// Turns the second factor on by a first code of the device. The agent's other sessions end.
#[utoipa::path(
    post,
    path = "/api/v1/agents/me/second-factor/confirm",
    tag = "account",
    security(("session" = [])),
    request_body = CodeRequest,
    responses(
        (status = 200, description = "On; the recovery codes, shown this once", body = Envelope<RecoveryCodes>),
        (status = 429, description = "Too many calls from this address, or too many wrong codes", body = RateLimitBody)
    )
)]
pub(crate) async fn confirm_second_factor(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<CodeRequest>,
) -> Result<Reply<RecoveryCodes>> {
    check_filled(&[("code", &request.code)])?;
    let codes = api.app.confirm_second_factor(&agent.caller, session(&agent)?, &request.code).await?;
    Ok(Reply(RecoveryCodes { recovery_codes: codes }))
}

/// Makes new recovery codes in place of the old ones.
#[utoipa::path(
    post,
    path = "/api/v1/agents/me/second-factor/recovery-codes",
    tag = "account",
    security(("session" = [])),
    request_body = PasswordAndCodeRequest,
    responses(
        (status = 200, description = "The new codes, shown this once", body = Envelope<RecoveryCodes>),
        (status = 429, description = "Too many calls from this address, or too many wrong passwords or codes", body = RateLimitBody)
    )
)]
pub(crate) async fn renew_recovery_codes(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<PasswordAndCodeRequest>,
) -> Result<Reply<RecoveryCodes>> {
    let PasswordAndCodeRequest { current_password, code } = &request;
    check_filled(&[("current_password", current_password), ("code", code)])?;
    let codes = api.app.renew_recovery_codes(&agent.caller, current_password, code).await?;
    Ok(Reply(RecoveryCodes { recovery_codes: codes }))
}

/// Turns the second factor off.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/me/second-factor",
    tag = "account",
    security(("session" = [])),
    request_body = PasswordAndCodeRequest,
    responses(
        (status = 200, description = "Off", body = Envelope<bool>),
        (status = 429, description = "Too many calls from this address, or too many wrong passwords or codes", body = RateLimitBody)
    )
)]
pub(crate) async fn end_second_factor(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<PasswordAndCodeRequest>,
) -> Result<Done> {
    let PasswordAndCodeRequest { current_password, code } = &request;
    check_filled(&[("current_password", current_password), ("code", code)])?;
    api.app.end_second_factor(&agent.caller, current_password, code).await?;
    Ok(Done)
}
