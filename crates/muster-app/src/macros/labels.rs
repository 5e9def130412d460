//! How people call what a macro's actions refer to.

use std::collections::BTreeMap;

use muster_core::id::{AgentId, StatusId, TeamId};
use muster_core::macros::{Action, Macro};
use muster_core::{Result, Timestamp, text};
use muster_store::db::Tx;
use muster_store::{authors, statuses, teams};

use super::NamedMacro;

/// The names of everything that some actions refer to.
struct Names {
    agents: BTreeMap<AgentId, String>,
    teams: BTreeMap<TeamId, String>,
    statuses: BTreeMap<StatusId, String>,
}

pub(super) async fn named(tx: &mut Tx, macros: Vec<Macro>, now: Timestamp) -> Result<Vec<NamedMacro>> {
    let names = Names::load(tx, &macros, now).await?;
    let named = macros.into_iter().map(|r#macro| {
        let labels = r#macro.actions.iter().map(|action| names.of(action)).collect();
        NamedMacro { r#macro, labels }
    });
    Ok(named.collect())
}

pub(super) async fn one(tx: &mut Tx, r#macro: Macro, now: Timestamp) -> Result<NamedMacro> {
    let names = Names::load(tx, std::slice::from_ref(&r#macro), now).await?;
    let labels = r#macro.actions.iter().map(|action| names.of(action)).collect();
    Ok(NamedMacro { r#macro, labels })
}

impl Names {
    async fn load(tx: &mut Tx, macros: &[Macro], now: Timestamp) -> Result<Self> {
        let (mut agents, mut found_teams) = (Vec::new(), Vec::new());
        for action in macros.iter().flat_map(|r#macro| &r#macro.actions) {
            match action {
                Action::AssignAgent(agent) => agents.push(*agent),
                Action::AssignTeam(team) => found_teams.push(*team),
                _ => {}
            }
        }
        let agents = authors::agents(tx, &agents, now).await?;
        let name = |first: &str, last: &str| text::joined_name(first, last);
        Ok(Self {
            agents: agents.into_iter().map(|(id, agent)| (id, name(&agent.first_name, &agent.last_name))).collect(),
            teams: teams::teams_by_ids(tx, &found_teams).await?.into_iter().map(|team| (team.id, team.name)).collect(),
            statuses: statuses::list_statuses(tx).await?.into_iter().map(|status| (status.id, status.name)).collect(),
        })
    }

    fn of(&self, action: &Action) -> Vec<String> {
        let one = |name: Option<&String>| name.cloned().into_iter().collect();
        match action {
            Action::AssignTeam(team) => one(self.teams.get(team)),
            Action::AssignAgent(agent) => one(self.agents.get(agent)),
            Action::SetStatus(status) => one(self.statuses.get(status)),
            Action::SetPriority(priority) => vec![priority.name().to_owned()],
            Action::AddTags(tags) | Action::SetTags(tags) | Action::RemoveTags(tags) => tags.clone(),
        }
    }
}
