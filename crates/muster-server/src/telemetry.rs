//! What the desk tells of itself: the log, text or JSON on standard error, and traces for OpenTelemetry.
//!
//! What must not be told is kept out where it is known: no field holds bodies, query strings, headers, or what people
//! write. The test `logs` plays a desk at its most talkative and looks for all of it.

use std::io;
use std::sync::LazyLock;

use anyhow::Result;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry as Metrics;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::{self, Layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use crate::config::{Config, LogFormat};
use crate::exit::Usage;

mod otlp;
mod spans;

pub(crate) use otlp::Exporter;
use spans::Spans;

/// How much to log, such as `info` or `warn,muster_app=debug`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter<'a> {
    /// What the operator calls it.
    pub(crate) name: &'static str,
    pub(crate) text: &'a str,
}

/// What came of the spans of this process.
#[derive(Debug, Default)]
struct Counts {
    sent: Counter,
    dropped: Counter,
}

static COUNTS: LazyLock<Counts> = LazyLock::new(Counts::default);

/// Makes the numbers of traces part of what `registry` shows.
pub(crate) fn register_metrics(registry: &mut Metrics) {
    registry.register("spans_sent", "Spans that the traces' collector has taken", COUNTS.sent.clone());
    let help = "Spans that were dropped: too many at once, or nobody took them";
    registry.register("spans_dropped", help, COUNTS.dropped.clone());
}

/// Starts logging, and gathering traces where `traces` go: what sends them has to be run.
///
/// # Errors
/// A filter that can't be read.
pub(crate) fn start(config: &Config, filter: Filter<'_>, traces: Option<String>) -> Result<Option<Exporter>> {
    let Filter { name, text } = filter;
    let filter = EnvFilter::builder().parse(text).map_err(|error| Usage::new(format!("{name}: {error}")))?;
    let lines = match config.log.format {
        LogFormat::Text => lines().boxed(),
        LogFormat::Json => lines().json().flatten_event(true).with_current_span(false).boxed(),
    };
    let gathering = traces.map(|endpoint| (Spans::new(config.tracing.sample_one_in), endpoint));
    let (spans, exporter) = match gathering {
        Some(((spans, gathered), endpoint)) => (Some(spans), Some(Exporter::new(gathered, &endpoint)?)),
        None => (None, None),
    };
    let spans = spans.map(|spans| spans.with_filter(filter_fn(is_of_a_trace)));
    // Fails only if something logs already.
    let _ = Registry::default().with(lines.with_filter(filter)).with(spans).try_init();
    Ok(exporter)
}

fn is_of_a_trace(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target().starts_with("muster")
}

type Lines<S> = Layer<S, fmt::format::DefaultFields, fmt::format::Format, fn() -> io::Stderr>;

fn lines<S>() -> Lines<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let stderr: fn() -> io::Stderr = io::stderr;
    // A line that can't be written, as to a full disk, is lost; complaining about that would end the process.
    fmt::layer().with_writer(stderr).with_ansi(false).log_internal_errors(false)
}
