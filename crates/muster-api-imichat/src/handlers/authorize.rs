//! From an API key to a token.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use muster_app::integrations::TokenRule;
use muster_core::Error;

use crate::Api;
use crate::auth::Client;
use crate::codes;
use crate::envelope::{Envelope, Reply};
use crate::error::Result;
use crate::wire::nothing::Nothing;

// Wire (documented): the token comes in this header.
const TOKEN: HeaderName = HeaderName::from_static("access_token");

// Wire (chosen): an hour, as in the vendor's later API; earlier tokens live on.
const RULE: TokenRule = TokenRule { life: Duration::from_secs(3600), replaces_earlier: false, most_per_hour: None };

/// Makes a token for all other calls.
#[utoipa::path(
    get,
    path = "/v3.1/authorize",
    tag = "authorize",
    security(("api_key" = [])),
    responses((
        status = 200,
        description = "4301, the token in the header",
        body = Envelope<Nothing>,
        headers(("access_token" = String, description = "Good for an hour"))
    ))
)]
pub(crate) async fn authorize(State(api): State<Api>, client: Client) -> Result<Response> {
    let issued = api.app.issue_integration_token(&client.caller, client.actor.id, RULE).await?;
    let token = HeaderValue::try_from(issued.token).map_err(Error::internal)?;
    Ok(([(TOKEN, token)], Reply(codes::TOKEN_MADE, Nothing)).into_response())
}
