//! Signing in and out, and the way back to a forgotten password.

use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use muster_app::auth::{Code, Presented, SignedIn, Typed};
use muster_core::password::DESK_RULE;
use muster_core::{Error, Timestamp, Why};
use muster_http::auth::SetCookie;

use crate::Api;
use crate::auth::{Agent, CSRF_COOKIE, SESSION_COOKIE, Stranger, csrf_token};
use crate::error::{BAD_REQUEST, ErrorBody, Failure, RateLimitBody, Result};
use crate::extract::Body;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::agent::User;
use crate::wire::auth::{ResetPasswordRequest, SetPasswordRequest, SignInRequest};

/// Signs an agent in.
///
/// Answers the agent as it was before, and sets the cookies `libredesk_session` and `csrf_token`.
#[utoipa::path(
    post,
    path = "/api/v1/auth/login",
    tag = "auth",
    security(()),
    request_body = SignInRequest,
    responses(
        (status = 200, description = "Signed in", body = Envelope<User>),
        (status = 401, description = "The second factor's code is wanted (`data` is `wanted`), or wrong", body = ErrorBody),
        (status = 403, description = "The account is disabled", body = ErrorBody),
        (status = 429, description = "Too many calls from this address, or too many wrong passwords or codes", body = RateLimitBody)
    )
)]
pub(crate) async fn login(
    State(api): State<Api>,
    Stranger(origin): Stranger,
    Body(request): Body<SignInRequest>,
) -> Result<Response> {
    if request.email.is_empty() || request.password.is_empty() {
        return Err(Failure::input(BAD_REQUEST));
    }
    let code = request.totp_code.as_deref().map(Code);
    let presented = Presented { password: Typed::Plain(&request.password), code };
    let signed_in = api.app.sign_in(&origin, &request.email, presented).await?;
    Ok(welcome(&api, &signed_in))
}

/// The answer to whoever has just signed in: the agent, and both cookies.
pub(crate) fn welcome(api: &Api, signed_in: &SignedIn) -> Response {
    let now = api.app.now();
    let user = User::new(&signed_in.profile, now);
    (AppendHeaders(session_cookies(&signed_in.token, signed_in.expires_at, now, api.secure)), Reply(user))
        .into_response()
}

fn session_cookies(
    token: &str,
    expires_at: Timestamp,
    now: Timestamp,
    secure: bool,
) -> [(axum::http::HeaderName, HeaderValue); 2] {
    let csrf = csrf_token(token);
    let session =
        SetCookie { name: SESSION_COOKIE, value: token, http_only: true, secure, max_age: Some(expires_at.since(now)) };
    // Scripts of the pages read it, to send it back as a header.
    let csrf = SetCookie { name: CSRF_COOKIE, value: &csrf, http_only: false, secure, max_age: None };
    [session, csrf].map(|cookie| (SET_COOKIE, cookie.header().expect("tokens are base64")))
}

/// Signs an agent out.
#[utoipa::path(
    get,
    path = "/logout",
    tag = "auth",
    security(("session" = [])),
    responses((status = 302, description = "Signed out; leads to `/`"))
)]
pub(crate) async fn logout(State(api): State<Api>, agent: Agent) -> Result<Response> {
    let token = agent.session.ok_or(Error::Unauthenticated)?;
    api.app.sign_out(&agent.caller, &token).await?;
    let cookies =
        [SetCookie::removal(SESSION_COOKIE, true, api.secure), SetCookie::removal(CSRF_COOKIE, false, api.secure)];
    let cookies = cookies.map(|cookie| (SET_COOKIE, cookie.header().expect("an empty value is fit for a cookie")));
    Ok((StatusCode::FOUND, [(LOCATION, HeaderValue::from_static("/"))], AppendHeaders(cookies)).into_response())
}

/// Sends a link for setting a password, if there is such an agent; the answer never tells.
#[utoipa::path(
    post,
    path = "/api/v1/agents/reset-password",
    tag = "agents",
    security(()),
    request_body = ResetPasswordRequest,
    responses(
        (status = 200, description = "Sent, if there is such an agent", body = Envelope<bool>),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn reset_password(
    State(api): State<Api>,
    Stranger(origin): Stranger,
    Body(request): Body<ResetPasswordRequest>,
) -> Result<Done> {
    if request.email.trim().is_empty() {
        return Err(Failure::empty("email"));
    }
    api.app.request_password_reset(&origin, &request.email).await?;
    Ok(Done)
}

/// Sets a password by the token of a link.
#[utoipa::path(
    post,
    path = "/api/v1/agents/set-password",
    tag = "agents",
    security(()),
    request_body = SetPasswordRequest,
    responses(
        (status = 200, description = "Set; all sessions of the agent have ended", body = Envelope<bool>),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn set_password(
    State(api): State<Api>,
    Stranger(origin): Stranger,
    Body(request): Body<SetPasswordRequest>,
) -> Result<Done> {
    if request.password.is_empty() {
        return Err(Failure::input("Password empty"));
    }
    match api.app.set_password_by_link(&origin, &request.token, &request.password).await {
        Ok(()) => Ok(Done),
        Err(Error::Invalid { why: Why::WeakPassword, .. }) => {
            Err(Failure::input(format!("Password is not strong enough, {DESK_RULE}")))
        }
        Err(error) => Err(error.into()),
    }
}
