//! What stands before a handler: set-up, who calls, how often it may, and for which team.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use muster_app::integrations::DailyCount;
use muster_core::actor::{Actor, Caller};
use muster_core::id::TeamId;
use muster_core::integration::{Integration, IntegrationActor};
use muster_core::{Error, text};
use muster_http::request::caller;
use muster_http::routes::check_set_up;

use crate::codes;
use crate::error::{Failure, Result};
use crate::stamp::untouched;
use crate::{Api, KIND};

// Wire (documented): `access_token` and `teamid`; (chosen) the others, since proxies drop names with
// an underscore.
const TOKEN_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("access_token"), HeaderName::from_static("access-token")];
const TEAM_HEADERS: [HeaderName; 2] = [HeaderName::from_static("teamid"), HeaderName::from_static("team_id")];
// Wire (chosen): no source names the header that carries the key.
const KEY_HEADERS: [HeaderName; 3] =
    [AUTHORIZATION, HeaderName::from_static("authorization_key"), HeaderName::from_static("api_key")];

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    pub access: Access,
}

/// What a caller has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// An API key with its domain.
    Key,
    /// A token.
    Token,
    /// A token, and the team it is used for.
    Team,
}

impl muster_http::routes::Guard<Api> for Guard {
    async fn pass(&self, api: &Api, request: Request, next: Next) -> Response {
        let charged = match self.identify(api, request.headers()).await {
            Ok(integration) => charge(api, &integration).await.map(|count| (integration, count)),
            Err(failure) => Err(failure),
        };
        let (integration, count) = match charged {
            Ok(charged) => charged,
            Err(failure) => return failure.into_response(),
        };
        let mut response = if count.allowed {
            self.admit(api, &integration, request, next).await
        } else {
            Failure::limit_exceeded(count.resets_at.since(api.app.now())).into_response()
        };
        response.extensions_mut().insert(count);
        response
    }
}

impl Guard {
    /// Whose call it is.
    async fn identify(self, api: &Api, headers: &HeaderMap) -> Result<Arc<Integration>> {
        check_set_up(&api.app, || Failure::unavailable(None)).await?;
        if self.access == Access::Key {
            return by_key(api, headers).await;
        }
        let token = first(headers, &TOKEN_HEADERS).ok_or(codes::MISSING_HEADER)?;
        let known = api.app.authenticate_integration_token(KIND, token).await;
        // Wire (chosen): what is missing goes before what is wrong.
        if known.is_err() {
            self.team_named(api, headers)?;
        }
        Ok(known?)
    }

    async fn admit(self, api: &Api, integration: &Integration, request: Request, next: Next) -> Response {
        let (mut parts, body) = request.into_parts();
        match self.client(api, integration, &parts).await {
            Ok(client) => drop(parts.extensions.insert(client)),
            Err(failure) => return failure.into_response(),
        }
        next.run(Request::from_parts(parts, body)).await
    }

    /// The caller, acting for the team in the header.
    async fn client(self, api: &Api, integration: &Integration, request: &Parts) -> Result<Client> {
        let client = Client::new(request, integration.into());
        let Some(named) = self.team_named(api, &request.headers)? else { return Ok(client) };
        let team = named.parse().map(TeamId).map_err(|_| codes::NO_TEAM)?;
        let is_shared = client.actor.teams.serves(team);
        if !is_shared || api.app.team(&client.caller, team).await?.archived_at.is_some() {
            return Err(codes::NO_TEAM.into());
        }
        Ok(Client::new(request, IntegrationActor { acting_for: Some(team), ..client.actor }))
    }

    /// What the header says, where the route asks for a team.
    fn team_named<'a>(self, api: &Api, headers: &'a HeaderMap) -> Result<Option<&'a str>> {
        if self.access != Access::Team {
            return Ok(None);
        }
        let named = first(headers, &TEAM_HEADERS);
        if named.is_none() && api.settings.team_required {
            return Err(codes::MISSING_HEADER.into());
        }
        Ok(named)
    }
}

/// Takes the call off the day's limit.
async fn charge(api: &Api, integration: &Integration) -> Result<DailyCount> {
    if !api.counts_calls {
        return Ok(untouched(api));
    }
    Ok(api.app.count_integration_call(integration.id, api.settings.daily_limit).await?)
}

/// The integration behind base64 of `<API key>@<domain>`. The domain is the integration's account.
async fn by_key(api: &Api, headers: &HeaderMap) -> Result<Arc<Integration>> {
    let encoded = first(headers, &KEY_HEADERS).ok_or(codes::MISSING_HEADER)?;
    let decoded = decode(encoded).ok_or(codes::INVALID_TOKEN)?;
    let (key, domain) = decoded.rsplit_once('@').ok_or(codes::INVALID_TOKEN)?;
    let integration = api.app.authenticate_integration_key(KIND, key).await?;
    if text::key(domain) != text::key(&integration.account) {
        return Err(codes::INVALID_TOKEN.into());
    }
    Ok(integration)
}

/// Standard or URL-safe base64, padded or not, bare or after `Basic `.
fn decode(value: &str) -> Option<String> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let encoded = value.strip_prefix("Basic ").unwrap_or(value).trim();
    let decoded = LENIENT.decode(encoded.replace('-', "+").replace('_', "/")).ok()?;
    String::from_utf8(decoded).ok()
}

/// The first of these headers that isn't blank.
fn first<'a>(headers: &'a HeaderMap, names: &[HeaderName]) -> Option<&'a str> {
    let values = names.iter().filter_map(|name| headers.get(name)?.to_str().ok());
    values.map(str::trim).find(|value| !value.is_empty())
}

/// Who calls, as an extractor behind every guard.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) actor: IntegrationActor,
    pub(crate) caller: Caller,
}

impl Client {
    fn new(request: &Parts, actor: IntegrationActor) -> Self {
        let credential = format!("integration:{}", actor.id);
        let caller = caller(request, Actor::Integration(actor.clone()), Some(credential));
        Self { actor, caller }
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get().cloned().ok_or_else(|| Error::Unauthenticated.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_be_encoded_in_either_alphabet_with_or_without_padding() {
        let expected = Some("k?>@d".to_owned());
        for value in ["az8+QGQ=", "az8+QGQ", "az8-QGQ", "Basic az8+QGQ=", "Basic  az8-QGQ "] {
            assert_eq!(decode(value), expected, "{value}");
        }
        for value in ["", "Basic", "Bearer az8+QGQ=", "basic az8+QGQ=", "???", "az8+QGQ==", "/w==", "é"] {
            assert_ne!(decode(value), expected, "{value}");
        }
        assert_eq!(decode("???"), None);
        assert_eq!(decode("/w=="), None);
    }

    #[test]
    fn the_first_header_that_says_something_counts() {
        let headers = HeaderMap::from_iter([
            (TEAM_HEADERS[0].clone(), " ".parse().unwrap()),
            (TEAM_HEADERS[1].clone(), " 7 ".parse().unwrap()),
        ]);
        assert_eq!(first(&headers, &TEAM_HEADERS), Some("7"));
        assert_eq!(first(&headers, &TOKEN_HEADERS), None);
    }
}
