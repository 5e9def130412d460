//! Gathers the spans of sampled traces as they close, for [`super::otlp`] to send.
//!
//! Nothing here waits: a span that finds the queue full is dropped and counted.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use muster_app::{Clock as _, Entropy as _, OsEntropy, SystemClock};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::COUNTS;

/// Spans that may wait to be sent.
const QUEUE: usize = 4096;
/// A task that lives as long as the desk is nobody's trace.
const TASK: &str = "task";
/// The field that names a trace begun elsewhere: a W3C `traceparent` that was found good.
const PARENT: &str = "trace.parent";

/// What a span tells beside its times.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Truth(bool),
}

/// A span that has ended.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) trace: [u64; 2],
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: &'static str,
    /// Nanoseconds since 1970.
    pub(super) started: u64,
    pub(super) ended: u64,
    pub(super) fields: Vec<(&'static str, Value)>,
}

/// A span that is open: what will be told of it, if anything.
enum Open {
    Kept(Span),
    /// Neither it nor what lies in it.
    Passed,
}

/// The layer that sees spans open and close.
#[derive(Debug)]
pub(super) struct Spans {
    queue: Sender<Span>,
    one_in: u64,
    /// Where ids begin, and how many there were.
    seed: u64,
    drawn: AtomicU64,
    /// Wall time, in nanoseconds, of an instant.
    anchor: (u64, Instant),
}

impl Spans {
    /// Keeps one of `one_in` traces.
    pub(super) fn new(one_in: u32) -> (Self, Receiver<Span>) {
        let (queue, gathered) = channel(QUEUE);
        let [a, b, c, d, e, f, g, h, ..] = OsEntropy.seed();
        let millis = u64::try_from(SystemClock.now().as_millis()).unwrap_or(0);
        let spans = Self {
            queue,
            one_in: u64::from(one_in.max(1)),
            seed: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            drawn: AtomicU64::new(0),
            anchor: (millis.saturating_mul(1_000_000), Instant::now()),
        };
        (spans, gathered)
    }

    fn now(&self) -> u64 {
        let (wall, instant) = self.anchor;
        wall.saturating_add(u64::try_from(instant.elapsed().as_nanos()).unwrap_or(0))
    }

    /// An id that is like no other: SplitMix64 over a counter.
    fn id(&self) -> u64 {
        let count = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut id = self.seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        id = (id ^ (id >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        id = (id ^ (id >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (id ^ (id >> 31)).max(1)
    }

    fn open<'s, S: LookupSpan<'s>>(&self, span: &SpanRef<'s, S>, fields: Fields) -> Open {
        let open = |trace, parent, fields| {
            let (id, now) = (self.id(), self.now());
            Open::Kept(Span { trace, id, parent, name: span.name(), started: now, ended: now, fields })
        };
        let around = span.parent().filter(|parent| parent.name() != TASK);
        if let Some(around) = around {
            return match around.extensions().get::<Open>() {
                Some(Open::Kept(around)) => open(around.trace, Some(around.id), fields.list),
                Some(Open::Passed) | None => Open::Passed,
            };
        }
        let Some(Parent { trace, id, is_sampled }) = fields.parent else {
            let trace = [self.id(), self.id()];
            return if trace[1].is_multiple_of(self.one_in) { open(trace, None, fields.list) } else { Open::Passed };
        };
        if is_sampled { open(trace, Some(id), fields.list) } else { Open::Passed }
    }
}

impl<S> Layer<S> for Spans
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|span| span.name() != TASK) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let open = self.open(&span, fields);
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(Open::Kept(open)) = span.extensions_mut().get_mut::<Open>() {
            let mut fields = Fields::default();
            record.record(&mut fields);
            open.fields.extend(fields.list);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Open::Kept(mut closed)) = span.extensions_mut().remove::<Open>() else { return };
        closed.ended = self.now();
        if self.queue.try_send(closed).is_err() {
            COUNTS.dropped.inc();
        }
    }
}

/// A trace that was begun elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parent {
    trace: [u64; 2],
    id: u64,
    is_sampled: bool,
}

impl Parent {
    /// Reads `00-<32 digits>-<16 digits>-<2 digits>`.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (_, trace, id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let number = |text: Option<&str>| u64::from_str_radix(text?, 16).ok();
        let flags = number(Some(flags))?;
        let trace = [number(trace.get(..16))?, number(trace.get(16..))?];
        Some(Self { trace, id: number(Some(id))?, is_sampled: flags & 1 == 1 })
    }
}

/// Collects what a span tells.
#[derive(Debug, Default)]
struct Fields {
    list: Vec<(&'static str, Value)>,
    parent: Option<Parent>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == PARENT {
            self.parent = Parent::read(value);
        } else {
            self.list.push((field.name(), Value::Text(value.to_owned())));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.list.push((field.name(), Value::Number(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.list.push((field.name(), Value::Truth(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_begun_elsewhere_is_read() {
        let read = Parent::read("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        assert_eq!(read.trace, [0x0af7_6519_16cd_43dd, 0x8448_eb21_1c80_319c]);
        assert_eq!((read.id, read.is_sampled), (0xb7ad_6b71_6920_3331, true));
        assert!(!Parent::read("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").unwrap().is_sampled);
        assert_eq!(Parent::read("nothing"), None);
    }

    #[test]
    fn ids_differ() {
        let (spans, _gathered) = Spans::new(1);
        let ids: std::collections::BTreeSet<u64> = (0..10_000).map(|_| spans.id()).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
