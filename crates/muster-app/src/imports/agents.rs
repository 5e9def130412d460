//! A row that is an agent.

use muster_core::Result;
use muster_store::{roles, teams};

use super::Outcome;
use super::table::Cells;
use crate::Work;
use crate::agents::{Hashes, NewAgent, insert};

/// Makes the agent: without a password, and without a welcome.
pub(super) async fn make(work: &mut Work<'_>, row: &Cells) -> Result<Outcome> {
    let (mut role_ids, mut team_ids, mut unknown) = (Vec::new(), Vec::new(), [Vec::new(), Vec::new()]);
    for name in row.names("roles") {
        match roles::find_by_name(work.tx, &name).await? {
            Some(role) => role_ids.push(role.id),
            None => unknown[0].push(name),
        }
    }
    for name in row.names("teams") {
        match teams::find_by_name(work.tx, &name).await? {
            Some(team) => team_ids.push(team.id),
            None => unknown[1].push(name),
        }
    }
    for (what, names) in ["role(s)", "team(s)"].iter().zip(&unknown) {
        if !names.is_empty() {
            return Ok(Outcome::Failed { why: format!("invalid {what}: {}", names.join(", ")) });
        }
    }
    if role_ids.is_empty() {
        return Ok(Outcome::Failed { why: "the agent has no role".to_owned() });
    }
    let new = NewAgent {
        email: row.get("email").to_owned(),
        first_name: row.get("first_name").to_owned(),
        last_name: row.get("last_name").to_owned(),
        roles: role_ids,
        teams: team_ids,
        enabled: true,
        ..NewAgent::default()
    };
    let profile = insert(work, &new, &Hashes::none()).await?;
    Ok(Outcome::Created { name: profile.agent.name() })
}
