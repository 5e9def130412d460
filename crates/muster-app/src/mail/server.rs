//! The mail server, as far as people on the desk may see it. Its password is the operator's alone.

use std::time::Duration;

use muster_core::Result;
use muster_core::actor::Caller;
use muster_core::permission::Permission;

use crate::App;

/// The server that takes the desk's mail, as the operator configured it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub security: MailSecurity,
    /// `None`: without signing in.
    pub login: Option<String>,
    /// As whom the desk writes: `desk@example.org` or `Desk <desk@example.org>`.
    pub from: String,
    /// How long it may take to hand over one mail.
    pub timeout: Duration,
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// Begins in the clear and must change to TLS before anything is said.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Never encrypted.
    None,
}

impl App {
    /// The mail server; `None`: the desk sends no mail.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`] without `notification_settings:manage`.
    pub fn mail_server(&self, caller: &Caller) -> Result<Option<&MailServer>> {
        caller.actor.require(Permission::NotificationSettingsManage)?;
        Ok(self.settings().mail_server.as_ref())
    }
}
