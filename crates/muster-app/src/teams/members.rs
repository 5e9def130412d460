//! Changing many members of one team at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use muster_core::access::require_in;
use muster_core::actor::{Actor, Caller};
use muster_core::agent::Membership;
use muster_core::event::Event;
use muster_core::id::{AgentId, TeamId};
use muster_core::permission::Permission;
use muster_core::{Error, Result, Why, text};
use muster_store::{agents, teams};

use crate::agents::memberships::{self, shown_membership};
use crate::agents::{check_served, check_teams_served};
use crate::{App, Work};

/// Most agents in either list.
const LISTED_MAX: usize = 500;

/// Who is to be a member of a team and who isn't. Members who are removed and named anew begin anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MembersPatch {
    /// The last word on an agent counts. Up to 500.
    pub upsert: Vec<MemberUpsert>,
    /// Public ids. Up to 500.
    pub remove: Vec<String>,
}

/// A member with the numbers that assignments go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberUpsert {
    /// The agent's public id.
    pub agent: String,
    /// Assignments so far.
    pub count: i64,
    /// Lower first.
    pub order: i32,
}

impl App {
    /// Removes members from a team, then adds others or sets their numbers. Ids that are no live person's or bot's are
    /// passed over. Open work stays with whoever has it.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`] for lists that are too long; [`Error::NotFound`] for the team.
    pub async fn change_members(&self, caller: &Caller, team: TeamId, patch: MembersPatch) -> Result<()> {
        require_in(&caller.actor, Permission::TeamMembersManage, Some(team))?;
        check_lengths(&patch)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move {
                check_teams_served(work, [team])?;
                lock_named(work, &patch).await?;
                teams::lock_team(work.tx, team).await?;
                change(work, team, &patch).await
            })
        })
        .await
    }
}

/// Refuses lists that are too long.
pub(super) fn check_lengths(patch: &MembersPatch) -> Result<()> {
    check_length("upsert", patch.upsert.len())?;
    check_length("remove", patch.remove.len())
}

pub(super) fn check_length(field: &'static str, length: usize) -> Result<()> {
    if length > LISTED_MAX { Err(Error::invalid(field, Why::OutOfRange)) } else { Ok(()) }
}

/// Changes the members of a team that is locked, and before it whoever is named.
pub(super) async fn change(work: &mut Work<'_>, team: TeamId, patch: &MembersPatch) -> Result<()> {
    let people = reached(work, patch).await?;
    let mut members: BTreeMap<AgentId, Membership> = agents::team_members(work.tx, team)
        .await?
        .into_iter()
        .map(|member| (member.agent, member.membership))
        .collect();
    let removed = remove(work, &mut members, &named(&people, &patch.remove)).await?;
    let mut changed = removed.clone();
    for (agent, wanted) in last_words(&people, &patch.upsert) {
        if upsert(work, team, agent, members.get(&agent), wanted).await? {
            changed.insert(agent);
        }
    }
    let ids = |agents: BTreeSet<AgentId>| agents.into_iter().collect::<Vec<_>>();
    agents::raise_epochs(work.tx, &ids(removed)).await?;
    agents::touch_agents(work.tx, &ids(changed), work.now).await
}

/// Whoever is named and lives.
pub(super) async fn named_agents(work: &mut Work<'_>, patch: &MembersPatch) -> Result<BTreeSet<AgentId>> {
    let found = agents::ids_by_public_ids(work.tx, &public_ids(patch)).await?;
    Ok(found.into_values().collect())
}

fn public_ids(patch: &MembersPatch) -> BTreeSet<String> {
    let upserted = patch.upsert.iter().map(|upsert| &upsert.agent);
    upserted.chain(&patch.remove).filter(|id| text::is_storable(id)).cloned().collect()
}

/// Locks whoever is named and lives.
pub(super) async fn lock_named(work: &mut Work<'_>, patch: &MembersPatch) -> Result<()> {
    let ids: Vec<AgentId> = named_agents(work, patch).await?.into_iter().collect();
    agents::lock(work.tx, &ids).await
}

/// Whoever is named and still lives, and whom the caller may change.
async fn reached(work: &mut Work<'_>, patch: &MembersPatch) -> Result<BTreeMap<String, AgentId>> {
    let mut people = agents::ids_by_public_ids(work.tx, &public_ids(patch)).await?;
    if let Actor::Integration(_) = work.actor() {
        let ids: Vec<AgentId> = people.values().copied().collect();
        for profile in agents::profiles_by_ids(work.tx, &ids).await? {
            if check_served(work.actor(), &profile).is_err() {
                people.remove(profile.agent.public_id.as_str());
            }
        }
    }
    Ok(people)
}

fn named(people: &BTreeMap<String, AgentId>, public_ids: &[String]) -> BTreeSet<AgentId> {
    public_ids.iter().filter_map(|public_id| people.get(public_id)).copied().collect()
}

fn last_words<'a>(
    people: &BTreeMap<String, AgentId>,
    upserts: &'a [MemberUpsert],
) -> BTreeMap<AgentId, &'a MemberUpsert> {
    upserts.iter().filter_map(|upsert| Some((*people.get(&upsert.agent)?, upsert))).collect()
}

async fn remove(
    work: &mut Work<'_>,
    members: &mut BTreeMap<AgentId, Membership>,
    leaving: &BTreeSet<AgentId>,
) -> Result<BTreeSet<AgentId>> {
    let mut removed = BTreeSet::new();
    for agent in leaving {
        if let Some(membership) = members.remove(agent) {
            memberships::leave(work, *agent, &membership).await?;
            removed.insert(*agent);
        }
    }
    Ok(removed)
}

/// Adds a member or sets the numbers of one. Tells whether that changed anything.
async fn upsert(
    work: &mut Work<'_>,
    team: TeamId,
    agent: AgentId,
    held: Option<&Membership>,
    wanted: &MemberUpsert,
) -> Result<bool> {
    let Some(before) = held else {
        memberships::join(work, agent, team, wanted.count, wanted.order).await?;
        return Ok(true);
    };
    if (before.assignment_count, before.order) == (wanted.count, wanted.order) {
        return Ok(false);
    }
    let mut after = before.clone();
    after.assignment_count = wanted.count;
    after.order = wanted.order;
    after.updated_at = work.now;
    agents::save_place(work.tx, agent, &after).await?;
    let (was, is) = (shown_membership(before), shown_membership(&after));
    work.record_change(Event::MembershipChanged { team, agent }, was, is);
    Ok(true)
}
