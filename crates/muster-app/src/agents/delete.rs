//! Deleting an agent.

use muster_core::actor::{Actor, Caller};
use muster_core::agent::Profile;
use muster_core::event::{Event, UnassignedWhy};
use muster_core::id::AgentId;
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Refusal, Result};
use muster_store::{agents, drafts, notifications};
use serde_json::json;

use super::guard;
use super::parts::{self, FirstCount};
use crate::auth::{Ending, revoke};
use crate::release::release_open_work;
use crate::{App, Work, macros, media, presence, views};

impl App {
    /// Deletes an agent: names, roles, memberships and credentials go, conversations that aren't resolved go to others,
    /// and what the agent wrote stays. Deleting an agent who was deleted already is no error.
    ///
    /// # Errors
    /// [`Error::Denied`], also for reaching above oneself; [`Error::NotFound`]; [`Refusal::Self_`],
    /// [`Refusal::LastAdmin`] and [`Refusal::BuiltIn`].
    pub async fn delete_agent(&self, caller: &Caller, id: AgentId) -> Result<()> {
        caller.actor.require(Permission::UsersManage)?;
        if matches!(&caller.actor, Actor::Agent(agent) if agent.id == id) {
            return Err(Refusal::Self_.into());
        }
        self.write(caller, move |work| Box::pin(delete(work, id))).await
    }
}

async fn delete(work: &mut Work<'_>, id: AgentId) -> Result<()> {
    let Some(before) = agents::lock_profiles(work.tx, &[id]).await?.pop() else {
        let was_deleted = agents::find_agent(work.tx, id).await?.is_some();
        return if was_deleted { Ok(()) } else { Err(Error::NotFound(Entity::Agent)) };
    };
    guard::check_served(work.actor(), &before)?;
    guard::check_not_system(&before)?;
    guard::check_reach(work, before.granted(), &[])?;
    guard::keep_an_admin(work, &before, false).await?;
    let mut profile = before.clone();
    empty(work, &mut profile).await?;
    profile.agent.avatar_url = None;
    profile.agent.deleted_at = Some(work.now);
    profile.agent.updated_at = work.now;
    profile.agent.version += 1;
    agents::save_agent(work.tx, &profile.agent).await?;
    profile.state.epoch += 1;
    let from = before.state.shown(&before.agent, work.now);
    presence::block(work, &mut profile, from).await?;
    revoke(work, &mut profile, Ending::Deleted).await?;
    release_open_work(work, id, &before.agent.name(), UnassignedWhy::Deleted).await?;
    drafts::delete_of_agent(work.tx, id).await?;
    notifications::delete_of_agent(work.tx, id).await?;
    media::drop_of_agent(work, id).await?;
    views::forget_agent(work, id).await?;
    macros::forget_agent(work, id).await?;
    let was = json!({ "login": before.agent.login, "email": before.agent.email, "name": before.agent.name() });
    work.record_change(Event::AgentDeleted { agent: id }, was, json!(null));
    Ok(())
}

/// Takes roles, teams and skills away.
async fn empty(work: &mut Work<'_>, profile: &mut Profile) -> Result<()> {
    parts::set_roles(work, profile, &[]).await?;
    parts::set_teams(work, profile, &[], FirstCount::Lowest).await?;
    parts::set_skills(work, profile, &[]).await?;
    agents::remove_skills(work.tx, profile.agent.id).await
}
