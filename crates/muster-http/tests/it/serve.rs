use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use muster_http::serve::{ServeLimits, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
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
