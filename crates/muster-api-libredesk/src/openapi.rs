//! The OpenAPI document: what stands beside the paths.

use muster_http::openapi::{About, name_parts, refusal};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, Response};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::auth::SESSION_COOKIE;
use crate::error::{ErrorBody, ErrorStatus, ErrorType, RateLimitBody};

/// Completes the document that the route table was built with.
pub(crate) fn finish(mut openapi: OpenApi) -> OpenApi {
    let components = openapi.components.get_or_insert_default();
    for (name, schema) in [
        (ErrorBody::name(), ErrorBody::schema()),
        (ErrorStatus::name(), ErrorStatus::schema()),
        (ErrorType::name(), ErrorType::schema()),
        (RateLimitBody::name(), RateLimitBody::schema()),
    ] {
        components.schemas.insert(name.into_owned(), schema);
    }
    name_parts(components, &["Envelope_", "Page_"]);
    let mut info = Info::new("Muster", env!("CARGO_PKG_VERSION"));
    info.description = Some("A self-hosted customer-support desk. Compatible with Libredesk's API.".to_owned());
    let mut openapi = muster_http::openapi::finish(openapi, About { info, security: security(), errors: errors() });
    let mut visitor = Http::new(HttpAuthScheme::Bearer);
    visitor.description = Some("A visitor's session, from the answer that started the first chat.".to_owned());
    // Not among those that are enough elsewhere.
    openapi.components.get_or_insert_default().add_security_scheme("visitor", SecurityScheme::Http(visitor));
    openapi
}

fn security() -> Vec<(&'static str, SecurityScheme)> {
    let mut basic = Http::new(HttpAuthScheme::Basic);
    basic.description = Some(
        "Basic authentication using base64 encoded API key and secret. \
         Format: `Authorization: Basic <base64(api_key:api_secret)>`"
            .to_owned(),
    );
    let mut session = ApiKeyValue::new(SESSION_COOKIE);
    session.description = Some(
        "Set by signing in. POST, PUT and DELETE need the value of the cookie `csrf_token` in the header `X-CSRFTOKEN`."
            .to_owned(),
    );
    vec![("api_key", SecurityScheme::Http(basic)), ("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)))]
}

/// The refusals any operation may answer with.
fn errors() -> Vec<(&'static str, Response)> {
    let refusal = |description: &str| refusal(description, &ErrorBody::name());
    vec![
        ("400", refusal("What was sent can't be accepted")),
        ("401", refusal("No valid API key or session")),
        ("403", refusal("The caller lacks a permission, or the CSRF token doesn't match")),
        ("413", refusal("The body is too large")),
        ("500", refusal("The desk failed; nothing of it is shown")),
        ("503", refusal("The desk is busy or not set up yet")),
    ]
}
