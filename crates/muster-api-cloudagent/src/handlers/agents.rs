//! Agents.

mod check;
mod lists;

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use muster_app::agents::{AgentPatch, NewAgent, ProductPassword};
use muster_core::actor::Actor;
use muster_core::agent::Profile;
use muster_core::id::{AgentId, TeamId};
use muster_core::role::AGENT_KEY;
use muster_core::{Entity, Error, text};

use crate::auth::Call;
use crate::envelope::{
    AgentRefusal, CapitalSuccess, Changed, CredentialRefusal, DeleteRefusal, Refusal, Reply, SuccessWord,
};
use crate::error::{Failure, Result};
use crate::extract::{Body, Detailed, DetailedQuery};
use crate::wire::agent::{AgentData, Edited, EditedLower};
use crate::wire::agent_request::{CreateAgent, EditAgent};
use crate::wire::requests::DeleteAgent;
use crate::{Api, KIND};

use lists::{Belongings, Lists};

/// Edits the details of an existing agent, such as name, skills, groups, and other attributes.
#[utoipa::path(
    put,
    path = "/ca_apis/updateAgent",
    tag = "agents",
    params(DetailedQuery),
    request_body = EditAgent,
    responses(
        (status = 200, description = "Edited", body = Edited),
        (status = 400, description = "The body can't be read, or a field can't be accepted", body = AgentRefusal),
        (status = 401, description = "No or a wrong key, token or account", body = CredentialRefusal),
        (status = 404, description = "Agent not found", body = Refusal),
        (status = 429, description = "More than 5 calls in a minute", body = Refusal)
    )
)]
pub(crate) async fn edit(
    State(api): State<Api>,
    call: Call,
    Detailed(detailed): Detailed,
    Body(request): Body<EditAgent>,
) -> Result<Response> {
    let (before, after) = update(&api, &call, &request).await?;
    let data = if detailed {
        let teams = shown_teams(&api, &call).await?;
        let was = AgentData::new(&before, &teams);
        Some(AgentData::new(&after, &teams).after(&was, !request.fields.password.is_absent()))
    } else {
        None
    };
    Ok(edited(&api, data))
}

/// Changes the agent. Returns it as it was and as it is.
async fn update(api: &Api, call: &Call, request: &EditAgent) -> Result<(Profile, Profile)> {
    let mut tries_left = TRIES;
    loop {
        tries_left -= 1;
        let before = find(api, call, request.agent_id.filled()).await?;
        let belongings = Lists::of_edit(request).look_up(api, call).await?;
        let patch = check::edit(request, &before.agent, belongings, &api.settings)?;
        match api.app.update_agent(&call.caller, before.agent.id, patch).await {
            Ok(after) => return Ok((before, after)),
            Err(Error::Conflict(Entity::Agent)) if tries_left > 0 => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// How often a change is made anew that rests on what somebody else changes at the same time.
const TRIES: usize = 10;

// Wire (chosen): the text of an older page, in the envelope of the pages for creating and deleting.
fn edited(api: &Api, data: Option<AgentData>) -> Response {
    let message = "Agent Updated Successfully".into();
    if api.settings.capital_keys {
        Reply(Edited { status: CapitalSuccess::Word, message, data }).into_response()
    } else {
        Reply(EditedLower { status: SuccessWord::Word, message, data }).into_response()
    }
}

/// Creates an agent.
#[utoipa::path(
    post,
    path = "/ca_apis/createAgent",
    tag = "agents",
    request_body = CreateAgent,
    responses(
        (status = 200, description = "Created", body = Changed),
        (status = 400, description = "The body can't be read, or a field can't be accepted", body = AgentRefusal),
        (status = 401, description = "No or a wrong key, token or account", body = CredentialRefusal),
        (status = 404, description = "The agent ID can't be accepted", body = Refusal),
        (status = 429, description = "More than 5 calls in a minute", body = Refusal)
    )
)]
pub(crate) async fn create(
    State(api): State<Api>,
    call: Call,
    Body(request): Body<CreateAgent>,
) -> Result<Reply<Changed>> {
    let login = check::new_id(&request.agent_id).ok_or_else(Failure::agent_not_found)?;
    let belongings = Lists::of_new(&request.fields).look_up(&api, &call).await?;
    let role = api.app.role_by_key(AGENT_KEY).await?.id;
    let new = NewAgent { roles: vec![role], ..check::new(&request, login, belongings, &api.settings)? };
    match api.app.create_agent(&call.caller, new).await {
        Ok(_) => Ok(Reply(Changed::new("Agent Created Successfully"))),
        Err(Error::Invalid { field: "login", .. }) => Err(Failure::agent_not_found()),
        Err(error) => Err(error.into()),
    }
}

/// Deletes an agent. The ID may be used again.
#[utoipa::path(
    delete,
    path = "/ca_apis/deleteAgent",
    tag = "agents",
    params(
        ("userName" = Option<String>, Query, description = "In place of the body's"),
        ("agentId" = Option<String>, Query, description = "In place of the body's")
    ),
    request_body = DeleteAgent,
    responses(
        (status = 200, description = "Deleted", body = Changed),
        (status = 401, description = "No or a wrong key, token or account", body = CredentialRefusal),
        (status = 404, description = "There is no such agent, or it is deleted already", body = DeleteRefusal),
        (status = 429, description = "More than 5 calls in a minute", body = Refusal)
    )
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    call: Call,
    Body(request): Body<DeleteAgent>,
) -> Result<Reply<Changed>> {
    let named = request.agent_id.filled();
    let agent = match find(&api, &call, named).await {
        Ok(profile) => profile.agent,
        Err(failure) if failure.is_not_found() => return Err(not_deleted(&api, named).await?),
        Err(failure) => return Err(failure),
    };
    match api.app.delete_agent(&call.caller, agent.id).await {
        Ok(()) => Ok(Reply(Changed::new(format!("Agent {} Deleted Successfully", agent.login)))),
        Err(Error::NotFound(Entity::Agent)) => Err(not_deleted(&api, named).await?),
        Err(error) => Err(error.into()),
    }
}

/// Why there is nobody of this ID to be deleted.
async fn not_deleted(api: &Api, named: Option<&str>) -> Result<Failure> {
    let was_deleted = match named {
        Some(login) => api.app.was_login_deleted(login).await?,
        None => false,
    };
    let failure = if was_deleted {
        Failure::delete("Invalid agent details or Agent is already deleted")
    } else {
        Failure::delete_messages_first("Invalid Agent Details")
    };
    Ok(failure.not_found())
}

/// The agent of this ID, if the account may change it.
pub(super) async fn find(api: &Api, call: &Call, id: Option<&str>) -> Result<Profile> {
    let profile = api.app.agent_by_login(&call.caller, id.ok_or_else(Failure::agent_not_found)?).await?;
    check_reach(call, profile)
}

/// The agents of these IDs whom the account may change, by the key of the ID.
pub(super) async fn find_all(api: &Api, call: &Call, ids: &[String]) -> Result<BTreeMap<String, AgentId>> {
    let found = api.app.agents_by_logins(&call.caller, ids).await?;
    let reached = found.into_iter().filter(|profile| is_in_reach(call, profile));
    Ok(reached.map(|profile| (text::key(&profile.agent.login), profile.agent.id)).collect())
}

/// Hides whom the account may not change.
fn check_reach(call: &Call, profile: Profile) -> Result<Profile> {
    if is_in_reach(call, &profile) { Ok(profile) } else { Err(Failure::agent_not_found()) }
}

fn is_in_reach(call: &Call, profile: &Profile) -> bool {
    matches!(&call.caller.actor, Actor::Integration(account) if account.may_change(profile))
}

/// The teams that are agent groups here: those that are archived aren't.
async fn shown_teams(api: &Api, call: &Call) -> Result<BTreeSet<TeamId>> {
    let teams = api.app.teams_compact(&call.caller).await?;
    Ok(teams.into_iter().filter(|team| team.archived_at.is_none()).map(|team| team.id).collect())
}

fn password(text: &str) -> ProductPassword {
    ProductPassword { kind: KIND, password: text.to_owned() }
}

/// A patch that joins, leaves, gives and drops.
fn belonging(belongings: Belongings) -> AgentPatch {
    let Belongings { join, leave, give, drop, faults: _ } = belongings;
    AgentPatch { join, leave, give_skills: give, drop_skills: drop, ..AgentPatch::default() }
}
