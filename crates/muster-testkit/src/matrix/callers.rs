//! Who is refused, and how exactly.

use reqwest::StatusCode;
use serde_json::Value;

use super::probe::digest;
use super::{Endpoint, Surface};
use crate::http::{Client, Reply};

/// What a refused caller is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub status: u16,
    pub body: Value,
}

/// Calls an endpoint as it is meant to be called.
pub async fn call(surface: &impl Surface, client: &Client, endpoint: &Endpoint) -> Reply {
    let request = client.request(endpoint.method.clone(), &surface.path(endpoint));
    let request = match (surface.body(endpoint), surface.form(endpoint)) {
        (Some(body), _) => request.json(&body),
        (None, Some(form)) => {
            let (kind, body) = form.encoded();
            request.header("content-type", kind).body(body)
        }
        (None, None) => request,
    };
    client.send(request).await
}

/// Calls every endpoint that refuses such a caller (`None`: it lets the caller pass), with a request that it would
/// otherwise take. Each answers exactly so, in the dialect's envelope, and no table changes. Tells how many refused.
///
/// # Panics
/// If one answers otherwise, or none refuses.
pub async fn are_refused(
    surface: &impl Surface,
    name: &str,
    client: &Client,
    refusal: impl Fn(&Endpoint) -> Option<Refusal>,
) -> usize {
    let mut refused = 0;
    let before = digest(surface).await;
    for endpoint in surface.endpoints() {
        let Some(expected) = refusal(endpoint) else { continue };
        let answer = call(surface, client, endpoint).await;
        let place = format!("{name}: {endpoint}");
        let status = StatusCode::from_u16(expected.status).expect("a status");
        assert_eq!((answer.status(), answer.json()), (status, expected.body), "{place}");
        surface.check_envelope(&answer, &place);
        assert_eq!(digest(surface).await.changed_since(&before), Vec::<String>::new(), "{place}");
        refused += 1;
    }
    assert!(refused > 0, "{name}");
    refused
}
