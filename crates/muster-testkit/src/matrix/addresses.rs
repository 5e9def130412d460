//! Paths and queries that make no sense.

use super::probe::Probe;
use super::{Endpoint, Surface, operation};

/// What names nothing in a path, one to a word.
const NAMELESS: &str = "\
    0 -1 +1 00 1.0 1e3 9223372036854775807 9223372036854775808 18446744073709551616 99999999 abc %00 1%00 %ff % \
    %zz ..%2f.. ..%5c %20 1%20 %E2%80%AE null undefined {id} * '%20OR%201=1-- \
    00000000-0000-0000-0000-000000000000 00000000-0000-0000-0000-00000000000g \
    urn:uuid:00000000-0000-0000-0000-000000000000 %F0%9F%99%82";

/// Each parameter of each path in turn replaced by what names nothing.
///
/// # Panics
/// If an endpoint takes one, as for all runs.
pub async fn that_name_nothing(surface: &impl Surface) {
    let long = "9".repeat(5_000);
    let probe = Probe::new(surface);
    for endpoint in surface.endpoints().iter().filter(|endpoint| endpoint.path.contains('{')) {
        for nameless in NAMELESS.split(' ').chain([long.as_str()]) {
            for path in replaced(endpoint, &surface.path(endpoint), nameless) {
                let request = probe.request(endpoint, &path);
                let request = match (surface.body(endpoint), surface.form(endpoint)) {
                    (Some(body), _) => request.json(&body),
                    (None, Some(form)) => {
                        let (kind, body) = form.encoded();
                        request.header("content-type", kind).body(body)
                    }
                    (None, None) => request,
                };
                let answer = probe.send(endpoint, request, &path).await;
                let is_refused = answer.status().is_client_error() || surface.shows_absence(endpoint);
                assert!(is_refused, "{endpoint} {path}: {}", answer.text());
            }
        }
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

/// The path with each of the endpoint's parameters replaced in turn.
fn replaced(endpoint: &Endpoint, path: &str, by: &str) -> Vec<String> {
    let parameters = endpoint.path.split('/').enumerate().filter(|(_, part)| part.starts_with('{'));
    let replace = |at: usize| {
        let parts = path.split('/').enumerate().map(|(here, part)| if here == at { by } else { part });
        parts.collect::<Vec<&str>>().join("/")
    };
    parameters.map(|(at, _)| replace(at)).collect()
}

/// What makes no sense in a query, one to a word.
const SENSELESS: &str = "\
    0 -1 +1 0.5 1e400 501 65536 2147483648 4294967296 9223372036854775807 9223372036854775808 \
    18446744073709551616 abc true null [] {} %00 %ff % %zz %F0%9F%99%82 a,b '-- %5B%7B%7D%5D conversations.id \
    conversations.created_at; DESC";

/// Each parameter of each query with what makes no sense: refused or ignored.
///
/// # Panics
/// As for all runs.
pub async fn with_senseless_queries(surface: &impl Surface) {
    let long = "9".repeat(5_000);
    let probe = Probe::new(surface);
    for endpoint in surface.endpoints().iter().filter(|endpoint| endpoint.documented && !endpoint.is_unsafe()) {
        let senseless = SENSELESS.split(' ').chain(["", &long]);
        let mut queries: Vec<String> = senseless.flat_map(|value| each(surface, endpoint, value)).collect();
        let odd = ["", "&&&=", "=", "%ff=%ff", "page", "page=1;page_size=2", "?", "a=1#b", "unknown=1"];
        queries.extend(odd.map(str::to_owned));
        for query in queries {
            let request = probe.request(endpoint, &format!("{}?{query}", surface.path(endpoint)));
            probe.send(endpoint, request, &query).await;
        }
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

/// Queries for each parameter of the endpoint with this value.
fn each(surface: &impl Surface, endpoint: &Endpoint, value: &str) -> Vec<String> {
    let parameters = operation(surface, endpoint)["parameters"].as_array().into_iter().flatten();
    let named = parameters.filter(|parameter| parameter["in"] == "query").filter_map(|it| it["name"].as_str());
    named.flat_map(|name| [format!("{name}={value}"), format!("{name}=1&{name}={value}")]).collect()
}
