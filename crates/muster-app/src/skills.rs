//! Skills: what conversations can ask of whoever answers them.

mod derived;

pub(crate) use derived::{derive, lock_everybody, settle};

use std::collections::BTreeMap;
use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::agent::{Profile, SkillSource};
use muster_core::attribute::Scope;
use muster_core::event::Event;
use muster_core::id::{AgentId, SkillId, TeamId};
use muster_core::permission::Permission;
use muster_core::skill::{Condition, LEVEL_MAX, NAME_MAX, Rule, Skill};
use muster_core::{Entity, Error, Result, Why, text};
use muster_store::db::lost_race;
use muster_store::{agents, attributes, conversations, skills, teams};
use serde_json::json;

use crate::agents::check_served;
use crate::{App, Work};

const DESCRIPTION_MAX: usize = 1000;

/// A skill to be created.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSkill {
    pub name: String,
    pub description: String,
    /// The team that looks after it; routing doesn't ask for it.
    pub team: Option<TeamId>,
    /// `None`: the skill doesn't follow from attributes.
    pub rule: Option<Condition>,
    /// 1 to 100, the level of those who have it by the rule; `None`: 100.
    pub rule_level: Option<u8>,
    /// Who holds it explicitly from the beginning, at levels of 1 to 100; each once, or the last level counts.
    pub holders: Vec<(AgentId, u8)>,
}

/// A change of a skill. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SkillPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub team: Option<Option<TeamId>>,
    pub rule: Option<Option<Condition>>,
    pub rule_level: Option<u8>,
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

    /// The skills of these names that exist, by name; names are compared folded.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn skills_by_names(&self, names: &[String]) -> Result<Vec<Skill>> {
        let names: Arc<[String]> = names.into();
        self.read(move |tx| {
            let names = Arc::clone(&names);
            Box::pin(async move { skills::skills_by_names(tx, &names).await })
        })
        .await
    }

    /// Creates a skill; whoever meets its rule has it at once.
    ///
    /// # Errors
    /// [`Error::Denied`], for holders also without `users:manage`; [`Error::Invalid`], also for a rule as
    /// [`Rule::checked`] says; [`Error::NotFound`] for the team or a holder; [`Error::Conflict`] for a name that is
    /// taken.
    pub async fn create_skill(&self, caller: &Caller, new: NewSkill) -> Result<Skill> {
        caller.actor.require(Permission::TeamsManage)?;
        if !new.holders.is_empty() {
            caller.actor.require(Permission::UsersManage)?;
        }
        let new = Arc::new(NewSkill {
            name: check_name(&new.name)?,
            description: check_description(&new.description)?,
            ..new
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
    let everybody = if new.rule.is_some() { lock_everybody(work).await? } else { Vec::new() };
    let holders = lock_holders(work, &new.holders).await?;
    check_team(work, new.team).await?;
    let mut skill = Skill {
        id: SkillId(0),
        public_id: work.draw.public_id(),
        name: new.name.clone(),
        description: new.description.clone(),
        team: new.team,
        rule: checked_rule(work, rule_of(None, new.rule.clone(), new.rule_level)?).await?,
        created_at: work.now,
        updated_at: work.now,
        version: 1,
    };
    skill.id = skills::insert_skill(work.tx, &skill).await?;
    work.record_change(Event::SkillCreated { skill: skill.id }, json!(null), shown(&skill));
    give(work, holders, &skill).await?;
    settle_everybody(work, everybody, &skill).await?;
    Ok(skill)
}

/// Locks those who are to hold a new skill, each with the level.
async fn lock_holders(work: &mut Work<'_>, wanted: &[(AgentId, u8)]) -> Result<Vec<(Profile, u8)>> {
    if wanted.iter().any(|(_, level)| !(1..=LEVEL_MAX).contains(level)) {
        return Err(Error::invalid("holders", Why::OutOfRange));
    }
    let levels: BTreeMap<AgentId, u8> = wanted.iter().copied().collect();
    let ids: Vec<AgentId> = levels.keys().copied().collect();
    let found = agents::lock_profiles(work.tx, &ids).await?;
    if found.len() != ids.len() {
        return Err(Error::NotFound(Entity::Agent));
    }
    found.iter().try_for_each(|profile| check_served(work.actor(), profile))?;
    let with_level = |profile: Profile| {
        let level = *levels.get(&profile.agent.id)?;
        Some((profile, level))
    };
    Ok(found.into_iter().filter_map(with_level).collect())
}

/// Gives a new skill to these agents, who are locked.
async fn give(work: &mut Work<'_>, holders: Vec<(Profile, u8)>, skill: &Skill) -> Result<()> {
    for (mut profile, level) in holders {
        let agent = profile.agent.id;
        agents::save_skill(work.tx, agent, skill.id, SkillSource::Explicit, level).await?;
        profile.agent.version += 1;
        profile.agent.updated_at = work.now;
        agents::save_agent(work.tx, &profile.agent).await?;
        let given = json!({ "skills": BTreeMap::from([(skill.id, level)]) });
        work.record_change(Event::AgentSkillsChanged { agent }, json!(null), given);
    }
    Ok(())
}

/// The rule of a skill that had `before`, once it was given another condition or level.
fn rule_of(before: Option<&Rule>, condition: Option<Condition>, level: Option<u8>) -> Result<Option<Rule>> {
    let Some(condition) = condition else {
        return if level.is_none() { Ok(None) } else { Err(Error::invalid("rule_level", Why::Malformed)) };
    };
    let level = level.or(before.map(|rule| rule.level)).unwrap_or(LEVEL_MAX);
    Ok(Some(Rule { condition, level }))
}

async fn checked_rule(work: &mut Work<'_>, rule: Option<Rule>) -> Result<Option<Rule>> {
    let Some(rule) = rule else { return Ok(None) };
    let definitions = attributes::definitions(work.tx, Scope::AgentSkill).await?;
    rule.checked(&definitions).map(Some)
}

/// Gives and takes the skill, now that it has another rule, to and from these agents, who are locked.
async fn settle_everybody(work: &mut Work<'_>, everybody: Vec<Profile>, skill: &Skill) -> Result<()> {
    let (mut changed, mut losers) = (Vec::new(), Vec::new());
    for mut profile in everybody {
        let effect = settle(work, &mut profile, std::slice::from_ref(skill)).await?;
        changed.extend(effect.changed.then_some(profile.agent.id));
        losers.extend(effect.takes_away.then_some(profile.agent.id));
    }
    agents::raise_epochs(work.tx, &losers).await?;
    agents::touch_agents(work.tx, &changed, work.now).await
}

async fn update(work: &mut Work<'_>, id: SkillId, patch: &SkillPatch) -> Result<Skill> {
    let known = skills::skill(work.tx, id).await?;
    let moves_rule = wanted_rule(work, &known, patch).await? != known.rule;
    let everybody = if moves_rule { lock_everybody(work).await? } else { Vec::new() };
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
    skill.rule = wanted_rule(work, &before, patch).await?;
    if skill.rule != before.rule && !moves_rule {
        return Err(lost_race());
    }
    let fields = changed_fields(&before, &skill);
    if fields.is_empty() {
        return Ok(before);
    }
    skill.version += 1;
    skill.updated_at = work.now;
    skills::save_skill(work.tx, &skill).await?;
    work.record_change(Event::SkillUpdated { skill: id, fields }, shown(&before), shown(&skill));
    if skill.rule != before.rule {
        settle_everybody(work, everybody, &skill).await?;
    }
    Ok(skill)
}

async fn wanted_rule(work: &mut Work<'_>, before: &Skill, patch: &SkillPatch) -> Result<Option<Rule>> {
    if patch.rule.is_none() && patch.rule_level.is_none() {
        return Ok(before.rule.clone());
    }
    let known = before.rule.as_ref();
    let condition = patch.rule.clone().unwrap_or_else(|| known.map(|rule| rule.condition.clone()));
    checked_rule(work, rule_of(known, condition, patch.rule_level)?).await
}

fn changed_fields(before: &Skill, after: &Skill) -> Vec<String> {
    let moved = [
        ("name", before.name != after.name),
        ("description", before.description != after.description),
        ("team", before.team != after.team),
        ("rule", before.rule != after.rule),
    ];
    moved.iter().filter(|(_, moved)| *moved).map(|(name, _)| (*name).to_owned()).collect()
}

async fn delete(work: &mut Work<'_>, id: SkillId) -> Result<()> {
    let holders = agents::holders_of_skill(work.tx, id).await?;
    agents::lock(work.tx, &holders).await?;
    attributes::lock_definitions(work.tx).await?;
    let skill = skills::lock_skill(work.tx, id).await?;
    drop_demand(work, id).await?;
    if agents::holders_of_skill(work.tx, id).await? != holders {
        return Err(lost_race());
    }
    let profiles = agents::profiles_by_ids(work.tx, &holders).await?;
    skills::delete_skill(work.tx, id).await?;
    agents::raise_epochs(work.tx, &holders).await?;
    agents::touch_agents(work.tx, &holders, work.now).await?;
    for profile in &profiles {
        let levels = profile.skills.iter().filter(|held| held.skill == id).map(|held| (held.source, held.level));
        let had = json!({ "skill": id, "levels": levels.collect::<BTreeMap<_, _>>() });
        work.record_change(Event::AgentSkillsChanged { agent: profile.agent.id }, had, json!(null));
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
    let rule = skill.rule.as_ref();
    json!({
        "name": skill.name,
        "description": skill.description,
        "team": skill.team,
        "rule": rule.map(|rule| &rule.condition),
        "rule_level": rule.map(|rule| rule.level),
    })
}
