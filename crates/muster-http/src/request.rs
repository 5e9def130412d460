//! What a request says about itself beside its content: for callers, and for the audit log.

use std::net::IpAddr;

use axum::http::Extensions;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use muster_app::auth::Origin;
use muster_core::actor::{Actor, Caller, Via};

use crate::client::ClientAddr;
use crate::layers::RequestId;

/// The client's address; the unspecified one if the request came over no network.
#[must_use]
pub fn client(extensions: &Extensions) -> IpAddr {
    extensions.get().map_or(ClientAddr::UNKNOWN.0, |ClientAddr(address)| *address)
}

/// The id that [`crate::layers::Layers`] gave the request.
#[must_use]
pub fn request_id(extensions: &Extensions) -> Option<String> {
    extensions.get::<RequestId>().map(|RequestId(id)| id.as_ref().to_owned())
}

/// Characters kept of what a client calls itself.
const USER_AGENT_MAX: usize = 300;

/// Where a request comes from whose sender isn't known yet.
#[must_use]
pub fn origin(request: &Parts) -> Origin {
    let user_agent = request.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        ip: Some(client(&request.extensions).to_string()),
        user_agent: user_agent.map(|text| text.chars().take(USER_AGENT_MAX).collect()),
        request_id: request_id(&request.extensions),
        via: Via::Api,
    }
}

/// `actor` as the sender of a request. `credential` names what proved it, and is never the secret.
#[must_use]
pub fn caller(request: &Parts, actor: Actor, credential: Option<String>) -> Caller {
    Caller {
        actor,
        via: Via::Api,
        request_id: request_id(&request.extensions),
        ip: Some(client(&request.extensions).to_string()),
        credential,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(user_agent: &str) -> Parts {
        let request = axum::http::Request::builder().header(USER_AGENT, user_agent).body(());
        request.unwrap().into_parts().0
    }

    #[test]
    fn what_the_layers_noted_is_told() {
        let mut request = parts("curl/8");
        request.extensions.insert(ClientAddr([192, 0, 2, 7].into()));
        request.extensions.insert(RequestId("r1".into()));
        let origin = origin(&request);
        assert_eq!((origin.ip.as_deref(), origin.user_agent.as_deref()), (Some("192.0.2.7"), Some("curl/8")));
        let caller = caller(&request, Actor::System, Some("api_key:k".to_owned()));
        assert_eq!((caller.ip.as_deref(), caller.request_id.as_deref()), (Some("192.0.2.7"), Some("r1")));
        assert_eq!(caller.credential.as_deref(), Some("api_key:k"));
    }

    #[test]
    fn a_request_without_a_network_comes_from_nowhere() {
        let request = parts(&"x".repeat(400));
        assert!(client(&request.extensions).is_unspecified());
        let origin = origin(&request);
        assert_eq!((origin.request_id, origin.user_agent.unwrap().len()), (None, USER_AGENT_MAX));
    }
}
