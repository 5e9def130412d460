//! What the listeners prove themselves with: read from its files at the start, and again whenever they change.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use muster_http::tls::Tls;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::{self, Config};
use crate::exit::Usage;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) tls: Tls,
    files: config::Tls,
    /// What the files held when they were last looked at, good or not.
    seen: Pem,
    hangup: Signal,
}

impl Certificate {
    /// Reads the files that `config` names; `None` if it names none. From now on SIGHUP no longer ends the process.
    ///
    /// # Errors
    /// [`Usage`] if they are no certificate and key.
    pub(crate) fn load(config: &Config) -> Result<Option<Self>> {
        if !config.speaks_tls() {
            return Ok(None);
        }
        let (seen, tls) = check(&config.tls)?;
        Ok(Some(Self { tls, files: config.tls.clone(), seen, hangup: signal(SignalKind::hangup())? }))
    }

    /// Keeps up with the files until `drain` is cancelled.
    pub(crate) async fn keep_up(mut self, drain: CancellationToken) {
        loop {
            tokio::select! {
                () = drain.cancelled() => return,
                _ = self.hangup.recv() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            match self.refresh() {
                Ok(true) => tracing::info!("the certificate was read again; new connections get it"),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the certificate can't be read again; the old one stays in use"),
            }
        }
    }

    /// Takes what the files hold now, if that has changed.
    fn refresh(&mut self) -> Result<bool, Usage> {
        let now = Pem::read(&self.files)?;
        if now == self.seen {
            return Ok(false);
        }
        let taken = self.tls.replace(&now.chain, &now.key);
        self.seen = now;
        taken.map_err(|error| unusable(&self.files, &error))?;
        Ok(true)
    }
}

/// Reads the files of a certificate and its key, and puts them together.
///
/// # Errors
/// What is wrong with which file.
pub(crate) fn check(files: &config::Tls) -> Result<(Pem, Tls), Usage> {
    let pem = Pem::read(files)?;
    let tls = Tls::from_pem(&pem.chain, &pem.key).map_err(|error| unusable(files, &error))?;
    Ok((pem, tls))
}

/// The contents of both files.
#[derive(PartialEq, Eq)]
pub(crate) struct Pem {
    chain: Vec<u8>,
    key: Vec<u8>,
}

impl std::fmt::Debug for Pem {
    /// Nothing of the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pem").finish_non_exhaustive()
    }
}

impl Pem {
    fn read(files: &config::Tls) -> Result<Self, Usage> {
        Ok(Self { chain: read("tls.certificate", &files.certificate)?, key: read("tls.key", &files.key)? })
    }
}

fn read(key: &str, file: &Path) -> Result<Vec<u8>, Usage> {
    std::fs::read(file).map_err(|error| Usage::new(format!("{key}: {} can't be read: {error}", file.display())))
}

fn unusable(files: &config::Tls, error: &muster_http::tls::TlsError) -> Usage {
    Usage::new(format!("tls: {} and {}: {error}", files.certificate.display(), files.key.display()))
}
