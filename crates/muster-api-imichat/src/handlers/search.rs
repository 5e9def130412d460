//! Users by the page.

use std::cmp::Reverse;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use muster_core::agent::Profile;

use crate::Api;
use crate::auth::Client;
use crate::codes;
use crate::envelope::{Envelope, Reply};
use crate::error::Result;
use crate::extract::{Body, PER_PAGE, PageNumber, PageParams, TeamHeader};
use crate::wire::Status;
use crate::wire::search::{Condition, Search};
use crate::wire::user::{Light, User, Users};

// Wire (chosen): totals beside the page.
const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");
const TOTAL_PAGES: HeaderName = HeaderName::from_static("x-total-pages");

/// Lists the users whom the key sees for the team, ten to a page.
#[utoipa::path(
    get,
    path = "/v3.1/users",
    tag = "users",
    params(TeamHeader, PageParams),
    responses((
        status = 200,
        description = "4307",
        body = Envelope<Users>,
        headers(
            ("x-total-count" = u64, description = "Users on all pages"),
            ("x-total-pages" = u64, description = "Pages")
        )
    ))
)]
pub(crate) async fn list(State(api): State<Api>, client: Client, PageNumber(page): PageNumber) -> Result<Response> {
    users_on(page, &api, &client, &[]).await
}

/// Searches these users by conditions that all have to hold.
#[utoipa::path(
    post,
    path = "/v3.1/users/search",
    tag = "users",
    params(TeamHeader, PageParams),
    request_body = Search,
    responses((
        status = 200,
        description = "4307",
        body = Envelope<Users>,
        headers(
            ("x-total-count" = u64, description = "Users on all pages"),
            ("x-total-pages" = u64, description = "Pages")
        )
    ))
)]
pub(crate) async fn search(
    State(api): State<Api>,
    client: Client,
    PageNumber(page): PageNumber,
    Body(Search(conditions)): Body<Search>,
) -> Result<Response> {
    users_on(page, &api, &client, &conditions).await
}

// Wire (documented): ten to a page; (chosen) the latest created first.
async fn users_on(page: usize, api: &Api, client: &Client, conditions: &[Condition]) -> Result<Response> {
    let light = Light::of(api);
    let mut found = api.app.agent_profiles(&client.caller).await?;
    found.retain(|profile| conditions.iter().all(|condition| holds(condition, profile, &light)));
    found.sort_by_key(|profile| (Reverse(profile.agent.created_at), profile.agent.id));
    let total = found.len();
    let rows = found.iter().skip((page - 1).saturating_mul(PER_PAGE)).take(PER_PAGE);
    let users = Users { users: rows.map(|profile| User::new(profile, &light)).collect() };
    let headers = [(TOTAL_COUNT, HeaderValue::from(total)), (TOTAL_PAGES, HeaderValue::from(total.div_ceil(PER_PAGE)))];
    Ok((headers, Reply(codes::USERS_FOUND, users)).into_response())
}

fn holds(condition: &Condition, profile: &Profile, light: &Light) -> bool {
    let agent = &profile.agent;
    match condition {
        Condition::Status(status) => Status::of(agent.enabled) == *status,
        Condition::CreatedAt(comparison, at) => comparison.holds(&agent.created_at, at),
        Condition::UpdatedAt(comparison, at) => comparison.holds(&agent.updated_at, at),
        Condition::AcceptingChats(accepting) => light.accepts_chats(profile) == *accepting,
        Condition::ActiveChats(comparison, count) => comparison.holds(&i64::from(profile.state.load), count),
    }
}
