//! Skills: what conversations can ask of whoever answers them.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::{SkillId, TeamId};
use muster_core::permission::Permission;
use muster_core::skill::{NAME_MAX, Skill};
use muster_core::{Entity, Error, Result, text};
use muster_store::db::lost_race;
use muster_store::{agents, conversations, skills, teams};
use serde_json::json;

use crate::{App, Work};

const DESCRIPTION_MAX: usize = 1000;

/// A skill to be created.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSkill {
    pub name: String,
    pub description: String,
    /// The team that looks after it; routing doesn't ask for it.
    pub team: Option<TeamId>,
}

/// A change of a skill. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SkillPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub team: Option<Option<TeamId>>,
}

impl App {
    /// All skills, by name.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn list_skills(&self, caller: &Caller) -> Result<Vec<Skill>> {
        caller.actor.require_staff()?;
        self.read(|tx| Box::pin(skills::list(tx))).await
    }

    /// # Errors
    /// [`Error::Unauthenticated`] for visitors; [`Error::NotFound`].
    pub async fn skill(&self, caller: &Caller, id: SkillId) -> Result<Skill> {
        caller.actor.require_staff()?;
        self.read(move |tx| Box::pin(skills::skill(tx, id))).await
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`]; [`Error::NotFound`] for the team; [`Error::Conflict`] for a name that is
    /// taken.
    pub async fn create_skill(&self, caller: &Caller, new: NewSkill) -> Result<Skill> {
        caller.actor.require(Permission::TeamsManage)?;
        let new = Arc::new(NewSkill {
            name: check_name(&new.name)?,
            description: check_description(&new.description)?,
            team: new.team,
        });
        self.write(caller, move |work| {
            let new = Arc::clone(&new);
            Box::pin(async move { create(work, &new).await })
        })
        .await
    }

    /// # Errors
    /// As [`Self::create_skill`]; [`Error::NotFound`].
    pub async fn update_skill(&self, caller: &Caller, id: SkillId, patch: SkillPatch) -> Result<Skill> {
        caller.actor.require(Permission::TeamsManage)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch).await })
        })
        .await
    }

    /// Deletes a skill; whoever held it loses it. Conversations that ask for it wait for nobody on its account any
    /// more.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`].
    pub async fn delete_skill(&self, caller: &Caller, id: SkillId) -> Result<()> {
        caller.actor.require(Permission::TeamsManage)?;
        self.write(caller, move |work| Box::pin(delete(work, id))).await
    }
}

fn check_name(name: &str) -> Result<String> {
    text::bounded("name", name, 1, NAME_MAX)
}

fn check_description(description: &str) -> Result<String> {
    text::bounded("description", description, 0, DESCRIPTION_MAX)
}

async fn check_team(work: &mut Work<'_>, team: Option<TeamId>) -> Result<()> {
    match team {
        Some(team) => teams::find_team(work.tx, team).await?.map(drop).ok_or(Error::NotFound(Entity::Team)),
        None => Ok(()),
    }
}

async fn create(work: &mut Work<'_>, new: &NewSkill) -> Result<Skill> {
    check_team(work, new.team).await?;
    let mut skill = Skill {
        id: SkillId(0),
        public_id: work.draw.public_id(),
        name: new.name.clone(),
        description: new.description.clone(),
        team: new.team,
        created_at: work.now,
        updated_at: work.now,
        version: 1,
    };
    skill.id = skills::insert_skill(work.tx, &skill).await?;
    work.record_change(Event::SkillCreated { skill: skill.id }, json!(null), shown(&skill));
    Ok(skill)
}

async fn update(work: &mut Work<'_>, id: SkillId, patch: &SkillPatch) -> Result<Skill> {
    let before = skills::lock_skill(work.tx, id).await?;
    let mut skill = before.clone();
    if let Some(name) = &patch.name {
        skill.name = check_name(name)?;
    }
    if let Some(description) = &patch.description {
        skill.description = check_description(description)?;
    }
    if let Some(team) = patch.team {
        check_team(work, team).await?;
        skill.team = team;
    }
    let moved = [
        ("name", before.name != skill.name),
        ("description", before.description != skill.description),
        ("team", before.team != skill.team),
    ];
    let fields: Vec<String> = moved.iter().filter(|(_, moved)| *moved).map(|(name, _)| (*name).to_owned()).collect();
    if fields.is_empty() {
        return Ok(before);
    }
    skill.version += 1;
    skill.updated_at = work.now;
    skills::save_skill(work.tx, &skill).await?;
    work.record_change(Event::SkillUpdated { skill: id, fields }, shown(&before), shown(&skill));
    Ok(skill)
}

async fn delete(work: &mut Work<'_>, id: SkillId) -> Result<()> {
    let holders = agents::holders_of_skill(work.tx, id).await?;
    agents::lock(work.tx, &holders).await?;
    drop_demand(work, id).await?;
    let skill = skills::lock_skill(work.tx, id).await?;
    if agents::holders_of_skill(work.tx, id).await? != holders {
        return Err(lost_race());
    }
    skills::delete_skill(work.tx, id).await?;
    agents::raise_epochs(work.tx, &holders).await?;
    for agent in holders {
        work.record(Event::AgentSkillsChanged { agent });
    }
    work.record_change(Event::SkillDeleted { skill: id }, shown(&skill), json!(null));
    Ok(())
}

/// Unresolved conversations don't ask for the skill any more.
async fn drop_demand(work: &mut Work<'_>, id: SkillId) -> Result<()> {
    for asking in skills::asked_for_by(work.tx, id).await? {
        let mut conversation = conversations::lock(work.tx, asking).await?;
        conversation.required_skills.retain(|required| required.skill != id);
        conversation.updated_at = work.now;
        conversations::save(work.tx, &mut conversation).await?;
    }
    Ok(())
}

fn shown(skill: &Skill) -> serde_json::Value {
    json!({ "name": skill.name, "description": skill.description, "team": skill.team })
}
