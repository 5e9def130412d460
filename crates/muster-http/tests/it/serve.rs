use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::routing::get;
use muster_http::body::{BodyError, read_body_within};
use muster_http::serve::{ServeLimits, serve};
use muster_http::socket::{Ended, Session, SocketLimits, Sockets, Text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_tungstenite::connect_async;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

struct Running {
    address: SocketAddr,
    drain: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    async fn start(router: Router, limits: ServeLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (drain, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(serve(listener, router, limits, drain.clone()));
        Self { address, drain, tasks }
    }

    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    async fn stop(self) {
        self.drain.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn read_all(mut stream: TcpStream) -> String {
    let mut text = String::new();
    // A connection that was cut may end in a reset; what came before it counts.
    let _ = stream.read_to_string(&mut text).await;
    text
}

const CLOSE: &str = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
const KEEP: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn requests_carry_their_peer() {
    let peer = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string();
    let running = Running::start(Router::new().route("/", get(peer)), ServeLimits::default()).await;
    let stream = running.send(CLOSE).await;
    let own = stream.local_addr().unwrap().to_string();
    let reply = read_all(stream).await;
    assert!(reply.starts_with("HTTP/1.1 200 OK") && reply.ends_with(&own), "{reply}");
    running.stop().await;
}

#[tokio::test]
async fn draining_finishes_what_is_in_flight_and_takes_nothing_new() {
    let (entered, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (entered, go) = (Arc::clone(&entered), Arc::clone(&go));
        async move || {
            entered.notify_one();
            go.notified().await;
            "done"
        }
    };
    let running = Running::start(Router::new().route("/", get(handler)), ServeLimits::default()).await;
    let idle = TcpStream::connect(running.address).await.unwrap();
    let busy = running.send(KEEP).await;
    entered.notified().await;
    running.drain.cancel();
    assert_eq!(read_all(idle).await, "");
    assert!(TcpStream::connect(running.address).await.is_err());
    go.notify_one();
    let reply = read_all(busy).await;
    assert!(reply.contains("connection: close") && reply.ends_with("done"), "{reply}");
    running.stop().await;
}

#[tokio::test]
async fn draining_cuts_what_does_not_end() {
    let entered = Arc::new(Notify::new());
    let handler = {
        let entered = Arc::clone(&entered);
        async move || {
            entered.notify_one();
            std::future::pending::<()>().await;
        }
    };
    let limits = ServeLimits { drain_within: Duration::from_millis(20), ..ServeLimits::default() };
    let running = Running::start(Router::new().route("/", get(handler)), limits).await;
    let busy = running.send(KEEP).await;
    entered.notified().await;
    running.stop().await;
    assert_eq!(read_all(busy).await, "");
}

#[tokio::test]
async fn a_head_that_does_not_come_closes_the_connection() {
    let limits = ServeLimits { head_within: Duration::from_millis(20), ..ServeLimits::default() };
    let running = Running::start(Router::new(), limits).await;
    let reply = read_all(running.send("GET / HTTP/1.1\r\nhost: lo").await).await;
    assert!(!reply.contains("200"), "{reply}");
    running.stop().await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let limits = ServeLimits { head_bytes: 1024, head_lines: 10, ..ServeLimits::default() };
    let running = Running::start(Router::new().route("/", get(async || "fine")), limits).await;
    let long = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "y".repeat(2000));
    let many = format!("GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x: y\r\n".repeat(20));
    for head in [long, many] {
        let reply = read_all(running.send(&head).await).await;
        assert!(reply.starts_with("HTTP/1.1 431"), "{reply}");
    }
    running.stop().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_their_turn() {
    let limits = ServeLimits { connections: 1, ..ServeLimits::default() };
    let running = Running::start(Router::new().route("/", get(async || "fine")), limits).await;
    let mut first = running.send(KEEP).await;
    let mut head = [0; 15];
    first.read_exact(&mut head).await.unwrap();
    let mut second = running.send(CLOSE).await;
    let waits = tokio::time::timeout(Duration::from_millis(50), second.readable()).await;
    assert!(waits.is_err(), "the second connection was served beside the first");
    drop(first);
    let mut reply = String::new();
    second.read_to_string(&mut reply).await.unwrap();
    assert!(reply.ends_with("fine"), "{reply}");
    running.stop().await;
}

#[tokio::test]
async fn a_socket_takes_no_place_from_requests() {
    let sockets = Sockets::new(CancellationToken::new());
    let open =
        async move |upgrade: WebSocketUpgrade| sockets.accept(upgrade, SocketLimits::default(), async |_| Ok(Silent));
    let router = Router::new().route("/socket", get(open)).route("/", get(async || "fine"));
    let limits = ServeLimits { connections: 1, ..ServeLimits::default() };
    let running = Running::start(router, limits).await;
    let (socket, _) = connect_async(format!("ws://{}/socket", running.address)).await.unwrap();
    let reply = read_all(running.send(CLOSE).await).await;
    assert!(reply.ends_with("fine"), "{reply}");
    drop(socket);
    running.stop().await;
}

struct Silent;

impl Session for Silent {
    const KIND: &'static str = "silent";

    async fn text(&mut self, _: &str) -> Vec<Text> {
        Vec::new()
    }

    async fn closed(self, _: Ended) {}
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_cut() {
    let long = "x".repeat(32 << 20);
    let router = Router::new().route("/", get(async move || long));
    let limits = ServeLimits { connections: 1, send_within: Duration::from_millis(50), ..ServeLimits::default() };
    let running = Running::start(router, limits).await;
    let stuck = running.send(KEEP).await;
    // The only place is free again although the first client is still there.
    let second = read_all(running.send(CLOSE).await).await;
    assert!(second.starts_with("HTTP/1.1 200"), "{}", second.len());
    assert!(read_all(stuck).await.len() < 32 << 20);
    running.stop().await;
}

/// Answers as every dialect does to a body of more than ten bytes.
fn reads_bodies() -> Router {
    Router::new().fallback(async |request: Request| match read_body_within(request, 10).await {
        Ok(body) => (StatusCode::OK, format!("{}", body.len())),
        Err(BodyError::TooLarge { .. }) => (StatusCode::PAYLOAD_TOO_LARGE, String::new()),
        Err(_) => (StatusCode::BAD_REQUEST, String::new()),
    })
}

#[tokio::test]
async fn a_client_that_announces_too_much_and_stalls_hears_so() {
    let running = Running::start(reads_bodies(), ServeLimits::default()).await;
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n";
    for rest in ["\r\n", "\r\n0123456789abcdef", "expect: 100-continue\r\n\r\n"] {
        let reply = read_all(running.send(&format!("{head}{rest}")).await).await;
        assert!(reply.starts_with("HTTP/1.1 413"), "{rest:?}: {reply}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_client_that_waits_to_send_is_asked_to() {
    let running = Running::start(reads_bodies(), ServeLimits::default()).await;
    let head =
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n";
    let mut stream = running.send(head).await;
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"four").await.unwrap();
    let reply = read_all(stream).await;
    assert!(reply.starts_with("HTTP/1.1 200") && reply.ends_with('4'), "{reply}");
    running.stop().await;
}
