//! `muster serve`: the running desk.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use muster_app::App;
use muster_core::actor::Caller;
use muster_http::metrics::HttpMetrics;
use muster_http::serve::{ServeLimits, Serves, serve, serve_counted};
use muster_http::socket::Sockets;
use muster_http::tls::Tls;
use muster_store::db::{Engine, ServeLock};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backup::schedule;
use crate::certificate::Certificate;
use crate::config::{Config, Environment, FirstAdmin};
use crate::desk::Held;
use crate::dialect::Dialect;
use crate::limits as system;
use crate::metrics;
use crate::mount::{Mounted, mount};
use crate::pages::Shop;
use crate::signals::Signals;
use crate::telemetry::Exporter;
use crate::{mail, out};

/// Serves until the process is told to end.
///
/// # Errors
/// Why the desk can't be served, or can't be served any longer.
pub(crate) async fn run(config: &Config, environment: &Environment, exporter: Option<Exporter>) -> Result<()> {
    let mut signals = Signals::listen()?;
    system::raise_open_files();
    let mut desk = Running::start(config, environment.first_admin()?, None).await?;
    let (exports, end_of_exports) = (TaskTracker::new(), CancellationToken::new());
    exporter.map(|exporter| exports.spawn(exporter.run(end_of_exports.clone())));
    desk.log_start(config);
    desk.announce()?;
    let ended = tokio::select! {
        () = signals.told() => Ok(()),
        error = desk.failed() => Err(error),
    };
    let delay = if ended.is_ok() { config.server.drain_delay } else { Duration::ZERO };
    let stop = async {
        desk.stop_after(delay).await;
        end_of_exports.cancel();
        exports.close();
        exports.wait().await;
    };
    tokio::select! {
        () = stop => {}
        // Told twice: at once.
        () = signals.told() => {}
    }
    ended
}

/// What to do with a set-up link where no browser is at hand.
pub(crate) const SETUP_BY_HAND: &str = "\
Open it in a browser. Without one, send what stands after the # as \"token\", with \"first_name\", \"email\" and
\"password\", to POST /api/v1/setup, or run `muster admin create`.";

/// A desk that answers.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) app: App,
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// `http` or `https`.
    scheme: &'static str,
    /// The dialects that answer elsewhere, and where.
    elsewhere: Vec<(Dialect, String)>,
    /// Where its numbers are shown, if they are.
    metrics: Option<SocketAddr>,
    console: Console,
    /// The one-time link, if nobody administers the desk yet.
    setup_link: Option<String>,
    lock: ServeLock,
    listeners: Listeners,
    sockets: Sockets,
}

impl Running {
    /// Takes the desk, prepares it and starts answering; `shop` is a demo's.
    pub(crate) async fn start(config: &Config, first_admin: Option<FirstAdmin>, shop: Option<Shop>) -> Result<Self> {
        let certificate = Certificate::load(config)?;
        let held = Held::take(config).await?;
        let listener = bind(config.server.listen).await?;
        let address = listener.local_addr()?;
        let app = held.app(config, address);
        app.ensure_built_ins().await?;
        mail::register(&app, config)?;
        let setup_link = first_start(&app, first_admin).await?;
        schedule::start(&app, config).await?;
        app.start().await?;
        app.store().guard_space(config.limits.min_free.bytes());
        app.keep_tidy().await?;

        let drain = CancellationToken::new();
        let http = HttpMetrics::default();
        let sockets = Sockets::new(drain.clone()).counted(http.clone());
        let Mounted { shared, own } = mount(&app, config, address, &sockets, shop)?;
        let tls = certificate.as_ref().map(|it| it.tls.clone());
        let listeners = Listeners { tls, limits: limits(config)?, drain, tasks: TaskTracker::new(), http };
        let metrics = listeners.show_metrics(&app, config).await?;
        let mut elsewhere = below(config, address);
        for (dialect, address, router) in own {
            let listener = bind(address).await?;
            elsewhere.push((dialect, format!("{}://{}", config.scheme(), listener.local_addr()?)));
            listeners.serve(listener, router);
        }
        listeners.serve(listener, shared);
        if let Some(certificate) = certificate {
            listeners.tasks.spawn(certificate.keep_up(listeners.drain.clone()));
        }
        let (scheme, console) = (config.scheme(), Console::of(config));
        Ok(Self { app, address, scheme, elsewhere, metrics, console, setup_link, lock: held.lock, listeners, sockets })
    }

    /// Says where the desk is, and how to get in for the first time.
    fn announce(&self) -> Result<()> {
        if let Some(link) = &self.setup_link {
            out::line("This desk has no administrator yet. This link makes one; it works once, for 24 hours:")?;
            out::line(format_args!("  {link}"))?;
            out::line(SETUP_BY_HAND)?;
        }
        for (dialect, url) in &self.elsewhere {
            out::line(format_args!("the {} API listens on {url}", dialect.title()))?;
        }
        if let Some(address) = self.metrics {
            out::line(format_args!("metrics are shown on http://{address}/metrics"))?;
        }
        match self.console {
            Console::Served => {}
            Console::BelowPrefix => out::line(
                "the console and the chat widget are not served: they need the root of an address, and libredesk.prefix is set",
            )?,
            Console::NotBuilt(why) => {
                out::line(format_args!("the console and the chat widget are not part of this program: {why}"))?;
            }
        }
        out::line(format_args!("listening on {}://{}", self.scheme, self.address))?;
        Ok(())
    }

    /// Tells the log what serves here.
    fn log_start(&self, config: &Config) {
        let engine = engine(&self.app);
        let served = Dialect::ALL.into_iter().filter(|dialect| config.placement(*dialect).enabled);
        let dialects: Vec<&str> = served.map(Dialect::word).collect();
        tracing::info!(
            version = env!("MUSTER_VERSION"),
            engine,
            listen = %self.address,
            public_url = self.app.settings().public_url,
            dialects = dialects.join(","),
            open_files = system::open_files(),
            "the desk serves"
        );
    }

    /// Completes if the desk can't go on.
    pub(crate) async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            () = self.lock.lost() => anyhow!("another process serves this desk now"),
            task = self.app.failed() => anyhow!("the {task} task has ended"),
        }
    }

    /// Says that it isn't ready any more, goes on for `delay`, and stops.
    async fn stop_after(self, delay: Duration) {
        self.app.begin_drain();
        tracing::info!(?delay, "the desk was told to end");
        tokio::time::sleep(delay).await;
        self.stop().await;
    }

    /// Finishes what is in hand.
    pub(crate) async fn stop(self) {
        self.app.begin_drain();
        self.listeners.finish().await;
        self.sockets.wait().await;
        self.app.stop().await;
        self.app.store().close().await;
    }
}

/// Whether there is a console.
#[derive(Debug, Clone, Copy)]
enum Console {
    Served,
    BelowPrefix,
    NotBuilt(&'static str),
}

impl Console {
    fn of(config: &Config) -> Self {
        match muster_ui::missing() {
            _ if !config.serves_console() && config.libredesk.enabled => Self::BelowPrefix,
            Some(why) if config.libredesk.enabled => Self::NotBuilt(why),
            _ => Self::Served,
        }
    }
}

/// What accepts connections.
#[derive(Debug)]
struct Listeners {
    tls: Option<Tls>,
    limits: ServeLimits,
    drain: CancellationToken,
    tasks: TaskTracker,
    /// Where connections are counted.
    http: HttpMetrics,
}

impl Listeners {
    fn serve(&self, listener: TcpListener, service: impl Serves) {
        let (limits, drain) = (self.limits.clone(), self.drain.clone());
        let (tls, http) = (self.tls.clone(), self.http.clone());
        self.tasks.spawn(serve_counted(listener, tls, service, limits, drain, http));
    }

    /// Shows the desk's numbers where `config` wants them, and answers with the address.
    async fn show_metrics(&self, app: &App, config: &Config) -> Result<Option<SocketAddr>> {
        let Some(address) = config.metrics.listen else { return Ok(None) };
        let listener = bind(address).await?;
        let address = listener.local_addr()?;
        let router = metrics::router(app, &self.http, engine(app));
        self.tasks.spawn(serve(listener, router, metrics::limits(), self.drain.clone()));
        Ok(Some(address))
    }

    /// Finishes the requests in hand.
    async fn finish(&self) {
        self.drain.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn engine(app: &App) -> &'static str {
    match app.store().engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}

fn limits(config: &Config) -> Result<ServeLimits> {
    Ok(ServeLimits {
        connections: config.limits.connections,
        connections_per_address: config.limits.connections_per_address,
        proxies: Arc::new(config.proxies()?),
        ..ServeLimits::default()
    })
}

/// The dialects that lie below a prefix of the listener on `address`.
fn below(config: &Config, address: SocketAddr) -> Vec<(Dialect, String)> {
    let placed = Dialect::ALL.map(|dialect| (dialect, config.placement(dialect)));
    let below = placed.into_iter().filter(|(_, placement)| placement.enabled && !placement.prefix.is_empty());
    below
        .map(|(dialect, placement)| (dialect, format!("{}://{address}{}", config.scheme(), placement.prefix)))
        .collect()
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{address} can't be listened on"))
}

/// Makes the administrator that the environment names, or else the link that lets one be made.
async fn first_start(app: &App, first_admin: Option<FirstAdmin>) -> Result<Option<String>> {
    if !app.needs_set_up().await? {
        return Ok(None);
    }
    let operator = Caller::operator();
    match first_admin {
        Some(FirstAdmin { email, password }) => {
            let made = app.create_admin(&operator, &email, "Administrator", Some(password)).await;
            made.context("the administrator of MUSTER_ADMIN_EMAIL can't be made")?;
            Ok(None)
        }
        None => Ok(Some(app.new_setup_link(&operator).await?)),
    }
}
