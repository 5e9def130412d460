//! Clients of a desk that may go away in the middle of an answer and come back at another address. They know no more
//! than HTTP, WebSockets and the API.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Only a desk that hangs lets a client wait this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the desk answers now, if it does. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Address(watch::Sender<Option<String>>);

impl Address {
    /// Nowhere yet.
    pub(crate) fn unknown() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Such as `http://127.0.0.1:40123`.
    pub(crate) fn is(&self, base: &str) {
        self.0.send_replace(Some(base.to_owned()));
    }

    pub(crate) fn is_gone(&self) {
        self.0.send_replace(None);
    }

    /// Waits until there is one.
    pub(crate) async fn now(&self) -> String {
        let mut base = self.0.subscribe();
        base.wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }
}

/// No answer came, or not the whole of it: what was asked for may have been done or not.
#[derive(Debug)]
pub(crate) struct Lost(#[expect(dead_code, reason = "for messages of failed tests")] String);

impl From<reqwest::Error> for Lost {
    fn from(error: reqwest::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<tokio_tungstenite::tungstenite::Error> for Lost {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<Answer> for Lost {
    /// An answer that says nothing about what was done.
    fn from(answer: Answer) -> Self {
        Self(format!("{answer:?}"))
    }
}

/// What the desk answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) request_id: String,
    /// The whole body; null if it isn't JSON.
    pub(crate) body: Value,
}

impl Answer {
    /// `data` of a success.
    #[track_caller]
    pub(crate) fn data(&self) -> &Value {
        assert!(self.status == StatusCode::OK && self.body["status"] == "success", "{self:?}");
        &self.body["data"]
    }
}

/// Somebody who calls the desk.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    address: Address,
    credential: Credential,
}

#[derive(Debug, Clone)]
enum Credential {
    None,
    Key { key: String, secret: String },
    Session { cookies: String, csrf: String },
    Visitor { inbox: String, token: Option<String> },
}

impl Client {
    /// A client without a credential.
    pub(crate) fn new(address: Address) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        Self { http, address, credential: Credential::None }
    }

    fn with(&self, credential: Credential) -> Self {
        Self { credential, ..self.clone() }
    }

    pub(crate) fn with_key(&self, key: &str, secret: &str) -> Self {
        self.with(Credential::Key { key: key.to_owned(), secret: secret.to_owned() })
    }

    /// Somebody at the chat widget of the inbox with this UUID; known by the token that came with the first message.
    pub(crate) fn visitor(&self, inbox: &str, token: Option<&str>) -> Self {
        self.with(Credential::Visitor { inbox: inbox.to_owned(), token: token.map(ToOwned::to_owned) })
    }

    /// Signs in as a browser does.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Self {
        let url = format!("{}/api/v1/auth/login", self.address.now().await);
        let body = json!({"email": email, "password": password});
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let cookies: Vec<_> = answer.cookies().map(|set| (set.name().to_owned(), set.value().to_owned())).collect();
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
        let csrf = cookies.iter().find(|(name, _)| name == "csrf_token").unwrap().1.clone();
        let cookies = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        self.with(Credential::Session { cookies, csrf })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Lost> {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Lost> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Answer, Lost> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Calls the desk; waits for it to be there, but not for it to come back.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Lost> {
        let url = format!("{}{path}", self.address.now().await);
        let mut request = self.authorise(self.http.request(method, url));
        if let Some(body) = body {
            request = request.json(body);
        }
        Self::answered(request).await
    }

    /// Sends a file as the part `files` of a form.
    pub(crate) async fn upload(&self, path: &str, filename: &str, bytes: Vec<u8>) -> Result<Answer, Lost> {
        self.upload_with(Method::POST, path, &[], filename, bytes).await
    }

    /// Sends a file behind these fields.
    pub(crate) async fn upload_with(
        &self,
        method: Method,
        path: &str,
        fields: &[(&'static str, &str)],
        filename: &str,
        bytes: Vec<u8>,
    ) -> Result<Answer, Lost> {
        let url = format!("{}{path}", self.address.now().await);
        let fields = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, (*value).to_owned()));
        let form = fields.part("files", Part::bytes(bytes).file_name(filename.to_owned()));
        Self::answered(self.authorise(self.http.request(method, url)).multipart(form)).await
    }

    async fn answered(request: RequestBuilder) -> Result<Answer, Lost> {
        let answer = request.send().await?;
        let status = answer.status();
        let request_id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
        let request_id = request_id.to_owned();
        let body = serde_json::from_slice(&answer.bytes().await?).unwrap_or_default();
        Ok(Answer { status, request_id, body })
    }

    fn authorise(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.credential {
            Credential::None => request,
            Credential::Key { key, secret } => request.basic_auth(key, Some(secret)),
            Credential::Session { cookies, csrf } => request.header("cookie", cookies).header("x-csrftoken", csrf),
            Credential::Visitor { inbox, token } => {
                let request = request.header("x-libredesk-inbox-id", inbox);
                match token {
                    Some(token) => request.bearer_auth(token),
                    None => request,
                }
            }
        }
    }

    /// Opens an agent's socket, or a known visitor's, and joins.
    pub(crate) async fn socket(&self) -> Result<Socket, Lost> {
        match &self.credential {
            Credential::Session { cookies, .. } => self.open("/ws", Some(cookies)).await,
            Credential::Key { .. } => self.open("/ws", None).await,
            Credential::Visitor { inbox, token: Some(token) } => {
                let mut socket = self.open("/widget/ws", None).await?;
                socket.send(&json!({"type": "join", "token": token, "data": {"inbox_id": inbox}})).await?;
                match socket.next().await {
                    Some(frame) if frame["type"] == "joined" => Ok(socket),
                    other => Err(Lost(format!("not joined: {other:?}"))),
                }
            }
            other => panic!("{other:?} opens no socket"),
        }
    }

    async fn open(&self, path: &str, cookies: Option<&str>) -> Result<Socket, Lost> {
        let base = self.address.now().await;
        let mut request = format!("{}{path}", base.replacen("http", "ws", 1)).into_client_request()?;
        request.headers_mut().insert("origin", HeaderValue::from_str(&base).unwrap());
        if let Credential::Key { key, secret } = &self.credential {
            let signed = self.http.get(&base).basic_auth(key, Some(secret)).build()?;
            request.headers_mut().extend(signed.headers().clone());
        }
        if let Some(cookies) = cookies {
            request.headers_mut().insert("cookie", HeaderValue::from_str(cookies).unwrap());
        }
        Ok(Socket(connect_async(request).await?.0))
    }
}

/// An open WebSocket. Dropping it lets go of the connection without a word, as a lost network does.
#[derive(Debug)]
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn send(&mut self, frame: &Value) -> Result<(), Lost> {
        Ok(self.0.send(Message::text(frame.to_string())).await?)
    }

    /// The code that the desk closes it with; frames are passed over.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        while let Some(Ok(message)) = self.0.next().await {
            if let Message::Close(frame) = message {
                return frame.map(|frame| frame.code.into());
            }
        }
        None
    }

    /// The next frame; `None` once the socket is closed. Cancel safe.
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
}
