//! A router served on a free loopback port, and a small client for it.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::desk::TestDesk;
use crate::people::{AgentHandle, VisitorHandle};

/// A served router; its listener closes with this value.
#[derive(Debug)]
pub struct Served {
    address: SocketAddr,
    http: reqwest::Client,
    _stop: DropGuard,
}

impl TestDesk {
    /// Serves a router on a free loopback port, over real HTTP.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn serve(&self, router: Router) -> Served {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the listener has an address");
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serve = axum::serve(listener, service).with_graceful_shutdown(stopped).into_future();
        TaskTracker::new().spawn(serve);
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        Served { address, http: http.expect("an HTTP client"), _stop: stop.drop_guard() }
    }
}

impl Served {
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client that shows no credential.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client { url: format!("http://{}", self.address), http: self.http.clone(), headers: HeaderMap::new() }
    }

    /// A client that shows the agent's API key, as `key:secret` by the Basic scheme.
    #[must_use]
    pub fn as_agent(&self, agent: &AgentHandle) -> Client {
        let (key, secret) = &agent.key;
        let request = self.http.get("http://localhost").basic_auth(key, Some(secret)).build();
        let mut request = request.expect("a request");
        let value = request.headers_mut().remove(AUTHORIZATION).expect("a credential was put there");
        self.anonymous().with(AUTHORIZATION, value)
    }

    /// A client that shows the visitor's token, by the Bearer scheme.
    #[must_use]
    pub fn as_visitor(&self, visitor: &VisitorHandle) -> Client {
        self.anonymous().header("authorization", &format!("Bearer {}", visitor.token))
    }
}

/// Sends requests to a served router with the same headers each time.
#[derive(Debug, Clone)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    headers: HeaderMap,
}

impl Client {
    /// Sends this header too, in place of one of the same name.
    ///
    /// # Panics
    /// If HTTP allows no such header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header's name");
        self.with(name, HeaderValue::try_from(value).expect("a header's value"))
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// A request to be filled and then sent with [`Client::send`].
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).headers(self.headers.clone())
    }

    /// # Panics
    /// If no answer comes, as for all that send.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let answer = request.send().await.expect("the server answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        Reply { status, headers, body: answer.bytes().await.expect("the body arrives").to_vec() }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &(impl Serialize + Sync)) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &(impl Serialize + Sync)) -> Reply {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &(impl Serialize + Sync)) -> Reply {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Opens a socket at `path`, with the client's headers.
    ///
    /// # Errors
    /// The server's refusal, or whatever went wrong.
    pub async fn socket(
        &self,
        path: &str,
    ) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, tokio_tungstenite::tungstenite::Error> {
        let mut request = format!("{}{path}", self.url.replacen("http", "ws", 1)).into_client_request()?;
        request.headers_mut().extend(self.headers.clone());
        tokio_tungstenite::connect_async(request).await.map(|(socket, _)| socket)
    }
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The header's value; the first if there are several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// # Panics
    /// If the body isn't JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }
}
