//! Jobs: ours, in the product's manner.

use axum::extract::State;
use muster_core::job::JobState;
use muster_http::paging::Page;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{IdPath, PathId};
use crate::ids;
use crate::query::{ListQuery as _, page, request};
use crate::reply::{Done, Envelope, Reply};
use crate::wire::job::{Job, JobParams};

/// Lists jobs: those that were given up first, then those that wait, then those that are done.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    tag = "jobs",
    params(JobParams),
    responses((status = 200, description = "Jobs", body = Envelope<Page<Job>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<Page<Job>>> {
    let state = query.get("state").map(|word| JobState::parse(word).ok_or_else(|| Failure::invalid("state")));
    let paging = query.paging();
    let found = api.app.list_jobs(&agent.caller, state.transpose()?, request(paging)).await?;
    Ok(Reply(page(&found, paging)))
}

/// Has a job that was given up or waits done at once. A mail that was given up gets a new link.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/retry",
    tag = "jobs",
    params(IdPath),
    responses(
        (status = 200, description = "Tried again", body = Envelope<bool>),
        (status = 404, description = "No such job, or it is done", body = ErrorBody)
    )
)]
pub(crate) async fn retry(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.retry_job(&agent.caller, ids::job(id)?).await?;
    Ok(Done)
}
