//! Agents and managers.

use std::collections::BTreeMap;

use axum::extract::State;
use muster_app::agents::ServicePatch;
use muster_core::actor::Caller;
use muster_core::agent::{AgentKind, Profile};
use muster_core::id::TeamId;
use muster_core::permission::Permission;
use muster_core::role::MANAGER_KEY;
use muster_core::text;
use muster_core::{Entity, Error, Refusal};
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{Failure, Result};
use crate::extract::{Body, PathId, PathPair};
use crate::handlers::department_changes::limit;
use crate::listing::{ListParams, Listing, Page, is_true};
use crate::params::{KindAndIdPath, KindPath, ServiceUserParams};
use crate::permissions::{EDIT_OMNICHANNEL_CONTACT, TRANSFER_LIVECHAT_GUEST, VIEW_LIVECHAT_MANAGER};
use crate::presence::{self, Service, Status, is_agent};
use crate::reply::{Done, Reply, Yes};
use crate::roles::is_manager;
use crate::wire::agent::{AddServiceUser, SaveInfo, ServiceUser, ServiceUserReply, ServiceUsersReply};
use crate::wire::user::{UserRef, UserRefReply};

/// What a user can be to a desk's customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Agent,
    Manager,
}

impl Kind {
    fn parse(word: &str) -> Result<Self> {
        match word {
            "agent" => Ok(Self::Agent),
            "manager" => Ok(Self::Manager),
            _ => Err(Failure::plain("Invalid type")),
        }
    }

    // Wire (documented): agents are listed for those who pass chats on to them too.
    const fn list_rights(self) -> &'static [Permission] {
        match self {
            Self::Agent => &[TRANSFER_LIVECHAT_GUEST, EDIT_OMNICHANNEL_CONTACT],
            Self::Manager => &[VIEW_LIVECHAT_MANAGER],
        }
    }

    fn holds(self, profile: &Profile) -> bool {
        match self {
            Self::Agent => is_agent(profile),
            Self::Manager => is_manager(profile),
        }
    }
}

/// Lists the agents, or the managers.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/users/{type}",
    tag = "agents",
    params(KindPath, ServiceUserParams, ListParams),
    responses((status = 200, description = "Users, by name unless asked otherwise", body = ServiceUsersReply))
)]
pub(crate) async fn list(
    State(api): State<Api>,
    agent: Agent,
    PathId(kind): PathId,
    listing: Listing,
) -> Result<Reply<ServiceUsersReply>> {
    let kind = Kind::parse(&kind)?;
    agent.require_any(kind.list_rights())?;
    let filter = Filter::read(&listing.query, &api);
    let teams = team_ids(&api, &agent.caller).await?;
    let profiles = api.app.colleagues(&agent.caller).await?;
    let wanted = profiles.iter().filter(|profile| kind.holds(profile) && filter.admits(profile));
    let users = wanted.map(|profile| ServiceUser::new(profile, &teams, filter.now)).collect();
    let Page { items, count, offset, total } = listing.page(users, "name");
    Ok(Reply(ServiceUsersReply { users: items, count, offset, total, success: Yes }))
}

async fn team_ids(api: &Api, caller: &Caller) -> Result<BTreeMap<TeamId, String>> {
    let teams = api.app.teams_compact(caller).await?;
    Ok(teams.into_iter().map(|team| (team.id, team.public_id.to_string())).collect())
}

/// Which users are wanted.
struct Filter {
    text: String,
    only_available: bool,
    excluded: Option<String>,
    hides_idle: bool,
    now: muster_core::Timestamp,
}

impl Filter {
    fn read(query: &Query, api: &Api) -> Self {
        Self {
            text: text::key(query.get("text").unwrap_or_default()),
            only_available: is_true(query, "onlyAvailable"),
            excluded: query.get("excludeId").map(ToOwned::to_owned),
            hides_idle: query.get("showIdleAgents") == Some("false"),
            now: api.app.now(),
        }
    }

    fn admits(&self, profile: &Profile) -> bool {
        let agent = &profile.agent;
        let is_offline = presence::status(profile, self.now) == Status::Offline;
        let is_available = presence::service(profile) == Some(Service::Available) && !is_offline;
        let name = agent.name();
        let mut texts = [Some(agent.login.as_str()), Some(name.as_str()), agent.email.as_deref()].into_iter().flatten();
        texts.any(|name| text::key(name).contains(&self.text))
            && (is_available || !self.only_available)
            && (!is_offline || agent.kind == AgentKind::Bot || !self.hides_idle)
            && self.excluded.as_deref() != Some(agent.public_id.as_str())
    }
}

/// Makes a user an agent, or a manager. For one who is already nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/livechat/users/{type}",
    tag = "agents",
    params(KindPath),
    request_body = AddServiceUser,
    responses((status = 200, description = "The user", body = UserRefReply))
)]
pub(crate) async fn add(
    State(api): State<Api>,
    agent: Agent,
    PathId(kind): PathId,
    Body(request): Body<AddServiceUser>,
) -> Result<Reply<UserRefReply>> {
    let kind = Kind::parse(&kind)?;
    let profile = match api.app.colleague_by_login(&agent.caller, &request.username).await {
        Err(Error::NotFound(Entity::Agent)) => return Err(Failure::plain("error-invalid-user")),
        found => found?,
    };
    let id = profile.agent.id;
    let profile = match kind {
        Kind::Agent => api.app.enlist(&agent.caller, id).await?,
        Kind::Manager => api.app.appoint(&agent.caller, id, MANAGER_KEY).await?,
    };
    Ok(Reply(UserRefReply { user: UserRef::from(&profile), success: Yes }))
}

/// Shows an agent, or a manager; null for a user who is none.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/users/{type}/{_id}",
    tag = "agents",
    params(KindAndIdPath),
    responses((status = 200, description = "The user", body = ServiceUserReply))
)]
pub(crate) async fn get(
    State(api): State<Api>,
    agent: Agent,
    PathPair(kind, id): PathPair,
) -> Result<Reply<ServiceUserReply>> {
    let kind = Kind::parse(&kind)?;
    let profile = find(&api, &agent, &id).await?;
    let teams = team_ids(&api, &agent.caller).await?;
    let user = kind.holds(&profile).then(|| ServiceUser::new(&profile, &teams, api.app.now()));
    Ok(Reply(ServiceUserReply { user, success: Yes }))
}

/// Makes a user no agent, and takes them out of all departments; or no manager. Chats stay with the user.
#[utoipa::path(
    delete,
    path = "/api/v1/livechat/users/{type}/{_id}",
    tag = "agents",
    params(KindAndIdPath),
    responses((status = 200, description = "Done", body = Done))
)]
pub(crate) async fn remove(State(api): State<Api>, agent: Agent, PathPair(kind, id): PathPair) -> Result<Done> {
    let kind = Kind::parse(&kind)?;
    let profile = find(&api, &agent, &id).await?;
    let removed = match kind {
        _ if !kind.holds(&profile) => return Err(not_held(kind)),
        Kind::Agent => api.app.discharge(&agent.caller, profile.agent.id).await,
        Kind::Manager => api.app.dismiss(&agent.caller, profile.agent.id, MANAGER_KEY).await,
    };
    match removed {
        Err(Error::Refused(Refusal::NotServing(_))) => Err(not_held(kind)),
        removed => Ok(removed.map(|_| Done::default())?),
    }
}

/// Wire (documented): 400. Wire (chosen): the texts.
fn not_held(kind: Kind) -> Failure {
    Failure::plain(match kind {
        Kind::Agent => "error-user-is-not-agent",
        Kind::Manager => "error-user-is-not-manager",
    })
}

async fn find(api: &Api, agent: &Agent, id: &str) -> Result<Profile> {
    match api.app.colleague_by_public_id(&agent.caller, id).await {
        Err(Error::NotFound(Entity::Agent)) => Err(Failure::plain("User not found")),
        found => Ok(found?),
    }
}

/// Sets an agent's limit, and the departments that the agent is in: places that are kept stay untouched.
#[utoipa::path(
    post,
    path = "/api/v1/livechat/agents.saveInfo",
    tag = "agents",
    request_body = SaveInfo,
    responses((status = 200, description = "Saved", body = Done))
)]
pub(crate) async fn save_info(State(api): State<Api>, agent: Agent, Body(request): Body<SaveInfo>) -> Result<Done> {
    let not_agent = || not_held(Kind::Agent);
    let profile = match api.app.colleague_by_public_id(&agent.caller, &request.agent_id).await {
        Err(Error::NotFound(Entity::Agent)) => return Err(not_agent()),
        found => found?,
    };
    let capacity = request.agent_data.max_number_simultaneous_chat.map(|most| limit(most.0)).transpose()?;
    let teams = teams(&api, &agent, &request.agent_departments).await?;
    let patch = ServicePatch { teams: Some(teams), capacity };
    match api.app.set_service(&agent.caller, profile.agent.id, patch).await {
        Err(Error::Refused(Refusal::NotServing(_))) => Err(not_agent()),
        saved => Ok(saved.map(|_| Done::default())?),
    }
}

async fn teams(api: &Api, agent: &Agent, ids: &[String]) -> Result<Vec<TeamId>> {
    let all = api.app.teams_compact(&agent.caller).await?;
    let found = ids.iter().map(|id| all.iter().find(|team| team.public_id.as_str() == id).map(|team| team.id));
    Ok(found.collect::<Option<Vec<_>>>().ok_or(Error::NotFound(Entity::Team))?)
}
