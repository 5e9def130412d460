//! What the desk counts of its own work. Labels are words of the program: never a name, an id or an address.

use std::sync::Arc;
use std::time::Duration;

use muster_core::Result;
use muster_core::event::EventRecord;
use muster_store::health::{self, Figures};
pub use muster_store::metrics::Histogram;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::App;
use crate::claim::ClaimOutcome;

type Label = [(&'static str, String); 1];
type Labels = [(&'static str, String); 2];

/// The desk's numbers. Clones are the same numbers.
#[derive(Debug, Clone)]
pub(crate) struct AppMetrics(Arc<Numbers>);

#[derive(Debug)]
struct Numbers {
    events: Family<Label, Counter>,
    /// The last event with a place in the order.
    position: Gauge,
    /// Events that wait for their place.
    unplaced: Gauge,
    lag: Family<Label, Gauge>,
    hub: Gauge,
    router: Gauge,
    waiting: Gauge,
    agents: Gauge,
    decide: Histogram,
    assigned: Counter,
    nobody: Counter,
    decisions: Family<Label, Counter>,
    claims_won: Counter,
    claims_lost: Counter,
    claims_failed: Counter,
    claims: Family<Label, Counter>,
    jobs: Family<Labels, Gauge>,
    job_runs: Family<Labels, Counter>,
    listeners: Gauge,
    answers: Gauge,
}

fn label(name: &'static str, value: &str) -> Label {
    [(name, value.to_owned())]
}

impl AppMetrics {
    pub(crate) fn new() -> Self {
        let (decisions, claims) = (Family::<Label, Counter>::default(), Family::<Label, Counter>::default());
        Self(Arc::new(Numbers {
            events: Family::default(),
            position: Gauge::default(),
            unplaced: Gauge::default(),
            lag: Family::default(),
            hub: Gauge::default(),
            router: Gauge::default(),
            waiting: Gauge::default(),
            agents: Gauge::default(),
            decide: Histogram::times(),
            assigned: decisions.get_or_create_owned(&label("outcome", "assigned")),
            nobody: decisions.get_or_create_owned(&label("outcome", "nobody")),
            decisions,
            claims_won: claims.get_or_create_owned(&label("outcome", "won")),
            claims_lost: claims.get_or_create_owned(&label("outcome", "lost")),
            claims_failed: claims.get_or_create_owned(&label("outcome", "failed")),
            claims,
            jobs: Family::default(),
            job_runs: Family::default(),
            listeners: Gauge::default(),
            answers: Gauge::default(),
        }))
    }

    fn register(&self, registry: &mut Registry) {
        let numbers = &self.0;
        registry.register("events", "Facts that were committed, by kind", numbers.events.clone());
        registry.register("events_position", "The latest event's place in their order", numbers.position.clone());
        let help = "Events that wait for their place in the order (PostgreSQL)";
        registry.register("events_unplaced", help, numbers.unplaced.clone());
        let help = "How many events somebody who follows them is behind";
        registry.register("events_lag", help, numbers.lag.clone());
        let help = "Who listens to events: sockets, mostly";
        registry.register("hub_listeners", help, numbers.listeners.clone());
        let help = "1 if the database answered when these numbers were asked for, else 0";
        registry.register("database_answers", help, numbers.answers.clone());
        self.register_router(registry.sub_registry_with_prefix("router"));
        self.register_jobs(registry);
    }

    fn register_router(&self, registry: &mut Registry) {
        let numbers = &self.0;
        registry.register("waiting_conversations", "Conversations that wait for an agent", numbers.waiting.clone());
        registry.register("agents", "Agents whom the router knows", numbers.agents.clone());
        registry.register("decisions", "Decisions, by what came of them", numbers.decisions.clone());
        let help = "Assignments that were tried: won, lost to a change meanwhile, or failed";
        registry.register("claims", help, numbers.claims.clone());
        let help = "How long a round of decisions took to compute";
        registry.register_with_unit("decide", help, Unit::Seconds, numbers.decide.clone());
    }

    fn register_jobs(&self, registry: &mut Registry) {
        registry.register("jobs", "Jobs that wait or were given up, by name", self.0.jobs.clone());
        registry.register("job_runs", "Tries at jobs, by name and outcome", self.0.job_runs.clone());
    }

    /// Events were handed to whoever follows them.
    pub(crate) fn followed(&self, batch: &[EventRecord]) {
        for record in batch {
            self.0.events.get_or_create(&label("event", record.event.name())).inc();
        }
    }

    /// The hub has told everything up to `position`.
    pub(crate) fn told(&self, position: i64) {
        self.0.hub.set(position);
    }

    /// The router knows everything up to `position`.
    pub(crate) fn routed(&self, position: i64, waiting: usize, agents: usize) {
        self.0.router.set(position);
        self.0.waiting.set(gauge(waiting));
        self.0.agents.set(gauge(agents));
    }

    pub(crate) fn decided(&self, time: Duration, assigned: usize, nobody: usize) {
        self.0.decide.observe(time);
        self.0.assigned.inc_by(u64::try_from(assigned).unwrap_or(u64::MAX));
        self.0.nobody.inc_by(u64::try_from(nobody).unwrap_or(u64::MAX));
    }

    pub(crate) fn claimed(&self, outcome: &Result<ClaimOutcome>) {
        match outcome {
            Ok(ClaimOutcome::Won) => self.0.claims_won.inc(),
            Ok(ClaimOutcome::Lost) => self.0.claims_lost.inc(),
            Err(_) => self.0.claims_failed.inc(),
        };
    }

    /// A try at a job has ended: `done`, `failed`, `dead` or `stopped`.
    pub(crate) fn tried(&self, job: &str, outcome: &str) {
        self.0.job_runs.get_or_create(&[("job", job.to_owned()), ("outcome", outcome.to_owned())]).inc();
    }

    fn look(&self, figures: &Figures) {
        let numbers = &self.0;
        numbers.position.set(figures.position);
        numbers.unplaced.set(figures.unplaced);
        let lag = |name: &str, position: i64| {
            numbers.lag.get_or_create(&label("follower", name)).set((figures.position - position).max(0));
        };
        lag("hub", numbers.hub.get());
        lag("router", numbers.router.get());
        figures.cursors.iter().for_each(|(name, position)| lag(name, *position));
        numbers.jobs.clear();
        for health::JobCount { name, waiting, dead } in &figures.jobs {
            let of =
                |state: &str| numbers.jobs.get_or_create_owned(&[("job", name.clone()), ("state", state.to_owned())]);
            of("waiting").set(*waiting);
            of("dead").set(*dead);
        }
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl App {
    /// Makes the numbers of the desk and its store part of what `registry` shows.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.inner.metrics.register(registry);
        self.store().metrics().register(registry);
    }

    /// Brings up to date those numbers that are read when somebody looks. Where the database doesn't answer, they stay
    /// as they were, and that is a number too.
    pub async fn look_at_metrics(&self) {
        self.store().look_at_doors();
        let numbers = &self.inner.metrics.0;
        numbers.listeners.set(gauge(self.hub().listener_count()));
        match self.store().scan(|tx| Box::pin(health::figures(tx))).await {
            Ok(figures) => {
                numbers.answers.set(1);
                self.inner.metrics.look(&figures);
            }
            Err(error) => {
                numbers.answers.set(0);
                tracing::debug!(error = ?error, "the desk's figures can't be read");
            }
        }
    }
}
