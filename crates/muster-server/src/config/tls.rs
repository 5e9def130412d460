//! `[tls]`: the listener's own certificate.

use std::path::PathBuf;

use super::Config;
use super::section::section;
use crate::exit::Usage;

section! {
    /// TLS of the desk's own, for those who put no proxy in front of it.
    Tls of "tls" {
        /// A PEM file with the certificate and those that lead to its authority. Empty: plain HTTP.
        /// A file that changes is read again; SIGHUP has that done at once.
        certificate: PathBuf = PathBuf::new(),
        /// A PEM file with the certificate's private key.
        key: PathBuf = PathBuf::new(),
    }
}

impl Config {
    /// Whether the desk speaks TLS itself.
    pub(crate) fn speaks_tls(&self) -> bool {
        !self.tls.certificate.as_os_str().is_empty()
    }

    /// What an address of a listener begins with.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.speaks_tls() { "https" } else { "http" }
    }

    pub(super) fn check_tls(&self) -> Result<(), Usage> {
        if self.speaks_tls() == self.tls.key.as_os_str().is_empty() {
            return Err(Usage::new("tls: certificate and key belong together: name both files, or neither"));
        }
        Ok(())
    }
}
