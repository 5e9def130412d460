//! The OpenAPI document: what stands beside the paths.

use muster_http::openapi::{About, refusal};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, Response};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::error::ErrorBody;

const AUTH_TOKEN: &str = "auth_token";
const USER_ID: &str = "user_id";

/// Completes the document that the route table was built with.
pub(crate) fn finish(mut openapi: OpenApi) -> OpenApi {
    let components = openapi.components.get_or_insert_default();
    components.schemas.insert(ErrorBody::name().into_owned(), ErrorBody::schema());
    let mut info = Info::new("Muster for Rocket.Chat's clients", env!("CARGO_PKG_VERSION"));
    info.description =
        Some("A self-hosted customer-support desk, as Rocket.Chat Omnichannel's clients see it.".to_owned());
    let mut openapi = muster_http::openapi::finish(openapi, About { info, security: security(), errors: errors() });
    // One is nothing without the other.
    let none: [&str; 0] = [];
    openapi.security = Some(vec![SecurityRequirement::new(AUTH_TOKEN, none).add(USER_ID, none)]);
    openapi
}

// Wire (documented, "Update Agents of Department"): both headers, required, in these words.
fn security() -> Vec<(&'static str, SecurityScheme)> {
    let header = |name: &str, description: &str| {
        let mut value = ApiKeyValue::new(name);
        value.description = Some(description.to_owned());
        SecurityScheme::ApiKey(ApiKey::Header(value))
    };
    vec![
        (AUTH_TOKEN, header("X-Auth-Token", "The authToken of the authenticated user.")),
        (USER_ID, header("X-User-Id", "The userId of the authenticated user.")),
    ]
}

/// The refusals any operation may answer with.
fn errors() -> Vec<(&'static str, Response)> {
    let refusal = |description: &str| refusal(description, &ErrorBody::name());
    vec![
        ("400", refusal("What was sent can't be accepted")),
        ("401", refusal("Unauthorized")),
        ("403", refusal("Forbidden")),
        ("413", refusal("The body is too large")),
        ("429", refusal("Too many calls")),
        ("500", refusal("The desk failed; nothing of it is shown")),
        ("503", refusal("The desk is busy or not set up yet")),
    ]
}
