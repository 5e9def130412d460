//! The ceiling: an axum handler that checks a key as the desk does and answers JSON from memory.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_http::auth::{key_pair, same_secret};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

const KEY: &str = "bench";
const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

pub(crate) async fn serve(port: u16) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let router = Router::new().route("/agent", get(agent));
    axum::serve(TcpListener::bind(address).await?, router).await?;
    Ok(())
}

async fn agent(headers: HeaderMap) -> Response {
    let expected: [u8; 32] = Sha256::digest(SECRET).into();
    let is_right = key_pair(&headers).is_some_and(|pair| {
        let given: [u8; 32] = Sha256::digest(&pair.secret).into();
        pair.key == KEY && same_secret(&given, &expected)
    });
    if !is_right {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let body = json!({"status": "success", "data": {
        "id": 1, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "first_name": "Bench",
        "last_name": "Agent", "email": "bench@example.org", "type": "agent", "availability_status": "offline",
        "enabled": true, "roles": ["Agent"], "permissions": ["conversations:read", "messages:read"],
        "teams": [{"id": 1, "name": "Bench", "emoji": null}], "custom_attributes": {},
    }});
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

/// The bare handler in a process of its own.
pub(crate) struct Bare {
    port: u16,
    credential: String,
    _child: Child,
}

impl Bare {
    pub(crate) async fn start() -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?.port();
        let program = std::env::current_exe()?;
        let child = Command::new(program).args(["bare", &port.to_string()]).kill_on_drop(true).spawn()?;
        let bare = Self { port, credential: STANDARD.encode(format!("{KEY}:{SECRET}")), _child: child };
        let probe = reqwest::Client::builder().no_proxy().build()?;
        for _ in 0..500 {
            if probe.get(format!("{}/agent", bare.url())).send().await.is_ok() {
                return Ok(bare);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        None.context("the bare handler did not start")
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn credential(&self) -> &str {
        &self.credential
    }
}
