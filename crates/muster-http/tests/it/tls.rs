use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use muster_http::serve::{ServeLimits, serve_tls};
use muster_http::tls::{Tls, TlsError};
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const NAME: &str = "desk.example.org";
const CLOSE: &str = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
const KEEP: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A certificate that is its own authority, and its key, as PEM.
struct Pair {
    chain: String,
    key: String,
}

impl Pair {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([NAME.to_owned()]).unwrap().self_signed(&key).unwrap();
        Self { chain: certificate.pem(), key: key.serialize_pem() }
    }

    fn tls(&self) -> Result<Tls, TlsError> {
        Tls::from_pem(self.chain.as_bytes(), self.key.as_bytes())
    }
}

struct Running {
    address: SocketAddr,
    tls: Tls,
    drain: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    async fn start(pair: &Pair, limits: ServeLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, tls) = (listener.local_addr().unwrap(), pair.tls().unwrap());
        let (drain, tasks) = (CancellationToken::new(), TaskTracker::new());
        let router = Router::new().route("/", get(async || "fine"));
        tasks.spawn(serve_tls(listener, tls.clone(), router, limits, drain.clone()));
        Self { address, tls, drain, tasks }
    }

    async fn plain(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Shakes hands with whoever believes this certificate, and no other.
    async fn secure(&self, pair: &Pair) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(pair.chain.as_bytes()).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let connector = TlsConnector::from(Arc::new(builder.with_no_client_auth()));
        connector.connect(ServerName::try_from(NAME).unwrap(), self.plain().await).await
    }

    async fn stop(self) {
        self.drain.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Sends a text and reads to the end of the connection.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}

#[tokio::test]
async fn requests_are_answered_over_tls() {
    let pair = Pair::new();
    let running = Running::start(&pair, ServeLimits::default()).await;
    let reply = exchange(running.secure(&pair).await.unwrap(), CLOSE).await;
    assert!(reply.starts_with("HTTP/1.1 200 OK") && reply.ends_with("fine"), "{reply}");
    running.stop().await;
}

#[tokio::test]
async fn plain_http_is_told_so() {
    let running = Running::start(&Pair::new(), ServeLimits::default()).await;
    let reply = exchange(running.plain().await, CLOSE).await;
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 400 Bad Request"), "{reply}");
    assert!(head.contains(&format!("content-length: {}", body.len())) && body.contains("https"), "{reply}");
    running.stop().await;
}

#[tokio::test]
async fn whoever_does_not_shake_hands_makes_room() {
    let pair = Pair::new();
    let limits = ServeLimits { connections: 1, handshake_within: Duration::from_millis(20), ..ServeLimits::default() };
    let running = Running::start(&pair, limits).await;
    let silent = running.plain().await;
    let mut halting = running.plain().await;
    // The first bytes of a handshake record that never goes on.
    halting.write_all(&[22, 3, 1]).await.unwrap();
    let mut stream = running.plain().await;
    stream.write_all(CLOSE.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 400"), "{reply}");
    drop((silent, halting));
    running.stop().await;
}

#[tokio::test]
async fn draining_does_not_wait_for_a_handshake() {
    let running = Running::start(&Pair::new(), ServeLimits::default()).await;
    let mut silent = running.plain().await;
    running.stop().await;
    assert_eq!(silent.read(&mut [0]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections() {
    let (old, new) = (Pair::new(), Pair::new());
    let running = Running::start(&old, ServeLimits::default()).await;
    let mut open = running.secure(&old).await.unwrap();
    open.write_all(KEEP.as_bytes()).await.unwrap();
    open.read_exact(&mut [0; 15]).await.unwrap();

    running.tls.replace(new.chain.as_bytes(), new.key.as_bytes()).unwrap();
    assert!(running.secure(&old).await.is_err());
    let reply = exchange(running.secure(&new).await.unwrap(), CLOSE).await;
    assert!(reply.ends_with("fine"), "{reply}");
    let reply = exchange(open, CLOSE).await;
    assert!(reply.contains("HTTP/1.1 200 OK") && reply.ends_with("fine"), "{reply}");
    running.stop().await;
}

#[tokio::test]
async fn what_is_no_certificate_with_its_key_is_refused_and_changes_nothing() {
    let (pair, other) = (Pair::new(), Pair::new());
    let running = Running::start(&pair, ServeLimits::default()).await;
    let refused = |chain: &str, key: &str| running.tls.replace(chain.as_bytes(), key.as_bytes()).unwrap_err();
    assert!(matches!(refused("", &pair.key), TlsError::NoCertificate));
    assert!(matches!(refused(&pair.key, &pair.key), TlsError::NoCertificate));
    assert!(matches!(refused(&pair.chain.replace("END", "END OF"), &pair.key), TlsError::Certificate(_)));
    assert!(matches!(refused(&pair.chain, ""), TlsError::Key));
    assert!(matches!(refused(&pair.chain, &pair.chain), TlsError::Key));
    assert!(matches!(refused(&pair.chain, &other.key), TlsError::Pair(_)));
    assert!(running.secure(&pair).await.is_ok());
    running.stop().await;
}
