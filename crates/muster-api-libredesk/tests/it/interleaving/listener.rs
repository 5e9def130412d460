//! A client that keeps its picture by what its socket tells.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::StreamExt as _;
use muster_testkit::dice::Dice;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::asker::Asker;
use super::cast::Member;
use super::picture::Picture;

/// Whoever hears that this agent is there has heard everything before.
pub(super) const LAST: &str = "last";

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(super) struct Listener {
    client: Asker,
    lists: Vec<String>,
    pub(super) name: String,
    /// Who is there at the end, by what has been there all the time.
    known: BTreeSet<i64>,
    /// When to drop out; never without.
    dice: Option<Dice>,
    socket: Option<Stream>,
    pub(super) picture: Picture,
    /// Everything up to here has been heard.
    position: i64,
    /// Where it came back last.
    resumed_at: i64,
    /// Messages that were told by a frame.
    told: BTreeSet<String>,
    /// Notifications that were told, and which conversation each is about.
    pub(super) notified: BTreeMap<i64, String>,
    /// How often it came back.
    pub(super) resumed: usize,
    /// How often the desk told it to load everything anew, or hung up.
    pub(super) given_up: usize,
}

impl Listener {
    /// Listens from now on, when there is nothing yet.
    pub(super) async fn open(member: &Member, dice: Option<Dice>) -> Self {
        let socket = member.client.plain.socket("/ws?position=latest").await.unwrap();
        Self {
            client: member.client.clone(),
            lists: member.lists.clone(),
            name: member.name.clone(),
            known: member.colleagues.clone(),
            dice,
            socket: Some(socket),
            picture: Picture::default(),
            position: 0,
            resumed_at: 0,
            told: BTreeSet::new(),
            notified: BTreeMap::new(),
            resumed: 0,
            given_up: 0,
        }
    }

    /// Listens until the last agent has come.
    pub(super) async fn listen(mut self) -> Self {
        loop {
            let mut socket = match self.socket.take() {
                Some(socket) => socket,
                None => self.resume().await,
            };
            let frames = self.dice.as_mut().map(|dice| 1 + dice.below(20));
            if self.hear(&mut socket, frames).await {
                return self;
            }
            drop(socket);
            if let Some(dice) = &mut self.dice {
                tokio::time::sleep(Duration::from_millis(dice.below(60))).await;
            }
        }
    }

    async fn resume(&mut self) -> Stream {
        self.resumed += 1;
        self.resumed_at = self.position;
        self.client.plain.socket(&format!("/ws?position={}", self.position)).await.unwrap()
    }

    /// Hears so many frames, or as many as come; true when all has been heard.
    async fn hear(&mut self, socket: &mut Stream, frames: Option<u64>) -> bool {
        let mut heard = 0;
        while frames.is_none_or(|frames| heard < frames) {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    heard += 1;
                    if self.take(&serde_json::from_str(&text).unwrap()).await {
                        return true;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => {
                    self.given_up += 1;
                    return false;
                }
            }
        }
        false
    }

    async fn take(&mut self, frame: &Value) -> bool {
        let (data, kind) = (&frame["data"], frame["type"].as_str().unwrap());
        let position = if kind == "ready" { &data["position"] } else { &frame["position"] };
        if let Some(position) = position.as_i64() {
            assert!(position >= self.position, "{}: {frame} comes behind {}", self.name, self.position);
            self.position = position;
        }
        match kind {
            "new_message" => self.take_message(data, position).await,
            "new_conversation" => drop(self.picture.put(&self.client, data).await),
            "conversation_update" => self.picture.update(data),
            "conversation_gone" => self.picture.drop(data["uuid"].as_str().unwrap()),
            "agent_availability_update" => return !self.known.contains(&data["agent_id"].as_i64().unwrap()),
            "reload" => {
                self.given_up += 1;
                self.picture = Picture::load(&self.client, &self.lists).await;
            }
            "new_notification" => self.take_notification(data, position),
            "ready" => {}
            other => panic!("{}: what is {other}?", self.name),
        }
        false
    }

    fn take_notification(&mut self, data: &Value, position: &Value) {
        let (id, conversation) = (data["id"].as_i64().unwrap(), data["conversation_uuid"].as_str().unwrap());
        let is_repeated = self.notified.insert(id, conversation.to_owned()).is_some();
        assert!(!is_repeated || position == self.resumed_at, "{}: {data} is told again", self.name);
    }

    async fn take_message(&mut self, data: &Value, position: &Value) {
        let uuid = data["uuid"].as_str().unwrap();
        let is_repeated = !self.told.insert(uuid.to_owned());
        // Only an event that was cut off between its frames is told again.
        assert!(!is_repeated || position == self.resumed_at, "{}: {uuid} is told again", self.name);
        if self.picture.put(&self.client, &data["conversation"]).await {
            self.picture.add_message(data["conversation_uuid"].as_str().unwrap(), uuid);
        }
    }
}
