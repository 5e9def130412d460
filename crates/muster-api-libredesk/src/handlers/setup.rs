//! The first administrator of a new desk.

use axum::extract::State;
use axum::response::Response;
use muster_app::setup::SetUp;

use super::auth::welcome;
use crate::Api;
use crate::auth::Stranger;
use crate::error::{ErrorBody, Failure, RateLimitBody, Result};
use crate::extract::Body;
use crate::reply::Envelope;
use crate::wire::agent::User;
use crate::wire::auth::SetUpRequest;

/// Makes the first administrator and signs them in.
///
/// The token comes from the link that the first start prints; it is good once, for 24 hours.
#[utoipa::path(
    post,
    path = "/api/v1/setup",
    tag = "setup",
    security(()),
    request_body = SetUpRequest,
    responses(
        (status = 200, description = "Set up and signed in", body = Envelope<User>),
        (status = 404, description = "The desk is set up already", body = ErrorBody),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn set_up(
    State(api): State<Api>,
    Stranger(origin): Stranger,
    Body(request): Body<SetUpRequest>,
) -> Result<Response> {
    let SetUpRequest { token, first_name, last_name, email, password } = request;
    for (field, text) in [("token", &token), ("first_name", &first_name), ("email", &email), ("password", &password)] {
        if text.trim().is_empty() {
            return Err(Failure::empty(field));
        }
    }
    let signed_in = api.app.set_up(&origin, SetUp { token, first_name, last_name, email, password }).await?;
    Ok(welcome(&api, &signed_in))
}
