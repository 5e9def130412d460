//! Joining and leaving a team: the same whether the agent or the team is changed.

use muster_core::Result;
use muster_core::agent::{Membership, MembershipRole};
use muster_core::event::Event;
use muster_core::id::{AgentId, TeamId};
use muster_store::{agents, conversations};
use serde_json::{Value, json};

use super::{Effect, MembershipPatch};
use crate::Work;

/// Makes an agent whose row is locked a member of a team. Work of that team which the agent has is counted anew.
pub(crate) async fn join(
    work: &mut Work<'_>,
    agent: AgentId,
    team: TeamId,
    assignment_count: i64,
    order: i32,
) -> Result<Membership> {
    let membership = Membership {
        team,
        public_id: work.draw.public_id(),
        role: MembershipRole::Agent,
        capacity: None,
        order,
        assignment_count,
        load: conversations::count_open_of_agent(work.tx, agent, Some(team)).await?,
        created_at: work.now,
        updated_at: work.now,
    };
    agents::insert_membership(work.tx, agent, &membership).await?;
    work.record_change(Event::MembershipAdded { team, agent }, Value::Null, shown_membership(&membership));
    Ok(membership)
}

/// Ends the membership of an agent whose row is locked.
pub(crate) async fn leave(work: &mut Work<'_>, agent: AgentId, membership: &Membership) -> Result<()> {
    let team = membership.team;
    agents::delete_membership(work.tx, agent, team).await?;
    work.record_change(Event::MembershipRemoved { team, agent }, shown_membership(membership), Value::Null);
    Ok(())
}

/// Changes the membership of an agent whose row is locked.
pub(crate) async fn change(
    work: &mut Work<'_>,
    agent: AgentId,
    membership: &mut Membership,
    patch: &MembershipPatch,
) -> Result<Effect> {
    let before = membership.clone();
    membership.role = patch.role.unwrap_or(before.role);
    membership.capacity = patch.capacity.unwrap_or(before.capacity);
    membership.order = patch.order.unwrap_or(before.order);
    if *membership == before {
        return Ok(Effect::default());
    }
    membership.updated_at = work.now;
    agents::save_membership(work.tx, agent, membership).await?;
    let (was, is) = (shown_membership(&before), shown_membership(membership));
    work.record_change(Event::MembershipChanged { team: patch.team, agent }, was, is);
    let role_moved = before.role != membership.role;
    Ok(if role_moved { Effect::TAKES_AWAY } else { Effect::CHANGED })
}

/// What the audit log keeps of a membership.
pub(crate) fn shown_membership(membership: &Membership) -> Value {
    json!({
        "team": membership.team,
        "role": membership.role,
        "capacity": membership.capacity,
        "order": membership.order,
        "assignment_count": membership.assignment_count,
    })
}
