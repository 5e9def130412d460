//! What stands before a handler: the rate limit, set-up, and who calls.
//!
//! The order is the product's: API key, then CSRF, then session, then permission, all before the
//! body is looked at.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_app::auth::Origin;
use muster_core::access::require_in;
use muster_core::actor::{Actor, Caller};
use muster_core::permission::Permission;
use muster_core::{Error, Refusal};
use muster_http::auth::{KeyPair, cookie, key_pair, same_secret};
use muster_http::origin::{AllowedHosts, is_unsafe};
use muster_http::query::Query;
use muster_http::request::{caller, client, origin};
use muster_http::routes::admit;
use sha2::{Digest as _, Sha256};

use crate::Api;
use crate::error::{Failure, PERMISSION_DENIED, Result};
use crate::limits::{Rule, refusal};
use crate::visitor::ClearsVisitor;

pub(crate) const SESSION_COOKIE: &str = "libredesk_session";
pub(crate) const CSRF_COOKIE: &str = "csrf_token";
const CSRF_HEADER: &str = "x-csrftoken";

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    pub access: Access,
    /// Counts calls by client address.
    pub limit: Option<Rule>,
}

/// Who may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, even before the desk is set up.
    Always,
    /// Everybody.
    Open,
    /// Whoever is not signed in.
    SignedOut,
    /// An agent with a session, even a held one, for what concerns the own account; an API key doesn't count.
    Session,
    /// Any agent, by API key or session, even a held one, for what concerns the own account.
    OwnAccount,
    /// Any agent, by API key or session.
    AnyAgent,
    /// Whoever shows a signature in the query, which the handler checks; without one any agent.
    Linked,
    /// An agent who holds this permission.
    May(Permission),
}

impl Guard {
    pub(crate) const fn new(access: Access) -> Self {
        Self { access, limit: None }
    }

    pub(crate) const fn limited(self, rule: Rule) -> Self {
        Self { limit: Some(rule), ..self }
    }
}

impl muster_http::routes::Guard<Api> for Guard {
    async fn pass(&self, api: &Api, mut request: Request, next: Next) -> Response {
        let Some(rule) = self.limit else { return self.admit(api, request, next).await };
        let clears = ClearsVisitor::default();
        request.extensions_mut().insert(clears.clone());
        let counted = api.limits.count(rule, client(request.extensions()), api.app.now());
        let response = if counted.may_pass() { self.admit(api, request, next).await } else { refusal() };
        clears.note_on(counted.note_on(response))
    }
}

impl Guard {
    async fn admit(self, api: &Api, request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        let agent = self.identify(api, &parts).await;
        admit(agent, (parts, body), next).await
    }

    async fn identify(self, api: &Api, request: &Parts) -> Result<Option<Agent>> {
        if self.access != Access::Always {
            api.check_set_up().await?;
        }
        match self.access {
            Access::Always | Access::Open => Ok(None),
            Access::SignedOut => signed_out(api, request).await.map(|()| None),
            Access::Session => by_own_session(api, request).await.map(Some),
            Access::OwnAccount => authenticate_for(api, request, Reach::OwnAccount).await.map(Some),
            Access::AnyAgent => authenticate(api, request).await.map(Some),
            Access::Linked if is_signed(request) => Ok(None),
            Access::Linked => authenticate(api, request).await.map(Some),
            Access::May(permission) => {
                let agent = authenticate(api, request).await?;
                agent.require(permission)?;
                Ok(Some(agent))
            }
        }
    }
}

fn is_signed(request: &Parts) -> bool {
    let query = Query::of(&request.uri);
    query.get("sig").is_some() || query.get("exp").is_some()
}

/// A signed-in agent, as an extractor behind any guard that asks for one.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) caller: Caller,
    /// The session's token; `None` with an API key.
    pub(crate) session: Option<Arc<str>>,
}

impl Agent {
    /// Passes who holds the permission over the desk, or over a team: then the use case looks closer.
    fn require(&self, permission: Permission) -> Result<()> {
        let actor = &self.caller.actor;
        let mut teams = actor.agent().map(|agent| agent.teams.keys()).into_iter().flatten();
        let may = actor.may(permission) || teams.any(|team| require_in(actor, permission, Some(*team)).is_ok());
        if may { Ok(()) } else { Err(Failure::permission(PERMISSION_DENIED)) }
    }
}

impl<S: Sync> FromRequestParts<S> for Agent {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get().cloned().ok_or_else(|| Error::Unauthenticated.into())
    }
}

/// Where a request that no agent vouches for comes from, as an extractor. Another site's page is
/// refused: it could sign its visitor in as somebody else.
#[derive(Debug)]
pub(crate) struct Stranger(pub(crate) Origin);

impl<S: Sync> FromRequestParts<S> for Stranger {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        check_origin(&parts.headers, &parts.extensions)?;
        Ok(Self(origin(parts)))
    }
}

/// How far a session has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Desk,
    OwnAccount,
}

/// The agent behind a request, by API key or by session.
pub(crate) async fn authenticate(api: &Api, request: &Parts) -> Result<Agent> {
    authenticate_for(api, request, Reach::Desk).await
}

async fn authenticate_for(api: &Api, request: &Parts, reach: Reach) -> Result<Agent> {
    match key_pair(&request.headers) {
        Some(pair) => by_key(api, request, &pair).await,
        None => {
            check_csrf(&request.method, &request.headers, &request.extensions)?;
            by_session(api, request, reach).await
        }
    }
}

async fn by_own_session(api: &Api, request: &Parts) -> Result<Agent> {
    check_csrf(&request.method, &request.headers, &request.extensions)?;
    by_session(api, request, Reach::OwnAccount).await
}

async fn by_key(api: &Api, request: &Parts, pair: &KeyPair) -> Result<Agent> {
    match api.app.authenticate_key(&pair.key, &pair.secret).await {
        Ok(actor) => {
            let credential = format!("api_key:{}", pair.key);
            Ok(Agent { caller: caller(request, Actor::Agent(actor), Some(credential)), session: None })
        }
        Err(Error::Unauthenticated) => Err(Failure::unauthenticated("Invalid credential")),
        Err(error) => Err(error.into()),
    }
}

async fn by_session(api: &Api, request: &Parts, reach: Reach) -> Result<Agent> {
    let token = cookie(&request.headers, SESSION_COOKIE).filter(|token| !token.is_empty());
    let token = token.ok_or(Error::Unauthenticated)?;
    let session = match reach {
        Reach::Desk => api.app.authenticate_session(token).await?,
        Reach::OwnAccount => api.app.authenticate_session_for_own_account(token).await?,
    };
    let caller = caller(request, Actor::Agent(session.actor), Some(session.credential));
    Ok(Agent { caller, session: Some(token.into()) })
}

/// Refuses callers who are signed in.
///
/// Wire (observed, 2.7): a session without its CSRF token counts as signed out here.
async fn signed_out(api: &Api, request: &Parts) -> Result<()> {
    match authenticate_for(api, request, Reach::OwnAccount).await {
        Ok(_) => Err(Error::from(Refusal::SignedIn).into()),
        Err(failure) if failure.is_server_error() => Err(failure),
        Err(_) => Ok(()),
    }
}

/// Before the session is looked up: an unsafe request needs the token in cookie and header, the
/// two equal and made for this session, and must come from a page of this desk.
fn check_csrf(method: &Method, headers: &HeaderMap, extensions: &Extensions) -> Result<()> {
    if !is_unsafe(method) {
        return Ok(());
    }
    let sent = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kept = cookie(headers, CSRF_COOKIE).unwrap_or_default();
    let session = cookie(headers, SESSION_COOKIE);
    let is_own = session.is_none_or(|token| same_secret(csrf_token(token).as_bytes(), kept.as_bytes()));
    if kept.is_empty() || !same_secret(sent.as_bytes(), kept.as_bytes()) || !is_own {
        return Err(Failure::permission("CSRF token mismatch"));
    }
    check_origin(headers, extensions)
}

/// Refuses another site's page.
pub(crate) fn check_origin(headers: &HeaderMap, extensions: &Extensions) -> Result<()> {
    let hosts = extensions.get::<Arc<AllowedHosts>>();
    match hosts.map(|hosts| hosts.check_origin(headers)) {
        Some(Err(_)) => Err(Failure::permission("Requests from this origin are not allowed")),
        Some(Ok(())) | None => Ok(()),
    }
}

/// The CSRF token of a session. Bound to it, so that a planted cookie doesn't help; nothing of the
/// session's own token can be read from it.
pub(crate) fn csrf_token(session: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"csrf\0");
    hash.update(session);
    STANDARD.encode(hash.finalize())
}
