//! The listener: accepts connections, speaks HTTP/1.1 with upgrades on each, over TLS if it has a certificate, and drains
//! when asked.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::tls::{HANDSHAKE, Tls, refuse_plain};

/// What a listener allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServeLimits {
    /// Connections open at once, WebSockets among them; more wait to be accepted.
    pub connections: usize,
    /// How long a client may take to shake hands for TLS.
    pub handshake_within: Duration,
    /// Until the head of a request is complete, from the moment one can come: also how long an
    /// idle connection is kept.
    pub head_within: Duration,
    /// Bytes of a request's head. A longer one is answered with 431.
    pub head_bytes: usize,
    /// Header lines of a request. More are answered with 431.
    pub head_lines: usize,
    /// How long requests in flight may go on once draining has begun.
    pub drain_within: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            handshake_within: Duration::from_secs(8),
            head_within: Duration::from_secs(8),
            head_bytes: 64 * 1024,
            head_lines: 100,
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
/// Each request carries `ConnectInfo<SocketAddr>`. An upgraded connection counts as open until it
/// is closed, but is not waited for here: [`crate::socket::Sockets`] does that.
pub async fn serve(listener: TcpListener, service: impl Serves, limits: ServeLimits, drain: CancellationToken) {
    run(listener, Connections::new(None, service, limits, drain)).await;
}

/// Does as [`serve`], over TLS. Who speaks plain HTTP is told so.
pub async fn serve_tls(
    listener: TcpListener,
    tls: Tls,
    service: impl Serves,
    limits: ServeLimits,
    drain: CancellationToken,
) {
    run(listener, Connections::new(Some(tls), service, limits, drain)).await;
}

async fn run(listener: TcpListener, connections: Connections<impl Serves>) {
    let limits = connections.limits;
    let slots = Arc::new(Semaphore::new(limits.connections));
    tokio::select! {
        () = connections.drain.cancelled() => {}
        () = accept(&listener, &slots, &connections) => {}
    }
    drop(listener);
    connections.finish(limits.drain_within).await;
}

/// Accepts for ever.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>, connections: &Connections<impl Serves>) {
    // The semaphore is never closed.
    while let Ok(slot) = Arc::clone(slots).acquire_owned().await {
        let (stream, peer) = next_connection(listener).await;
        connections.open(stream, peer, slot);
    }
}

async fn next_connection(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_about_the_peer(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
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
    drain: CancellationToken,
    /// Cancelled when waiting is over.
    cut: CancellationToken,
    tasks: TaskTracker,
}

impl<S: Serves> Connections<S> {
    fn new(tls: Option<Tls>, service: S, limits: ServeLimits, drain: CancellationToken) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.head_within)
            .max_header_size(limits.head_bytes)
            .max_headers(limits.head_lines);
        Self { tls, service, http, limits, drain, cut: CancellationToken::new(), tasks: TaskTracker::new() }
    }

    fn open(&self, stream: TcpStream, peer: SocketAddr, slot: OwnedSemaphorePermit) {
        // Failing to set it costs some delay, no more.
        let _ = stream.set_nodelay(true);
        let (http, drain, cut) = (self.http.clone(), self.drain.clone(), self.cut.clone());
        let (service, held) = (self.service.clone(), Held { stream, _slot: slot });
        match self.tls.clone() {
            None => self.tasks.spawn(speak(http, held, peer, service, drain, cut)),
            Some(tls) => {
                let within = self.limits.handshake_within;
                self.tasks.spawn(async move {
                    // Nothing is in hand before the first request: draining ends a handshake.
                    let secured = drain.run_until_cancelled(secure(&tls, held, within)).await;
                    match secured {
                        Some(Ok(Some(stream))) => speak(http, stream, peer, service, drain, cut).await,
                        Some(Err(error)) => tracing::debug!(%error, "no TLS was agreed on"),
                        Some(Ok(None)) | None => {}
                    }
                })
            }
        };
    }

    async fn finish(self, within: Duration) {
        self.tasks.close();
        if tokio::time::timeout(within, self.tasks.wait()).await.is_err() {
            tracing::warn!("requests were cut at shutdown");
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }
}

/// Begins TLS; `None` for a client that speaks plain HTTP, which has its answer then.
async fn secure(tls: &Tls, held: Held, within: Duration) -> io::Result<Option<TlsStream<Held>>> {
    let mut first = [0];
    let seen = tokio::time::timeout(within, held.stream.peek(&mut first)).await;
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
    peer: SocketAddr,
    service: impl Serves,
    drain: CancellationToken,
    cut: CancellationToken,
) where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(service.clone(), request, peer));
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

async fn answer(
    mut service: impl Serves,
    mut request: hyper::Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    service.call(request.map(Body::new)).await
}

/// A connection that gives its slot back when it is closed, however it ends: an upgrade takes it
/// along.
struct Held {
    stream: TcpStream,
    _slot: OwnedSemaphorePermit,
}

impl AsyncRead for Held {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
