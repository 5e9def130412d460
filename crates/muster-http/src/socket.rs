//! The pump behind a WebSocket. A dialect says what to do when one opens, when a text comes in, what
//! there is to tell unasked, and what to do when it has closed; the pump keeps the queue, the pings
//! and the time limits.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::FutureExt as _;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::metrics::HttpMetrics;

/// A text to be sent. Cloning one is cheap, so that many sockets can share it.
pub type Text = Utf8Bytes;

/// One open socket, as a dialect sees it.
pub trait Session: Send + 'static {
    /// Who is at the other end, in one word for the metrics.
    const KIND: &'static str;

    /// A text came in. What is returned is sent before anything queued.
    fn text(&mut self, text: &str) -> impl Future<Output = Vec<Text>> + Send;

    /// Waits for the next thing to tell the peer unasked, or for a reason to close. Has to be cancel
    /// safe: it is dropped and called again whenever something else happens. It is not called while
    /// a text is being sent, so that a slow peer holds up its own session and nothing else.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Text>, Close>> + Send {
        std::future::pending()
    }

    /// The socket has closed. Runs exactly once, also after a panic in one of the others.
    fn closed(self, why: Ended) -> impl Future<Output = ()> + Send;
}

/// Why a socket closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The peer closed it, vanished, or sent what can't be read: broken frames, too long a text.
    Peer,
    /// [`Outbound::close`] was called, or the session wanted it.
    Kicked,
    /// It did not take its texts fast enough, and was told to reload.
    Slow,
    /// Nothing was heard of it for too long.
    Idle,
    /// It sent a binary frame.
    Misuse,
    /// The session panicked.
    Failed,
    /// The server is shutting down.
    Draining,
}

/// A close code and its reason, which may have up to 123 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub reason: Text,
}

impl Close {
    #[must_use]
    pub const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Text::from_static(reason) }
    }
}

const GOING_AWAY: Close = Close::new(1001, "going away");
const BROKEN: Close = Close::new(1002, "unreadable frame");
const TEXT_ONLY: Close = Close::new(1003, "text only");
const FAILED: Close = Close::new(1011, "internal error");
/// Texts were lost: the client reconnects and fetches anew.
const RELOAD: Close = Close::new(1013, "reload");
const IDLE: Close = Close::new(1000, "idle");

/// What one socket may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketLimits {
    /// Bytes of one incoming text.
    pub text_bytes: usize,
    /// Texts waiting to be sent; one more, and the socket is closed as slow.
    pub queue: usize,
    /// How often the peer is pinged, if at all.
    pub ping_every: Option<Duration>,
    /// How long the peer may stay silent, its answers to pings counted.
    pub idle_after: Option<Duration>,
    /// How long one frame may take to be handed to the system.
    pub send_within: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            text_bytes: 64 * 1024,
            queue: 128,
            ping_every: Some(Duration::from_secs(20)),
            idle_after: Some(Duration::from_secs(60)),
            send_within: Duration::from_secs(10),
        }
    }
}

impl Ended {
    /// One word for the metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Kicked => "kicked",
            Self::Slow => "slow",
            Self::Idle => "idle",
            Self::Misuse => "misuse",
            Self::Failed => "failed",
            Self::Draining => "draining",
        }
    }
}

/// Opens sockets, and knows when all of them have closed.
#[derive(Debug, Clone)]
pub struct Sockets {
    tasks: TaskTracker,
    drain: CancellationToken,
    /// How many have been opened so far.
    opened: Arc<AtomicU32>,
    metrics: HttpMetrics,
}

impl Sockets {
    /// `drain` closes every socket, a thousand a second and within two seconds, and every later one.
    #[must_use]
    pub fn new(drain: CancellationToken) -> Self {
        Self { tasks: TaskTracker::new(), drain, opened: Arc::default(), metrics: HttpMetrics::default() }
    }

    /// Counted in `metrics`.
    #[must_use]
    pub fn counted(self, metrics: HttpMetrics) -> Self {
        Self { metrics, ..self }
    }

    /// Where the sockets are counted; whatever is served beside them is counted there, too.
    #[must_use]
    pub fn metrics(&self) -> &HttpMetrics {
        &self.metrics
    }

    /// Answers the handshake. Once the socket is open, `open` makes its session, or refuses it with
    /// a close code.
    #[must_use]
    pub fn accept<S, F, Fut>(&self, upgrade: WebSocketUpgrade, limits: SocketLimits, open: F) -> Response
    where
        S: Session,
        F: FnOnce(Outbound) -> Fut + Send + 'static,
        Fut: Future<Output = Result<S, Close>> + Send,
    {
        let token = self.tasks.token();
        let leave = Leave::new(self);
        upgrade
            .read_buffer_size(1024)
            .write_buffer_size(0)
            .max_message_size(limits.text_bytes)
            .max_frame_size(limits.text_bytes)
            .on_upgrade(async move |socket| {
                run(Wire { socket, send_within: limits.send_within }, limits, leave, open).await;
                drop(token);
            })
    }

    /// Waits until every session's [`Session::closed`] has run; no socket is to be accepted after.
    pub async fn wait(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The way out of the process to one socket. Clones share one queue.
#[derive(Debug, Clone)]
pub struct Outbound {
    queue: Sender<Text>,
    ending: Arc<Ending>,
}

/// How a socket is told to close from outside the pump: the first to say so decides.
#[derive(Debug, Default)]
struct Ending {
    how: OnceLock<(Ended, Close)>,
    signal: CancellationToken,
}

impl Ending {
    fn set(&self, ended: Ended, close: Close) {
        // Whoever comes second changes nothing.
        let _ = self.how.set((ended, close));
        self.signal.cancel();
    }

    async fn wait(&self) -> (Ended, Close) {
        self.signal.cancelled().await;
        self.how.get().cloned().unwrap_or((Ended::Kicked, GOING_AWAY))
    }
}

impl Outbound {
    /// Queues a text. Never waits: if the queue is full, the socket is closed with 1013 `reload`.
    /// Nothing happens if the socket has closed.
    pub fn send(&self, text: impl Into<Text>) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(text.into()) {
            self.ending.set(Ended::Slow, RELOAD);
        }
    }

    /// Closes the socket, leaving what is queued unsent.
    pub fn close(&self, close: Close) {
        self.ending.set(Ended::Kicked, close);
    }

    /// Whether the socket has closed or is closing, so that it can be forgotten.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.ending.signal.is_cancelled() || self.queue.is_closed()
    }
}

async fn run<S, F, Fut>(mut wire: Wire, limits: SocketLimits, leave: Leave, open: F)
where
    S: Session,
    F: FnOnce(Outbound) -> Fut,
    Fut: Future<Output = Result<S, Close>>,
{
    let (queue, queued) = mpsc::channel(limits.queue.max(1));
    let ending = Arc::<Ending>::default();
    // What is big and soon over stands on the heap: a socket that waits has no room for it.
    let mut session = match Box::pin(open(Outbound { queue, ending: Arc::clone(&ending) })).await {
        Ok(session) => session,
        Err(close) => return wire.close(close).await,
    };
    let metrics = leave.sockets.metrics.clone();
    let opened = metrics.socket_opened(S::KIND);
    let mut pump = Pump { wire, queued, ending, leave, pulse: Pulse::new(&limits) };
    let (ended, close) = pump.run(&mut session).await;
    drop(opened);
    metrics.socket_ended(S::KIND, ended.word());
    pump.queued.close();
    if let Some(close) = close {
        pump.wire.close(close).await;
    }
    session.closed(ended).await;
}

/// What the peer is told at the end; nothing if it went first.
type End = (Ended, Option<Close>);

struct Pump {
    wire: Wire,
    queued: Receiver<Text>,
    ending: Arc<Ending>,
    leave: Leave,
    pulse: Pulse,
}

impl Pump {
    async fn run<S: Session>(&mut self, session: &mut S) -> End {
        loop {
            if let Err(end) = self.step(session).await {
                return end;
            }
        }
    }

    async fn step<S: Session>(&mut self, session: &mut S) -> Result<(), End> {
        tokio::select! {
            (ended, close) = self.ending.wait() => Err((ended, Some(close))),
            () = self.leave.time() => Err((Ended::Draining, Some(GOING_AWAY))),
            message = self.wire.socket.recv() => self.inbound(message, session).await,
            Some(text) = self.queued.recv() => self.wire.send(Message::Text(text)).await,
            told = AssertUnwindSafe(session.next()).catch_unwind() => self.tell(told).await,
            beat = self.pulse.next() => self.beat(beat).await,
        }
    }

    async fn inbound<S: Session>(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
        session: &mut S,
    ) -> Result<(), End> {
        self.pulse.heard();
        match message {
            Some(Ok(Message::Text(text))) => self.answer(&text, session).await,
            Some(Ok(Message::Binary(_))) => Err((Ended::Misuse, Some(TEXT_ONLY))),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            // The protocol's own answer goes out as the socket is read to its end.
            Some(Ok(Message::Close(_))) => {
                self.wire.read_to_end().await;
                Err((Ended::Peer, None))
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "a socket could not be read");
                Err((Ended::Peer, Some(BROKEN)))
            }
            None => Err((Ended::Peer, None)),
        }
    }

    async fn answer<S: Session>(&mut self, text: &str, session: &mut S) -> Result<(), End> {
        let replies = AssertUnwindSafe(Box::pin(session.text(text))).catch_unwind().await;
        self.tell(replies.map(Ok)).await
    }

    async fn tell<P>(&mut self, told: Result<Result<Vec<Text>, Close>, P>) -> Result<(), End> {
        let Ok(told) = told else {
            tracing::error!("a socket's session panicked");
            return Err((Ended::Failed, Some(FAILED)));
        };
        for text in told.map_err(|close| (Ended::Kicked, Some(close)))? {
            self.wire.send(Message::Text(text)).await?;
        }
        Ok(())
    }

    async fn beat(&mut self, beat: Beat) -> Result<(), End> {
        match beat {
            Beat::Ping => self.wire.send(Message::Ping(bytes::Bytes::new())).await,
            Beat::Idle => Err((Ended::Idle, Some(IDLE))),
        }
    }
}

struct Wire {
    socket: WebSocket,
    send_within: Duration,
}

impl Wire {
    /// Sends one frame. A peer that does not take it in time is stuck, and is not told more.
    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.send_within, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err((Ended::Peer, None)),
            Err(_) => Err((Ended::Slow, None)),
        }
    }

    /// Says good-bye, and waits for the peer to say it too.
    async fn close(&mut self, close: Close) {
        let frame = CloseFrame { code: close.code, reason: close.reason };
        if self.send(Message::Close(Some(frame))).await.is_ok() {
            self.read_to_end().await;
        }
    }

    async fn read_to_end(&mut self) {
        let rest = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        // A peer that never ends is left alone.
        let _ = timeout(self.send_within, rest).await;
    }
}

/// When a socket goes because the server is shutting down. Not all at once: their clients come back at the same time as
/// they go, and would be a flood.
struct Leave {
    sockets: Sockets,
    /// Tells the sockets apart.
    number: u32,
    at: Option<Instant>,
}

/// A thousand go within a second, but all within this time.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);
/// Turns in which they go.
const TURNS: u32 = 64;

impl Leave {
    fn new(sockets: &Sockets) -> Self {
        Self { sockets: sockets.clone(), number: sockets.opened.fetch_add(1, Ordering::Relaxed), at: None }
    }

    /// Waits for the time to go. Cancel safe.
    async fn time(&mut self) {
        self.sockets.drain.cancelled().await;
        let at = match self.at {
            Some(at) => at,
            None => *self.at.insert(Instant::now() + self.turn()),
        };
        sleep_until(at).await;
    }

    /// How long after the first one this socket goes.
    fn turn(&self) -> Duration {
        let open = u64::try_from(self.sockets.tasks.len()).unwrap_or(u64::MAX);
        Duration::from_millis(open).min(LEAVE_WITHIN) * (self.number % TURNS) / TURNS
    }
}

#[derive(Debug, Clone, Copy)]
enum Beat {
    Ping,
    Idle,
}

/// When to ping, and when to give up.
struct Pulse {
    ping_every: Option<Duration>,
    idle_after: Option<Duration>,
    pinged: Instant,
    heard: Instant,
}

impl Pulse {
    fn new(limits: &SocketLimits) -> Self {
        let now = Instant::now();
        Self { ping_every: limits.ping_every, idle_after: limits.idle_after, pinged: now, heard: now }
    }

    fn heard(&mut self) {
        self.heard = Instant::now();
    }

    async fn next(&mut self) -> Beat {
        let ping = self.ping_every.map(|every| (self.pinged + every, Beat::Ping));
        let idle = self.idle_after.map(|after| (self.heard + after, Beat::Idle));
        let Some((due, beat)) = ping.into_iter().chain(idle).min_by_key(|(due, _)| *due) else {
            return std::future::pending().await;
        };
        sleep_until(due).await;
        if matches!(beat, Beat::Ping) {
            self.pinged = Instant::now();
        }
        beat
    }
}
