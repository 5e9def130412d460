//! Skills: ours, in the product's manner.

use axum::extract::State;
use muster_app::skills::{NewSkill, SkillPatch};
use muster_core::id::TeamId;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::skill::{Skill, SkillRequest};

/// Lists the skills, by name.
#[utoipa::path(
    get,
    path = "/api/v1/skills",
    tag = "skills",
    responses((status = 200, description = "Skills", body = Envelope<Vec<Skill>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<Skill>>> {
    let skills = api.app.list_skills(&agent.caller).await?;
    Ok(Reply(skills.into_iter().map(Skill::from).collect()))
}

/// Shows a skill.
#[utoipa::path(
    get,
    path = "/api/v1/skills/{id}",
    tag = "skills",
    params(IdPath),
    responses(
        (status = 200, description = "The skill", body = Envelope<Skill>),
        (status = 404, description = "Skill not found", body = ErrorBody)
    )
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<Skill>> {
    let skill = api.app.skill(&agent.caller, ids::skill(id)?).await?;
    Ok(Reply(skill.into()))
}

/// Creates a skill.
#[utoipa::path(
    post,
    path = "/api/v1/skills",
    tag = "skills",
    request_body = SkillRequest,
    responses(
        (status = 200, description = "The new skill", body = Envelope<Skill>),
        (status = 409, description = "Skill already exists", body = ErrorBody)
    )
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<SkillRequest>,
) -> Result<Reply<Skill>> {
    let SkillRequest { name, description, team_id, rule, rule_level } = request;
    let name = name.filter(|name| !name.trim().is_empty()).ok_or_else(|| Failure::empty("name"))?;
    let team = team_id.into_value().map(TeamId);
    let rule = rule.into_value().map(Into::into);
    let skill =
        NewSkill { name, description: description.unwrap_or_default(), team, rule, rule_level, ..NewSkill::default() };
    let skill = api.app.create_skill(&agent.caller, skill).await?;
    Ok(Reply(skill.into()))
}

/// Changes a skill. Absent fields stay as they are.
#[utoipa::path(
    put,
    path = "/api/v1/skills/{id}",
    tag = "skills",
    params(IdPath),
    request_body = SkillRequest,
    responses(
        (status = 200, description = "The skill as it is now", body = Envelope<Skill>),
        (status = 404, description = "Skill not found", body = ErrorBody),
        (status = 409, description = "Skill already exists", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<SkillRequest>,
) -> Result<Reply<Skill>> {
    let id = ids::skill(id)?;
    let SkillRequest { name, description, team_id, rule, rule_level } = request;
    let rule = rule.map(Into::into).into_change();
    let patch = SkillPatch { name, description, team: team_id.map(TeamId).into_change(), rule, rule_level };
    let skill = api.app.update_skill(&agent.caller, id, patch).await?;
    Ok(Reply(skill.into()))
}

/// Deletes a skill; whoever held it loses it.
#[utoipa::path(
    delete,
    path = "/api/v1/skills/{id}",
    tag = "skills",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted", body = Envelope<bool>),
        (status = 404, description = "Skill not found", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_skill(&agent.caller, ids::skill(id)?).await?;
    Ok(Done)
}
