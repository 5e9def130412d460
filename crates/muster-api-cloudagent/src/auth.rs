//! What stands before a handler: set-up, the limit on failures, who calls for which account, and the limit on calls.
//!
//! The account's name stands in the body, so the body is read here; handlers find the caller and what the body holds
//! among the request's extensions.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use muster_core::Error;
use muster_core::actor::{Actor, Caller};
use muster_core::integration::{Integration, IntegrationActor, Proof};
use muster_http::body::{content_type, read_body};
use muster_http::query::Query;
use muster_http::{request, routes};
use serde_json::{Map, Value};

use crate::credentials::{Denial, Proven, Shown, account_named, key_only, shown};
use crate::error::{Failure, Result};
use crate::{Api, KIND};

pub use crate::endpoint::Endpoint;

/// What a route asks of its caller: a key or token of an account, and that account's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    pub endpoint: Endpoint,
}

impl routes::Guard<Api> for Guard {
    async fn pass(&self, api: &Api, request: Request, next: Next) -> Response {
        let response = match self.admit(api, request).await {
            Ok(request) => next.run(request).await,
            Err(failure) => failure.into_response(),
        };
        api.settings.status(response)
    }
}

impl Guard {
    async fn admit(self, api: &Api, request: Request) -> Result<Request> {
        routes::check_set_up(&api.app, || Failure::unavailable(None)).await?;
        let client = request::client(request.extensions());
        api.limits.check_failures(client, api.app.now()).map_err(|exceeded| self.endpoint.exceeded(exceeded))?;
        let query = Query::of(request.uri());
        let (mut parts, body) = self.read(request, &query).await?;
        match self.identify(api, &parts, body, &query).await {
            Ok((call, fields)) => {
                let counted = api.limits.count(self.endpoint, call.account.id, api.app.now());
                counted.map_err(|exceeded| self.endpoint.exceeded(exceeded))?;
                parts.extensions.insert(call);
                parts.extensions.insert(fields);
                Ok(Request::from_parts(parts, axum::body::Body::empty()))
            }
            Err(Rejected::Denied(denial)) => {
                api.limits.note_failure(client, api.app.now());
                Err(self.endpoint.denied(denial))
            }
            Err(Rejected::Failed(failure)) => Err(failure),
        }
    }

    /// The head of the request and what its body holds, if that can be read.
    async fn read(self, request: Request, query: &Query) -> Result<(Parts, Option<Map<String, Value>>)> {
        let (parts, body) = request.into_parts();
        let kind = content_type(&parts.headers).map(ToOwned::to_owned);
        let mut whole = Request::new(body);
        *whole.headers_mut() = parts.headers.clone();
        *whole.extensions_mut() = parts.extensions.clone();
        let bytes = read_body(whole).await?;
        let fields = self.endpoint.decode(kind.as_deref(), &bytes, query);
        Ok((parts, fields))
    }

    // Wire (chosen): the order: key or token, then the body's form, then the account's name.
    async fn identify(
        self,
        api: &Api,
        parts: &Parts,
        body: Option<Map<String, Value>>,
        query: &Query,
    ) -> std::result::Result<(Call, Fields), Rejected> {
        let shown = match self.endpoint {
            Endpoint::GenerateToken | Endpoint::AgentAuthentication => key_only(&parts.headers, body.as_ref(), query)?,
            _ => shown(&parts.headers, body.as_ref(), query)?,
        };
        let (account, proven) = self.account(api, &shown).await?;
        self.check_mode(account.proof, proven)?;
        let body = body.ok_or(Denial::Malformed)?;
        account_named(&body, &account.account)?;
        let actor = Actor::Integration(IntegrationActor::from(&*account));
        let caller = request::caller(parts, actor, Some(format!("integration:{}", account.id)));
        Ok((Call { caller, account }, Fields(body)))
    }

    async fn account(self, api: &Api, shown: &Shown<'_>) -> std::result::Result<(Arc<Integration>, Proven), Rejected> {
        let by_key = async |key: &str| match api.app.authenticate_integration_key(KIND, key).await {
            Err(Error::Unauthenticated) => Err(Rejected::Denied(Denial::KeyWrong)),
            other => Ok(other?),
        };
        match shown {
            Shown::Key(key) => Ok((by_key(key).await?, Proven::Key)),
            Shown::Token { token, key } => {
                let account = match api.app.authenticate_integration_token(KIND, token).await {
                    Err(Error::Unauthenticated) => Err(Rejected::Denied(Denial::TokenWrong)),
                    Err(Error::Refused(muster_core::Refusal::TokenExpired)) => {
                        Err(Rejected::Denied(Denial::TokenExpired))
                    }
                    other => Ok(other?),
                }?;
                match key {
                    Some(key) if by_key(key).await?.id != account.id => Err(Denial::KeyWrong.into()),
                    _ => Ok((account, Proven::Token)),
                }
            }
        }
    }

    // Wire (chosen): which text refuses a proof that the account does not take.
    fn check_mode(self, takes: Proof, proven: Proven) -> std::result::Result<(), Denial> {
        match (self.endpoint, takes, proven) {
            (Endpoint::GenerateToken, Proof::Key, _) => Err(Denial::TokensOff),
            // Where only a key can be shown it has to do.
            (Endpoint::GenerateToken | Endpoint::AgentAuthentication, _, _) => Ok(()),
            (_, Proof::Token, Proven::Key) => Err(Denial::TokenMissing),
            (_, Proof::Key, Proven::Token) => Err(Denial::TokenWrong),
            _ => Ok(()),
        }
    }
}

/// Why a call is not let in.
enum Rejected {
    /// It did not say for whom it is.
    Denied(Denial),
    Failed(Failure),
}

impl From<Denial> for Rejected {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<Error> for Rejected {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

/// A call that an account vouches for, as an extractor behind any guard.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) caller: Caller,
    pub(crate) account: Arc<Integration>,
}

/// What the body of a call holds, for whoever takes it out of the request's extensions.
#[derive(Clone)]
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get().cloned().ok_or_else(|| Error::Unauthenticated.into())
    }
}
