//! Load: how many open conversations an agent holds, in all and by team.

use muster_core::conversation::LoadChange;
use muster_core::id::{AgentId, TeamId};
use muster_core::{Entity, Error, Result, Timestamp};

use crate::db::Tx;
use crate::{params, sql};

/// Changes load without a gate: the agent's, and the membership's if the conversation has a team the agent is in. The
/// agents are locked.
///
/// # Errors
/// [`Error::NotFound`] for an agent that has no state row; those of the statements.
pub async fn change_load(tx: &mut Tx, changes: &[LoadChange]) -> Result<()> {
    for change in changes {
        let by = i64::from(change.by);
        let agent = sql!("UPDATE agent_state SET load = load + $2 WHERE agent_id = $1");
        if tx.execute(agent, &params![change.agent, by]).await? != 1 {
            return Err(Error::NotFound(Entity::Agent));
        }
        if let Some(team) = change.team {
            let seat = sql!("UPDATE memberships SET load = load + $3 WHERE agent_id = $1 AND team_id = $2");
            tx.execute(seat, &params![change.agent, team, by]).await?;
        }
    }
    Ok(())
}

/// Takes one of the agent's slots, if nothing has taken eligibility away since `epoch` was read, `capacity` leaves
/// room and, where `need_live`, presence is proven now. One statement: row lock, gate and re-check at once. False if
/// there was none to take.
///
/// # Errors
/// Those of the statement.
pub async fn claim_slot(
    tx: &mut Tx,
    agent: AgentId,
    epoch: i64,
    capacity: u16,
    now: Timestamp,
    need_live: bool,
) -> Result<bool> {
    let claim = sql!(
        "UPDATE agent_state SET load = load + 1, last_assigned_at = $4
         WHERE agent_id = $1 AND epoch = $2 AND load < $3 AND ($5 = FALSE OR (link = 'live' AND lease_until > $4))"
    );
    Ok(tx.execute(claim, &params![agent, epoch, capacity, now, need_live]).await? == 1)
}

/// Counts an assignment within a team and takes a place under its cap. False if the agent isn't a member or the cap is
/// reached.
///
/// # Errors
/// Those of the statement.
pub async fn claim_seat(tx: &mut Tx, agent: AgentId, team: TeamId, cap: Option<u16>) -> Result<bool> {
    let claim = sql!(
        "UPDATE memberships SET assignment_count = assignment_count + 1, load = load + 1
         WHERE agent_id = $1 AND team_id = $2 AND load < $3"
    );
    let cap = cap.map_or(i64::MAX, i64::from);
    Ok(tx.execute(claim, &params![agent, team, cap]).await? == 1)
}
