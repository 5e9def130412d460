//! The way to the mail server: one connection for each mail.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, response::Severity};
use muster_app::mail::host;

use super::{MailSettings, Security};

/// How long the server may take to say goodbye, once it has the mail.
const GOODBYE: Duration = Duration::from_secs(5);
/// Characters of another's text that are kept.
const KEPT: usize = 300;

/// Why a mail was not sent, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct MailError {
    text: String,
    is_lasting: bool,
}

impl MailError {
    /// What no further try can mend.
    pub(super) fn lasting(text: String) -> Self {
        Self { text, is_lasting: true }
    }

    fn passing(text: String) -> Self {
        Self { text, is_lasting: false }
    }

    /// Whether every further try would end in the same way.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        self.is_lasting
    }
}

/// A mail server.
pub struct Smtp {
    host: String,
    port: u16,
    security: Security,
    tls: TlsParameters,
    credentials: Option<Credentials>,
    hello: ClientId,
    timeout: Duration,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Smtp {
    /// # Errors
    /// If the host or the certificates can't be used.
    pub fn new(settings: &MailSettings, public_url: &str) -> Result<Self, MailError> {
        let MailSettings { host: server, port, security, login, from: _, ca, timeout } = settings;
        Ok(Self {
            host: server.clone(),
            port: *port,
            security: *security,
            tls: tls(server, ca.as_deref())?,
            credentials: login.clone().map(|(name, password)| Credentials::new(name, password)),
            hello: hello(host(public_url)),
            timeout: *timeout,
        })
    }

    /// Hands a message over. `Ok` says that the server has taken it.
    ///
    /// # Errors
    /// A lasting one if the server refused the mail itself for good.
    pub async fn send(&self, message: &Message) -> Result<(), MailError> {
        let mut connection = self.within(self.hand_over(message)).await?;
        // The server has the mail, whatever it says now.
        drop(tokio::time::timeout(GOODBYE, connection.quit()).await);
        Ok(())
    }

    /// Connects and signs in, and sends nothing.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn check(&self) -> Result<(), MailError> {
        let mut connection = self.within(self.connect()).await?;
        drop(tokio::time::timeout(GOODBYE, connection.quit()).await);
        Ok(())
    }

    async fn within<T>(&self, talk: impl Future<Output = Result<T, MailError>>) -> Result<T, MailError> {
        tokio::time::timeout(self.timeout, talk).await.unwrap_or_else(|_| {
            let seconds = self.timeout.as_secs();
            Err(MailError::passing(format!("{self} was not done after {seconds} seconds")))
        })
    }

    async fn hand_over(&self, message: &Message) -> Result<AsyncSmtpConnection, MailError> {
        let mut connection = self.connect().await?;
        let sent = connection.send(message.envelope(), &message.formatted()).await;
        sent.map_err(|error| MailError {
            text: format!("{self} did not take the mail: {}", words(&error)),
            is_lasting: refuses_the_mail(&error),
        })?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let server = (self.host.as_str(), self.port);
        let tls = (self.security == Security::Tls).then(|| self.tls.clone());
        let connected = AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &self.hello, tls, None).await;
        let mut connection = connected.map_err(|error| self.complain("can't be reached", &error))?;
        if self.security == Security::Starttls {
            if !connection.can_starttls() {
                let text = format!("{self} does not offer STARTTLS; is mail.security or mail.port meant otherwise?");
                return Err(MailError::passing(text));
            }
            let secured = connection.starttls(self.tls.clone(), &self.hello).await;
            secured.map_err(|error| self.complain("can't be spoken to over TLS", &error))?;
        }
        if let Some(credentials) = &self.credentials {
            let accepted = connection.auth(DEFAULT_MECHANISMS, credentials).await;
            accepted.map_err(|error| self.complain("did not accept the login", &error))?;
        }
        Ok(connection)
    }

    /// A failure before the mail came up: the same mail may pass once the server, or its configuration, is mended.
    fn complain(&self, what: &str, error: &smtp::Error) -> MailError {
        MailError::passing(format!("{self} {what}: {}", words(error)))
    }
}

impl fmt::Display for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mail server {}:{}", self.host, self.port)
    }
}

/// Whether the server said no to this mail for good. That it wants a login first is no word about the mail.
fn refuses_the_mail(error: &smtp::Error) -> bool {
    let wants_login = ["530", "534", "535", "538"];
    error.status().is_some_and(|code| {
        code.severity == Severity::PermanentNegativeCompletion && !wants_login.contains(&code.to_string().as_str())
    })
}

/// An error in one line of bounded length.
fn words(error: &smtp::Error) -> String {
    let line: String = error.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).take(KEPT).collect();
    line.trim_end().to_owned()
}

fn tls(server: &str, ca: Option<&[u8]>) -> Result<TlsParameters, MailError> {
    let mut parameters = TlsParameters::builder(server.to_owned());
    if let Some(pem) = ca {
        let certificate = Certificate::from_pem(pem);
        let certificate = certificate.map_err(|error| MailError::lasting(format!("mail.ca_file: {error}")))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build_rustls().map_err(|error| MailError::lasting(format!("TLS for mail can't be set up: {error}")))
}

/// What the desk calls itself towards the server.
fn hello(host: &str) -> ClientId {
    match host.parse() {
        Ok(IpAddr::V4(ip)) => ClientId::Ipv4(ip),
        Ok(IpAddr::V6(ip)) => ClientId::Ipv6(ip),
        Err(_) => ClientId::Domain(host.to_owned()),
    }
}
