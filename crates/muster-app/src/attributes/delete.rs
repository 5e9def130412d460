//! Deleting an attribute together with the values that there are for it.

use muster_core::agent::Profile;
use muster_core::attribute::{Definition, Scope};
use muster_core::event::Event;
use muster_core::id::AttributeId;
use muster_core::{Refusal, Result};
use muster_store::db::lost_race;
use muster_store::{agents, attributes, skills};
use serde_json::json;

use super::shown;
use crate::Work;

pub(super) async fn delete(work: &mut Work<'_>, id: AttributeId) -> Result<()> {
    let known = attributes::definition(work.tx, id).await?;
    let holders = lock_holders(work, &known).await?;
    let definition = attributes::definition(work.tx, id).await?;
    check_rules(work, &definition).await?;
    for profile in holders {
        drop_value(work, profile, &definition).await?;
    }
    attributes::drop_values(work.tx, definition.scope, &definition.key, work.now).await?;
    attributes::delete_definition(work.tx, id).await?;
    work.record_change(Event::AttributeDeleted { attribute: id }, shown(&definition), json!(null));
    Ok(())
}

/// Locks the definitions and whoever has a value: agents before, all others after. Returns the agents among them.
async fn lock_holders(work: &mut Work<'_>, definition: &Definition) -> Result<Vec<Profile>> {
    let (scope, key) = (definition.scope, definition.key.as_str());
    if matches!(scope, Scope::Contact | Scope::Conversation) {
        attributes::lock_definitions(work.tx).await?;
        attributes::lock_holders(work.tx, scope, key).await?;
        return Ok(Vec::new());
    }
    let ids = attributes::agents_with(work.tx, scope, key).await?;
    let profiles = agents::lock_profiles(work.tx, &ids).await?;
    attributes::lock_definitions(work.tx).await?;
    if attributes::agents_with(work.tx, scope, key).await? == ids { Ok(profiles) } else { Err(lost_race()) }
}

/// Refuses to leave a rule without what it asks for.
async fn check_rules(work: &mut Work<'_>, definition: &Definition) -> Result<()> {
    if definition.scope != Scope::AgentSkill {
        return Ok(());
    }
    let ruled = skills::skills_with_rules(work.tx).await?;
    let asks = |skill: &muster_core::skill::Skill| {
        skill.rule.as_ref().is_some_and(|rule| rule.condition.names(&definition.key))
    };
    match ruled.into_iter().find(asks) {
        Some(skill) => Err(Refusal::NeededByRule(skill.name).into()),
        None => Ok(()),
    }
}

async fn drop_value(work: &mut Work<'_>, mut profile: Profile, definition: &Definition) -> Result<()> {
    let agent = &mut profile.agent;
    let values = match definition.scope {
        Scope::AgentSkill => &mut agent.skill_attributes,
        Scope::AgentCustom | Scope::Contact | Scope::Conversation => &mut agent.attributes,
    };
    let Some(value) = values.remove(&definition.key) else { return Ok(()) };
    agent.version += 1;
    agent.updated_at = work.now;
    agents::save_agent(work.tx, agent).await?;
    agents::raise_epochs(work.tx, &[agent.id]).await?;
    let event = Event::AgentAttributesChanged { agent: agent.id, keys: vec![definition.key.clone()] };
    work.record_change(event, json!({ &definition.key: value }), json!({}));
    Ok(())
}
