//! Whether the caller may change this agent in this way, and whether the desk keeps an administrator.

use muster_core::actor::Actor;
use muster_core::agent::{AgentKind, Profile, check_ceiling, check_last_admin};
use muster_core::id::{RoleId, TeamId};
use muster_core::integration::IntegrationActor;
use muster_core::permission::{Permission, Permissions};
use muster_core::role::Role;
use muster_core::{Entity, Error, Refusal, Result};
use muster_store::{agents, roles};

use crate::Work;

/// Refuses changes of the system agent.
pub(super) fn check_not_system(profile: &Profile) -> Result<()> {
    match profile.agent.kind {
        AgentKind::System => Err(Refusal::BuiltIn(Entity::Agent).into()),
        AgentKind::Human | AgentKind::Bot => Ok(()),
    }
}

/// Hides whomever an integration doesn't serve or may not touch.
pub(crate) fn check_served(actor: &Actor, profile: &Profile) -> Result<()> {
    match actor {
        Actor::Integration(integration) if !integration.may_change(profile) => Err(Error::NotFound(Entity::Agent)),
        _ => Ok(()),
    }
}

/// Hides whomever an integration doesn't serve.
pub(super) fn check_seen(actor: &Actor, profile: &Profile) -> Result<()> {
    if sees(actor, profile) { Ok(()) } else { Err(Error::NotFound(Entity::Agent)) }
}

/// Whether this agent exists as far as the actor can tell.
pub(super) fn sees(actor: &Actor, profile: &Profile) -> bool {
    !matches!(actor, Actor::Integration(integration) if !integration.sees(profile))
}

/// Hides teams that an integration doesn't serve: nobody joins or leaves them on its behalf.
pub(crate) fn check_teams_served(work: &Work<'_>, teams: impl IntoIterator<Item = TeamId>) -> Result<()> {
    match work.actor() {
        Actor::Integration(integration) if !teams.into_iter().all(|team| integration.teams.serves(team)) => {
            Err(Error::NotFound(Entity::Team))
        }
        _ => Ok(()),
    }
}

/// Refuses callers who would reach above themselves: the account of an agent who holds more than they do, or a role
/// that carries more.
pub(super) fn check_reach(work: &Work<'_>, target: Permissions, granted: &[Role]) -> Result<()> {
    let is_integration = matches!(work.actor(), Actor::Integration(_));
    if is_integration && !granted.iter().all(IntegrationActor::may_grant) {
        return Err(Error::Denied(Permission::RolesManage));
    }
    let granted = granted.iter().fold(Permissions::NONE, |all, role| all.union(role.permissions));
    check_ceiling(work.caller.actor.permissions(), target, granted)
}

/// The roles of these ids.
pub(super) async fn load_roles(work: &mut Work<'_>, ids: &[RoleId]) -> Result<Vec<Role>> {
    let found = roles::roles_by_ids(work.tx, ids).await?;
    let all_found = ids.iter().all(|id| found.iter().any(|role| role.id == *id));
    if all_found { Ok(found) } else { Err(Error::NotFound(Entity::Role)) }
}

/// Whether this is one of the administrators that the desk can't be without.
pub(super) fn is_usable_admin(profile: &Profile) -> bool {
    profile.is_admin() && profile.agent.is_usable() && profile.agent.kind == AgentKind::Human
}

/// Refuses to take away the last administrator. Waits for everybody else who is taking one away, so that two of them
/// can't both count on the other's.
pub(super) async fn keep_an_admin(work: &mut Work<'_>, before: &Profile, stays: bool) -> Result<()> {
    if !is_usable_admin(before) || stays {
        return Ok(());
    }
    agents::lock_admins(work.tx).await?;
    let others = agents::count_other_admins(work.tx, before.agent.id).await?;
    check_last_admin(true, false, others)
}
