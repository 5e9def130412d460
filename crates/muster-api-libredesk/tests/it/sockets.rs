//! Sockets as tests hold them.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Generous: only a hanging test reaches it.
const LIMIT: Duration = Duration::from_secs(60);

/// An open socket.
pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn send(&mut self, frame: &Value) {
        self.text(&frame.to_string()).await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn binary(&mut self) {
        self.0.send(Message::binary(vec![1_u8])).await.unwrap();
    }

    /// The next text, as it came.
    pub(crate) async fn heard(&mut self) -> String {
        match self.next().await {
            Message::Text(text) => text.to_string(),
            other => panic!("no text but {other:?}"),
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        serde_json::from_str(&self.heard().await).unwrap()
    }

    /// The next frame of this type; others are passed over.
    pub(crate) async fn frame_of(&mut self, r#type: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"] == r#type {
                return frame["data"].clone();
            }
        }
    }

    /// The code and reason it is closed with; other messages are passed over.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.next().await {
                let frame = frame.unwrap();
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }

    /// The same, where no text may come before.
    pub(crate) async fn closed_at_once(&mut self) -> (u16, String) {
        match self.next().await {
            Message::Close(Some(frame)) => (frame.code.into(), frame.reason.to_string()),
            other => panic!("not closed but {other:?}"),
        }
    }

    /// Everything heard up to the answer to a `ping`: nothing sent before it is missing.
    pub(crate) async fn heard_until(&mut self, answer: &str) -> Vec<Value> {
        let mut frames = Vec::new();
        loop {
            let text = self.heard().await;
            if text == answer {
                return frames;
            }
            frames.push(serde_json::from_str(&text).unwrap());
        }
    }

    /// The next message that isn't the protocol's own.
    async fn next(&mut self) -> Message {
        let said = async {
            loop {
                let message = self.0.next().await.unwrap().unwrap();
                if !matches!(message, Message::Ping(_) | Message::Pong(_)) {
                    return message;
                }
            }
        };
        timeout(LIMIT, said).await.expect("the socket says something")
    }
}

/// The status and body with which a handshake was refused.
pub(crate) fn refusal<T>(answer: Result<T, Error>) -> (u16, Value) {
    match answer {
        Err(Error::Http(response)) => {
            let body = response.body().as_deref().unwrap_or_default();
            (response.status().as_u16(), serde_json::from_slice(body).unwrap_or(Value::Null))
        }
        Err(other) => panic!("not refused but {other}"),
        Ok(_) => panic!("not refused"),
    }
}
