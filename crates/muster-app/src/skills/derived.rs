//! Who has which skill by its rule. These rows are written here and nowhere else, in the transaction that changed a value
//! or a rule.

use std::collections::BTreeMap;

use muster_core::agent::{HeldSkill, Profile, SkillSource};
use muster_core::event::Event;
use muster_core::id::SkillId;
use muster_core::skill::Skill;
use muster_core::{Result, text};
use muster_store::db::lost_race;
use muster_store::{agents, attributes, skills};
use serde_json::json;

use crate::Work;
use crate::agents::Effect;

/// Gives the agent what follows from the agent's attributes now, and takes what doesn't any more. The agent is locked,
/// and the definitions are held. It takes something away if a level was lost or lowered.
pub(crate) async fn derive(work: &mut Work<'_>, profile: &mut Profile) -> Result<Effect> {
    let skills = skills::skills_with_rules(work.tx).await?;
    settle(work, profile, &skills).await
}

/// [`derive`] for these skills alone.
pub(crate) async fn settle(work: &mut Work<'_>, profile: &mut Profile, skills: &[Skill]) -> Result<Effect> {
    let before = derived(profile);
    for skill in skills {
        let level = skill.rule.as_ref().and_then(|rule| rule.level_of(&profile.agent.skill_attributes));
        put(work, profile, skill, level).await?;
    }
    let after = derived(profile);
    if before == after {
        return Ok(Effect::default());
    }
    let (was, is) = (json!({ "derived_skills": before }), json!({ "derived_skills": after }));
    work.record_change(Event::AgentSkillsChanged { agent: profile.agent.id }, was, is);
    let takes_away = before.iter().any(|(skill, level)| after.get(skill).is_none_or(|now| now < level));
    Ok(Effect { changed: true, takes_away })
}

fn derived(profile: &Profile) -> BTreeMap<SkillId, u8> {
    let derived = profile.skills.iter().filter(|held| held.source == SkillSource::Derived);
    derived.map(|held| (held.skill, held.level)).collect()
}

/// Makes the derived level of one skill what it is to be.
async fn put(work: &mut Work<'_>, profile: &mut Profile, skill: &Skill, level: Option<u8>) -> Result<()> {
    let agent = profile.agent.id;
    let source = SkillSource::Derived;
    let at = profile.skills.iter().position(|held| held.skill == skill.id && held.source == source);
    if at.map(|at| profile.skills[at].level) == level {
        return Ok(());
    }
    if let Some(at) = at {
        profile.skills.remove(at);
    }
    let Some(level) = level else { return agents::remove_skill(work.tx, agent, skill.id, source).await };
    agents::save_skill(work.tx, agent, skill.id, source, level).await?;
    profile.skills.push(HeldSkill { skill: skill.id, name: skill.name.clone(), source, level });
    profile.skills.sort_by_cached_key(|held| (text::key(&held.name), held.source));
    Ok(())
}

/// Locks all agents, then definitions and rules: nobody's skills change but by the caller.
pub(crate) async fn lock_everybody(work: &mut Work<'_>) -> Result<Vec<Profile>> {
    let ids = agents::live_ids(work.tx).await?;
    let everybody = agents::lock_profiles(work.tx, &ids).await?;
    attributes::lock_definitions(work.tx).await?;
    if agents::live_ids(work.tx).await? == ids { Ok(everybody) } else { Err(lost_race()) }
}
