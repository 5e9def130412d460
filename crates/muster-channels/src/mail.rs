//! Mail: a job becomes a message ([`templates`]) and goes to the operator's mail server ([`smtp`]).

pub mod settings;
pub mod smtp;
pub mod templates;

use std::sync::Arc;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use muster_app::App;
use muster_app::auth::Purpose;
use muster_app::jobs::{JobFailure, JobResult};
use muster_app::mail::LinkMail;

pub use settings::{MailSettings, Security};
pub use smtp::{MailError, Smtp};
pub use templates::{Broken, Templates};
use templates::{Name, Values, Written};

/// Sends mails. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    smtp: Smtp,
    templates: Templates,
    from: Mailbox,
    /// Where people reach the desk.
    public_url: String,
}

impl Mailer {
    /// # Errors
    /// What is wrong with the settings.
    pub fn new(settings: &MailSettings, templates: Templates, public_url: &str) -> Result<Self, MailError> {
        let from = settings.from()?;
        let smtp = Smtp::new(settings, public_url)?;
        Ok(Self(Arc::new(Inner { smtp, templates, from, public_url: public_url.to_owned() })))
    }

    /// From now on sends the mails that the desk wants, also those that wait already.
    pub fn register(&self, app: &App) {
        for purpose in Purpose::ALL {
            let mailer = self.clone();
            app.on_job(purpose.job(), move |app, job| {
                let mailer = mailer.clone();
                Box::pin(async move {
                    match app.link_mail(&job).await? {
                        Some(mail) => mailer.send(&mail).await,
                        None => {
                            tracing::info!(job.id = %job.id, "nobody needs this mail any more");
                            Ok(())
                        }
                    }
                })
            });
        }
    }

    /// Sends a mail that says that mail works.
    ///
    /// # Errors
    /// Why it can't be sent.
    pub async fn send_test(&self, to: &str, message_id: String) -> Result<(), MailError> {
        let to = Mailbox::new(None, address(to)?);
        let values = self.values("", "", "", 0);
        let message = self.compose(Name::Test, &values, to, message_id)?;
        self.0.smtp.send(&message).await
    }

    async fn send(&self, mail: &LinkMail) -> JobResult {
        let message = self.link_message(mail)?;
        Ok(self.0.smtp.send(&message).await?)
    }

    fn link_message(&self, mail: &LinkMail) -> Result<Message, MailError> {
        let name = match mail.purpose {
            Purpose::Invite => Name::Welcome,
            Purpose::Reset => Name::Reset,
        };
        let to = Mailbox::new(Some(mail.name.clone()), address(&mail.address)?);
        let values = self.values(&mail.name, &mail.first_name, &mail.link, mail.hours);
        self.compose(name, &values, to, mail.message_id.clone())
    }

    fn values<'v>(&'v self, name: &'v str, first_name: &'v str, link: &'v str, hours: u64) -> Values<'v> {
        Values { name, first_name, link, hours, desk: &self.0.public_url }
    }

    fn compose(&self, name: Name, values: &Values<'_>, to: Mailbox, id: String) -> Result<Message, MailError> {
        let Written { subject, text, html } = self.0.templates.write(name, values)?;
        // So that nobody's holiday notice answers.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.0.from.clone())
            .to(to)
            .message_id(Some(id))
            .subject(subject)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(text, html));
        message.map_err(|error| MailError::lasting(format!("the mail can't be written: {error}")))
    }
}

fn address(text: &str) -> Result<Address, MailError> {
    text.parse().map_err(|error| MailError::lasting(format!("no mail can go to this address: {error}")))
}

impl From<MailError> for JobFailure {
    fn from(error: MailError) -> Self {
        let text = error.to_string();
        if error.is_lasting() { Self::Never(text) } else { Self::Again(text) }
    }
}
