//! The OpenAPI document: what stands beside the paths.

use muster_http::openapi::About;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Info, OpenApi, Ref, Response, ResponseBuilder};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::envelope::{CredentialRefusal, ErrorWord, FalseText, Refusal};

/// Completes the document that the route table was built with.
pub(crate) fn finish(mut openapi: OpenApi) -> OpenApi {
    let components = openapi.components.get_or_insert_default();
    for (name, schema) in [
        (CredentialRefusal::name(), CredentialRefusal::schema()),
        (ErrorWord::name(), ErrorWord::schema()),
        (FalseText::name(), FalseText::schema()),
        (Refusal::name(), Refusal::schema()),
    ] {
        components.schemas.insert(name.into_owned(), schema);
    }
    let mut info = Info::new("Muster for CloudAgent clients", env!("CARGO_PKG_VERSION"));
    info.description = Some("The agent management of Ozonetel CloudAgent's API, as Muster serves it.".to_owned());
    let mut openapi = muster_http::openapi::finish(openapi, About { info, security: security(), errors: errors() });
    let mut agent = Http::new(HttpAuthScheme::Basic);
    agent.description = Some("An agent's ID and password, beside the account's key in the form.".to_owned());
    // Not among those that are enough elsewhere.
    openapi.components.get_or_insert_default().add_security_scheme("agent", SecurityScheme::Http(agent));
    openapi
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
        ("400", refusal("What was sent can't be accepted", &CredentialRefusal::name())),
        ("413", refusal("The body is too large", &Refusal::name())),
        ("500", refusal("The desk failed; nothing of it is shown", &Refusal::name())),
        ("503", refusal("The desk is busy or not set up yet", &Refusal::name())),
    ]
}

fn refusal(description: &str, schema: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}
