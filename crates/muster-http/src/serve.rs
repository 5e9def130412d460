//! The listener: accepts connections, speaks HTTP/1.1 with upgrades on each, over TLS if it has a certificate, and drains
//! when asked.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::client::TrustedProxies;
use crate::connection::{Held, Place, Places};
use crate::metrics::HttpMetrics;
use crate::tls::{HANDSHAKE, Tls, refuse_plain};

/// What a listener allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeLimits {
    /// Connections open at once, without those that have become WebSockets; more wait to be accepted.
    pub connections: usize,
    /// Of these, how many one address may have; one more is closed at once. Loopback addresses and
    /// `proxies` may have all.
    pub connections_per_address: usize,
    /// The proxies that many people come through.
    pub proxies: Arc<TrustedProxies>,
    /// How long a client may take to shake hands for TLS.
    pub handshake_within: Duration,
    /// Until the head of a request is complete, from the moment one can come: also how long an
    /// idle connection is kept.
    pub head_within: Duration,
    /// Bytes of a request's head. A longer one is answered with 431.
    pub head_bytes: usize,
    /// Header lines of a request. More are answered with 431.
    pub head_lines: usize,
    /// How long the peer may take to accept what is written to it: an answer, or a piece of a long one.
    pub send_within: Duration,
    /// How long requests in flight may go on once draining has begun.
    pub drain_within: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 4_000,
            connections_per_address: 1_000,
            proxies: Arc::default(),
            handshake_within: Duration::from_secs(8),
            head_within: Duration::from_secs(8),
            head_bytes: 64 * 1024,
            head_lines: 100,
            send_within: Duration::from_secs(30),
            drain_within: Duration::from_secs(20),
        }
    }
}

/// How long accepting pauses when the system has no more of something to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What a listener serves: a router, or whatever chooses among routers.
pub trait Serves:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> Serves for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

/// Serves `service` on `listener` until `drain` is cancelled; then accepts nothing more, lets
/// requests in flight finish within the limit, and cuts what is left.
///
/// Each request carries `ConnectInfo<SocketAddr>`. An upgraded connection is neither counted nor waited for here:
/// [`crate::socket::Sockets`] does that.
pub async fn serve(listener: TcpListener, service: impl Serves, limits: ServeLimits, drain: CancellationToken) {
    run(listener, Connections::new(None, service, limits, drain, HttpMetrics::default())).await;
}

/// Does as [`serve`], over TLS. Who speaks plain HTTP is told so.
pub async fn serve_tls(
    listener: TcpListener,
    tls: Tls,
    service: impl Serves,
    limits: ServeLimits,
    drain: CancellationToken,
) {
    run(listener, Connections::new(Some(tls), service, limits, drain, HttpMetrics::default())).await;
}

/// Does as [`serve`], or as [`serve_tls`] where there is `tls`, and counts the connections in `metrics`.
pub async fn serve_counted(
    listener: TcpListener,
    tls: Option<Tls>,
    service: impl Serves,
    limits: ServeLimits,
    drain: CancellationToken,
    metrics: HttpMetrics,
) {
    run(listener, Connections::new(tls, service, limits, drain, metrics)).await;
}

async fn run(listener: TcpListener, connections: Connections<impl Serves>) {
    tokio::select! {
        () = connections.drain.cancelled() => {}
        () = accept(&listener, &connections) => {}
    }
    drop(listener);
    connections.finish().await;
}

/// Accepts for ever.
async fn accept(listener: &TcpListener, connections: &Connections<impl Serves>) {
    let mut is_held_up = false;
    while let Some(free) = connections.places.wait().await {
        let (stream, peer) = next_connection(listener, &mut is_held_up).await;
        match connections.places.give(free, peer.ip()) {
            Some(place) => connections.open(stream, peer, place),
            None => tracing::debug!(%peer, "an address has too many connections"),
        }
    }
}

/// `is_held_up`: the system had nothing more to give the last time, and the log says so.
async fn next_connection(listener: &TcpListener, is_held_up: &mut bool) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => {
                if std::mem::take(is_held_up) {
                    tracing::info!("connections are accepted again");
                }
                return accepted;
            }
            Err(error) if is_about_the_peer(&error) => {}
            Err(error) => {
                if !std::mem::replace(is_held_up, true) {
                    tracing::error!(%error, "no connection can be accepted");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_about_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Connections<S> {
    tls: Option<Tls>,
    service: S,
    http: http1::Builder,
    limits: ServeLimits,
    places: Places,
    drain: CancellationToken,
    /// Cancelled when waiting is over.
    cut: CancellationToken,
    tasks: TaskTracker,
}

impl<S: Serves> Connections<S> {
    fn new(tls: Option<Tls>, service: S, limits: ServeLimits, drain: CancellationToken, metrics: HttpMetrics) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.head_within)
            .max_header_size(limits.head_bytes)
            .max_headers(limits.head_lines);
        let places =
            Places::new(limits.connections, limits.connections_per_address, Arc::clone(&limits.proxies), metrics);
        let (cut, tasks) = (CancellationToken::new(), TaskTracker::new());
        Self { tls, service, http, limits, places, drain, cut, tasks }
    }

    fn open(&self, stream: TcpStream, peer: SocketAddr, place: Place) {
        // Failing to set it costs some delay, no more.
        let _ = stream.set_nodelay(true);
        let (http, drain, cut) = (self.http.clone(), self.drain.clone(), self.cut.clone());
        let held = Held::new(stream, place.clone(), self.limits.send_within);
        let service = Connected { service: self.service.clone(), peer, place };
        match self.tls.clone() {
            None => self.tasks.spawn(speak(http, held, service, drain, cut)),
            Some(tls) => {
                let within = self.limits.handshake_within;
                self.tasks.spawn(async move {
                    // Nothing is in hand before the first request: draining ends a handshake.
                    let secured = drain.run_until_cancelled(secure(&tls, held, within)).await;
                    match secured {
                        Some(Ok(Some(stream))) => speak(http, stream, service, drain, cut).await,
                        Some(Err(error)) => tracing::debug!(%error, "no TLS was agreed on"),
                        Some(Ok(None)) | None => {}
                    }
                })
            }
        };
    }

    async fn finish(self) {
        self.tasks.close();
        if tokio::time::timeout(self.limits.drain_within, self.tasks.wait()).await.is_err() {
            tracing::warn!("requests were cut at shutdown");
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }
}

/// Begins TLS; `None` for a client that speaks plain HTTP, which has its answer then.
async fn secure(tls: &Tls, held: Held, within: Duration) -> io::Result<Option<TlsStream<Held>>> {
    let mut first = [0];
    let seen = tokio::time::timeout(within, held.stream().peek(&mut first)).await;
    if seen.map_err(|_| io::ErrorKind::TimedOut)?? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if first[0] == HANDSHAKE {
        return tls.accept(held, within).await.map(Some);
    }
    refuse_plain(held).await?;
    Ok(None)
}

/// Speaks HTTP until the connection ends, or is cut.
async fn speak<T>(
    http: http1::Builder,
    stream: T,
    service: Connected<impl Serves>,
    drain: CancellationToken,
    cut: CancellationToken,
) where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| service.clone().answer(request));
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = drain.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! { ended = connection => ended, () = cut.cancelled() => Ok(()) }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// What one connection is served.
#[derive(Clone)]
struct Connected<S> {
    service: S,
    peer: SocketAddr,
    place: Place,
}

impl<S: Serves> Connected<S> {
    async fn answer(mut self, mut request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.service.call(request.map(Body::new)).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            self.place.leave();
        }
        Ok(response)
    }
}
