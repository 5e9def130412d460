//! The numbers that a desk shows of its work, read as a collector reads them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_testkit::{TestEngine, both_engines};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::open_metrics::{Sample, parse};
use crate::program::{Place, Serving, ended_with_input};

both_engines!(what_was_done_is_what_was_counted);

const PASSWORD: &str = "Corr3ct-horse_battery";
const SHOWN: [(&str, &str); 1] = [("MUSTER_METRICS__LISTEN", "127.0.0.1:0")];

/// Where the desk shows its numbers.
pub(crate) fn shown_on(desk: &Serving) -> String {
    let line = desk.printed.iter().find_map(|line| line.strip_prefix("metrics are shown on "));
    line.unwrap().to_owned()
}

async fn samples(http: &Client, url: &str) -> Vec<Sample> {
    let answer = http.get(url).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    parse(&answer.text().await.unwrap()).unwrap()
}

/// The one value of `name` whose labels hold these.
pub(crate) fn value(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    let has = |sample: &&Sample| {
        sample.name == name && labels.iter().all(|(key, value)| sample.labels.get(*key).is_some_and(|it| it == value))
    };
    let found: Vec<&Sample> = samples.iter().filter(has).collect();
    match found.as_slice() {
        [] => 0.0,
        [one] => one.value,
        many => panic!("{many:?} are {name} {labels:?}"),
    }
}

/// Shows until what is told after the answer has been counted, too.
pub(crate) async fn samples_once(http: &Client, url: &str, holds: impl Fn(&[Sample]) -> bool) -> Vec<Sample> {
    for _ in 0..600 {
        let samples = samples(http, url).await;
        if holds(&samples) {
            return samples;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("waited in vain");
}

pub(crate) fn key(place: &Place) -> (String, String) {
    let admin = ["admin", "create", "--email", "ada@example.org", "--first-name", "Ada", "--password-stdin"];
    ended_with_input(place.command(&admin), PASSWORD).ok();
    let key: Value =
        serde_json::from_str(&place.run(&["api-key", "create", "--agent", "ada@example.org", "--json"]).ok()).unwrap();
    let text = |name: &str| key[name].as_str().unwrap().to_owned();
    (text("api_key"), text("api_secret"))
}

async fn what_was_done_is_what_was_counted(engine: TestEngine) {
    let place = Place::new(engine).await;
    let desk = place.serve_with(&[], &SHOWN);
    let metrics = shown_on(&desk);
    let (id, secret) = key(&place);
    let http = Client::builder().no_proxy().build().unwrap();
    let url = |path: &str| format!("{}{path}", desk.base);
    let by_key = |method: Method, path: &str| http.request(method, url(path)).basic_auth(&id, Some(&secret));
    let inbox = json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {}});
    let made: Value = by_key(Method::POST, "/api/v1/inboxes").json(&inbox).send().await.unwrap().json().await.unwrap();
    let inbox = made["data"]["uuid"].as_str().unwrap().to_owned();
    let before = samples(&http, &metrics).await;

    let start = http.post(url("/api/v1/widget/chat/conversations/init")).header("x-libredesk-inbox-id", &inbox);
    let started: Value = start.json(&json!({"message": "Hello"})).send().await.unwrap().json().await.unwrap();
    let conversation = started["data"]["conversation"]["uuid"].as_str().unwrap().to_owned();
    let messages = format!("/api/v1/conversations/{conversation}/messages");
    for text in ["one", "two", "three"] {
        let message = json!({"message": text, "sender_type": "agent", "private": true});
        assert!(by_key(Method::POST, &messages).json(&message).send().await.unwrap().status().is_success());
    }
    assert_eq!(http.post(url(&messages)).json(&json!({})).send().await.unwrap().status(), 403);
    assert_eq!(by_key(Method::GET, "/api/v1/no/such/path").send().await.unwrap().status(), 404);

    let noted = ("event", "message.noted");
    let grown = |after: &[Sample], name: &str, labels: &[(&str, &str)]| {
        value(after, name, labels) - value(&before, name, labels)
    };
    let after = samples_once(&http, &metrics, |after| grown(after, "muster_events_total", &[noted]) >= 3.0).await;
    let sent = [("dialect", "libredesk"), ("route", "/api/v1/conversations/{uuid}/messages"), ("method", "POST")];
    let requests = |status| [sent[0], sent[1], sent[2], ("status", status)];
    assert_eq!(grown(&after, "muster_http_requests_total", &requests("2xx")), 3.0);
    assert_eq!(grown(&after, "muster_http_requests_total", &requests("4xx")), 1.0);
    assert_eq!(grown(&after, "muster_http_request_seconds_count", &sent), 4.0);
    assert_eq!(grown(&after, "muster_http_requests_total", &[("route", "unmatched"), ("dialect", "libredesk")]), 1.0);
    assert_eq!(grown(&after, "muster_events_total", &[noted]), 3.0);
    assert_eq!(grown(&after, "muster_events_total", &[("event", "conversation.created")]), 1.0);
    assert_eq!(value(&after, "muster_http_requests_in_flight", &[]), 0.0);
    assert_eq!(value(&after, "muster_database_answers", &[]), 1.0);
    assert!(value(&after, "muster_http_connections", &[]) >= 1.0);
    assert!(value(&after, "muster_events_position", &[]) > value(&before, "muster_events_position", &[]));
    assert!(grown(&after, "muster_store_commit_seconds_count", &[]) >= 4.0);
    assert!(grown(&after, "muster_store_job_seconds_count", &[("door", "write")]) >= 4.0);
    assert!(value(&after, "process_resident_memory_bytes", &[]) > 1_000_000.0);
    assert!(value(&after, "process_open_fds", &[]) > 3.0);
    only_words_of_the_program(&after, &[&conversation, &inbox, &id, "example.org", "Ada", "Hello", "no/such"]);
}

/// Labels are a closed set, so they hold no id, and their number has a bound.
fn only_words_of_the_program(samples: &[Sample], foreign: &[&str]) {
    let mut of_each: BTreeMap<&str, usize> = BTreeMap::new();
    for Sample { name, labels, .. } in samples {
        *of_each.entry(name).or_default() += 1;
        for value in labels.values() {
            assert!(foreign.iter().all(|word| !value.contains(word)), "{name} {labels:?}");
        }
        let route = labels.get("route").map_or("", String::as_str);
        let outside = route.split('/').filter(|segment| !segment.starts_with('{') && !segment.contains("v3."));
        let has_number =
            outside.into_iter().any(|segment| segment != "v1" && segment.chars().any(|it| it.is_ascii_digit()));
        assert!(!has_number, "{name} {labels:?}");
    }
    assert!(of_each.values().all(|count| *count < 2000), "{of_each:?}");
}

#[tokio::test]
async fn a_socket_counts_as_long_as_it_is_open() {
    let place = Place::sqlite();
    let desk = place.serve_with(&[], &SHOWN);
    let metrics = shown_on(&desk);
    let (id, secret) = key(&place);
    let http = Client::builder().no_proxy().build().unwrap();
    // Told later, that the agent was changed would end the socket.
    let made = [("event", "api_key.created")];
    samples_once(&http, &metrics, |now| value(now, "muster_events_total", &made) > 0.0).await;
    let basic = STANDARD.encode(format!("{id}:{secret}"));
    let mut request = format!("{}/ws", desk.base.replace("http://", "ws://")).into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Basic {basic}").parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let agents = [("kind", "agent")];
    let open = samples_once(&http, &metrics, |now| value(now, "muster_sockets", &agents) > 0.0).await;
    assert_eq!(value(&open, "muster_sockets", &agents), 1.0);
    socket.close(None).await.unwrap();
    let ended = [("kind", "agent"), ("why", "peer")];
    let closed = samples_once(&http, &metrics, |now| value(now, "muster_sockets_ended_total", &ended) > 0.0).await;
    assert_eq!(value(&closed, "muster_sockets", &agents), 0.0);
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_is_counted_and_told_of_once() {
    let place = Place::sqlite();
    let mut desk = place.serve_with(&[], &SHOWN);
    let metrics = shown_on(&desk);
    let http = Client::builder().no_proxy().build().unwrap();
    for _ in 0..2 {
        http.get(format!("{}/health", desk.base)).header("x-forwarded-for", "203.0.113.5").send().await.unwrap();
    }
    let seen = samples(&http, &metrics).await;
    assert_eq!(value(&seen, "muster_http_unheeded_proxies_total", &[]), 2.0);
    assert_eq!(desk.kill().matches("came with X-Forwarded-For").count(), 1);
}

#[tokio::test]
async fn numbers_are_shown_on_their_own_address_only() {
    let place = Place::sqlite();
    let desk = place.serve_with(&[], &SHOWN);
    let http = Client::builder().no_proxy().build().unwrap();
    let status = async |url: String| http.get(url).send().await.unwrap().status();
    assert_eq!(status(format!("{}/metrics", desk.base)).await, 404);
    assert_eq!(status(shown_on(&desk).replace("/metrics", "/health")).await, 404);
    assert_eq!(http.post(shown_on(&desk)).send().await.unwrap().status(), 405);
    desk.terminate();
    assert!(place.serve().printed.iter().all(|line| !line.contains("metrics")));
}
