//! What stands before a handler.
//!
//! The order is the product's: set-up, token (401), rate limit (429), then parameters (400) and
//! permission (403), in the one order or the other as the route says.

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use muster_app::auth::Origin;
use muster_core::access::require_in;
use muster_core::actor::{Actor, Caller};
use muster_core::permission::Permission;
use muster_http::{request, routes};

use crate::Api;
use crate::error::{Failure, Result};
use crate::limits::{Counted, Counter};
use crate::permissions::API_BYPASS_RATE_LIMIT;

const AUTH_TOKEN: &str = "x-auth-token";
const USER_ID: &str = "x-user-id";

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    pub access: Access,
    pub order: Order,
}

/// Who may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// Whoever is signed in, even if held, for what concerns the own account.
    OwnAccount,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever holds one of these, over the desk or over some team.
    Any(&'static [Permission]),
}

/// Which of two faults of one call is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The missing permission: the handler looks at the parameters itself.
    PermissionFirst,
    /// The wrong parameters: the route declares them.
    ParametersFirst,
}

impl Guard {
    pub(crate) const fn new(access: Access) -> Self {
        Self { access, order: Order::PermissionFirst }
    }

    /// The same, with declared parameters.
    pub(crate) const fn declared(self) -> Self {
        Self { order: Order::ParametersFirst, ..self }
    }
}

impl routes::Guard<Api> for Guard {
    async fn pass(&self, api: &Api, request: Request, next: Next) -> Response {
        let (mut parts, body) = request.into_parts();
        let agent = match self.identify(api, &parts).await {
            Ok(agent) => agent,
            Err(failure) => return failure.into_response(),
        };
        let counted = count(api, &parts, agent.as_ref());
        let admitted = counted.check(api.app.now()).and_then(|()| self.admit(&mut parts, agent));
        let response = match admitted {
            Ok(()) => next.run(Request::from_parts(parts, body)).await,
            Err(failure) => failure.into_response(),
        };
        counted.note_on(response)
    }
}

impl Guard {
    async fn identify(self, api: &Api, request: &Parts) -> Result<Option<Agent>> {
        routes::check_set_up(&api.app, || Failure::unavailable(None)).await?;
        match self.access {
            Access::Open => Ok(None),
            Access::OwnAccount => authenticate(api, request, Reach::OwnAccount).await.map(Some),
            Access::SignedIn | Access::Any(_) => authenticate(api, request, Reach::Desk).await.map(Some),
        }
    }

    /// Checks the permission, or leaves that to whatever reads the parameters.
    fn admit(self, request: &mut Parts, agent: Option<Agent>) -> Result<()> {
        let Some(agent) = agent else { return Ok(()) };
        if let Access::Any(rights) = self.access {
            match self.order {
                Order::PermissionFirst => agent.require_any(rights)?,
                Order::ParametersFirst => drop(request.extensions.insert(Unchecked(rights))),
            }
        }
        request.extensions.insert(agent);
        Ok(())
    }
}

fn count(api: &Api, request: &Parts, agent: Option<&Agent>) -> Counted {
    if agent.is_some_and(|agent| agent.caller.actor.may(API_BYPASS_RATE_LIMIT)) {
        return Counted::UNLIMITED;
    }
    let route = request.extensions.get::<MatchedPath>().map_or_else(String::new, |path| path.as_str().to_owned());
    let agent = agent.and_then(|agent| agent.caller.actor.agent().ok()).map(|agent| agent.id);
    let client = request::client(&request.extensions);
    api.limits.count(&Counter { method: request.method.clone(), route, client, agent }, api.app.now())
}

/// How far a token has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Desk,
    OwnAccount,
}

/// The agent behind a request's token.
async fn authenticate(api: &Api, request: &Parts, reach: Reach) -> Result<Agent> {
    let (Some(token), Some(user)) = (header(request, AUTH_TOKEN), header(request, USER_ID)) else {
        return Err(Failure::not_signed_in());
    };
    let session = match reach {
        Reach::Desk => api.app.authenticate_token(user, token).await?,
        Reach::OwnAccount => api.app.authenticate_token_for_own_account(user, token).await?,
    };
    let caller = request::caller(request, Actor::Agent(session.actor), Some(session.credential));
    Ok(Agent { caller })
}

fn header<'r>(request: &'r Parts, name: &str) -> Option<&'r str> {
    request.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// The rights that one of has to be held, once the parameters are known to be right.
#[derive(Debug, Clone, Copy)]
struct Unchecked(&'static [Permission]);

/// Checks the permission that the guard left to whoever reads the parameters.
pub(crate) fn check_permission(request: &Parts) -> Result<()> {
    match (request.extensions.get::<Unchecked>(), request.extensions.get::<Agent>()) {
        (Some(Unchecked(rights)), Some(agent)) => agent.require_any(rights),
        (Some(_), None) => Err(Failure::not_signed_in()),
        (None, _) => Ok(()),
    }
}

/// A signed-in agent, as an extractor behind any guard that asks for one.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) caller: Caller,
}

impl Agent {
    /// Whether the agent holds this over the desk, or over a team: then the use case looks closer.
    pub(crate) fn may(&self, right: Permission) -> bool {
        let actor = &self.caller.actor;
        let mut teams = actor.agent().map(|agent| agent.teams.keys()).into_iter().flatten();
        actor.may(right) || teams.any(|team| require_in(actor, right, Some(*team)).is_ok())
    }

    /// # Errors
    /// 403 without any of these.
    pub(crate) fn require_any(&self, rights: &[Permission]) -> Result<()> {
        if rights.iter().any(|right| self.may(*right)) { Ok(()) } else { Err(Failure::lacks_permission()) }
    }
}

impl<S: Sync> FromRequestParts<S> for Agent {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get().cloned().ok_or_else(Failure::not_signed_in)
    }
}

/// The token of a signed-in agent, as an extractor.
pub(crate) struct Token(pub(crate) String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl<S: Sync> FromRequestParts<S> for Token {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        header(parts, AUTH_TOKEN).map(|token| Self(token.to_owned())).ok_or_else(Failure::not_signed_in)
    }
}

/// Where a request that no agent vouches for comes from, as an extractor.
#[derive(Debug)]
pub(crate) struct Stranger(pub(crate) Origin);

impl<S: Sync> FromRequestParts<S> for Stranger {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(request::origin(parts)))
    }
}
