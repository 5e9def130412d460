//! One end of a conversation, which behaves as a stock client does: it opens its socket first and loads then, and does
//! both again whenever the socket is lost; what it sends it sends again until that is acknowledged.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::view::View;
use crate::client::{Answer, Client, Lost, Socket};
use muster_testkit::dice::Dice;

/// The pause before another try.
const PAUSE: Duration = Duration::from_millis(10);
/// Longest time that a socket is held before it is dropped, and an answer awaited before it is lost, in milliseconds.
const SOCKET_MAX: u64 = 800;
const ANSWER_MAX: u64 = 60;
/// Messages written after the last restart.
const LAST: u32 = 5;
/// Only what never comes is waited for this long.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Agent,
    Visitor,
}

#[derive(Debug)]
pub(super) struct End {
    side: Side,
    client: Client,
    conversation: String,
    /// Also the seed of its chances.
    number: u64,
    view: Mutex<View>,
    /// How many of its messages were acknowledged.
    written: AtomicU32,
}

impl End {
    pub(super) fn new(side: Side, client: Client, conversation: &str, number: u64) -> Self {
        let (conversation, view, written) = (conversation.to_owned(), Mutex::default(), AtomicU32::new(0));
        Self { side, client, conversation, number, view, written }
    }

    pub(super) fn written(&self) -> u32 {
        self.written.load(Ordering::SeqCst)
    }

    fn take<'m>(&self, messages: impl IntoIterator<Item = &'m Value>) {
        let mut view = self.view.lock().unwrap();
        messages.into_iter().for_each(|message| view.take(message));
    }

    /// Holds a socket and drops it at random until all is calm, then until it is over.
    pub(super) async fn listen(self: Arc<Self>, calm: CancellationToken, over: CancellationToken) {
        let mut dice = Dice::new(self.number);
        while !over.is_cancelled() {
            let dropped = async {
                tokio::time::sleep(Duration::from_millis(dice.below(SOCKET_MAX))).await;
                if calm.is_cancelled() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = over.cancelled() => {}
                () = dropped => {}
                _lost = self.hear() => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Opens the socket, loads, and hears until something is lost.
    async fn hear(&self) -> Result<(), Lost> {
        let mut socket = self.client.socket().await?;
        if self.side == Side::Agent {
            let subscribe = json!({"conversation_uuid": self.conversation});
            socket.send(&json!({"type": "conversation_subscribe", "data": subscribe})).await?;
        }
        self.load().await?;
        while let Some(told) = new_message(&mut socket, &self.conversation).await {
            self.learn(&told).await?;
        }
        Ok(())
    }

    async fn load(&self) -> Result<(), Lost> {
        let (path, list) = match self.side {
            Side::Agent => (format!("/api/v1/conversations/{}/messages?page_size=500", self.conversation), "results"),
            Side::Visitor => (format!("/api/v1/widget/chat/conversations/{}", self.conversation), "messages"),
        };
        let answer = answered(self.client.get(&path).await?)?;
        self.take(answer.data()[list].as_array().unwrap());
        Ok(())
    }

    /// Takes in a message that the socket told of. Agents are told a part of it and load the rest.
    async fn learn(&self, told: &Value) -> Result<(), Lost> {
        match self.side {
            Side::Visitor => self.take([told]),
            Side::Agent => {
                let uuid = told["uuid"].as_str().unwrap();
                let path = format!("/api/v1/conversations/{}/messages/{uuid}", self.conversation);
                self.take([answered(self.client.get(&path).await?)?.data()]);
            }
        }
        Ok(())
    }

    /// Writes until all is calm, and a little more.
    pub(super) async fn write(self: Arc<Self>, calm: CancellationToken) {
        let mut dice = Dice::new(self.number + 1000);
        let mut last = 0;
        while last < LAST {
            last += u32::from(calm.is_cancelled());
            let message = self.message(&mut dice).await;
            self.take([&message]);
            self.written.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(dice.below(SOCKET_MAX / 2))).await;
        }
    }

    /// Writes one message, again and again until it is acknowledged.
    async fn message(&self, dice: &mut Dice) -> Value {
        let words = format!("{:?} {}", self.side, self.written.load(Ordering::SeqCst));
        let (path, body) = match self.side {
            Side::Agent => (
                format!("/api/v1/conversations/{}/messages", self.conversation),
                json!({"message": words, "sender_type": "agent", "private": false, "echo_id": words}),
            ),
            Side::Visitor => (
                format!("/api/v1/widget/chat/conversations/{}/message", self.conversation),
                json!({"message": words, "echo_id": words}),
            ),
        };
        loop {
            let patience = match dice.below(3) {
                0 => PATIENCE,
                _ => Duration::from_millis(dice.below(ANSWER_MAX)),
            };
            // Some are sent twice at the same time.
            let copies = if dice.below(4) == 0 { 2 } else { 1 };
            let posts = (0..copies).map(|_| tokio::time::timeout(patience, self.client.post(&path, &body)));
            let mut answers = join_all(posts).await.into_iter().flatten().flatten().flat_map(answered);
            if let Some(answer) = answers.next() {
                let same = answers.all(|other| other.data()["uuid"] == answer.data()["uuid"]);
                assert!(same, "one message sent twice has become two");
                return answer.data().clone();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until this end holds what the store holds.
    pub(super) async fn agree(&self, stored: &View) {
        let agreed = async {
            while *self.view.lock().unwrap() != *stored {
                tokio::time::sleep(PAUSE).await;
            }
        };
        let held = tokio::time::timeout(PATIENCE, agreed).await;
        assert!(held.is_ok(), "{:?} {:?} holds {:#?}\nnot {stored:#?}", self.side, self.number, self.view);
    }

    /// # Panics
    /// Unless each of its messages is stored once.
    pub(super) fn assert_written_once(&self, stored: &[Value]) {
        for count in 0..self.written.load(Ordering::SeqCst) {
            let echo_id = format!("{:?} {count}", self.side);
            let found = stored.iter().filter(|message| message["meta"]["echo_id"] == *echo_id);
            assert_eq!(found.count(), 1, "{echo_id} of {}", self.number);
        }
    }
}

/// An answer that isn't a shutdown's.
fn answered(answer: Answer) -> Result<Answer, Lost> {
    if answer.status.as_u16() == 503 { Err(Lost::from(answer)) } else { Ok(answer) }
}

/// The next new message of the conversation; `None` once the socket is closed.
async fn new_message(socket: &mut Socket, conversation: &str) -> Option<Value> {
    loop {
        let mut frame = socket.next().await?;
        if frame["type"] == "new_message" && frame["data"]["conversation_uuid"] == *conversation {
            return Some(frame["data"].take());
        }
    }
}
