//! Macros: answers and actions that agents have prepared.

mod apply;
mod labels;

use std::sync::Arc;

use muster_core::actor::{Actor, Caller};
use muster_core::event::Event;
use muster_core::id::{AgentId, MacroId, TeamId};
use muster_core::macros::{Action, Macro, MacroPatch, Visibility};
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Result};
use muster_store::{agents, macros, statuses, teams};
use serde_json::{Value, json};

use crate::work::changed_fields;
use crate::{App, Work};

pub use apply::Applied;

/// A macro, and how people call what its actions refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedMacro {
    pub r#macro: Macro,
    /// A list for each action: names of agents, teams, statuses, priorities or tags. What is gone has none.
    pub labels: Vec<Vec<String>>,
}

impl App {
    /// The macros that the caller may use, the latest changed first; all of them for whoever manages macros.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn list_macros(&self, caller: &Caller) -> Result<Vec<NamedMacro>> {
        caller.actor.require_staff()?;
        let (actor, now) = (Arc::new(caller.actor.clone()), self.now());
        self.read(move |tx| {
            let actor = Arc::clone(&actor);
            Box::pin(async move {
                let mut found = macros::list(tx).await?;
                if !actor.may(Permission::MacrosManage) {
                    found.retain(|r#macro| may_use(&actor, r#macro));
                }
                labels::named(tx, found, now).await
            })
        })
        .await
    }

    /// # Errors
    /// [`Error::Denied`] without `macros:manage`; [`Error::NotFound`].
    pub async fn find_macro(&self, caller: &Caller, id: MacroId) -> Result<NamedMacro> {
        caller.actor.require(Permission::MacrosManage)?;
        let now = self.now();
        self.read(move |tx| {
            Box::pin(async move {
                let found = macros::find(tx, id).await?;
                labels::one(tx, found, now).await
            })
        })
        .await
    }

    /// # Errors
    /// [`Error::Denied`] without `macros:manage`; [`Error::Invalid`], also without a name or an occasion;
    /// [`Error::NotFound`] for what it refers to.
    pub async fn create_macro(&self, caller: &Caller, new: MacroPatch) -> Result<NamedMacro> {
        caller.actor.require(Permission::MacrosManage)?;
        let new = Arc::new(Macro::new(self.now()).patched(&new)?);
        self.write(caller, move |work| {
            let new = Arc::clone(&new);
            Box::pin(async move { create(work, &new).await })
        })
        .await
    }

    /// # Errors
    /// As [`Self::create_macro`]; [`Error::NotFound`].
    pub async fn update_macro(&self, caller: &Caller, id: MacroId, patch: MacroPatch) -> Result<NamedMacro> {
        caller.actor.require(Permission::MacrosManage)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch).await })
        })
        .await
    }

    /// # Errors
    /// [`Error::Denied`] without `macros:manage`; [`Error::NotFound`].
    pub async fn delete_macro(&self, caller: &Caller, id: MacroId) -> Result<()> {
        caller.actor.require(Permission::MacrosManage)?;
        self.write(caller, move |work| {
            Box::pin(async move {
                let found = macros::lock(work.tx, id).await?;
                delete(work, &found).await
            })
        })
        .await
    }
}

/// Deletes the macros that were for an agent alone, who is being deleted.
pub(crate) async fn forget_agent(work: &mut Work<'_>, agent: AgentId) -> Result<()> {
    for found in macros::lock_of_agent(work.tx, agent).await? {
        delete(work, &found).await?;
    }
    Ok(())
}

/// Deletes the macros that were for a team alone, which is being deleted.
pub(crate) async fn forget_team(work: &mut Work<'_>, team: TeamId) -> Result<()> {
    for found in macros::lock_of_team(work.tx, team).await? {
        delete(work, &found).await?;
    }
    Ok(())
}

fn may_use(actor: &Actor, r#macro: &Macro) -> bool {
    match actor {
        Actor::Agent(agent) => r#macro.visibility.admits(agent.id, |team| agent.teams.contains_key(&team)),
        Actor::Operator | Actor::System => true,
        Actor::Visitor { .. } | Actor::Integration(_) => r#macro.visibility == Visibility::All,
    }
}

async fn create(work: &mut Work<'_>, new: &Macro) -> Result<NamedMacro> {
    let mut made = Macro { created_at: work.now, updated_at: work.now, ..new.clone() };
    check_visibility(work, made.visibility).await?;
    check_actions(work, &made.actions).await?;
    made.id = macros::insert(work.tx, &made).await?;
    work.record_change(Event::MacroCreated { r#macro: made.id }, json!(null), shown(&made));
    labels::one(work.tx, made, work.now).await
}

async fn update(work: &mut Work<'_>, id: MacroId, patch: &MacroPatch) -> Result<NamedMacro> {
    let before = macros::lock(work.tx, id).await?;
    let mut after = before.patched(patch)?;
    if after != before {
        if after.visibility != before.visibility {
            check_visibility(work, after.visibility).await?;
        }
        if after.actions != before.actions {
            check_actions(work, &after.actions).await?;
        }
        after.version += 1;
        after.updated_at = work.now;
        macros::save(work.tx, &after).await?;
        let (was, is) = (shown(&before), shown(&after));
        let fields = changed_fields(&was, &is);
        work.record_change(Event::MacroUpdated { r#macro: id, fields }, was, is);
    }
    labels::one(work.tx, after, work.now).await
}

async fn delete(work: &mut Work<'_>, found: &Macro) -> Result<()> {
    macros::delete(work.tx, found.id).await?;
    work.record_change(Event::MacroDeleted { r#macro: found.id }, shown(found), json!(null));
    Ok(())
}

/// Whom a macro is for is there.
async fn check_visibility(work: &mut Work<'_>, visibility: Visibility) -> Result<()> {
    match visibility {
        Visibility::All => Ok(()),
        Visibility::Team(team) => check_team(work, team).await,
        Visibility::Agent(agent) => check_agent(work, agent).await,
    }
}

/// What actions refer to is there. Tags are made and renamed freely, so they are not looked at.
async fn check_actions(work: &mut Work<'_>, actions: &[Action]) -> Result<()> {
    for action in actions {
        match action {
            Action::AssignTeam(team) => check_team(work, *team).await?,
            Action::AssignAgent(agent) => check_agent(work, *agent).await?,
            Action::SetStatus(status) => statuses::status(work.tx, *status).await.map(drop)?,
            Action::SetPriority(_) | Action::AddTags(_) | Action::SetTags(_) | Action::RemoveTags(_) => {}
        }
    }
    Ok(())
}

async fn check_team(work: &mut Work<'_>, team: TeamId) -> Result<()> {
    teams::team(work.tx, team).await.map(drop)
}

async fn check_agent(work: &mut Work<'_>, agent: AgentId) -> Result<()> {
    let found = agents::find_agent(work.tx, agent).await?.filter(|found| found.deleted_at.is_none());
    found.map(drop).ok_or(Error::NotFound(Entity::Agent))
}

fn shown(r#macro: &Macro) -> Value {
    let (agent, team) = match r#macro.visibility {
        Visibility::All => (None, None),
        Visibility::Team(team) => (None, Some(team)),
        Visibility::Agent(agent) => (Some(agent), None),
    };
    json!({
        "name": r#macro.name,
        "actions": r#macro.actions,
        "agent": agent,
        "team": team,
        "occasions": r#macro.occasions,
        "message": r#macro.message,
    })
}
