//! Writing up: for a while after a conversation has ended its agent is given no other, if the team grants the time.

use std::time::Duration;

use muster_core::agent::Profile;
use muster_core::id::{AgentId, TeamId};
use muster_core::presence::Change;
use muster_core::{Entity, Result};
use muster_store::{agents, teams, timers};

use super::shift;
use crate::Work;
use crate::timers::WRAP_UP_OVER;

/// A conversation in the hands of this agent, whose row is locked, has ended. Who isn't there has nothing to write up.
pub(crate) async fn begin_wrap_up(work: &mut Work<'_>, profile: &mut Profile, team: Option<TeamId>) -> Result<()> {
    let Some(team) = team.filter(|_| profile.state.is_live(work.now)) else { return Ok(()) };
    let length = teams::find_team(work.tx, team).await?.map_or(0, |team| team.wrap_up_ms);
    let length = Duration::from_millis(u64::try_from(length).unwrap_or(0));
    if length.is_zero() {
        return Ok(());
    }
    shift(work, profile, &[Change::WrapUp { until: work.now + length }], "changed").await?;
    match profile.state.wrap_up_until {
        Some(until) => timers::set(work.tx, WRAP_UP_OVER, (Entity::Agent, profile.agent.id.0), until).await,
        None => Ok(()),
    }
}

/// The time to write up is over, unless another conversation has ended meanwhile.
pub(crate) async fn end_wrap_up(work: &mut Work<'_>, agent: AgentId) -> Result<()> {
    let Some(mut profile) = agents::lock_profiles(work.tx, &[agent]).await?.pop() else { return Ok(()) };
    shift(work, &mut profile, &[Change::WrapUpOver], "changed").await.map(drop)
}
