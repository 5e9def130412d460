//! Sends spans to a collector: OTLP over HTTP, as JSON.
//!
//! Why by hand: `docs/decisions/0016-observation.md`.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderValue, Request, Uri};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use super::COUNTS;
use super::spans::{Span, Value};
use crate::demo::wire::Wire;

/// Spans sent at once.
const BATCH: usize = 512;
/// How long a span waits for others.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the collector may take for a batch.
const PATIENCE: Duration = Duration::from_secs(5);
/// OpenTelemetry's numbers.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const ERROR: u8 = 2;

/// Sends what is gathered.
pub(crate) struct Exporter {
    gathered: Receiver<Span>,
    wire: Wire,
    /// The endpoint's host and path.
    host: HeaderValue,
    path: String,
    /// Whether the collector took the last batch, so that its silence is told once.
    is_heard: bool,
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exporter").field("host", &self.host).field("path", &self.path).finish_non_exhaustive()
    }
}

impl Exporter {
    pub(super) fn new(gathered: Receiver<Span>, endpoint: &str) -> Result<Self> {
        let uri: Uri = endpoint.parse()?;
        let host = uri.authority().context("tracing.otlp_endpoint names no host")?.as_str().try_into()?;
        Ok(Self { gathered, wire: Wire::to(endpoint)?, host, path: uri.path().to_owned(), is_heard: true })
    }

    /// Sends until `stop`, and what is left then.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            let mut batch = Vec::new();
            let is_last = tokio::select! {
                count = self.gathered.recv_many(&mut batch, BATCH) => count == 0,
                () = stop.cancelled() => true,
            };
            if !is_last && batch.len() < BATCH {
                // What is told late goes with the next batch.
                let _ = tokio::time::timeout(PAUSE, stop.cancelled()).await;
            }
            while batch.len() < BATCH
                && let Ok(span) = self.gathered.try_recv()
            {
                batch.push(span);
            }
            if !batch.is_empty() {
                self.deliver(&batch).await;
            }
            if is_last {
                return self.deliver_rest().await;
            }
        }
    }

    /// Sends what is gathered, in batches; once the collector takes no more, the rest is dropped.
    async fn deliver_rest(&mut self) {
        loop {
            let batch: Vec<Span> = std::iter::from_fn(|| self.gathered.try_recv().ok()).take(BATCH).collect();
            match (batch.len(), self.is_heard) {
                (0, _) => return,
                (_, true) => self.deliver(&batch).await,
                (count, false) => {
                    COUNTS.dropped.inc_by(u64::try_from(count).unwrap_or(u64::MAX));
                }
            }
        }
    }

    async fn deliver(&mut self, batch: &[Span]) {
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        match self.send(batch).await {
            Ok(()) => {
                COUNTS.sent.inc_by(count);
                self.is_heard = true;
            }
            Err(error) => {
                COUNTS.dropped.inc_by(count);
                if std::mem::take(&mut self.is_heard) {
                    tracing::warn!(
                        error = format!("{error:#}"),
                        "traces can't be sent; they are dropped until they can"
                    );
                }
            }
        }
    }

    async fn send(&self, batch: &[Span]) -> Result<()> {
        let request = Request::post(&self.path).header(HOST, &self.host).header(CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(message(batch).to_string()))?;
        let answer = tokio::time::timeout(PATIENCE, self.wire.send(request)).await;
        let status = answer.context("the collector takes too long")??.status;
        ensure!(status.is_success(), "the collector answers {status}");
        Ok(())
    }
}

/// `ExportTraceServiceRequest` in OTLP's JSON.
fn message(batch: &[Span]) -> Json {
    let resource = [("service.name", "muster"), ("service.version", env!("CARGO_PKG_VERSION"))];
    let resource = resource.map(|(key, value)| attribute(key, &Value::Text(value.to_owned())));
    json!({"resourceSpans": [{
        "resource": {"attributes": resource},
        "scopeSpans": [{"scope": {"name": "muster"}, "spans": batch.iter().map(span).collect::<Vec<_>>()}],
    }]})
}

fn span(span: &Span) -> Json {
    let Span { trace: [high, low], id, parent, name, started, ended, fields } = span;
    let is_request = *name == "request";
    let failed = fields.iter().any(|it| matches!(it, ("http.status", Value::Number(500..))));
    let mut json = json!({
        "traceId": format!("{high:016x}{low:016x}"),
        "spanId": format!("{id:016x}"),
        "name": if is_request { request_name(fields) } else { (*name).to_owned() },
        "kind": if is_request { SERVER } else { INTERNAL },
        "startTimeUnixNano": started.to_string(),
        "endTimeUnixNano": ended.to_string(),
        "attributes": fields.iter().map(|(key, value)| attribute(key, value)).collect::<Vec<_>>(),
    });
    if let Some(parent) = parent {
        json["parentSpanId"] = format!("{parent:016x}").into();
    }
    if failed {
        json["status"] = json!({"code": ERROR});
    }
    json
}

/// Such as `GET /api/v1/agents/{id}`.
fn request_name(fields: &[(&'static str, Value)]) -> String {
    let text = |name: &str| fields.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    let words = ["http.method", "http.route"].map(text).into_iter().flatten();
    let words: Vec<&str> =
        words.filter_map(|it| if let Value::Text(text) = it { Some(text.as_str()) } else { None }).collect();
    words.join(" ")
}

fn attribute(key: &str, value: &Value) -> Json {
    let value = match value {
        Value::Text(text) => json!({"stringValue": text}),
        // 64 bits are texts in Protobuf's JSON.
        Value::Number(number) => json!({"intValue": number.to_string()}),
        Value::Truth(truth) => json!({"boolValue": truth}),
    };
    json!({"key": key, "value": value})
}
