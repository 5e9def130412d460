//! What the operator says about the mail server.

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;

use super::MailError;

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Begins in the clear and must change to TLS before anything is said.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Never encrypted.
    None,
}

impl Security {
    /// The port that is usual for it.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// The mail server, and as whom the desk writes.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSettings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Name and password; `None`: without signing in.
    pub login: Option<(String, String)>,
    /// `desk@example.org` or `Desk <desk@example.org>`.
    pub from: String,
    /// Certificates in PEM that are trusted beside the system's own.
    pub ca: Option<Vec<u8>>,
    /// How long it may take to hand over one mail.
    pub timeout: Duration,
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSettings").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl MailSettings {
    /// As whom the desk writes.
    ///
    /// # Errors
    /// If it is no address.
    pub fn from(&self) -> Result<Mailbox, MailError> {
        let from = self.from.parse();
        from.map_err(|_| MailError::lasting("mail.from has to be an address, or Name <address>".to_owned()))
    }
}
