//! `muster jobs`: mails and other work that waits or was given up.

use anyhow::{Context as _, Result};
use muster_app::App;
use muster_app::jobs::JobView;
use muster_core::actor::Caller;
use muster_core::id::JobId;
use muster_core::job::JobState;
use muster_core::view::PageRequest;
use muster_core::{Entity, Error};
use serde_json::json;

use crate::cli::{self, ListJobs, RetryJob};
use crate::exit::Usage;
use crate::out;

/// Jobs of a state that are printed.
const AT_MOST: i64 = 1000;

pub(crate) async fn run(app: &App, command: cli::Jobs) -> Result<()> {
    match command {
        cli::Jobs::List(command) => list(app, &command).await,
        cli::Jobs::Retry(RetryJob { id: Some(id), .. }) => retry(app, id).await,
        cli::Jobs::Retry(RetryJob { id: None, .. }) => retry_dead(app).await,
    }
}

async fn list(app: &App, command: &ListJobs) -> Result<()> {
    let mut jobs = Vec::new();
    let mut total = 0;
    for state in [JobState::Dead, JobState::Waiting] {
        let page = PageRequest { page: 1, size: AT_MOST };
        let found = app.list_jobs(&Caller::operator(), Some(state), page).await.context("the jobs can't be listed")?;
        total += found.total;
        jobs.extend(found.items);
    }
    if command.json {
        let jobs: Vec<_> = jobs.iter().map(object).collect();
        out::line(json!({ "jobs": jobs }))?;
        return Ok(());
    }
    for job in &jobs {
        out::line(line(job))?;
    }
    match total {
        0 => out::line("No job waits, and none was given up.")?,
        total if usize::try_from(total).is_ok_and(|total| total > jobs.len()) => {
            out::line(format_args!("… {total} in all"))?;
        }
        _ => {}
    }
    Ok(())
}

fn line(job: &JobView) -> String {
    let JobView { id, name, state, to, attempts, last_error, created_at, next_try_at, ended_at: _ } = job;
    let mut line = format!("{id:>6}  {:<7}  {name}", state.as_str());
    if let Some(to) = to {
        line += &format!(" to {to}");
    }
    line += &format!(", of {created_at}, tries: {attempts}");
    if let Some(at) = next_try_at {
        line += &format!(", next: {at}");
    }
    if let Some(error) = last_error {
        line += &format!("\n        {error}");
    }
    line
}

fn object(job: &JobView) -> serde_json::Value {
    let JobView { id, name, state, to, attempts, last_error, created_at, next_try_at, ended_at } = job;
    json!({
        "id": id,
        "name": name,
        "state": state,
        "to": to,
        "attempts": attempts,
        "last_error": last_error,
        "created_at": created_at.to_string(),
        "next_try_at": next_try_at.map(|at| at.to_string()),
        "ended_at": ended_at.map(|at| at.to_string()),
    })
}

async fn retry(app: &App, id: i64) -> Result<()> {
    match app.retry_job(&Caller::operator(), JobId(id)).await {
        Ok(()) => out::line(format_args!("Job {id} is due now."))?,
        Err(Error::NotFound(Entity::Job)) => {
            let message = format!("there is no job {id} that waits or was given up: see `muster jobs list`");
            return Err(Usage::new(message).into());
        }
        Err(error) => return Err(error).context(format!("job {id} can't be tried again")),
    }
    Ok(())
}

async fn retry_dead(app: &App) -> Result<()> {
    let count = app.retry_dead_jobs(&Caller::operator()).await.context("the jobs can't be tried again")?;
    out::line(match count {
        0 => "No job was given up.".to_owned(),
        1 => "One job is due now.".to_owned(),
        count => format!("{count} jobs are due now."),
    })?;
    Ok(())
}
