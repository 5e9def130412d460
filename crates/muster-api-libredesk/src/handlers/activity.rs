//! The activity log.

use axum::extract::State;
use muster_http::paging::Page;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::Result;
use crate::query::{ListQuery as _, page, request};
use crate::reply::{Envelope, Reply};
use crate::wire::activity::{ActivityLog, ActivityParams};
use crate::wire::listing::{activity_filter, activity_order};

/// Lists who changed accounts, rights and configuration, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/activity-logs",
    tag = "activity",
    params(ActivityParams),
    responses((status = 200, description = "A page of entries", body = Envelope<Page<ActivityLog>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<Page<ActivityLog>>> {
    let paging = query.paging();
    let (filter, order) = (activity_filter(&query)?, activity_order(&query)?);
    let found = api.app.activity(&agent.caller, filter, order, request(paging)).await?;
    Ok(Reply(page(&found, paging)))
}
