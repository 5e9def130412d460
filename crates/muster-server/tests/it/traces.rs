//! Traces, as a collector gets them.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use muster_testkit::{TestEngine, both_engines};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::task::TaskTracker;

use crate::metrics::{key, samples_once, shown_on, value};
use crate::program::Place;

both_engines!(a_request_and_its_write_are_one_trace);

/// A span as it was sent.
#[derive(Debug, Clone)]
struct Span {
    trace: String,
    id: String,
    parent: Option<String>,
    name: String,
    kind: u64,
    nanoseconds: i128,
    attributes: BTreeMap<String, Value>,
}

/// Takes OTLP's JSON over HTTP.
#[derive(Debug)]
struct Collector {
    endpoint: String,
    messages: UnboundedReceiver<Value>,
    seen: Vec<Span>,
}

impl Collector {
    async fn start() -> Self {
        let (sender, messages) = unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/traces", post(take)).with_state(sender);
        TaskTracker::new().spawn(axum::serve(listener, router).into_future());
        Self { endpoint, messages, seen: Vec::new() }
    }

    /// Waits for a span, and answers with the first that fits.
    async fn span(&mut self, fits: impl Fn(&Span) -> bool) -> Span {
        loop {
            if let Some(span) = self.seen.iter().find(|span| fits(span)) {
                return span.clone();
            }
            let message = tokio::time::timeout(std::time::Duration::from_secs(60), self.messages.recv()).await;
            self.seen.extend(spans(&message.expect("no such span came").unwrap()));
        }
    }
}

async fn take(State(sender): State<UnboundedSender<Value>>, Json(message): Json<Value>) -> Json<Value> {
    drop(sender.send(message));
    Json(json!({}))
}

/// Reads an `ExportTraceServiceRequest` in its JSON.
fn spans(message: &Value) -> Vec<Span> {
    let list =
        |value: &Value, name: &str| value[name].as_array().unwrap_or_else(|| panic!("{name} in {value}")).clone();
    let resources = list(message, "resourceSpans");
    for resource in &resources {
        assert_eq!(attributes(&resource["resource"])["service.name"], json!("muster"));
    }
    let scopes = resources.iter().flat_map(|resource| list(resource, "scopeSpans"));
    scopes.flat_map(|scope| list(&scope, "spans")).map(|span| read(&span)).collect()
}

fn read(span: &Value) -> Span {
    let text = |name: &str| span[name].as_str().unwrap_or_else(|| panic!("{name} in {span}")).to_owned();
    let hex = |name: &str, digits: usize| {
        let id = text(name);
        assert!(id.len() == digits && id.chars().all(|it| matches!(it, '0'..='9' | 'a'..='f')), "{name} in {span}");
        id
    };
    let time = |name: &str| text(name).parse::<i128>().unwrap();
    Span {
        trace: hex("traceId", 32),
        id: hex("spanId", 16),
        parent: span.get("parentSpanId").map(|_| hex("parentSpanId", 16)),
        name: text("name"),
        kind: span["kind"].as_u64().unwrap(),
        nanoseconds: time("endTimeUnixNano") - time("startTimeUnixNano"),
        attributes: attributes(span),
    }
}

/// Attributes by their keys, each of one kind of value.
fn attributes(of: &Value) -> BTreeMap<String, Value> {
    let read = |attribute: &Value| {
        let value = attribute["value"].as_object().unwrap();
        let (kind, value) = value.iter().next().unwrap();
        let value = match kind.as_str() {
            "stringValue" | "boolValue" => value.clone(),
            "intValue" => json!(value.as_str().unwrap().parse::<i64>().unwrap()),
            other => panic!("{other} in {attribute}"),
        };
        (attribute["key"].as_str().unwrap().to_owned(), value)
    };
    of["attributes"].as_array().unwrap().iter().map(read).collect()
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn a_request_and_its_write_are_one_trace(engine: TestEngine) {
    let mut collector = Collector::start().await;
    let place = Place::new(engine).await;
    let variables =
        [("MUSTER_TRACING__OTLP_ENDPOINT", &*collector.endpoint), ("MUSTER_SERVER__TRUSTED_PROXIES", "127.0.0.1")];
    let desk = place.serve_with(&[], &variables);
    let (id, secret) = key(&place);
    let http = Client::builder().no_proxy().build().unwrap();
    let by_key = |method: Method, path: &str| {
        http.request(method, format!("{}{path}", desk.base)).basic_auth(&id, Some(&secret))
    };
    let inbox = json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {}});
    let made = by_key(Method::POST, "/api/v1/inboxes").header("traceparent", PARENT).json(&inbox);
    let made: Value = made.send().await.unwrap().json().await.unwrap();

    let request = collector.span(|span| span.name == "POST /api/v1/inboxes").await;
    assert_eq!(
        (&*request.trace, request.parent.as_deref()),
        ("0af7651916cd43dd8448eb211c80319c", Some("b7ad6b7169203331"))
    );
    assert_eq!(
        (request.kind, &request.attributes["dialect"], &request.attributes["http.status"]),
        (2, &json!("libredesk"), &json!(200))
    );
    let write = collector.span(|span| span.name == "store.write" && span.parent.as_ref() == Some(&request.id)).await;
    assert_eq!((&write.trace, write.kind), (&request.trace, 1));
    assert!(write.attributes["queue_us"].is_i64() && write.attributes["commit_us"].is_i64(), "{write:?}");
    assert!(write.nanoseconds > 0 && write.nanoseconds <= request.nanoseconds, "{write:?} in {request:?}");

    let inbox = made["data"]["uuid"].as_str().unwrap();
    let start = http.post(format!("{}/api/v1/widget/chat/conversations/init", desk.base));
    let start = start.header("x-libredesk-inbox-id", inbox).json(&json!({"message": "Hello"}));
    assert!(start.send().await.unwrap().status().is_success());
    let decision = collector.span(|span| span.name == "decision" && span.attributes["waiting"] == 1).await;
    assert_eq!((decision.parent, &decision.attributes["assigned"]), (None, &json!(0)));
    assert!(desk.terminate().success());
}

#[tokio::test]
async fn only_a_trusted_proxy_names_a_trace() {
    let mut collector = Collector::start().await;
    let place = Place::sqlite();
    let desk = place.serve_with(&[], &[("MUSTER_TRACING__OTLP_ENDPOINT", &*collector.endpoint)]);
    let http = Client::builder().no_proxy().build().unwrap();
    http.get(format!("{}/health", desk.base)).header("traceparent", PARENT).send().await.unwrap();
    let request = collector.span(|span| span.name == "GET /health").await;
    assert_ne!(request.trace, "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(request.parent, None);
}

#[tokio::test]
async fn a_collector_that_is_not_there_harms_nothing_and_what_it_misses_is_counted() {
    let place = Place::sqlite();
    let variables =
        [("MUSTER_TRACING__OTLP_ENDPOINT", "http://127.0.0.1:1"), ("MUSTER_METRICS__LISTEN", "127.0.0.1:0")];
    let desk = place.serve_with(&[], &variables);
    let http = Client::builder().no_proxy().build().unwrap();
    for _ in 0..20 {
        assert_eq!(http.get(format!("{}/health", desk.base)).send().await.unwrap().status(), 200);
    }
    let dropped = "muster_spans_dropped_total";
    let seen = samples_once(&http, &shown_on(&desk), |now| value(now, dropped, &[]) >= 20.0).await;
    assert_eq!(value(&seen, "muster_spans_sent_total", &[]), 0.0);
    assert!(desk.terminate().success());
}
