//! Signing in and out, and what one may ask without it.

use axum::extract::State;
use muster_app::auth::{Code, Presented, SignedIn, Typed};
use muster_core::{Error, Refusal};

use crate::Api;
use crate::auth::{Agent, Stranger, Token};
use crate::error::{Failure, Result};
use crate::extract::Body;
use crate::handlers::users::scene;
use crate::reply::{Reply, Yes};
use crate::wire::session::{
    InfoReply, LoginData, LoginReply, LoginRequest, LogoutData, LogoutReply, Password, SuccessStatus,
};
use crate::wire::user::{Me, MeReply};

/// Which release of the product clients may take this for.
const VERSION: &str = "8.0.0";

/// Signs in with a name and a password, or with a token from before.
///
/// The token that is answered goes into `X-Auth-Token`, the user's id into `X-User-Id`.
#[utoipa::path(
    post,
    path = "/api/v1/login",
    tag = "session",
    security(()),
    request_body = LoginRequest,
    responses((status = 200, description = "Signed in", body = LoginReply))
)]
pub(crate) async fn login(
    State(api): State<Api>,
    Stranger(origin): Stranger,
    Body(request): Body<LoginRequest>,
) -> Result<Reply<LoginReply>> {
    let request = request.credentials();
    let signed_in = match &request.resume {
        Some(token) => api.app.resume_token(&origin, token).await,
        None => {
            let name = request.user.as_deref().or(request.username.as_deref()).or(request.email.as_deref());
            let password = request.password.as_ref().and_then(typed);
            let (Some(name), Some(password)) = (name, password) else { return Err(Failure::wrong_credentials()) };
            let presented = Presented { password, code: request.code.as_deref().map(Code) };
            api.app.sign_in_for_token(&origin, name, presented).await
        }
    };
    welcome(&api, &signed_in.map_err(refusal)?).await
}

/// Wire (documented): `sha-256` is the one algorithm.
fn typed(password: &Password) -> Option<Typed<'_>> {
    match password {
        Password::Plain(text) => Some(Typed::Plain(text)),
        Password::Digest { digest, hashed, algorithm } => {
            let is_known = algorithm.as_deref().is_none_or(|algorithm| algorithm == "sha-256");
            digest.as_deref().or(hashed.as_deref()).filter(|_| is_known).map(Typed::Digest)
        }
    }
}

/// Wire (documented): an unknown name, a wrong password, a dead token and a disabled account are one refusal.
fn refusal(error: Error) -> Failure {
    match error {
        Error::Unauthenticated | Error::Refused(Refusal::AccountDisabled | Refusal::WrongCredentials) => {
            Failure::wrong_credentials()
        }
        other => other.into(),
    }
}

async fn welcome(api: &Api, signed_in: &SignedIn) -> Result<Reply<LoginReply>> {
    let profile = &signed_in.profile;
    let scene = scene(api).await?;
    let me = Me::new(profile, &scene);
    let data = LoginData { user_id: profile.agent.public_id.to_string(), auth_token: signed_in.token.clone(), me };
    Ok(Reply(LoginReply { status: SuccessStatus::Success, data, success: Yes }))
}

/// Ends the token.
#[utoipa::path(
    post,
    path = "/api/v1/logout",
    tag = "session",
    responses((status = 200, description = "The token is dead", body = LogoutReply))
)]
pub(crate) async fn logout(State(api): State<Api>, agent: Agent, Token(token): Token) -> Result<Reply<LogoutReply>> {
    api.app.sign_out(&agent.caller, &token).await?;
    let data = LogoutData { message: "You've been logged out!" };
    Ok(Reply(LogoutReply { status: SuccessStatus::Success, data, success: Yes }))
}

/// Ends the token.
#[utoipa::path(
    get,
    path = "/api/v1/logout",
    tag = "session",
    responses((status = 200, description = "The token is dead", body = LogoutReply))
)]
pub(crate) async fn logout_by_get(api: State<Api>, agent: Agent, token: Token) -> Result<Reply<LogoutReply>> {
    logout(api, agent, token).await
}

/// Shows the signed-in user.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "session",
    responses((status = 200, description = "The user", body = MeReply))
)]
pub(crate) async fn me(State(api): State<Api>, agent: Agent) -> Result<Reply<MeReply>> {
    let profile = api.app.my_profile(&agent.caller).await?;
    let scene = scene(&api).await?;
    Ok(Reply(MeReply { me: Me::new(&profile, &scene), success: Yes }))
}

/// Tells which release of the product this can be taken for.
#[utoipa::path(
    get,
    path = "/api/v1/info",
    tag = "session",
    security(()),
    responses((status = 200, description = "The release", body = InfoReply))
)]
pub(crate) async fn info() -> Reply<InfoReply> {
    Reply(InfoReply { version: VERSION, success: Yes })
}

/// The same where older clients look for it.
#[utoipa::path(
    get,
    path = "/api/info",
    tag = "session",
    security(()),
    responses((status = 200, description = "The release", body = InfoReply))
)]
pub(crate) async fn info_at_root() -> Reply<InfoReply> {
    info().await
}
