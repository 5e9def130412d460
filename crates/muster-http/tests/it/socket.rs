use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::get;
use futures_util::{SinkExt as _, StreamExt as _};
use muster_http::serve::{ServeLimits, serve};
use muster_http::socket::{Close, Ended, Outbound, Session, SocketLimits, Sockets, Text};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Echoes; `many N` queues so many texts at once, `panic` does.
struct Echo {
    outbound: Outbound,
    ended: mpsc::UnboundedSender<Ended>,
}

impl Session for Echo {
    const KIND: &'static str = "echo";

    async fn text(&mut self, text: &str) -> Vec<Text> {
        if let Some(count) = text.strip_prefix("many ") {
            for number in 0..count.parse().unwrap() {
                self.outbound.send(format!("{number}"));
            }
            return vec![];
        }
        assert!(text != "panic");
        vec![Text::from(format!("{text}!")), Text::from_static("?")]
    }

    async fn closed(self, why: Ended) {
        self.ended.send(why).unwrap();
    }
}

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

struct Running {
    address: SocketAddr,
    drain: CancellationToken,
    sockets: Sockets,
    tasks: TaskTracker,
    opened: mpsc::UnboundedReceiver<Outbound>,
    ended: mpsc::UnboundedReceiver<Ended>,
}

impl Running {
    async fn start(limits: SocketLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (drain, tasks) = (CancellationToken::new(), TaskTracker::new());
        let sockets = Sockets::new(drain.clone());
        let (open, opened) = mpsc::unbounded_channel();
        let (end, ended) = mpsc::unbounded_channel();
        let accepting = sockets.clone();
        let handler = async move |upgrade: WebSocketUpgrade| {
            accepting.accept(upgrade, limits, async move |outbound: Outbound| {
                open.send(outbound.clone()).unwrap();
                Ok(Echo { outbound, ended: end })
            })
        };
        let refuser = sockets.clone();
        let refusing = async move |upgrade: WebSocketUpgrade| {
            refuser.accept(upgrade, limits, async |_| Err::<Echo, _>(Close::new(4001, "no")))
        };
        let router = Router::new().route("/ws", get(handler)).route("/refused", get(refusing));
        tasks.spawn(serve(listener, router, ServeLimits::default(), drain.clone()));
        Self { address, drain, sockets, tasks, opened, ended }
    }

    async fn connect(&self, path: &str) -> Client {
        connect_async(format!("ws://{}{path}", self.address)).await.unwrap().0
    }

    async fn outbound(&mut self) -> Outbound {
        self.opened.recv().await.unwrap()
    }

    async fn ended(&mut self) -> Ended {
        self.ended.recv().await.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.drain.cancel();
    }
}

async fn text(client: &mut Client) -> String {
    loop {
        match client.next().await.unwrap().unwrap() {
            Message::Text(text) => return text.to_string(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("no text but {other:?}"),
        }
    }
}

/// Reads on to the close frame.
async fn close(client: &mut Client) -> (u16, String) {
    loop {
        if let Message::Close(Some(frame)) = client.next().await.unwrap().unwrap() {
            return (frame.code.into(), frame.reason.to_string());
        }
    }
}

#[tokio::test]
async fn texts_are_answered_and_told() {
    let mut running = Running::start(SocketLimits::default()).await;
    let mut client = running.connect("/ws").await;
    let outbound = running.outbound().await;
    client.send(Message::text("hello")).await.unwrap();
    assert_eq!((text(&mut client).await, text(&mut client).await), ("hello!".into(), "?".into()));
    outbound.send("news");
    assert_eq!(text(&mut client).await, "news");
    client.close(None).await.unwrap();
    assert_eq!(running.ended().await, Ended::Peer);
    assert!(outbound.is_closed());
    outbound.send("nobody hears this");
}

/// Tells what it is given.
struct Teller(mpsc::UnboundedReceiver<Result<Vec<Text>, Close>>);

impl Session for Teller {
    const KIND: &'static str = "teller";

    async fn text(&mut self, _: &str) -> Vec<Text> {
        vec![Text::from_static("heard")]
    }

    async fn next(&mut self) -> Result<Vec<Text>, Close> {
        self.0.recv().await.unwrap()
    }

    async fn closed(self, _: Ended) {}
}

/// A socket that tells what is sent into the channel; its session panics when the channel closes.
async fn telling() -> (mpsc::UnboundedSender<Result<Vec<Text>, Close>>, Client, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let drain = CancellationToken::new();
    let sockets = Sockets::new(drain.clone());
    let (tell, told) = mpsc::unbounded_channel();
    let told = std::sync::Arc::new(std::sync::Mutex::new(Some(told)));
    let handler = async move |upgrade: WebSocketUpgrade| {
        let told = told.lock().unwrap().take().unwrap();
        sockets.accept(upgrade, SocketLimits::default(), async |_| Ok(Teller(told)))
    };
    let router = Router::new().route("/ws", get(handler));
    TaskTracker::new().spawn(serve(listener, router, ServeLimits::default(), drain.clone()));
    let client = connect_async(format!("ws://{address}/ws")).await.unwrap().0;
    (tell, client, drain)
}

#[tokio::test]
async fn a_session_tells_unasked_and_answers_in_between() {
    let (tell, mut client, drain) = telling().await;
    for number in 0..3 {
        tell.send(Ok(vec![Text::from(format!("a{number}")), Text::from(format!("b{number}"))])).unwrap();
        client.send(Message::text("?")).await.unwrap();
        let mut texts = vec![text(&mut client).await, text(&mut client).await, text(&mut client).await];
        texts.sort();
        assert_eq!(texts, [format!("a{number}"), format!("b{number}"), "heard".to_owned()]);
    }
    tell.send(Err(Close::new(4000, "enough"))).unwrap();
    assert_eq!(close(&mut client).await, (4000, "enough".into()));
    drain.cancel();
}

#[tokio::test]
async fn a_session_that_panics_while_telling_closes() {
    let (tell, mut client, drain) = telling().await;
    drop(tell);
    assert_eq!(close(&mut client).await.0, 1011);
    drain.cancel();
}

#[tokio::test]
async fn a_kick_carries_its_code_and_reason() {
    let mut running = Running::start(SocketLimits::default()).await;
    let mut client = running.connect("/ws").await;
    let outbound = running.outbound().await;
    outbound.close(Close::new(1000, "kicked"));
    outbound.close(Close::new(4000, "too late"));
    assert_eq!(close(&mut client).await, (1000, "kicked".into()));
    assert!(client.next().await.is_none());
    assert_eq!(running.ended().await, Ended::Kicked);
}

#[tokio::test]
async fn a_session_may_be_refused_when_it_opens() {
    let running = Running::start(SocketLimits::default()).await;
    let mut client = running.connect("/refused").await;
    assert_eq!(close(&mut client).await, (4001, "no".into()));
}

#[tokio::test]
async fn a_full_queue_tells_the_client_to_reload() {
    let mut running = Running::start(SocketLimits { queue: 3, ..SocketLimits::default() }).await;
    let mut client = running.connect("/ws").await;
    client.send(Message::text("many 3")).await.unwrap();
    for number in 0..3 {
        assert_eq!(text(&mut client).await, number.to_string());
    }
    client.send(Message::text("many 4")).await.unwrap();
    assert_eq!(close(&mut client).await, (1013, "reload".into()));
    drop(client);
    assert_eq!(running.ended().await, Ended::Slow);
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_cut() {
    let limits = SocketLimits { queue: 100_000, send_within: Duration::from_millis(50), ..SocketLimits::default() };
    let mut running = Running::start(limits).await;
    let _client = running.connect("/ws").await;
    let outbound = running.outbound().await;
    let big = Text::from("x".repeat(1_000_000));
    for _ in 0..100 {
        outbound.send(big.clone());
    }
    assert_eq!(running.ended().await, Ended::Slow);
}

#[tokio::test]
async fn a_binary_frame_is_misuse() {
    let mut running = Running::start(SocketLimits::default()).await;
    let mut client = running.connect("/ws").await;
    client.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(close(&mut client).await, (1003, "text only".into()));
    drop(client);
    assert_eq!(running.ended().await, Ended::Misuse);
}

#[tokio::test]
async fn too_long_a_text_closes_the_socket() {
    let mut running = Running::start(SocketLimits { text_bytes: 100, ..SocketLimits::default() }).await;
    let mut client = running.connect("/ws").await;
    client.send(Message::text("x".repeat(100))).await.unwrap();
    assert_eq!(text(&mut client).await.len(), 101);
    client.send(Message::text("x".repeat(101))).await.unwrap();
    assert_eq!(close(&mut client).await, (1002, "unreadable frame".into()));
    drop(client);
    assert_eq!(running.ended().await, Ended::Peer);
}

#[tokio::test]
async fn a_peer_that_vanishes_has_ended() {
    let mut running = Running::start(SocketLimits::default()).await;
    drop(running.connect("/ws").await);
    assert_eq!(running.ended().await, Ended::Peer);
}

#[tokio::test]
async fn a_silent_peer_is_let_go() {
    let limits =
        SocketLimits { ping_every: None, idle_after: Some(Duration::from_millis(50)), ..SocketLimits::default() };
    let mut running = Running::start(limits).await;
    let mut client = running.connect("/ws").await;
    assert_eq!(close(&mut client).await, (1000, "idle".into()));
    drop(client);
    assert_eq!(running.ended().await, Ended::Idle);
}

#[tokio::test]
async fn pings_come_and_their_answers_keep_a_peer() {
    let limits = SocketLimits {
        ping_every: Some(Duration::from_millis(20)),
        idle_after: Some(Duration::from_secs(4)),
        ..SocketLimits::default()
    };
    let mut running = Running::start(limits).await;
    let mut client = running.connect("/ws").await;
    for _ in 0..225 {
        assert!(matches!(client.next().await.unwrap().unwrap(), Message::Ping(_)));
    }
    client.send(Message::text("still here")).await.unwrap();
    assert_eq!(text(&mut client).await, "still here!");
    drop(client);
    assert_eq!(running.ended().await, Ended::Peer);
}

#[tokio::test]
async fn a_panic_closes_one_socket_in_order() {
    let mut running = Running::start(SocketLimits::default()).await;
    let mut client = running.connect("/ws").await;
    client.send(Message::text("panic")).await.unwrap();
    assert_eq!(close(&mut client).await, (1011, "internal error".into()));
    drop(client);
    assert_eq!(running.ended().await, Ended::Failed);
}

#[tokio::test]
async fn draining_closes_every_socket_and_waits_for_the_sessions() {
    let mut running = Running::start(SocketLimits::default()).await;
    let mut client = running.connect("/ws").await;
    running.outbound().await;
    running.drain.cancel();
    assert_eq!(close(&mut client).await, (1001, "going away".into()));
    assert!(client.next().await.is_none());
    running.sockets.wait().await;
    assert_eq!(running.ended.try_recv(), Ok(Ended::Draining));
    running.tasks.close();
    running.tasks.wait().await;
}
