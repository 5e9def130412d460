//! What the store counts of itself. Recording is a few atomic additions; gauges are filled when somebody looks.

use std::sync::Arc;
use std::time::Duration;

use muster_core::{Busy, Error, Result};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

mod histogram;

pub use histogram::Histogram;

/// Labels by name: words of the program, never of anybody else.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// An entrance to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Write,
    Read,
    Scan,
}

impl Door {
    pub(crate) const ALL: [Self; 3] = [Self::Write, Self::Read, Self::Scan];

    const fn word(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Read => "read",
            Self::Scan => "scan",
        }
    }
}

/// Why a door turns a job away, in the order of [`why`].
const WHYS: [&str; 5] = ["queue_full", "store", "too_slow", "shutting_down", "read_only"];

const fn why(busy: Busy) -> usize {
    match busy {
        Busy::QueueFull => 0,
        Busy::Store => 1,
        Busy::TooSlow => 2,
        // Passwords are no matter of the store.
        Busy::ShuttingDown | Busy::Passwords => 3,
        Busy::ReadOnly => 4,
    }
}

/// How many connections to PostgreSQL a door has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Connections {
    pub(crate) in_use: usize,
    pub(crate) idle: usize,
}

/// How a door is doing at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stand {
    /// Jobs that wait for a thread or a connection.
    pub(crate) waiting: usize,
    /// `None` on SQLite.
    pub(crate) connections: Option<Connections>,
}

/// The store's numbers. Clones are the same numbers.
#[derive(Debug, Clone)]
pub struct StoreMetrics(Arc<Numbers>);

#[derive(Debug)]
struct Numbers {
    doors: [DoorNumbers; 3],
    waiting: Family<Labels<1>, Gauge>,
    waited: Family<Labels<1>, Histogram, fn() -> Histogram>,
    taken: Family<Labels<1>, Histogram, fn() -> Histogram>,
    refused: Family<Labels<2>, Counter>,
    connections: Family<Labels<2>, Gauge>,
    batch: Histogram,
    commit: Histogram,
    retries: Counter,
}

/// The numbers of one door, at hand without a look at their families.
#[derive(Debug)]
struct DoorNumbers {
    waited: Histogram,
    taken: Histogram,
    refused: [Counter; WHYS.len()],
}

impl StoreMetrics {
    pub(crate) fn new() -> Self {
        let waited = Family::new_with_constructor(Histogram::times as fn() -> Histogram);
        let taken = Family::new_with_constructor(Histogram::times as fn() -> Histogram);
        let refused = Family::<Labels<2>, Counter>::default();
        let doors = Door::ALL.map(|door| {
            let label = ("door", door.word());
            DoorNumbers {
                waited: waited.get_or_create_owned(&[label]),
                taken: taken.get_or_create_owned(&[label]),
                refused: WHYS.map(|why| refused.get_or_create_owned(&[label, ("why", why)])),
            }
        });
        Self(Arc::new(Numbers {
            doors,
            waiting: Family::default(),
            waited,
            taken,
            refused,
            connections: Family::default(),
            batch: Histogram::counts(),
            commit: Histogram::times(),
            retries: Counter::default(),
        }))
    }

    /// Makes the numbers part of what `registry` shows.
    pub fn register(&self, registry: &mut Registry) {
        let numbers = &self.0;
        let registry = registry.sub_registry_with_prefix("store");
        registry.register("queue_jobs", "Database jobs that wait for their turn", numbers.waiting.clone());
        let help = "How long database jobs waited for their turn";
        registry.register_with_unit("queue_wait", help, Unit::Seconds, numbers.waited.clone());
        let help = "How long database jobs took, their waiting and their commit included";
        registry.register_with_unit("job", help, Unit::Seconds, numbers.taken.clone());
        let help = "Database jobs that were turned away or did not last";
        registry.register("refused", help, numbers.refused.clone());
        let help = "How many writes shared a commit (SQLite)";
        registry.register("batch_jobs", help, numbers.batch.clone());
        registry.register_with_unit("commit", "How long commits took", Unit::Seconds, numbers.commit.clone());
        let help = "Writes that were tried again because transactions were in each other's way (PostgreSQL)";
        registry.register("retries", help, numbers.retries.clone());
        registry.register("connections", "Connections to PostgreSQL", numbers.connections.clone());
    }

    /// Notes how a door is doing now.
    pub(crate) fn stand(&self, door: Door, stand: Stand) {
        let label = ("door", door.word());
        let gauge = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.0.waiting.get_or_create(&[label]).set(gauge(stand.waiting));
        if let Some(Connections { in_use, idle }) = stand.connections {
            self.0.connections.get_or_create(&[label, ("state", "in_use")]).set(gauge(in_use));
            self.0.connections.get_or_create(&[label, ("state", "idle")]).set(gauge(idle));
        }
    }

    /// A job has come to its turn.
    pub(crate) fn waited(&self, door: Door, time: Duration) {
        self.door(door).waited.observe(time);
    }

    /// A job was answered.
    pub(crate) fn answered<T>(&self, door: Door, time: Duration, outcome: &Result<T>) {
        let numbers = self.door(door);
        numbers.taken.observe(time);
        if let Err(Error::Busy(busy)) = outcome {
            numbers.refused[why(*busy)].inc();
        }
    }

    pub(crate) fn batch(&self, jobs: usize) {
        self.0.batch.observe_count(jobs);
    }

    pub(crate) fn committed(&self, time: Duration) {
        self.0.commit.observe(time);
    }

    pub(crate) fn retried(&self) {
        self.0.retries.inc();
    }

    fn door(&self, door: Door) -> &DoorNumbers {
        let [write, read, scan] = &self.0.doors;
        match door {
            Door::Write => write,
            Door::Read => read,
            Door::Scan => scan,
        }
    }
}
