//! Agents' own way in and out, with their password.

use axum::extract::State;
use axum::http::request::Parts;
use muster_app::auth::DeskSignIn;
use muster_core::agent::Mode;
use muster_core::{Error, Refusal};
use muster_http::auth::{KeyPair, key_pair};
use muster_http::request::{client, origin};

use super::state::{Wanted, wanted};
use crate::auth::Call;
use crate::envelope::{Reply, Told};
use crate::error::{Failure, Result};
use crate::extract::Body;
use crate::wire::requests::AgentAuthenticationRequest;
use crate::wire::sent::Sent;
use crate::{Api, KIND};

/// Logs an agent in or out.
#[utoipa::path(
    post,
    path = "/CAServices/AgentAuthenticationV2/index.php",
    tag = "desk",
    security(("agent" = [])),
    request_body(content((AgentAuthenticationRequest = "application/x-www-form-urlencoded"), (AgentAuthenticationRequest = "multipart/form-data"), (AgentAuthenticationRequest = "application/json"))),
    responses(
        (status = 200, description = "Done", body = Told),
        (status = 400, description = "Not now, or not in this way", body = crate::envelope::Refusal),
        (status = 401, description = "A wrong key, account, agent ID or password", body = crate::envelope::Refusal),
        (status = 429, description = "More than 60 calls in a minute", body = crate::envelope::Refusal)
    )
)]
pub(crate) async fn authenticate(
    State(api): State<Api>,
    call: Call,
    parts: Parts,
    Body(request): Body<AgentAuthenticationRequest>,
) -> Result<Reply<Told>> {
    let is_login = is_login(&request.action)?;
    let agent = key_pair(&parts.headers).ok_or(Error::from(Refusal::WrongCredentials))?;
    let done = if is_login {
        log_in(&api, &call, &parts, &agent, &request).await
    } else {
        log_out(&api, &call, &parts, &agent).await
    };
    done.map(|text| Reply(Told::new(text)))
}

// Wire (chosen): the text.
fn is_login(action: &Sent<String>) -> Result<bool> {
    match action.filled() {
        Some(word) if word.eq_ignore_ascii_case("login") => Ok(true),
        Some(word) if word.eq_ignore_ascii_case("logout") => Ok(false),
        _ => Err(Failure::refusal("action is Invalid")),
    }
}

async fn log_in(
    api: &Api,
    call: &Call,
    parts: &Parts,
    agent: &KeyPair,
    request: &AgentAuthenticationRequest,
) -> Result<String> {
    let phone = phone(&request.phone_number)?;
    let sign_in = DeskSignIn {
        password_kind: KIND,
        mode: mode(&request.mode)?,
        paused: paused(&request.state)?,
        phone: Some(phone.to_owned()),
    };
    let signed_in = api.app.sign_in_at_desk(&origin(parts), &call.account, &agent.key, &agent.secret, sign_in).await;
    match signed_in {
        Ok(profile) => Ok(format!("Agent {} logged in successfully", profile.agent.login)),
        // Wire (documented).
        Err(Error::Refused(Refusal::PhoneInUse(login))) => {
            Err(Failure::refusal(format!("{login} logged in with the number ({phone})")))
        }
        Err(error) => Err(failure(api, parts, error)),
    }
}

async fn log_out(api: &Api, call: &Call, parts: &Parts, agent: &KeyPair) -> Result<String> {
    let signed_out = api.app.sign_out_at_desk(&origin(parts), &call.account, &agent.key, &agent.secret, KIND).await;
    match signed_out {
        Ok(profile) => Ok(format!("Agent {} logged out successfully", profile.agent.login)),
        // Wire (documented).
        Err(Error::Refused(Refusal::NotPresent(_))) => {
            Err(Failure::refusal(format!("Agent {} is not logged in", agent.key)))
        }
        Err(error) => Err(failure(api, parts, error)),
    }
}

/// A wrong password counts against the address it came from.
fn failure(api: &Api, parts: &Parts, error: Error) -> Failure {
    if matches!(error, Error::Refused(Refusal::WrongCredentials)) {
        api.limits.note_failure(client(&parts.extensions), api.app.now());
    }
    error.into()
}

// Wire (chosen): 3 to 17 digits, as the product's numbers have, with or without `+`; the texts.
fn phone(sent: &Sent<String>) -> Result<&str> {
    let phone = sent.filled().ok_or_else(|| Failure::refusal("phoneNumber should not be empty"))?;
    let digits = phone.strip_prefix('+').unwrap_or(phone);
    let is_number = (3..=17).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Ok(phone) } else { Err(Failure::refusal("phoneNumber is Invalid")) }
}

fn mode(sent: &Sent<String>) -> Result<Option<Mode>> {
    match sent.filled() {
        Some(word) => match Mode::parse(&word.to_ascii_lowercase()) {
            Some(mode) => Ok(Some(mode)),
            None => Err(Error::from(Refusal::ModeNotPermitted).into()),
        },
        None => Ok(None),
    }
}

fn paused(sent: &Sent<String>) -> Result<Option<Option<String>>> {
    if sent.filled().is_none() {
        return Ok(None);
    }
    Ok(match wanted(sent)? {
        Wanted::Ready => None,
        Wanted::Pause => Some(None),
    })
}
