//! The OpenAPI document: what stands beside the paths.

use muster_http::openapi::{About, name_parts, refusal};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{Info, ObjectBuilder, OpenApi, RefOr, Response, Type};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::envelope::Envelope;
use crate::wire::nothing::Nothing;

/// Completes the document that the route table was built with.
pub(crate) fn finish(mut openapi: OpenApi) -> OpenApi {
    let components = openapi.components.get_or_insert_default();
    components.schemas.insert(Nothing::name().into_owned(), Nothing::schema());
    components.schemas.insert(REFUSAL.to_owned(), Envelope::<Nothing>::schema());
    name_parts(components, &["Envelope_"]);
    let mut info = Info::new("Muster for imi.chat clients", env!("CARGO_PKG_VERSION"));
    info.description = Some("Provisioning of users, compatible with imi.chat's REST API 3.1.".to_owned());
    let mut openapi = muster_http::openapi::finish(openapi, About { info, security: security(), errors: errors() });
    let key = "base64 of `<API key>@<domain>`, bare or after `Basic `; also in `authorization_key` or `api_key`";
    let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("authorization", key)));
    // Not among those that are enough elsewhere.
    openapi.components.get_or_insert_default().add_security_scheme("api_key", key);
    stamp(&mut openapi);
    openapi
}

const REFUSAL: &str = "Refusal";

fn security() -> Vec<(&'static str, SecurityScheme)> {
    let token = "From the header `access_token` of `GET /v3.1/authorize`; good for an hour";
    let token = ApiKey::Header(ApiKeyValue::with_description("access_token", token));
    vec![("access_token", SecurityScheme::ApiKey(token))]
}

/// The refusals any operation may answer with.
fn errors() -> Vec<(&'static str, Response)> {
    let refusal = |description: &str| refusal(description, REFUSAL);
    vec![
        (
            "400",
            refusal(
                "2002 a header is missing, 2003 the token is unknown, 3107 and 3110 the business and the location \
                 can't be accepted, 3114 there is no body, 3115 what was sent can't be accepted",
            ),
        ),
        ("401", refusal("2004 the token has expired")),
        ("404", refusal("2010 the key doesn't serve the team in the header, 3101 there is no such user")),
        ("429", refusal("2029 the day's calls are used up")),
        ("500", refusal("2007 the desk failed, 3104 an update failed; nothing of it is shown")),
        ("503", refusal("2007 the desk is busy or not set up yet")),
    ]
}

/// Describes the headers that stand on every answer.
fn stamp(openapi: &mut OpenApi) {
    for item in openapi.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch];
        for operation in operations.into_iter().filter_map(Option::as_mut) {
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response {
                    response.headers.extend(HEADERS.map(header));
                }
            }
        }
    }
}

const HEADERS: [(&str, Type, &str); 4] = [
    ("trxid", Type::String, "The call's own id"),
    ("Rate-Limit-Limit", Type::Integer, "Calls of the key in a day"),
    ("Rate-Limit-Remaining", Type::Integer, "Calls left today"),
    ("Rate-Limit-Reset", Type::String, "When the next day begins, RFC 3339 in UTC"),
];

fn header((name, kind, description): (&str, Type, &str)) -> (String, RefOr<Header>) {
    let schema = ObjectBuilder::new().schema_type(kind).build();
    let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
    (name.to_owned(), header.into())
}
