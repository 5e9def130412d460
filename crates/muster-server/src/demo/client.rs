//! An outside client of the desk: nothing here knows more than HTTP, WebSockets and the API.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::wire::{Answer, Stream, Wire};

/// How long to wait for an answer, or for something to come by socket.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who calls the desk.
#[derive(Clone)]
pub(crate) struct Client {
    wire: Wire,
    /// Such as `http://127.0.0.1:8080`.
    base: String,
    credential: Credential,
}

#[derive(Clone)]
enum Credential {
    None,
    ApiKey {
        key: String,
        secret: String,
    },
    Session {
        cookies: String,
        csrf: String,
    },
    /// At the chat widget of an inbox; the token comes with the first message.
    Visitor {
        inbox: String,
        token: Option<String>,
    },
}

/// The desk refused a request.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    message: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.status, self.message)
    }
}

impl std::error::Error for Refused {}

impl Client {
    pub(crate) fn new(base: String) -> Result<Self> {
        Ok(Self { wire: Wire::to(&base)?, base, credential: Credential::None })
    }

    pub(crate) fn with_key(&self, key: &str, secret: &str) -> Self {
        self.with(Credential::ApiKey { key: key.to_owned(), secret: secret.to_owned() })
    }

    /// Somebody at the chat widget of the inbox with this UUID.
    pub(crate) fn visitor(&self, inbox: &str) -> Self {
        self.with(Credential::Visitor { inbox: inbox.to_owned(), token: None })
    }

    /// The same visitor, known by the token that came with the first message.
    pub(crate) fn known_by(&self, token: &str) -> Self {
        let Credential::Visitor { inbox, .. } = &self.credential else { return self.clone() };
        self.with(Credential::Visitor { inbox: inbox.clone(), token: Some(token.to_owned()) })
    }

    fn with(&self, credential: Credential) -> Self {
        Self { credential, ..self.clone() }
    }

    /// Signs in as a browser does.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<Self> {
        let body = json!({"email": email, "password": password});
        let answer = self.ask(Method::POST, "/api/v1/auth/login", Some(body)).await?;
        let cookies = cookies(&answer.headers);
        data(&answer)?;
        let csrf = cookies.iter().find_map(|pair| pair.strip_prefix("csrf_token=")).context("no csrf_token came")?;
        Ok(self.with(Credential::Session { csrf: csrf.to_owned(), cookies: cookies.join("; ") }))
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// What stands in `data` of the answer.
    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let what = format!("{method} {path}");
        self.ask(method, path, body).await.and_then(|answer| data(&answer)).context(what)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
        let host = self.base.parse::<Uri>()?.authority().context("the address names no host")?.to_string();
        let request = self.authorise(Request::builder().method(method).uri(path).header(header::HOST, host));
        let request = match body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))?
            }
            None => request.body(Body::empty())?,
        };
        let answer = tokio::time::timeout(PATIENCE, self.wire.send(request)).await;
        answer.map_err(|_| anyhow!("no answer within {PATIENCE:?}"))?
    }

    fn authorise(&self, request: Builder) -> Builder {
        match &self.credential {
            Credential::None => request,
            Credential::ApiKey { key, secret } => {
                let pair = STANDARD.encode(format!("{key}:{secret}"));
                request.header(header::AUTHORIZATION, format!("Basic {pair}"))
            }
            Credential::Session { cookies, csrf } => {
                request.header(header::COOKIE, cookies).header("x-csrftoken", csrf)
            }
            Credential::Visitor { inbox, token } => {
                let request = request.header("x-libredesk-inbox-id", inbox);
                match token {
                    Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
                    None => request,
                }
            }
        }
    }

    /// Opens the agents' socket, signed in.
    pub(crate) async fn agent_socket(&self) -> Result<Socket> {
        let Credential::Session { cookies, .. } = &self.credential else { bail!("only a signed-in agent opens it") };
        self.socket("/ws", Some(cookies)).await
    }

    /// Opens the widget's socket and joins.
    pub(crate) async fn visitor_socket(&self) -> Result<Socket> {
        let Credential::Visitor { inbox, token: Some(token) } = &self.credential else {
            bail!("only a known visitor opens it")
        };
        let mut socket = self.socket("/widget/ws", None).await?;
        socket.send(&json!({"type": "join", "token": token, "data": {"inbox_id": inbox}}).to_string()).await?;
        socket.wait_for(|frame| (frame["type"] == "joined").then_some(())).await.context("joining the chat")?;
        Ok(socket)
    }

    async fn socket(&self, path: &str, cookies: Option<&str>) -> Result<Socket> {
        let mut request = format!("{}{path}", self.base.replacen("http", "ws", 1)).into_client_request()?;
        request.headers_mut().insert("origin", HeaderValue::from_str(&self.base)?);
        if let Some(cookies) = cookies {
            request.headers_mut().insert("cookie", HeaderValue::from_str(cookies)?);
        }
        let opened = async { anyhow::Ok(client_async(request, self.wire.open().await?).await?.0) };
        opened.await.map(Socket).with_context(|| format!("opening the socket {path}"))
    }
}

/// The name=value pairs of the cookies that an answer sets.
fn cookies(headers: &HeaderMap) -> Vec<String> {
    let set = headers.get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    set.filter_map(|cookie| cookie.split(';').next()).map(|pair| pair.trim().to_owned()).collect()
}

/// Unpacks the envelope.
fn data(Answer { status, body, .. }: &Answer) -> Result<Value> {
    let mut body: Value = serde_json::from_slice(body).with_context(|| format!("{status} without JSON"))?;
    if status.is_success() && body["status"] == "success" {
        return Ok(body["data"].take());
    }
    Err(Refused { status: *status, message: body["message"].as_str().unwrap_or_default().to_owned() }.into())
}

/// An open WebSocket.
pub(crate) struct Socket(WebSocketStream<Box<dyn Stream>>);

impl Socket {
    pub(crate) async fn send(&mut self, text: &str) -> Result<()> {
        Ok(self.0.send(Message::text(text)).await?)
    }

    /// The next text that is JSON. `None` once the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        while let Some(Ok(message)) = self.0.next().await {
            if let Message::Text(text) = message
                && let Ok(frame) = serde_json::from_str(&text)
            {
                return Some(frame);
            }
        }
        None
    }

    /// Waits for a frame in which `look` finds what it looks for.
    pub(crate) async fn wait_for<T>(&mut self, look: impl Fn(&Value) -> Option<T>) -> Result<T> {
        let found = async {
            loop {
                let frame = self.next().await.context("the socket was closed")?;
                if let Some(found) = look(&frame) {
                    return Ok(found);
                }
            }
        };
        tokio::time::timeout(PATIENCE, found).await.map_err(|_| anyhow!("nothing came within {PATIENCE:?}"))?
    }
}

/// The text at `pointer` of an answer.
pub(crate) fn text_at(answer: &Value, pointer: &str) -> Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.map(ToOwned::to_owned).with_context(|| format!("the answer has no text at {pointer}"))
}

/// The number at `pointer` of an answer.
pub(crate) fn number_at(answer: &Value, pointer: &str) -> Result<i64> {
    answer.pointer(pointer).and_then(Value::as_i64).with_context(|| format!("the answer has no number at {pointer}"))
}
