//! Jobs as people see them, and how they bring one back.

use std::collections::BTreeMap;

use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::{AgentId, JobId};
use muster_core::job::JobState;
use muster_core::permission::Permission;
use muster_core::view::{Page, PageRequest};
use muster_core::{Entity, Error, Result, Timestamp};
use muster_store::agents;
use muster_store::db::{Tx, lost_race};
use muster_store::jobs::{self, JobEntry};

use crate::auth::Purpose;
use crate::mail::{self, Envelope};
use crate::{App, Work};

/// A job without what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    pub id: JobId,
    pub name: String,
    pub state: JobState,
    /// The address that a mail goes to; `None` for other jobs, and where the agent is gone.
    pub to: Option<String>,
    /// Tries so far.
    pub attempts: u32,
    /// How the last try that failed ended.
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    /// When it is tried next; `None` unless it waits.
    pub next_try_at: Option<Timestamp>,
    /// When it was done or given up.
    pub ended_at: Option<Timestamp>,
}

impl App {
    /// One page of the jobs of a state, or of all: the dead first, then those that wait, then those that are done.
    ///
    /// # Errors
    /// [`Error::Denied`] without `general_settings:manage`.
    pub async fn list_jobs(
        &self,
        caller: &Caller,
        state: Option<JobState>,
        page: PageRequest,
    ) -> Result<Page<JobView>> {
        caller.actor.require(Permission::GeneralSettingsManage)?;
        self.read(move |tx| {
            Box::pin(async move {
                let (entries, total) = jobs::list(tx, state, page).await?;
                let addresses = addresses(tx, &entries).await?;
                Ok(Page { items: entries.into_iter().map(|entry| view(entry, &addresses)).collect(), total })
            })
        })
        .await
    }

    /// Has a job that is dead or waits done at once, as if it had never been tried. The link of a mail that was given
    /// up is gone; a new one takes its place.
    ///
    /// # Errors
    /// [`Error::Denied`] without `general_settings:manage`; [`Error::NotFound`], also for a job that is done.
    pub async fn retry_job(&self, caller: &Caller, id: JobId) -> Result<()> {
        caller.actor.require(Permission::GeneralSettingsManage)?;
        self.write(caller, move |work| Box::pin(retry(work, id))).await
    }

    /// As [`Self::retry_job`] for every dead job; tells how many there were.
    ///
    /// # Errors
    /// [`Error::Denied`]; then those of the store, and some jobs may have been brought back already.
    pub async fn retry_dead_jobs(&self, caller: &Caller) -> Result<usize> {
        caller.actor.require(Permission::GeneralSettingsManage)?;
        let dead = self.read(|tx| Box::pin(jobs::dead(tx))).await?;
        for id in &dead {
            match self.retry_job(caller, *id).await {
                Err(Error::NotFound(_)) => {}
                retried => retried?,
            }
        }
        Ok(dead.len())
    }
}

async fn retry(work: &mut Work<'_>, id: JobId) -> Result<()> {
    let entry = jobs::find(work.tx, id).await?.ok_or(Error::NotFound(Entity::Job))?;
    if entry.state == JobState::Done {
        return Err(Error::NotFound(Entity::Job));
    }
    let is_dead = entry.state == JobState::Dead;
    let Envelope { payload, secret } = content(work, &entry).await?;
    if !jobs::revive(work.tx, id, is_dead, &payload, secret.as_deref(), work.now).await? {
        return Err(lost_race());
    }
    work.record(Event::JobRetried { job: id });
    Ok(())
}

/// What a job holds at its next try.
async fn content(work: &mut Work<'_>, entry: &JobEntry) -> Result<Envelope> {
    if let (JobState::Dead, Some(purpose), Some(agent)) = (entry.state, Purpose::of_job(&entry.name), recipient(entry))
    {
        let profile = agents::lock_profiles(work.tx, &[agent]).await?.pop();
        if profile.is_some_and(|profile| profile.agent.is_usable()) {
            return mail::fill(work, agent, purpose).await;
        }
    }
    Ok(Envelope { payload: entry.payload.clone(), secret: None })
}

/// The agent to whom a job mails.
fn recipient(entry: &JobEntry) -> Option<AgentId> {
    Purpose::of_job(&entry.name)?;
    let payload: mail::Payload = serde_json::from_value(entry.payload.clone()).ok()?;
    Some(payload.agent)
}

async fn addresses(tx: &mut Tx, entries: &[JobEntry]) -> Result<BTreeMap<AgentId, String>> {
    let recipients: Vec<AgentId> = entries.iter().filter_map(recipient).collect();
    let profiles = agents::profiles_by_ids(tx, &recipients).await?;
    Ok(profiles.into_iter().filter_map(|profile| Some((profile.agent.id, profile.agent.email?))).collect())
}

fn view(entry: JobEntry, addresses: &BTreeMap<AgentId, String>) -> JobView {
    let to = recipient(&entry).and_then(|agent| addresses.get(&agent).cloned());
    let JobEntry { id, name, state, payload: _, attempts, last_error, created_at, run_at, ended_at } = entry;
    let next_try_at = (state == JobState::Waiting).then_some(run_at);
    JobView { id, name, state, to, attempts, last_error, created_at, next_try_at, ended_at }
}
