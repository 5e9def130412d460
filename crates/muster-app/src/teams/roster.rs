//! A team's members with their places, as whoever runs the team sees and orders them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use muster_core::access::require_in;
use muster_core::actor::Caller;
use muster_core::agent::{AgentKind, Membership, MembershipRole};
use muster_core::id::{AgentId, TeamId};
use muster_core::permission::Permission;
use muster_core::view::{AgentSummary, MemberListing};
use muster_core::{Entity, Error, Result, Timestamp};
use muster_store::db::Tx;
use muster_store::{agents, teams};

use super::members::check_length;
use crate::agents::memberships;
use crate::agents::{Effect, MembershipPatch, check_served, check_teams_served};
use crate::{App, Work};

/// Who is to be a member of a team, in which place, and who isn't. Who isn't named stays as they are; a member who is
/// removed and given a place begins anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterPatch {
    /// Whoever isn't a member becomes one. The last word on an agent counts. Up to 500.
    pub set: Vec<Place>,
    /// Up to 500. Whoever isn't a member is passed over.
    pub remove: Vec<AgentId>,
}

/// A member's place. What is `None` stays as it is; a new member begins as an agent without a limit, first in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub agent: AgentId,
    pub role: Option<MembershipRole>,
    /// `Some(None)`: no limit of its own.
    pub capacity: Option<Option<u16>>,
    pub order: Option<i32>,
}

impl App {
    /// The members of a team with what they do, by order and then by id.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors; [`Error::NotFound`].
    pub async fn team_roster(&self, caller: &Caller, id: TeamId) -> Result<Vec<MemberListing>> {
        caller.actor.require_staff()?;
        let now = self.now();
        self.read(move |tx| {
            Box::pin(async move {
                teams::team(tx, id).await?;
                roster(tx, id, now).await
            })
        })
        .await
    }

    /// Removes members from a team, then gives others their places, and answers who the members are now. Open work stays
    /// with whoever has it.
    ///
    /// # Errors
    /// [`Error::Denied`], also for making managers without `users:manage`; [`Error::Invalid`] `set` or `remove` for lists that are too long; [`Error::NotFound`] for the team,
    /// and for an agent to be given a place.
    pub async fn change_roster(&self, caller: &Caller, team: TeamId, patch: RosterPatch) -> Result<Vec<MemberListing>> {
        require_in(&caller.actor, Permission::TeamMembersManage, Some(team))?;
        check_length("set", patch.set.len())?;
        check_length("remove", patch.remove.len())?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move {
                check_teams_served(work, [team])?;
                let people = lock_named(work, &patch).await?;
                teams::lock_team(work.tx, team).await?;
                change(work, team, &people, &patch).await?;
                roster(work.tx, team, work.now).await
            })
        })
        .await
    }
}

async fn roster(tx: &mut Tx, team: TeamId, now: Timestamp) -> Result<Vec<MemberListing>> {
    let mut memberships = memberships_of(tx, team).await?;
    let summaries = agents::summaries_of_team(tx, team, now).await?;
    let listing =
        |summary: AgentSummary| memberships.remove(&summary.id).map(|membership| MemberListing { summary, membership });
    let mut members: Vec<MemberListing> = summaries.into_iter().filter_map(listing).collect();
    members.sort_by_key(|member| (member.membership.order, member.summary.id));
    Ok(members)
}

async fn memberships_of(tx: &mut Tx, team: TeamId) -> Result<BTreeMap<AgentId, Membership>> {
    let members = agents::team_members(tx, team).await?;
    Ok(members.into_iter().map(|member| (member.agent, member.membership)).collect())
}

/// A team's manager has rights that its members don't: who makes one, or ends it, has to be one who changes agents.
fn check_appointment(work: &Work<'_>, before: MembershipRole, after: MembershipRole) -> Result<()> {
    let is_appointed = before != after && [before, after].contains(&MembershipRole::Manager);
    if is_appointed { work.actor().require(Permission::UsersManage) } else { Ok(()) }
}

/// Locks whoever is named, and answers those who may be members and whom the caller may change.
async fn lock_named(work: &mut Work<'_>, patch: &RosterPatch) -> Result<BTreeSet<AgentId>> {
    let named: BTreeSet<AgentId> =
        patch.set.iter().map(|place| place.agent).chain(patch.remove.iter().copied()).collect();
    let mut people = agents::lock_profiles(work.tx, &named.into_iter().collect::<Vec<_>>()).await?;
    people.retain(|profile| profile.agent.kind != AgentKind::System && check_served(work.actor(), profile).is_ok());
    Ok(people.into_iter().map(|profile| profile.agent.id).collect())
}

async fn change(work: &mut Work<'_>, team: TeamId, people: &BTreeSet<AgentId>, patch: &RosterPatch) -> Result<()> {
    let mut members = memberships_of(work.tx, team).await?;
    let mut effects: BTreeMap<AgentId, Effect> = BTreeMap::new();
    for agent in patch.remove.iter().filter(|agent| people.contains(agent)) {
        if let Some(membership) = members.remove(agent) {
            memberships::leave(work, *agent, &membership).await?;
            *effects.entry(*agent).or_default() |= Effect::TAKES_AWAY;
        }
    }
    let lowest = members.values().map(|membership| membership.assignment_count).min().unwrap_or(0);
    let places: BTreeMap<AgentId, &Place> = patch.set.iter().map(|place| (place.agent, place)).collect();
    for (agent, place) in places {
        if !people.contains(&agent) {
            return Err(Error::NotFound(Entity::Agent));
        }
        *effects.entry(agent).or_default() |= put(work, team, members.remove(&agent), lowest, place).await?;
    }
    let those = |wanted: fn(&Effect) -> bool| -> Vec<AgentId> {
        effects.iter().filter(|(_, effect)| wanted(effect)).map(|(agent, _)| *agent).collect()
    };
    agents::raise_epochs(work.tx, &those(|effect| effect.takes_away)).await?;
    agents::touch_agents(work.tx, &those(|effect| effect.changed), work.now).await
}

/// Gives a member, who may be a new one, a place. A new one counts as having got `lowest` conversations.
async fn put(
    work: &mut Work<'_>,
    team: TeamId,
    held: Option<Membership>,
    lowest: i64,
    place: &Place,
) -> Result<Effect> {
    let Place { agent, role, capacity, order } = *place;
    let mut effect = Effect::default();
    let mut membership = match held {
        Some(membership) => membership,
        None => {
            effect |= Effect::CHANGED;
            memberships::join(work, agent, team, lowest, order.unwrap_or(0)).await?
        }
    };
    if let Some(role) = role {
        check_appointment(work, membership.role, role)?;
    }
    effect |=
        memberships::change(work, agent, &mut membership, &MembershipPatch { team, role, capacity, order }).await?;
    Ok(effect)
}
