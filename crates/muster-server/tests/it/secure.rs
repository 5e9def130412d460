//! A certificate authority for tests, and a client that speaks HTTP over TLS from a loopback address of its choice.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::task::TaskTracker;

/// The one name that certificates are for: it is resolved everywhere.
pub(crate) const NAME: &str = "localhost";

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// What clients have to believe, as PEM.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Writes a certificate for [`NAME`], and its key, into `directory`.
    pub(crate) fn issue(&self, directory: &Path) -> Issued {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([NAME.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let issued = Issued { chain: directory.join("fullchain.pem"), key: directory.join("privkey.pem") };
        std::fs::write(&issued.chain, certificate.pem()).unwrap();
        std::fs::write(&issued.key, key.serialize_pem()).unwrap();
        issued
    }

    /// A client that believes this authority alone.
    pub(crate) fn client(&self, address: SocketAddr) -> Secure {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let connector = TlsConnector::from(Arc::new(builder.with_no_client_auth()));
        Secure { connector, address, from: Ipv4Addr::LOCALHOST.into() }
    }
}

/// Where a certificate and its key are.
pub(crate) struct Issued {
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

#[derive(Clone)]
pub(crate) struct Secure {
    connector: TlsConnector,
    address: SocketAddr,
    from: IpAddr,
}

impl Secure {
    /// The same client at another address.
    pub(crate) fn from(&self, ip: impl Into<IpAddr>) -> Self {
        Self { from: ip.into(), ..self.clone() }
    }

    pub(crate) async fn open(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(self.from, 0))?;
        let stream = socket.connect(self.address).await?;
        self.connector.connect(ServerName::try_from(NAME).unwrap(), stream).await
    }

    /// Sends one request over a connection of its own.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Reply {
        self.keep().await.ask(request).await
    }

    /// Opens a connection that stays.
    pub(crate) async fn keep(&self) -> Kept {
        let (sender, connection) = handshake(TokioIo::new(self.open().await.unwrap())).await.unwrap();
        let tasks = TaskTracker::new();
        tasks.spawn(connection);
        Kept(sender)
    }
}

/// An open connection.
pub(crate) struct Kept(SendRequest<Body>);

impl Kept {
    pub(crate) async fn ask(&mut self, mut request: Request<Body>) -> Reply {
        request.headers_mut().entry("host").or_insert(NAME.parse().unwrap());
        let (head, body) = self.0.send_request(request).await.unwrap().into_parts();
        let body = to_bytes(Body::new(body), usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Reply { status: head.status.as_u16(), headers: head.headers, body }
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Null if it isn't JSON.
    pub(crate) body: Value,
}

impl Reply {
    /// `name=value` of each cookie that is set, with a check that no plain connection will show it.
    pub(crate) fn secure_cookies(&self) -> String {
        let set: Vec<&str> = self.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap()).collect();
        assert!(!set.is_empty() && set.iter().all(|cookie| cookie.contains("; Secure")), "{set:?}");
        let pairs: Vec<&str> = set.iter().map(|cookie| cookie.split(';').next().unwrap()).collect();
        pairs.join("; ")
    }
}

/// A request with a JSON body, or none.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    match body {
        Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap(),
        None => request.body(Body::empty()).unwrap(),
    }
}
