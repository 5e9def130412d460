//! Who calls from a chat widget, and for which inbox.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use ipnet::IpNet;
use muster_core::Error;
use muster_core::actor::{Caller, Via};
use muster_core::contact::Contact;
use muster_core::inbox::{Inbox, Medium};
use muster_http::auth::bearer;
use muster_http::query::Query;
use muster_http::request::{caller, client};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::Api;
use crate::error::{ErrorType, Failure, Result};
use crate::wire::chat_config::ChatConfig;

const INBOX_HEADER: &str = "x-libredesk-inbox-id";
/// Wire (observed, 2.7): whom an identified contact was before, and the answer that this is done with.
const VISITOR_HEADER: &str = "x-libredesk-visitor-token";
const CLEAR_HEADER: HeaderName = HeaderName::from_static("x-libredesk-clear-visitor");

/// How a widget names its inbox, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what ChatInbox reads")]
pub(crate) struct InboxParams {
    /// The inbox's UUID; needed unless the header `X-Libredesk-Inbox-ID` holds it.
    inbox_id: Option<Uuid>,
}

/// The inbox that a widget stands for, as an extractor.
#[derive(Debug)]
pub(crate) struct ChatInbox {
    pub(crate) inbox: Inbox,
    pub(crate) config: ChatConfig,
}

impl FromRequestParts<Api> for ChatInbox {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self> {
        let header = parts.headers.get(INBOX_HEADER).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        let query = Query::of(&parts.uri);
        let named = header.filter(|value| !value.is_empty()).or_else(|| query.get("inbox_id").map(ToOwned::to_owned));
        // Wire (observed, 2.7): these texts, and 400 for both.
        let named = named.ok_or_else(|| Failure::input("Inbox Required"))?;
        let uuid = Uuid::parse_str(&named).map_err(|_| unknown())?;
        Self::find(api, uuid, client(&parts.extensions)).await
    }
}

fn unknown() -> Failure {
    Failure::input("Inbox not found")
}

impl ChatInbox {
    /// The inbox, if a widget may call for it from that address.
    pub(crate) async fn find(api: &Api, uuid: Uuid, client: IpAddr) -> Result<Self> {
        let inbox = api.app.inbox_by_uuid(uuid).await?;
        let inbox = inbox.filter(|inbox| inbox.enabled && inbox.medium == Medium::Chat).ok_or_else(unknown)?;
        let config = ChatConfig::read(inbox.config.clone())?;
        if config.blocked_ips.iter().any(|entry| covers(entry, client)) {
            return Err(Failure::permission("Access denied"));
        }
        Ok(Self { inbox, config })
    }
}

/// Whether an address or a network holds `client`.
fn covers(entry: &str, client: IpAddr) -> bool {
    let network = entry.trim().parse::<IpNet>().or_else(|_| entry.trim().parse::<IpAddr>().map(IpNet::from));
    network.is_ok_and(|network| network.contains(&client))
}

/// Somebody with a session at a widget, as an extractor.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) caller: Caller,
    pub(crate) contact: Contact,
}

impl FromRequestParts<Api> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self> {
        let inbox = ChatInbox::from_request_parts(parts, api).await?.inbox.uuid;
        let token = bearer(&parts.headers).ok_or_else(unauthorized)?;
        let (actor, contact) = api.app.authenticate_visitor(inbox, token).await.map_err(refused)?;
        let caller = Caller { via: Via::Widget, ..caller(parts, actor, None) };
        if contact.is_verified() {
            merge(api, &caller, parts).await?;
        }
        Ok(Self { caller, contact })
    }
}

/// Gives an identified contact what was theirs as a visitor, if the request says which one.
pub(crate) async fn merge(api: &Api, caller: &Caller, request: &Parts) -> Result<()> {
    let token = request.headers.get(VISITOR_HEADER).and_then(|value| value.to_str().ok());
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(()) };
    if api.app.merge_visitor(caller, token).await.map_err(refused)?
        && let Some(ClearsVisitor(clears)) = request.extensions.get()
    {
        clears.store(true, Ordering::Relaxed);
    }
    Ok(())
}

/// Whether the answer tells the widget to forget the token of its visitor. Stands among a request's extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClearsVisitor(Arc<AtomicBool>);

impl ClearsVisitor {
    pub(crate) fn note_on(&self, mut response: Response) -> Response {
        if self.0.load(Ordering::Relaxed) {
            response.headers_mut().insert(CLEAR_HEADER, HeaderValue::from_static("true"));
        }
        response
    }
}

/// A widget's refusals, where they differ from agents'.
pub(crate) fn refused(error: Error) -> Failure {
    use muster_core::Why;
    match error {
        Error::Unauthenticated => unauthorized(),
        Error::Invalid { field: "message", why: Why::Empty } => Failure::input("Message Required"),
        Error::Invalid { field: "message", why: Why::TooLong { max } } => {
            Failure::input(format!("Must be at most {max} characters"))
        }
        // Wire (observed, 2.7): what a signed token has to say.
        Error::Invalid {
            field: field @ ("external_user_id" | "email" | "first_name"),
            why: Why::Empty | Why::TooLong { .. },
        } => Failure::input(format!("{field} Required")),
        error => error.into(),
    }
}

/// Wire (observed, 2.7): the widget forgets its session at this.
fn unauthorized() -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, ErrorType::UnauthorizedException, "Unauthorized")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocked_network_holds_its_addresses() {
        for (entry, client, held) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            (" 192.0.2.0/24 ", "192.0.2.200", true),
            ("2001:db8::/32", "2001:db8::1", true),
            ("2001:db8::/32", "192.0.2.1", false),
            ("nonsense", "192.0.2.1", false),
        ] {
            assert_eq!(covers(entry, client.parse().unwrap()), held, "{entry} {client}");
        }
    }
}
