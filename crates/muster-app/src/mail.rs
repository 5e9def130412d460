//! Mails: wanted as jobs in the transaction that wants them, and made whole here for whoever sends them.

mod server;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::{Error, Result, Timestamp};
use muster_store::jobs::{self, Job, NewJob};
use muster_store::{agents, credentials};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::{LINK_LIFE, Purpose, create_link, link_url, secret_hash};
use crate::jobs::JobFailure;
use crate::{App, Work};

pub use server::{MailSecurity, MailServer};

/// A mail with a one-time link.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkMail {
    pub purpose: Purpose,
    /// With its angle brackets; the same at every try.
    pub message_id: String,
    /// Where it goes: the agent's address as it is now.
    pub address: String,
    pub name: String,
    pub first_name: String,
    pub link: String,
    /// How many hours the link can be used from now on.
    pub hours: u64,
}

impl fmt::Debug for LinkMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkMail").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// What a job that mails a link knows, beside the link's token, which is its secret.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) agent: AgentId,
    message_id: String,
}

impl App {
    /// The mail that a job wants, with a link that can be used for 24 hours from now on. `None`: nobody needs it
    /// any more, because its link was used, replaced by a newer one or revoked.
    ///
    /// # Errors
    /// [`JobFailure::Never`] if the link has run out or the agent has no address; [`JobFailure::Again`] for failures of
    /// the store.
    pub async fn link_mail(&self, job: &Job) -> Result<Option<LinkMail>, JobFailure> {
        let purpose =
            Purpose::of_job(&job.name).ok_or_else(|| JobFailure::Never("no mail has this name".to_owned()))?;
        let payload: Payload = serde_json::from_value(job.payload.clone()).map_err(Error::internal)?;
        let sealed = job.secret.as_deref().ok_or_else(nobody)?;
        let token = self.inner.seal.open(sealed)?;
        let found = self.prolong_link(payload.agent, &token, job.created_at).await?;
        let Some(profile) = found else { return Ok(None) };
        let agent = profile.agent;
        let name = agent.name();
        let address = agent.email.ok_or_else(|| JobFailure::Never("the agent has no e-mail address".to_owned()))?;
        Ok(Some(LinkMail {
            purpose,
            message_id: payload.message_id,
            address,
            name,
            first_name: agent.first_name,
            link: link_url(self.settings(), &token),
            hours: LINK_LIFE.as_secs() / 3600,
        }))
    }

    /// The agent whose link can still be used, and can now for its whole life again. A link that ran out may be tidied away
    /// by now; then the age of the mail, which was wanted at `wanted_at`, tells.
    async fn prolong_link(
        &self,
        agent: AgentId,
        token: &str,
        wanted_at: Timestamp,
    ) -> Result<Option<Profile>, JobFailure> {
        let hash: Arc<str> = secret_hash(token).into();
        let caller = Caller::system();
        let prolonged = self.write(&caller, move |work| {
            let hash = Arc::clone(&hash);
            Box::pin(async move {
                let Some(profile) = agents::lock_profiles(work.tx, &[agent]).await?.pop() else { return Ok(Ok(None)) };
                if credentials::prolong_link(work.tx, &hash, work.now + LINK_LIFE, work.now).await? {
                    return Ok(Ok(Some(profile)));
                }
                let is_late = match credentials::is_link_used(work.tx, &hash).await? {
                    Some(was_used) => !was_used,
                    None => wanted_at + LINK_LIFE <= work.now,
                };
                Ok(if is_late { Err(too_late(work)) } else { Ok(None) })
            })
        });
        prolonged.await?
    }
}

fn nobody() -> JobFailure {
    JobFailure::Never("there is nobody to mail a link to: the account is gone, disabled or locked".to_owned())
}

fn too_late(work: &Work<'_>) -> JobFailure {
    let public_url = &work.settings().public_url;
    JobFailure::Never(format!(
        "the link ran out before its mail could be sent; trying the job again mails a new one, and {public_url} \
         lets the agent ask for one"
    ))
}

/// Makes a link and the job that mails it, in place of all links before it.
pub(crate) async fn mail_link(work: &mut Work<'_>, agent: AgentId, purpose: Purpose) -> Result<()> {
    let Envelope { payload, secret } = fill(work, agent, purpose).await?;
    let job = NewJob { name: purpose.job(), key: None, payload, secret, run_at: work.now };
    let job = jobs::insert(work.tx, job, work.now).await?;
    work.record(Event::MailWanted { job });
    Ok(())
}

/// What a job holds.
pub(crate) struct Envelope {
    pub(crate) payload: serde_json::Value,
    pub(crate) secret: Option<String>,
}

/// Makes a link for an agent whose row is locked, and what a job needs to mail it. Nothing else keeps the token.
pub(crate) async fn fill(work: &mut Work<'_>, agent: AgentId, purpose: Purpose) -> Result<Envelope> {
    let (token, _) = create_link(work, agent, purpose).await?;
    let secret = Some(work.seal().close(&token, &mut work.draw)?);
    let message_id = message_id(work.draw.uuid(), &work.settings().public_url);
    let payload = serde_json::to_value(Payload { agent, message_id }).map_err(Error::internal)?;
    Ok(Envelope { payload, secret })
}

/// The Message-ID of a mail from the desk at `public_url`.
#[must_use]
pub fn message_id(number: Uuid, public_url: &str) -> String {
    format!("<{number}@{}>", domain(host(public_url)))
}

/// The host of a URL; an IPv6 address without its brackets.
#[must_use]
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// A host as it stands behind the `@` of a Message-ID.
fn domain(host: &str) -> String {
    match host.parse() {
        Ok(IpAddr::V4(ip)) => format!("[{ip}]"),
        Ok(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
        Err(_) => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_names_the_desks_host() {
        for (url, expected) in [
            ("https://desk.example.org", "desk.example.org"),
            ("https://desk.example.org:8443/help", "desk.example.org"),
            ("http://127.0.0.1:8080", "[127.0.0.1]"),
            ("http://[::1]:8080", "[IPv6:::1]"),
        ] {
            assert_eq!(message_id(Uuid::nil(), url), format!("<{}@{expected}>", Uuid::nil()));
        }
    }
}
