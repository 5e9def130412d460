//! TLS of a listener's own: a certificate and its key, which may be replaced while connections are open.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What a listener proves itself with, in TLS 1.2 or 1.3. Clones share it.
#[derive(Debug, Clone)]
pub struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

/// Files that are no certificate with its key. Says nothing of what is in them.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the certificate can't be read as PEM: {0}")]
    Certificate(pem::Error),
    #[error("the certificate's file holds no certificate: it has to begin with -----BEGIN CERTIFICATE-----")]
    NoCertificate,
    #[error("the key can't be read: its file has to hold one private key as PEM, without a password")]
    Key,
    #[error("the certificate and the key can't be used together: {0}")]
    Pair(rustls::Error),
}

impl Tls {
    /// Takes a chain of certificates, the server's own first, and its private key, both as PEM.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Ok(Self(Arc::new(RwLock::new(server_config(chain, key)?))))
    }

    /// Takes others for the connections to come; those that are open go on.
    ///
    /// # Errors
    /// As [`Self::from_pem`]; the old ones stay in use.
    pub fn replace(&self, chain: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let config = server_config(chain, key)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Shakes hands with a client.
    ///
    /// # Errors
    /// Why there is no TLS on this connection, which is over then.
    pub(crate) async fn accept<S>(&self, stream: S, within: Duration) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let config = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        let handshake = TlsAcceptor::from(config).accept(stream);
        tokio::time::timeout(within, handshake).await.map_err(|_| io::ErrorKind::TimedOut)?
    }
}

fn server_config(chain: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(TlsError::Certificate)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
    let versions =
        ServerConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
    let config = versions.and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    let mut config = config.map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The first byte of every TLS connection: a handshake record.
pub(crate) const HANDSHAKE: u8 = 22;

const PLAIN: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain\r\n\
    content-length: 53\r\n\
    connection: close\r\n\r\n\
    This port speaks TLS: the address begins with https.\n";

/// Tells a client that speaks plain HTTP what it did wrong.
pub(crate) async fn refuse_plain(mut stream: impl AsyncWrite + Unpin) -> io::Result<()> {
    stream.write_all(PLAIN).await?;
    stream.shutdown().await
}
