//! Departments: looking at them.

use std::collections::BTreeSet;

use axum::extract::State;
use muster_core::id::TeamId;
use muster_core::team::Team;
use muster_core::text;
use muster_http::query::Query;
use serde::Deserialize;

use crate::auth::Agent;
use crate::error::{Failure, Result};
use crate::extract::PathId;
use crate::handlers::department_agents::links;
use crate::listing::{ListParams, Listing, Page, is_true};
use crate::params::{AutocompleteParams, DepartmentParams, DepartmentPath, DepartmentViewParams, IdsParams};
use crate::permissions::VIEW_LIVECHAT_DEPARTMENTS;
use crate::reply::{Reply, Yes};
use crate::wire::department::{
    CreationAvailableReply, Department, DepartmentName, DepartmentNamesReply, DepartmentReply, DepartmentsByIdsReply,
    DepartmentsReply, Surroundings,
};
use crate::{Api, KIND};

/// All departments, with what their documents are made with.
pub(crate) struct Departments {
    pub(crate) teams: Vec<Team>,
    pub(crate) around: Surroundings,
}

impl Departments {
    pub(crate) async fn load(api: &Api, agent: &Agent) -> Result<Self> {
        let teams = api.app.teams_compact(&agent.caller).await?;
        let ids = teams.iter().map(|team| (team.id, team.public_id.to_string())).collect();
        let sizes = api.app.team_sizes(&agent.caller).await?;
        let extras = api.app.team_extras(&agent.caller, KIND).await?;
        Ok(Self { teams, around: Surroundings { ids, sizes, extras } })
    }

    pub(crate) fn document(&self, team: &Team) -> Department {
        Department::new(team, &self.around)
    }

    pub(crate) fn by_public_id(&self, id: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.public_id.as_str() == id)
    }

    fn documents(&self, filter: &Filter) -> Vec<Department> {
        self.teams.iter().filter(|team| filter.admits(team)).map(|team| self.document(team)).collect()
    }
}

/// Which departments are wanted.
struct Filter {
    text: String,
    only_enabled: bool,
    archived: Archived,
    own: Option<BTreeSet<TeamId>>,
    excluded: Vec<String>,
}

#[derive(PartialEq, Eq)]
enum Archived {
    Without,
    With,
    Only,
}

impl Filter {
    // Wire (documented): `enabled` filters when it is `true` and not otherwise.
    fn read(query: &Query, agent: &Agent) -> Self {
        Self {
            text: text::key(query.get("text").unwrap_or_default()),
            only_enabled: is_true(query, "enabled"),
            archived: if is_true(query, "showArchived") { Archived::With } else { Archived::Without },
            own: is_true(query, "onlyMyDepartments").then(|| own_teams(agent)),
            excluded: query.get("excludeDepartmentId").map(ToOwned::to_owned).into_iter().collect(),
        }
    }

    fn admits(&self, team: &Team) -> bool {
        let fits_archive = match self.archived {
            Archived::Without => team.archived_at.is_none(),
            Archived::With => true,
            Archived::Only => team.archived_at.is_some(),
        };
        fits_archive
            && text::key(&team.name).contains(&self.text)
            && (team.enabled || !self.only_enabled)
            && self.own.as_ref().is_none_or(|own| own.contains(&team.id))
            && !self.excluded.iter().any(|id| id == team.public_id.as_str())
    }
}

fn own_teams(agent: &Agent) -> BTreeSet<TeamId> {
    agent.caller.actor.agent().map(|actor| actor.teams.keys().copied().collect()).unwrap_or_default()
}

/// Lists the departments.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/department",
    tag = "departments",
    params(DepartmentParams, ListParams),
    responses((status = 200, description = "Departments, by name unless asked otherwise", body = DepartmentsReply))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent, listing: Listing) -> Result<Reply<DepartmentsReply>> {
    let filter = Filter::read(&listing.query, &agent);
    answer(&api, &agent, &listing, &filter).await
}

/// Lists the archived departments.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/departments/archived",
    tag = "departments",
    params(DepartmentParams, ListParams),
    responses((status = 200, description = "Departments, by name unless asked otherwise", body = DepartmentsReply))
)]
pub(crate) async fn archived(
    State(api): State<Api>,
    agent: Agent,
    listing: Listing,
) -> Result<Reply<DepartmentsReply>> {
    let filter = Filter { archived: Archived::Only, only_enabled: false, ..Filter::read(&listing.query, &agent) };
    answer(&api, &agent, &listing, &filter).await
}

async fn answer(api: &Api, agent: &Agent, listing: &Listing, filter: &Filter) -> Result<Reply<DepartmentsReply>> {
    let documents = Departments::load(api, agent).await?.documents(filter);
    let Page { items, count, offset, total } = listing.page(documents, "name");
    Ok(Reply(DepartmentsReply { departments: items, count, offset, total, success: Yes }))
}

/// Tells whether departments can be created.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/department/isDepartmentCreationAvailable",
    tag = "departments",
    responses((status = 200, description = "They can", body = CreationAvailableReply))
)]
pub(crate) async fn is_creation_available(_: Agent) -> Reply<CreationAvailableReply> {
    Reply(CreationAvailableReply { is_department_creation_available: true, success: Yes })
}

/// Shows a department; null if there is none of that id.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/department/{_id}",
    tag = "departments",
    params(DepartmentPath, DepartmentViewParams),
    responses((status = 200, description = "The department", body = DepartmentReply))
)]
pub(crate) async fn get(
    State(api): State<Api>,
    agent: Agent,
    PathId(id): PathId,
    query: Query,
) -> Result<Reply<DepartmentReply>> {
    let own = is_true(&query, "onlyMyDepartments").then(|| own_teams(&agent));
    let all = Departments::load(&api, &agent).await?;
    let team = all.by_public_id(&id).filter(|team| own.as_ref().is_none_or(|own| own.contains(&team.id)));
    let wants_agents = query.get("includeAgents").is_none_or(|word| word == "true");
    let agents = match team {
        _ if !wants_agents || !agent.may(VIEW_LIVECHAT_DEPARTMENTS) => None,
        Some(team) => Some(links(&api, &agent, team).await?),
        None => Some(Vec::new()),
    };
    Ok(Reply(DepartmentReply { department: team.map(|team| all.document(team)), agents, success: Yes }))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Selector {
    exceptions: Vec<String>,
    term: String,
}

/// Lists departments to choose from, by name.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/department.autocomplete",
    tag = "departments",
    params(AutocompleteParams),
    responses((status = 200, description = "Departments", body = DepartmentNamesReply))
)]
pub(crate) async fn autocomplete(
    State(api): State<Api>,
    agent: Agent,
    query: Query,
) -> Result<Reply<DepartmentNamesReply>> {
    let selector = query.get("selector").ok_or_else(|| Failure::plain("The 'selector' param is required"))?;
    let selector: Selector =
        serde_json::from_str(selector).map_err(|_| Failure::plain("The 'selector' param can't be read"))?;
    let filter =
        Filter { text: text::key(&selector.term), excluded: selector.exceptions, ..Filter::read(&query, &agent) };
    let all = Departments::load(&api, &agent).await?;
    let names = all.teams.iter().filter(|team| filter.admits(team));
    let names = names.map(|team| DepartmentName { id: team.public_id.to_string(), name: team.name.clone() });
    Ok(Reply(DepartmentNamesReply { items: names.collect(), success: Yes }))
}

/// Lists departments by their ids; unknown ones are left out.
#[utoipa::path(
    get,
    path = "/api/v1/livechat/department.listByIds",
    tag = "departments",
    params(IdsParams),
    responses((status = 200, description = "Departments, by name", body = DepartmentsByIdsReply))
)]
pub(crate) async fn list_by_ids(
    State(api): State<Api>,
    agent: Agent,
    query: Query,
) -> Result<Reply<DepartmentsByIdsReply>> {
    // Wire (documented): a list is ids[]=a&ids[]=b, from some clients ids=a&ids=b.
    let listed: Vec<&str> = query.all("ids[]").collect();
    let repeated: Vec<&str> = query.all("ids").collect();
    let ids = match (listed.len(), repeated.len()) {
        (0, 0) => return Err(Failure::plain("The 'ids' param is required")),
        (0, 1) => return Err(Failure::plain("The 'ids' param must be an array")),
        (0, _) => repeated,
        (_, _) => listed,
    };
    let all = Departments::load(&api, &agent).await?;
    let wanted = all.teams.iter().filter(|team| ids.contains(&team.public_id.as_str()));
    Ok(Reply(DepartmentsByIdsReply { departments: wanted.map(|team| all.document(team)).collect(), success: Yes }))
}
