//! What goes through sockets: how soon an agent hears of a conversation, how fast the router gives out a queue, and
//! what an idle socket costs.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use futures_util::{SinkExt as _, future};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::desk::{Desk, Sample};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Chats begun a second while the way to the agent is timed.
const CHATS_PER_SECOND: u32 = 200;
const AGENT_SOCKETS: usize = 50;
const VISITOR_SOCKETS: usize = 2_000;
const AT_ONCE: usize = 32;

/// Conversations that wait while nobody is there, and how long the router takes to give them all out once one agent
/// with room for all comes in; claims a second.
pub(crate) async fn router_claims(desk: &Desk, sample: &Sample) -> Result<f64> {
    let wanted: usize = 2_000;
    let numbers = stream::iter(0..wanted).map(|number| desk.conversation(sample.inbox_id, 10_000 + number));
    let _: Vec<String> = numbers.buffered(AT_ONCE).try_collect().await?;
    let key = desk.key_of(&sample.takers[0]).await?;
    let begin = Instant::now();
    let mut socket = agent_socket(desk, &key).await?;
    let mut assigned = HashSet::new();
    let mut last = begin;
    while assigned.len() < wanted {
        match tokio::time::timeout(Duration::from_secs(10), socket.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => {
                if let Some(uuid) = assigned_conversation(&text) {
                    assigned.insert(uuid);
                    last = Instant::now();
                }
            }
            Ok(Some(Ok(_))) => {}
            _ => bail!("the agent heard of {} of {wanted} conversations", assigned.len()),
        }
    }
    socket.close(None).await?;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let rate = assigned.len() as f64 / (last - begin).as_secs_f64();
    Ok(rate)
}

/// Latencies in milliseconds, sorted.
pub(crate) struct Latencies(Vec<f64>);

impl Latencies {
    pub(crate) fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// From the visitor's request to the frame that tells the agent of the conversation given to him.
pub(crate) async fn latency(desk: &Desk, sample: &Sample, time: Duration) -> Result<Latencies> {
    let key = desk.key_of(&sample.takers[1]).await?;
    let mut socket = agent_socket(desk, &key).await?;
    let (told, mut hears) = mpsc::unbounded_channel();
    let mut listener = JoinSet::new();
    listener.spawn(async move {
        while let Some(Ok(frame)) = socket.next().await {
            if let Some(uuid) = frame.to_text().ok().and_then(assigned_conversation) {
                let _ = told.send((uuid, Instant::now()));
            }
        }
    });
    let chats = usize::try_from(u64::from(CHATS_PER_SECOND) * time.as_secs())?;
    let mut begun = begin_chats(desk, sample, chats).await?;
    // The socket also tells of conversations of the steps before.
    let mut latencies = Vec::with_capacity(chats);
    while latencies.len() < chats {
        let Ok(Some((uuid, at))) = tokio::time::timeout(Duration::from_secs(10), hears.recv()).await else { break };
        latencies.extend(begun.remove(&uuid).map(|sent| (at - sent).as_secs_f64() * 1000.0));
    }
    if latencies.len() * 100 < chats * 99 {
        bail!("only {} of {chats} conversations were heard of", latencies.len());
    }
    latencies.sort_by(f64::total_cmp);
    Ok(Latencies(latencies))
}

/// UUIDs with the instants at which their requests were sent.
async fn begin_chats(desk: &Desk, sample: &Sample, chats: usize) -> Result<HashMap<String, Instant>> {
    let mut tick = tokio::time::interval(Duration::from_secs(1) / CHATS_PER_SECOND);
    let mut begun = JoinSet::new();
    for _ in 0..chats {
        tick.tick().await;
        let request = desk.http().post(format!("{}/api/v1/widget/chat/conversations/init", desk.url()));
        let request = request.header("x-libredesk-inbox-id", &sample.inbox).json(&json!({"message": "Hello"}));
        begun.spawn(async move {
            let at = Instant::now();
            let answer: Value = request.send().await?.json().await?;
            let uuid = answer["data"]["conversation"]["uuid"].as_str().context("no chat began")?;
            anyhow::Ok((uuid.to_owned(), at))
        });
    }
    begun.join_all().await.into_iter().collect()
}

/// The conversation that a frame says was given to somebody.
fn assigned_conversation(text: &str) -> Option<String> {
    let frame: Value = serde_json::from_str(text).ok()?;
    let is_given = frame["type"] == "new_conversation" && !frame["data"]["assigned_user_id"].is_null();
    is_given.then(|| frame["data"]["uuid"].as_str().map(ToOwned::to_owned))?
}

async fn agent_socket(desk: &Desk, credential: &str) -> Result<Socket> {
    let mut request = format!("{}/ws", desk.url().replace("http", "ws")).into_client_request()?;
    request.headers_mut().insert("authorization", format!("Basic {credential}").parse()?);
    Ok(connect_async(request).await?.0)
}

/// Open sockets, kept so until dropped.
pub(crate) struct Open(Vec<Socket>);

impl Open {
    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(1)
    }
}

pub(crate) async fn open_many(desk: &Desk, sample: &Sample) -> Result<Open> {
    let key = desk.key_of(&sample.takers[0]).await?;
    let agents = future::try_join_all((0..AGENT_SOCKETS).map(|_| agent_socket(desk, &key))).await?;
    let visitors = stream::iter(0..VISITOR_SOCKETS).map(|_| visitor_socket(desk, sample));
    let mut open: Vec<Socket> = visitors.buffer_unordered(AT_ONCE).try_collect().await?;
    open.extend(agents);
    Ok(Open(open))
}

async fn visitor_socket(desk: &Desk, sample: &Sample) -> Result<Socket> {
    let request = desk.http().post(format!("{}/api/v1/widget/chat/conversations/init", desk.url()));
    let request = request.header("x-libredesk-inbox-id", &sample.inbox).json(&json!({"message": "Hello"}));
    let answer: Value = request.send().await?.json().await?;
    let token = answer["data"]["session_token"].as_str().context("no session")?;
    let (mut socket, _) = connect_async(format!("{}/widget/ws", desk.url().replace("http", "ws"))).await?;
    let join = json!({"type": "join", "token": token, "data": {"inbox_id": sample.inbox}});
    socket.send(Message::text(join.to_string())).await?;
    match socket.next().await {
        Some(Ok(Message::Text(text))) if text.contains("joined") => Ok(socket),
        other => bail!("the visitor could not join: {other:?}"),
    }
}
