//! The log: text or JSON on standard error.
//!
//! What must not be logged is kept out where it is known: no field holds bodies, query strings, headers, or what
//! people write. The test `logs` plays a desk at its most talkative and looks for all of it.

use std::io;

use tracing_subscriber::fmt::{self, Layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use crate::config::{Log, LogFormat};
use crate::exit::Usage;

/// How much to log, such as `info` or `warn,muster_app=debug`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter<'a> {
    /// What the operator calls it.
    pub(crate) name: &'static str,
    pub(crate) text: &'a str,
}

/// Starts logging.
///
/// # Errors
/// A filter that can't be read.
pub(crate) fn start(log: &Log, filter: Filter<'_>) -> Result<(), Usage> {
    let Filter { name, text } = filter;
    let filter = EnvFilter::builder().parse(text).map_err(|error| Usage::new(format!("{name}: {error}")))?;
    let lines = match log.format {
        LogFormat::Text => lines().boxed(),
        LogFormat::Json => lines().json().flatten_event(true).with_current_span(false).boxed(),
    };
    // Fails only if something logs already.
    let _ = Registry::default().with(lines.with_filter(filter)).try_init();
    Ok(())
}

type Lines<S> = Layer<S, fmt::format::DefaultFields, fmt::format::Format, fn() -> io::Stderr>;

fn lines<S>() -> Lines<S>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let stderr: fn() -> io::Stderr = io::stderr;
    // A line that can't be written, as to a full disk, is lost; complaining about that would end the process.
    fmt::layer().with_writer(stderr).with_ansi(false).log_internal_errors(false)
}
