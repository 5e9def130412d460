//! Search.

use axum::extract::State;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{Failure, Result};
use crate::query::SearchParams;
use crate::reply::{Envelope, Reply};
use crate::wire::search::{FoundContact, FoundConversation, FoundMessage};

/// Wire (observed, 2.7): counted in bytes; the blank at the beginning is there too.
const QUERY_MIN: usize = 3;
const TOO_SHORT: &str = " Please enter at least 3 characters to search.";

/// Finds conversations: the one of this reference number, and those of contacts with the text in their e-mail address.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/search",
    tag = "search",
    params(SearchParams),
    responses((status = 200, description = "Conversations", body = Envelope<Vec<FoundConversation>>))
)]
pub(crate) async fn conversations(
    State(api): State<Api>,
    agent: Agent,
    query: Query,
) -> Result<Reply<Vec<FoundConversation>>> {
    let found = api.app.search_conversations(&agent.caller, asked(&query)?).await?;
    Ok(Reply(found.into_iter().map(FoundConversation::from).collect()))
}

/// Finds messages that have all these words, the latest first; the last word may be unfinished.
#[utoipa::path(
    get,
    path = "/api/v1/messages/search",
    tag = "search",
    params(SearchParams),
    responses((status = 200, description = "At most 30 messages", body = Envelope<Vec<FoundMessage>>))
)]
pub(crate) async fn messages(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<Vec<FoundMessage>>> {
    let found = api.app.search_messages(&agent.caller, asked(&query)?).await?;
    Ok(Reply(found.into_iter().map(FoundMessage::from).collect()))
}

/// Finds contacts with the text in their e-mail address.
#[utoipa::path(
    get,
    path = "/api/v1/contacts/search",
    tag = "search",
    params(SearchParams),
    responses((status = 200, description = "At most 15 contacts", body = Envelope<Vec<FoundContact>>))
)]
pub(crate) async fn contacts(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<Vec<FoundContact>>> {
    let found = api.app.search_contacts(&agent.caller, asked(&query)?).await?;
    Ok(Reply(found.into_iter().map(FoundContact::from).collect()))
}

fn asked(query: &Query) -> Result<&str> {
    let asked = query.get("query").unwrap_or_default().trim();
    if asked.len() < QUERY_MIN { Err(Failure::input(TOO_SHORT)) } else { Ok(asked) }
}
