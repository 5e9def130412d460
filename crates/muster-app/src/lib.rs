//! Use cases: one method of [`App`] for each thing a person, a visitor or the desk itself can do.
//!
//! A use case checks the permission, opens one durable transaction, loads and locks what it
//! changes, asks `muster-core`, saves, and records events; all of that commits together. Listeners
//! hear of it after the commit only. Nothing here knows HTTP or any product's words.
//!
//! Start reading at [`App`] and `work`. To add a use case: a method in the file of its aggregate
//! that calls `App::write` or `App::read`; its lock order is agents, teams, conversations, rest.

pub mod activity;
pub mod agents;
pub mod attributes;
pub mod auth;
mod board;
pub mod business_hours;
pub mod claim;
mod clock;
pub mod contacts;
pub mod conversations;
pub mod drafts;
mod entropy;
mod failure;
mod general;
pub mod hub;
pub mod imports;
pub mod inboxes;
pub mod integrations;
pub mod jobs;
pub mod livechat;
pub mod macros;
pub mod mail;
pub mod media;
mod mentions;
pub mod messages;
pub mod metrics;
pub mod notifications;
pub mod page_visits;
mod passwords;
pub mod presence;
pub mod privacy;
pub mod references;
mod release;
pub mod roles;
mod router;
mod runtime;
mod seal;
mod search;
pub mod setup;
pub mod skills;
pub mod statuses;
pub mod surveys;
pub mod tags;
mod tail;
pub mod teams;
pub mod templates;
mod timers;
pub mod views;
mod work;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::future::BoxFuture;
use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::{Result, Timestamp};
use muster_store::Store;
use muster_store::db::Tx;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use passwords::Passwords;
use runtime::Runtime;
use seal::Seal;

pub use clock::{Clock, SystemClock};
pub use entropy::{Draw, Entropy, OsEntropy};
pub use failure::is_store_failure;
pub use muster_store::Seldom;
pub use router::Boards;
pub use seal::SecretKey;
pub use work::Work;

/// What an operator can set about the desk's behaviour.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach the desk: links are made from it and nothing else. No trailing slash.
    pub public_url: String,
    pub routing: RoutingSettings,
    pub presence: PresenceSettings,
    pub retention: privacy::RetentionSettings,
    /// The server that takes the desk's mail, for showing; `None`: no mail is sent.
    pub mail_server: Option<mail::MailServer>,
    /// Life of a web session, fixed from sign-in.
    pub session_life: std::time::Duration,
    /// Who has to have a second factor.
    pub second_factor: muster_core::second_factor::Requirement,
    /// Wrong passwords or codes for one account in 15 minutes after which it takes none for a while; 0: no limit.
    pub sign_in_failures: usize,
    /// Argon2id's memory in KiB and its passes.
    pub password_cost: PasswordCost,
}

#[derive(Debug, Clone, Copy)]
pub struct PasswordCost {
    pub memory_kib: u32,
    pub passes: u32,
}

#[derive(Debug, Clone)]
pub struct PresenceSettings {
    /// Why an agent may pause where a reason is asked for.
    pub pause_reasons: Vec<String>,
}

impl Default for PresenceSettings {
    fn default() -> Self {
        Self { pause_reasons: ["Break", "Lunch", "Meeting", "Training"].map(str::to_owned).into() }
    }
}

#[derive(Debug, Clone)]
pub struct RoutingSettings {
    /// Open conversations of an agent without a capacity of the own.
    pub default_capacity: u16,
    pub idle_is_present: bool,
    pub trust_declared: bool,
    /// How long an agent from whom a person took a conversation doesn't get it again.
    pub exclude_for: std::time::Duration,
    /// How long an absent agent's waiting chats stay theirs.
    pub return_after: std::time::Duration,
}

impl Default for Settings {
    fn default() -> Self {
        use std::time::Duration;
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            routing: RoutingSettings {
                default_capacity: 99,
                idle_is_present: false,
                trust_declared: false,
                exclude_for: Duration::from_secs(5 * 60),
                return_after: Duration::from_secs(60),
            },
            presence: PresenceSettings::default(),
            retention: privacy::RetentionSettings::default(),
            mail_server: None,
            session_life: Duration::from_secs(9 * 3600),
            second_factor: muster_core::second_factor::Requirement::Nobody,
            sign_in_failures: 10,
            password_cost: PasswordCost { memory_kib: 19 * 1024, passes: 2 },
        }
    }
}

/// The desk. Cheap to clone; all clones are the same desk.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) settings: Settings,
    pub(crate) seal: Seal,
    pub(crate) files: media::Files,
    pub(crate) links: media::Links,
    pub(crate) pictures: media::Pictures,
    /// Background work ends with this.
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(crate) runtime: Runtime,
    pub(crate) metrics: metrics::AppMetrics,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: auth::Attempts,
    pub(crate) cache: auth::Cache,
    pub(crate) integration_cache: auth::Cache<integrations::Known>,
    pub(crate) stamps: auth::Stamps,
    pub(crate) visits: livechat::Visits,
    pub(crate) page_visits: page_visits::PageVisits,
    pub(crate) general: general::Remembered,
    /// The desk has an administrator.
    pub(crate) is_set_up: AtomicBool,
}

/// What an [`App`] is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub settings: Settings,
    /// Seals the secrets that the store keeps.
    pub secret_key: SecretKey,
    /// Where files are kept.
    pub files: media::Files,
}

impl App {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            inner: Arc::new(Inner {
                store: parts.store,
                clock: parts.clock,
                entropy: parts.entropy,
                passwords: Passwords::new(parts.settings.password_cost),
                attempts: auth::Attempts::new(parts.settings.sign_in_failures),
                links: media::Links::new(&parts.secret_key, &parts.settings.public_url),
                settings: parts.settings,
                seal: Seal::new(&parts.secret_key),
                files: parts.files,
                pictures: media::Pictures::new(),
                stop: CancellationToken::new(),
                tasks: TaskTracker::new(),
                runtime: Runtime::new(),
                metrics: metrics::AppMetrics::new(),
                cache: auth::Cache::default(),
                integration_cache: auth::Cache::default(),
                stamps: auth::Stamps::default(),
                visits: livechat::Visits::default(),
                page_visits: page_visits::PageVisits::default(),
                general: general::Remembered::default(),
                is_set_up: AtomicBool::new(false),
            }),
        }
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn links(&self) -> media::Links {
        self.inner.links.clone()
    }

    /// Random values outside of a transaction.
    #[must_use]
    pub fn draw(&self) -> Draw {
        Draw::new(self.inner.entropy.seed())
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// One durable transaction: everything the job does, its events and its audit entries commit
    /// together, or nothing does. The job may run more than once; it draws from [`Work::draw`].
    ///
    /// # Errors
    /// The job's own; [`muster_core::Busy::QueueFull`] also if others were in its way too often.
    pub(crate) async fn write<T, F>(&self, caller: &Caller, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'w, 't> Fn(&'w mut Work<'t>) -> BoxFuture<'w, Result<T>> + Send + Sync + 'static,
    {
        let written = self.inner.store.write(self.transaction(caller, job)).await;
        self.committed(written)
    }

    /// [`App::write`] for what frees room, ends work or keeps presence: it may use the disk space that is kept from
    /// other writes.
    pub(crate) async fn write_in_reserve<T, F>(&self, caller: &Caller, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'w, 't> Fn(&'w mut Work<'t>) -> BoxFuture<'w, Result<T>> + Send + Sync + 'static,
    {
        let written = self.inner.store.write_in_reserve(self.transaction(caller, job)).await;
        self.committed(written)
    }

    /// A job with its events and audit entries, as the store runs it.
    fn transaction<T, F>(
        &self,
        caller: &Caller,
        job: F,
    ) -> impl for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<(T, Vec<Event>)>> + Send + Sync + 'static
    where
        T: Send + 'static,
        F: for<'w, 't> Fn(&'w mut Work<'t>) -> BoxFuture<'w, Result<T>> + Send + Sync + 'static,
    {
        let now = self.now();
        let seed = self.inner.entropy.seed();
        let caller = Arc::new(caller.clone());
        let app = self.clone();
        let job = Arc::new(job);
        move |tx| {
            let (job, caller, app) = (Arc::clone(&job), Arc::clone(&caller), app.clone());
            Box::pin(async move {
                let mut work = Work::new(tx, &caller, &app, now, seed);
                let value = job(&mut work).await?;
                let events = work.flush().await?;
                Ok((value, events))
            })
        }
    }

    /// Drops what the events of a committed job made untrue, and answers with the job's value.
    fn committed<T>(&self, written: Result<(T, Vec<Event>)>) -> Result<T> {
        let (value, events) = written.map_err(failure::contended)?;
        self.forget(&events);
        Ok(value)
    }

    /// Reads a snapshot.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        self.inner.store.read(job).await
    }

    /// Reads a snapshot through the door of what may take long.
    pub(crate) async fn scan<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        self.inner.store.scan(job).await
    }

    /// Drops whatever this process remembers that these events made untrue, before the caller has
    /// the answer.
    pub(crate) fn forget(&self, events: &[Event]) {
        for event in events {
            self.inner.cache.forget(event);
            self.inner.integration_cache.forget(event);
            self.inner.page_visits.forget(event);
            self.inner.general.forget(event);
        }
    }
}
