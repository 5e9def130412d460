//! The mail server.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use muster_app::mail::{MailSecurity, MailServer};
use muster_channels::mail::{self, MailSettings};
use serde::{Deserialize, Serialize};

use super::Config;
use super::section::section;
use crate::data::DataDir;
use crate::exit::Usage;

/// A job is cut off a little later than this.
const LONGEST: Duration = Duration::from_secs(3 * 60);

section! {
    /// The server that takes the desk's mail: invitations and links that set a new password.
    Mail of "mail" {
        /// Its name, such as "smtp.example.org". Empty: no mail is sent, and `muster admin invite-link`
        /// prints what it would say.
        host: String = String::new(),
        /// 0: the usual one, which is 587 with "starttls", 465 with "tls" and 25 with "none".
        port: u16 = 0,
        /// "starttls", "tls" from the first byte, or "none" for a server on this machine.
        security: Security = Security::Starttls,
        /// The login at the server. Empty: without signing in.
        username: String = String::new(),
        /// Better in a file that MUSTER_MAIL__PASSWORD_FILE names.
        password: Password = Password::default(),
        /// As whom the desk writes: "desk@example.org" or "Desk <desk@example.org>".
        from: String = String::new(),
        /// Certificates (PEM) that are trusted beside the system's own.
        ca_file: PathBuf = PathBuf::new(),
        /// How long it may take to hand over one mail, 1s to 3m.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        timeout: Duration = Duration::from_secs(2 * 60),
        /// The folder with texts of your own. Empty: `templates` in the data directory.
        templates: PathBuf = PathBuf::new(),
    }
}

/// How the way to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Security {
    Starttls,
    Tls,
    None,
}

impl From<Security> for mail::Security {
    fn from(security: Security) -> Self {
        match security {
            Security::Starttls => Self::Starttls,
            Security::Tls => Self::Tls,
            Security::None => Self::None,
        }
    }
}

/// A password, which is not shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "\"\"" } else { "\"…\"" })
    }
}

impl From<Security> for MailSecurity {
    fn from(security: Security) -> Self {
        match security {
            Security::Starttls => Self::Starttls,
            Security::Tls => Self::Tls,
            Security::None => Self::None,
        }
    }
}

impl Config {
    pub(super) fn check_mail(&self) -> Result<(), Usage> {
        let mail = &self.mail;
        if !(Duration::from_secs(1)..=LONGEST).contains(&mail.timeout) {
            return Err(Usage::new("mail.timeout: has to be from 1s to 3m"));
        }
        if mail.host.is_empty() {
            return Ok(());
        }
        if mail.username.is_empty() && !mail.password.0.is_empty() {
            return Err(Usage::new("mail.password is set without mail.username"));
        }
        mail.settings(None).from().map(drop).map_err(|error| Usage::new(error.to_string()))
    }

    /// What the mail server is; `None`: there is none.
    ///
    /// # Errors
    /// If mail.ca_file can't be read.
    pub(crate) fn mail_settings(&self) -> Result<Option<MailSettings>, Usage> {
        let mail = &self.mail;
        if mail.host.is_empty() {
            return Ok(None);
        }
        let file = Some(&mail.ca_file).filter(|file| !file.as_os_str().is_empty());
        let ca = file.map(std::fs::read).transpose();
        let ca = ca.map_err(|error| Usage::new(format!("mail.ca_file {}: {error}", mail.ca_file.display())))?;
        Ok(Some(mail.settings(ca)))
    }

    /// The mail server without its password, for showing; `None`: there is none.
    pub(crate) fn mail_server(&self) -> Option<MailServer> {
        let mail = &self.mail;
        (!mail.host.is_empty()).then(|| MailServer {
            host: mail.host.clone(),
            port: mail.port(),
            security: mail.security.into(),
            login: Some(mail.username.clone()).filter(|name| !name.is_empty()),
            from: mail.from.clone(),
            timeout: mail.timeout,
        })
    }

    /// Where the operator's own texts are, if there are any.
    pub(crate) fn mail_templates(&self) -> PathBuf {
        if self.mail.templates.as_os_str().is_empty() {
            return DataDir::new(&self.server.data).path().join("templates");
        }
        self.mail.templates.clone()
    }
}

impl Mail {
    /// The one that is set, else the usual one.
    fn port(&self) -> u16 {
        if self.port == 0 { mail::Security::from(self.security).port() } else { self.port }
    }

    fn settings(&self, ca: Option<Vec<u8>>) -> MailSettings {
        let security = mail::Security::from(self.security);
        let signs_in = !self.username.is_empty();
        MailSettings {
            host: self.host.clone(),
            port: self.port(),
            security,
            login: signs_in.then(|| (self.username.clone(), self.password.0.clone())),
            from: self.from.clone(),
            ca,
            timeout: self.timeout,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(change: impl FnOnce(&mut Mail)) -> Config {
        let mut mail = Mail { host: "smtp.example.org".into(), from: "desk@example.org".into(), ..Mail::default() };
        change(&mut mail);
        Config { mail, ..Config::default() }
    }

    #[test]
    fn the_port_follows_the_protection() {
        for (security, port) in [(Security::Starttls, 587), (Security::Tls, 465), (Security::None, 25)] {
            let settings = config(|mail| mail.security = security).mail_settings().unwrap().unwrap();
            assert_eq!((settings.port, settings.login), (port, None));
        }
        let settings = config(|mail| mail.port = 2525).mail_settings().unwrap().unwrap();
        assert_eq!(settings.port, 2525);
        assert_eq!(Config::default().mail_settings().unwrap(), None);
    }

    #[test]
    fn what_can_not_be_is_refused() {
        assert!(config(|_| {}).check_mail().is_ok());
        assert!(config(|mail| mail.from = "Desk <desk@example.org>".into()).check_mail().is_ok());
        for change in [
            |mail: &mut Mail| mail.from = String::new(),
            |mail: &mut Mail| mail.from = "desk".into(),
            |mail: &mut Mail| mail.timeout = Duration::from_secs(181),
            |mail: &mut Mail| mail.timeout = Duration::ZERO,
            |mail: &mut Mail| mail.password = Password("secret".into()),
        ] {
            assert!(config(change).check_mail().is_err());
        }
        let error = config(|mail| mail.ca_file = "/nowhere/ca.pem".into()).mail_settings().unwrap_err();
        assert!(error.to_string().contains("/nowhere/ca.pem"), "{error}");
    }

    #[test]
    fn the_password_is_not_shown() {
        let config = config(|mail| mail.password = Password("secret".into()));
        assert!(!format!("{config:?}").contains("secret"));
    }
}
