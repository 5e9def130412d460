//! From the wire's words to what the use cases take: names become ids, words become values.

use muster_app::App;
use muster_app::agents::{AgentExtension, AgentPatch, MembershipPatch, NewAgent};
use muster_app::references::NameOrId;
use muster_core::actor::Caller;
use muster_core::id::{RoleId, SkillId, TeamId};
use muster_core::presence::Wish;
use muster_core::skill::{LEVEL_MAX, Skill};
use muster_core::{Entity, Error, text};

use crate::error::{Failure, Result};
use crate::wire::agent_request::{
    AgentExtensionRequest, AgentRequest, AgentSkillRequest, MembershipRequest, Reference,
};
use crate::wire::availability::AvailabilityStatus;

/// The agent to be created. Of the roles asked for one has to be known.
pub(super) async fn new_agent(app: &App, caller: &Caller, request: AgentRequest) -> Result<NewAgent> {
    let asked = request.roles().unwrap_or_default();
    let roles = roles(app, &asked).await?;
    if roles.is_empty() && !asked.is_empty() {
        return Err(Failure::input("Role not found"));
    }
    let teams = teams(app, request.teams.as_deref().unwrap_or_default()).await?;
    let given = request.muster.unwrap_or_default();
    Ok(NewAgent {
        login: given.login.clone(),
        email: request.email.unwrap_or_default(),
        first_name: request.first_name.unwrap_or_default(),
        last_name: request.last_name.unwrap_or_default(),
        roles,
        teams,
        enabled: request.enabled.unwrap_or(true),
        presence: presence(request.availability_status.as_deref())?,
        send_welcome_email: request.send_welcome_email.unwrap_or(false),
        extension: extension(app, caller, given).await?,
        ..NewAgent::default()
    })
}

/// The change asked for.
pub(super) async fn agent_patch(app: &App, caller: &Caller, request: AgentRequest) -> Result<AgentPatch> {
    let roles = match request.roles() {
        Some(asked) => Some(roles(app, &asked).await?),
        None => None,
    };
    let teams = match &request.teams {
        Some(asked) => Some(teams(app, asked).await?),
        None => None,
    };
    let given = request.muster.unwrap_or_default();
    Ok(AgentPatch {
        login: given.login.clone(),
        email: request.email,
        first_name: request.first_name,
        last_name: request.last_name,
        roles,
        teams,
        enabled: request.enabled,
        presence: presence(request.availability_status.as_deref())?,
        new_password: request.new_password.filter(|password| !password.is_empty()),
        extension: extension(app, caller, given).await?,
        ..AgentPatch::default()
    })
}

fn presence(word: Option<&str>) -> Result<Option<Wish>> {
    word.map(|word| Ok(AvailabilityStatus::parse("availability_status", word)?.wish())).transpose()
}

/// The roles that are known of those asked for.
async fn roles(app: &App, asked: &[Reference]) -> Result<Vec<RoleId>> {
    Ok(app.roles_by_reference(&references(asked)).await?.found)
}

/// The teams that are known of those asked for.
async fn teams(app: &App, asked: &[Reference]) -> Result<Vec<TeamId>> {
    Ok(app.teams_by_reference(&references(asked)).await?.found)
}

/// An object's id goes before its name; an empty object names nothing.
fn references(asked: &[Reference]) -> Vec<NameOrId> {
    let reference = |one: &Reference| match one {
        Reference::Id(id) => Some(NameOrId::Id(*id)),
        Reference::Text(text) => Some(NameOrId::Name(text.clone())),
        Reference::Object(object) => object.id.map(NameOrId::Id).or_else(|| object.name.clone().map(NameOrId::Name)),
    };
    asked.iter().filter_map(reference).collect()
}

async fn extension(app: &App, caller: &Caller, given: AgentExtensionRequest) -> Result<AgentExtension> {
    let skills = match &given.skills {
        Some(asked) => Some(skills(&app.list_skills(caller).await?, asked)?),
        None => None,
    };
    let memberships = match given.memberships {
        Some(asked) => Some(memberships(app, asked).await?),
        None => None,
    };
    Ok(AgentExtension {
        phone_country: given.phone_number_country_code.into_change(),
        phone_calling_code: given.phone_number_calling_code.into_change(),
        phone_number: given.phone_number.into_change(),
        country: given.country.into_change(),
        job_description: given.job_description,
        locked: given.locked,
        serves: given.serves,
        login_using_email: given.login_using_email,
        capacity: given.capacity.into_change(),
        rank: given.rank,
        channels: given.channels.map(|channels| channels.moved()).unwrap_or_default(),
        auto_answer: given.auto_answer.map(Into::into),
        call_controls: given.call_controls.map(serde_json::Value::Object),
        sip_location: given.sip_location.into_change(),
        screen_recording: given.screen_recording,
        agent_data: given.agent_data.into_change(),
        attributes: given.custom_attributes.unwrap_or_default(),
        skill_attributes: given.skill_attributes.unwrap_or_default(),
        skills,
        memberships,
    })
}

fn skills(known: &[Skill], asked: &[AgentSkillRequest]) -> Result<Vec<(SkillId, u8)>> {
    asked.iter().map(|one| Ok((skill(known, one)?, one.level.unwrap_or(LEVEL_MAX)))).collect()
}

fn skill(known: &[Skill], asked: &AgentSkillRequest) -> Result<SkillId> {
    let name = asked.name.as_deref().map(text::key);
    let is_meant = |skill: &&Skill| match asked.id {
        Some(id) => skill.id == SkillId(id),
        None => name.as_ref().is_some_and(|name| text::key(&skill.name) == *name),
    };
    // Within an agent's fields: what was sent is wrong, not the address.
    known.iter().find(is_meant).map(|skill| skill.id).ok_or_else(|| Failure::input("Skill not found"))
}

async fn memberships(app: &App, asked: Vec<MembershipRequest>) -> Result<Vec<MembershipPatch>> {
    let mut patches = Vec::with_capacity(asked.len());
    for MembershipRequest { team_id, name, role, capacity, order } in asked {
        let reference = team_id.map(NameOrId::Id).or_else(|| name.map(NameOrId::Name));
        let found = app.teams_by_reference(&Vec::from_iter(reference)).await?.found;
        let team = found.first().copied().ok_or(Error::NotFound(Entity::Team))?;
        patches.push(MembershipPatch { team, role: role.map(Into::into), capacity: capacity.into_change(), order });
    }
    Ok(patches)
}
