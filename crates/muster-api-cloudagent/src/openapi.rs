//! The OpenAPI document: what stands beside the paths.

use muster_http::openapi::{About, refusal};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, Info, OpenApi, RefOr, Response, Schema};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::envelope::{AnyRefusal, CredentialRefusal, ErrorWord, FalseText, Refusal};

/// Completes the document that the route table was built with.
pub(crate) fn finish(mut openapi: OpenApi) -> OpenApi {
    let components = openapi.components.get_or_insert_default();
    for (name, schema) in [
        (AnyRefusal::name(), AnyRefusal::schema()),
        (CredentialRefusal::name(), CredentialRefusal::schema()),
        (ErrorWord::name(), ErrorWord::schema()),
        (FalseText::name(), FalseText::schema()),
        (Refusal::name(), Refusal::schema()),
    ] {
        components.schemas.insert(name.into_owned(), schema);
    }
    // Of the fields that the two share. An edit may do without where the operator says so.
    require(components, "EditAgent", &["email"]);
    require(components, "CreateAgent", &["agentName", "email", "password"]);
    let mut info = Info::new("Muster for CloudAgent clients", env!("CARGO_PKG_VERSION"));
    info.description = Some("The agent management of Ozonetel CloudAgent's API, as Muster serves it.".to_owned());
    let mut openapi = muster_http::openapi::finish(openapi, About { info, security: security(), errors: errors() });
    let mut agent = Http::new(HttpAuthScheme::Basic);
    agent.description = Some("An agent's ID and password, beside the account's key in the form.".to_owned());
    // Not among those that are enough elsewhere.
    openapi.components.get_or_insert_default().add_security_scheme("agent", SecurityScheme::Http(agent));
    openapi
}

/// Adds to what a schema requires that is put together of parts.
fn require(components: &mut Components, name: &str, fields: &[&str]) {
    let Some(RefOr::T(Schema::AllOf(whole))) = components.schemas.get_mut(name) else {
        panic!("{name} is put together of parts")
    };
    let own = whole.items.iter_mut().find_map(|part| match part {
        RefOr::T(Schema::Object(own)) => Some(own),
        _ => None,
    });
    own.expect("the fields of its own").required.extend(fields.iter().map(ToString::to_string));
}

fn security() -> Vec<(&'static str, SecurityScheme)> {
    let key = ApiKeyValue::with_description("apiKey", "The key of the account that `userName` in the body names.");
    let mut token = Http::new(HttpAuthScheme::Bearer);
    token.description = Some("A token from Generate Token, good for 60 minutes.".to_owned());
    vec![("api_key", SecurityScheme::ApiKey(ApiKey::Header(key))), ("token", SecurityScheme::Http(token))]
}

/// The refusals any operation may answer with.
fn errors() -> Vec<(&'static str, Response)> {
    vec![
        ("400", refusal("What was sent can't be accepted", &AnyRefusal::name())),
        ("413", refusal("The body is too large", &Refusal::name())),
        ("500", refusal("The desk failed; nothing of it is shown", &Refusal::name())),
        ("503", refusal("The desk is busy or not set up yet", &Refusal::name())),
    ]
}
