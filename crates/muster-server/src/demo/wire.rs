//! The way to the desk: TCP, with TLS for an address that begins with https.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, Uri};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// No answer that the demo asks for is longer.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Where a desk answers.
#[derive(Clone)]
pub(crate) struct Wire {
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
}

/// An open connection.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Wire {
    /// To an address such as `https://desk.example.org`. Certificates are believed as the system believes them.
    pub(crate) fn to(base: &str) -> Result<Self> {
        let uri: Uri = base.parse().with_context(|| format!("{base} is no address"))?;
        let host = uri.host().with_context(|| format!("{base} names no host"))?;
        let is_secure = match uri.scheme_str() {
            Some("http") => false,
            scheme => {
                ensure!(scheme == Some("https"), "{base} begins neither with http:// nor with https://");
                true
            }
        };
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self { host, port, tls: if is_secure { Some(connector()?) } else { None } })
    }

    pub(crate) async fn open(&self) -> Result<Box<dyn Stream>> {
        let Self { host, port, tls } = self;
        let stream =
            TcpStream::connect((host.as_str(), *port)).await.with_context(|| format!("connecting to {host}"))?;
        let Some(tls) = tls else { return Ok(Box::new(stream)) };
        let name = ServerName::try_from(host.clone())?;
        Ok(Box::new(tls.connect(name, stream).await.with_context(|| format!("agreeing on TLS with {host}"))?))
    }

    /// Sends one request over a connection of its own.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Answer> {
        let (mut sender, connection) = handshake(TokioIo::new(self.open().await?)).await?;
        let exchange = async move {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = to_bytes(Body::new(body), ANSWER_BYTES).await?;
            anyhow::Ok(Answer { status: head.status, headers: head.headers, body })
        };
        // The connection is driven until the exchange lets go of it; what went wrong with it, the exchange tells.
        tokio::join!(exchange, connection).0
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

fn connector() -> Result<TlsConnector> {
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?.with_platform_verifier();
    let config = builder.context("this system knows no certificate authorities: install ca-certificates")?;
    Ok(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}
