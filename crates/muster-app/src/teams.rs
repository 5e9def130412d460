//! Teams: who answers together. Their members are changed through the agents, or many at once (`members`).

mod extras;
mod input;
mod members;
mod queries;
mod roster;

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::{AgentId, TeamId};
use muster_core::permission::Permission;
use muster_core::team::{Team, TeamMode};
use muster_core::{Entity, Error, Refusal, Result, Why};
use muster_store::db::lost_race;
use muster_store::jobs::{self, NewJob};
use muster_store::{agents, teams};
use serde_json::{Value, json};

use crate::agents::check_teams_served;
use crate::agents::memberships::shown_membership;
use crate::release::forget_team;
use crate::{App, Work, business_hours, integrations, macros, views};

pub use input::{Extras, NewTeam, TeamPatch};
pub use members::{MemberUpsert, MembersPatch};
pub use muster_core::team::TeamMember;
pub use roster::{Place, RosterPatch};

/// The job that empties a team with more conversations than one transaction moves.
const DELETE_TEAM: &str = "team.delete";
/// Conversations moved in one transaction.
const BATCH: i64 = 1000;

impl App {
    /// All teams, the latest changed first.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn list_teams(&self, caller: &Caller) -> Result<Vec<Team>> {
        caller.actor.require(Permission::TeamsRead)?;
        self.read(|tx| Box::pin(teams::list(tx))).await
    }

    /// All teams by name, for every agent: where one can send a conversation.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn teams_compact(&self, caller: &Caller) -> Result<Vec<Team>> {
        caller.actor.require_staff()?;
        let mut teams = self.read(|tx| Box::pin(teams::list(tx))).await?;
        teams.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(teams)
    }

    /// The teams of these names that exist, by name, for every agent; names are compared folded.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn teams_by_names(&self, caller: &Caller, names: &[String]) -> Result<Vec<Team>> {
        caller.actor.require_staff()?;
        let names: Arc<[String]> = names.into();
        self.read(move |tx| {
            let names = Arc::clone(&names);
            Box::pin(async move { teams::teams_by_names(tx, &names).await })
        })
        .await
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`].
    pub async fn team(&self, caller: &Caller, id: TeamId) -> Result<Team> {
        caller.actor.require(Permission::TeamsRead)?;
        self.read(move |tx| Box::pin(teams::team(tx, id))).await
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`]; [`Error::NotFound`] for a team or business hours it refers to;
    /// [`Error::Conflict`] for a name that is taken.
    pub async fn create_team(&self, caller: &Caller, new: NewTeam) -> Result<Team> {
        caller.actor.require(Permission::TeamsManage)?;
        new.settings.members.as_ref().map_or(Ok(()), members::check_lengths)?;
        let new = Arc::new(new);
        self.write(caller, move |work| {
            let new = Arc::clone(&new);
            Box::pin(async move { create(work, &new).await })
        })
        .await
    }

    /// # Errors
    /// As [`Self::create_team`]; [`Error::NotFound`]; [`Refusal::TeamArchived`].
    pub async fn update_team(&self, caller: &Caller, id: TeamId, patch: TeamPatch) -> Result<Team> {
        caller.actor.require(Permission::TeamsManage)?;
        patch.members.as_ref().map_or(Ok(()), members::check_lengths)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch).await })
        })
        .await
    }

    /// Deletes a team. Its members leave it; what waits in it moves on without losing its place; what is assigned stays
    /// with its agents.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`].
    pub async fn delete_team(&self, caller: &Caller, id: TeamId) -> Result<()> {
        caller.actor.require(Permission::TeamsDelete)?;
        self.write(caller, move |work| Box::pin(delete(work, id))).await
    }
}

async fn create(work: &mut Work<'_>, new: &NewTeam) -> Result<Team> {
    let mut team = Team {
        id: TeamId(0),
        public_id: work.draw.public_id(),
        name: String::new(),
        emoji: None,
        description: String::new(),
        email: None,
        enabled: true,
        archived_at: None,
        mode: TeamMode::Auto,
        method: None,
        member_cap: None,
        timezone: "UTC".to_owned(),
        business_hours: None,
        sla_policy: None,
        fallback_team: None,
        forward_to: Vec::new(),
        accepts_when_absent: false,
        offered_at_start: true,
        offered_when_closed: false,
        closing_tags: Vec::new(),
        tag_required: false,
        wrap_up_ms: 0,
        created_at: work.now,
        updated_at: work.now,
        version: 1,
    };
    let patch = TeamPatch { name: Some(new.name.clone()), ..new.settings.clone() };
    if let Some(given) = &patch.members {
        members::lock_named(work, given).await?;
    }
    input::apply(&mut team, &patch, work.now)?;
    check_references(work, &team).await?;
    business_hours::require(work, team.business_hours).await?;
    team.id = teams::insert_team(work.tx, &team).await?;
    if let Some(given) = &patch.extras {
        extras::merge(work, team.id, given).await?;
    }
    work.record_change(Event::TeamCreated { team: team.id }, json!(null), input::shown(&team));
    if let Some(given) = &patch.members {
        check_teams_served(work, [team.id])?;
        members::change(work, team.id, given).await?;
    }
    Ok(team)
}

async fn update(work: &mut Work<'_>, id: TeamId, patch: &TeamPatch) -> Result<Team> {
    let named = match &patch.members {
        Some(given) => members::named_agents(work, given).await?,
        None => BTreeSet::new(),
    };
    let (before, members) = lock(work, id, named).await?;
    let team = update_locked(work, before, &members, patch).await?;
    if let Some(given) = &patch.members {
        members::change(work, id, given).await?;
    }
    Ok(team)
}

/// Changes a team that is locked with its members, but not who these are.
async fn update_locked(work: &mut Work<'_>, before: Team, members: &[AgentId], patch: &TeamPatch) -> Result<Team> {
    let id = before.id;
    if patch.refuse_archived && patch.enabled == Some(true) && before.archived_at.is_some() {
        return Err(Refusal::TeamArchived.into());
    }
    let mut team = before.clone();
    input::apply(&mut team, patch, work.now)?;
    let moved = match &patch.extras {
        Some(given) => extras::merge(work, id, given).await?,
        None => None,
    };
    if team == before && moved.is_none() {
        return Ok(before);
    }
    check_references(work, &team).await?;
    if team.business_hours != before.business_hours {
        business_hours::require(work, team.business_hours).await?;
    }
    team.version += 1;
    team.updated_at = work.now;
    teams::save_team(work.tx, &team).await?;
    if takes_away(&before, &team) {
        agents::raise_epochs(work.tx, members).await?;
    }
    let (mut was, mut is) = (input::shown(&before), input::shown(&team));
    if let Some(moved) = moved {
        was["extras"] = Value::Object(moved.before);
        is["extras"] = Value::Object(moved.after);
    }
    let fields = input::fields(&was, &is);
    work.record_change(Event::TeamUpdated { team: id, fields }, was, is);
    Ok(team)
}

/// Whether what was decided for the team's members must be decided anew.
fn takes_away(before: &Team, after: &Team) -> bool {
    (before.is_open() && !after.is_open()) || before.member_cap != after.member_cap
}

async fn delete(work: &mut Work<'_>, id: TeamId) -> Result<()> {
    let (team, members) = lock(work, id, BTreeSet::new()).await?;
    for profile in agents::profiles_by_ids(work.tx, &members).await? {
        for held in profile.teams.iter().filter(|held| held.membership.team == id) {
            let event = Event::MembershipRemoved { team: id, agent: profile.agent.id };
            work.record_change(event, shown_membership(&held.membership), json!(null));
        }
    }
    agents::delete_memberships_of_team(work.tx, id).await?;
    agents::raise_epochs(work.tx, &members).await?;
    forget_references(work, id).await?;
    integrations::forget_team(work, id).await?;
    if empty(work, &team).await? {
        return Ok(());
    }
    let mut closed = team.clone();
    closed.enabled = false;
    closed.archived_at = team.archived_at.or(Some(work.now));
    closed.version += 1;
    closed.updated_at = work.now;
    teams::save_team(work.tx, &closed).await?;
    let (was, is) = (input::shown(&team), input::shown(&closed));
    let fields = input::fields(&was, &is);
    work.record_change(Event::TeamUpdated { team: id, fields }, was, is);
    let job = NewJob {
        name: DELETE_TEAM,
        key: Some(format!("{DELETE_TEAM}:{id}")),
        payload: json!({ "team": id }),
        secret: None,
        run_at: work.now,
    };
    jobs::insert(work.tx, job, work.now).await.map(drop)
}

/// Moves a batch of conversations out of a team, and deletes it with the last. Tells whether it is gone.
async fn empty(work: &mut Work<'_>, team: &Team) -> Result<bool> {
    if !forget_team(work, team.id, BATCH).await? {
        return Ok(false);
    }
    integrations::forget_team(work, team.id).await?;
    views::forget_team(work, team.id).await?;
    macros::forget_team(work, team.id).await?;
    muster_store::extras::delete(work.tx, Entity::Team, team.id.0).await?;
    muster_store::mentions::delete_of_team(work.tx, team.id).await?;
    teams::delete_team(work.tx, team.id, work.now).await?;
    work.record_change(Event::TeamDeleted { team: team.id }, input::shown(team), json!(null));
    Ok(true)
}

/// Registers the worker that empties large teams.
pub(crate) fn register(app: &App) {
    app.on_job(DELETE_TEAM, |app, job| {
        Box::pin(async move {
            let payload: Payload = serde_json::from_value(job.payload).map_err(Error::internal)?;
            let team = payload.team;
            while !app.write(&Caller::system(), move |work| Box::pin(empty_next(work, team))).await? {}
            Ok(())
        })
    });
}

#[derive(serde::Deserialize)]
struct Payload {
    team: TeamId,
}

async fn empty_next(work: &mut Work<'_>, id: TeamId) -> Result<bool> {
    if teams::find_team(work.tx, id).await?.is_none() {
        return Ok(true);
    }
    let team = teams::lock_team(work.tx, id).await?;
    empty(work, &team).await
}

/// Locks a team and, before it, its members and these agents.
async fn lock(work: &mut Work<'_>, id: TeamId, mut agents: BTreeSet<AgentId>) -> Result<(Team, Vec<AgentId>)> {
    check_teams_served(work, [id])?;
    let members = agents::members_of_team(work.tx, id).await?;
    agents.extend(&members);
    agents::lock(work.tx, &agents.into_iter().collect::<Vec<_>>()).await?;
    let team = teams::lock_team(work.tx, id).await?;
    if agents::members_of_team(work.tx, id).await? != members {
        return Err(lost_race());
    }
    Ok((team, members))
}

/// The teams it refers to exist, and fallbacks lead to an end.
async fn check_references(work: &mut Work<'_>, team: &Team) -> Result<()> {
    let found = teams::teams_by_ids(work.tx, &team.forward_to).await?;
    if team.forward_to.iter().any(|id| found.iter().all(|team| team.id != *id)) {
        return Err(Error::NotFound(Entity::Team));
    }
    let mut seen = vec![team.id];
    let mut next = team.fallback_team;
    while let Some(id) = next {
        if seen.contains(&id) {
            return Err(Error::invalid("fallback_team", Why::OutOfRange));
        }
        seen.push(id);
        next = teams::find_team(work.tx, id).await?.ok_or(Error::NotFound(Entity::Team))?.fallback_team;
    }
    Ok(())
}

/// Takes a team out of the fallbacks and forwardings of all others.
async fn forget_references(work: &mut Work<'_>, id: TeamId) -> Result<()> {
    for mut team in teams::list(work.tx).await? {
        let before = team.clone();
        team.fallback_team = team.fallback_team.filter(|fallback| *fallback != id);
        team.forward_to.retain(|forward| *forward != id);
        if team.id != id && team != before {
            team.version += 1;
            team.updated_at = work.now;
            teams::save_team(work.tx, &team).await?;
            let (was, is) = (input::shown(&before), input::shown(&team));
            let fields = input::fields(&was, &is);
            work.record_change(Event::TeamUpdated { team: team.id, fields }, was, is);
        }
    }
    Ok(())
}
