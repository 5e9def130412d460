//! What belongs to an agent beside its own row: roles, memberships and skills; and the flags and values that have
//! events of their own. Each step tells whether it changed something and whether eligibility can have gone with it.

use std::collections::{BTreeMap, BTreeSet};

use muster_core::agent::{Channels, HeldTeam, Profile, SkillSource};
use muster_core::event::Event;
use muster_core::id::{AgentId, RoleId, SkillId, TeamId};
use muster_core::role::Role;
use muster_core::skill::LEVEL_MAX;
use muster_core::{Entity, Error, Refusal, Result, Why};
use muster_store::{agents, roles, skills, teams};
use serde_json::json;

use super::input::{AgentExtension, AgentPatch, MembershipPatch};
use super::memberships;
use crate::Work;

/// What a step did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Effect {
    pub(crate) changed: bool,
    /// Work that was decided to go to this agent must be decided anew.
    pub(crate) takes_away: bool,
}

impl std::ops::BitOrAssign for Effect {
    fn bitor_assign(&mut self, other: Self) {
        self.changed |= other.changed;
        self.takes_away |= other.takes_away;
    }
}

impl Effect {
    pub(crate) const CHANGED: Self = Self { changed: true, takes_away: false };
    pub(crate) const TAKES_AWAY: Self = Self { changed: true, takes_away: true };
}

/// Makes the agent hold exactly `wanted`.
pub(super) async fn set_roles(work: &mut Work<'_>, profile: &mut Profile, wanted: &[Role]) -> Result<Effect> {
    let agent = profile.agent.id;
    let before: BTreeSet<RoleId> = profile.role_ids();
    let after: BTreeSet<RoleId> = wanted.iter().map(|role| role.id).collect();
    if before == after {
        return Ok(Effect::default());
    }
    for role in before.difference(&after) {
        agents::remove_role(work.tx, agent, *role).await?;
    }
    for role in after.difference(&before) {
        agents::add_role(work.tx, agent, *role).await?;
    }
    profile.roles = wanted.iter().map(held).collect();
    record_roles(work, agent, before, after);
    Ok(Effect::TAKES_AWAY)
}

/// Records that an agent holds other roles.
pub(crate) fn record_roles(work: &mut Work<'_>, agent: AgentId, before: BTreeSet<RoleId>, after: BTreeSet<RoleId>) {
    let (was, is) = (json!({ "roles": before }), json!({ "roles": after }));
    let (before, after) = (before.into_iter().collect(), after.into_iter().collect());
    work.record_change(Event::AgentRolesChanged { agent, before, after }, was, is);
}

/// Gives the agent one role beside those held.
pub(super) async fn add_role(work: &mut Work<'_>, profile: &mut Profile, role: Role) -> Result<Effect> {
    let held: Vec<RoleId> = profile.roles.iter().map(|held| held.id).collect();
    let mut wanted = roles::roles_by_ids(work.tx, &held).await?;
    wanted.push(role);
    set_roles(work, profile, &wanted).await
}

fn held(role: &Role) -> muster_core::agent::HeldRole {
    muster_core::agent::HeldRole {
        id: role.id,
        key: role.key.clone(),
        name: role.name.clone(),
        permissions: role.permissions,
    }
}

/// The teams the agent is to be in after the patch. `None`: it says nothing of teams.
pub(super) fn teams_after(profile: &Profile, patch: &AgentPatch) -> Option<Vec<TeamId>> {
    if patch.teams.is_none() && patch.leave.is_empty() && patch.join.is_empty() {
        return None;
    }
    let held = || profile.teams.iter().map(|team| team.id).collect();
    let mut teams: Vec<TeamId> = patch.teams.clone().unwrap_or_else(held);
    teams.retain(|team| !patch.leave.contains(team));
    teams.extend(&patch.join);
    Some(teams)
}

/// Every team that the patch speaks of or takes away.
pub(super) fn teams_named(before: &Profile, patch: &AgentPatch) -> BTreeSet<TeamId> {
    let after = teams_after(before, patch);
    let held = before.teams.iter().map(|team| team.id);
    let lost = held.filter(|team| after.as_ref().is_some_and(|after| !after.contains(team)));
    let changed = patch.extension.memberships.iter().flatten().map(|membership| membership.team);
    let given = patch.teams.iter().flatten().chain(&patch.leave).chain(&patch.join).copied();
    given.chain(changed).chain(lost).collect()
}

/// The skills the agent is to hold explicitly after the patch. `None`: it says nothing of skills.
pub(super) fn skills_after(profile: &Profile, patch: &AgentPatch) -> Option<Vec<(SkillId, u8)>> {
    let replaced = patch.extension.skills.as_ref();
    if replaced.is_none() && patch.drop_skills.is_empty() && patch.give_skills.is_empty() {
        return None;
    }
    let mut skills: BTreeMap<SkillId, u8> = match replaced {
        Some(skills) => skills.iter().copied().collect(),
        None => explicit(profile),
    };
    skills.retain(|skill, _| !patch.drop_skills.contains(skill));
    for (skill, level) in &patch.give_skills {
        let level = level.or_else(|| skills.get(skill).copied()).unwrap_or(LEVEL_MAX);
        skills.insert(*skill, level);
    }
    Some(skills.into_iter().collect())
}

fn explicit(profile: &Profile) -> BTreeMap<SkillId, u8> {
    let held = profile.skills.iter().filter(|held| held.source == SkillSource::Explicit);
    held.map(|held| (held.skill, held.level)).collect()
}

/// Makes the agent a member of exactly `wanted`. Memberships that are kept stay untouched.
pub(super) async fn set_teams(
    work: &mut Work<'_>,
    profile: &mut Profile,
    wanted: &[TeamId],
    first: FirstCount,
) -> Result<Effect> {
    let wanted: BTreeSet<TeamId> = wanted.iter().copied().collect();
    let (kept, removed): (Vec<_>, Vec<_>) = profile.teams.drain(..).partition(|team| wanted.contains(&team.id));
    profile.teams = kept;
    let mut effect = Effect::default();
    for team in removed {
        memberships::leave(work, profile.agent.id, &team.membership).await?;
        effect |= Effect::TAKES_AWAY;
    }
    for team in wanted {
        if profile.teams.iter().all(|held| held.id != team) {
            join(work, profile, team, first).await?;
            effect |= Effect::CHANGED;
        }
    }
    profile.teams.sort_by_key(|team| team.id);
    Ok(effect)
}

/// With how many assignments a new member begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum FirstCount {
    /// As many as whoever in the team has fewest: nobody who joins is flooded under a policy that counts.
    Lowest,
    Zero,
}

async fn join(work: &mut Work<'_>, profile: &mut Profile, id: TeamId, first: FirstCount) -> Result<()> {
    let team = teams::find_team(work.tx, id).await?.ok_or(Error::NotFound(Entity::Team))?;
    let count = match first {
        FirstCount::Lowest => agents::lowest_count(work.tx, id).await?,
        FirstCount::Zero => 0,
    };
    let membership = memberships::join(work, profile.agent.id, id, count, 0).await?;
    profile.teams.push(HeldTeam { id, name: team.name, emoji: team.emoji, membership });
    Ok(())
}

/// Changes memberships that the agent has.
pub(super) async fn patch_memberships(
    work: &mut Work<'_>,
    profile: &mut Profile,
    patches: &[MembershipPatch],
) -> Result<Effect> {
    let mut effect = Effect::default();
    for patch in patches {
        effect |= patch_membership(work, profile, patch).await?;
    }
    Ok(effect)
}

async fn patch_membership(work: &mut Work<'_>, profile: &mut Profile, patch: &MembershipPatch) -> Result<Effect> {
    let agent = profile.agent.id;
    let held = profile.teams.iter_mut().find(|team| team.id == patch.team).ok_or(Refusal::NotMember)?;
    memberships::change(work, agent, &mut held.membership, patch).await
}

/// Makes the agent hold exactly `wanted` explicitly; derived skills stay.
pub(super) async fn set_skills(work: &mut Work<'_>, profile: &Profile, wanted: &[(SkillId, u8)]) -> Result<Effect> {
    let agent = profile.agent.id;
    if wanted.iter().any(|(_, level)| !(1..=LEVEL_MAX).contains(level)) {
        return Err(Error::invalid("skills", Why::OutOfRange));
    }
    let before = explicit(profile);
    let after: BTreeMap<SkillId, u8> = wanted.iter().copied().collect();
    if before == after {
        return Ok(Effect::default());
    }
    let ids: Vec<SkillId> = after.keys().copied().collect();
    if skills::skills_by_ids(work.tx, &ids).await?.len() != ids.len() {
        return Err(Error::NotFound(Entity::Skill));
    }
    for skill in before.keys().filter(|skill| !after.contains_key(skill)) {
        agents::remove_skill(work.tx, agent, *skill, SkillSource::Explicit).await?;
    }
    for (skill, level) in after.iter().filter(|(skill, level)| before.get(skill) != Some(level)) {
        agents::save_skill(work.tx, agent, *skill, SkillSource::Explicit, *level).await?;
    }
    let (was, is) = (json!({ "skills": before }), json!({ "skills": after }));
    work.record_change(Event::AgentSkillsChanged { agent }, was, is);
    // An explicit level goes before a derived one, also where it is lower.
    let derived = profile.skills.iter().filter(|held| held.source == SkillSource::Derived);
    let derived: BTreeMap<SkillId, u8> = derived.map(|held| (held.skill, held.level)).collect();
    let now = |skill| after.get(skill).or_else(|| derived.get(skill));
    let lost = profile.levels().iter().any(|(skill, level)| now(skill).is_none_or(|now| now < level));
    Ok(if lost { Effect::TAKES_AWAY } else { Effect::CHANGED })
}

/// Moves `serves`, capacity and the channel switches.
pub(super) fn set_service(work: &mut Work<'_>, profile: &mut Profile, given: &AgentExtension) -> Effect {
    let mut effect = Effect::default();
    let agent = &mut profile.agent;
    let id = agent.id;
    if let Some(serves) = given.serves.filter(|serves| *serves != agent.serves) {
        agent.serves = serves;
        let event = Event::AgentServingChanged { agent: id, serves };
        work.record_change(event, json!({ "serves": !serves }), json!({ "serves": serves }));
        effect |= Effect { changed: true, takes_away: !serves };
    }
    if let Some(capacity) = given.capacity.filter(|capacity| *capacity != agent.capacity) {
        let before = std::mem::replace(&mut agent.capacity, capacity);
        let event = Event::AgentCapacityChanged { agent: id, before, after: capacity };
        work.record_change(event, json!({ "capacity": before }), json!({ "capacity": capacity }));
        effect |= Effect::TAKES_AWAY;
    }
    let channels: Channels = agent.channels.changed(&given.channels);
    if channels != agent.channels {
        let (before, after) = (agent.channels.bits(), channels.bits());
        agent.channels = channels;
        let event = Event::AgentChannelsChanged { agent: id, before, after };
        work.record_change(event, json!({ "channels": before }), json!({ "channels": after }));
        effect |= Effect::TAKES_AWAY;
    }
    effect
}
