//! Who supervises: one built-in role given or taken, all others left alone.

use muster_core::Result;
use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::id::AgentId;
use muster_core::permission::Permission;
use muster_store::{agents, roles};

use super::{edit, guard, parts};
use crate::{App, Work};

impl App {
    /// Gives somebody the built-in role of this key. Who holds it already is left as they are.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`], also for reaching above oneself; [`muster_core::Error::NotFound`] for the agent or
    /// the role; [`muster_core::Refusal::BuiltIn`].
    pub async fn appoint(&self, caller: &Caller, id: AgentId, role_key: &'static str) -> Result<Profile> {
        caller.actor.require(Permission::SupervisorsManage)?;
        self.write(caller, move |work| Box::pin(appoint(work, id, role_key))).await
    }

    /// Takes the built-in role of this key from somebody. Who doesn't hold it is left as they are.
    ///
    /// # Errors
    /// As [`Self::appoint`]; [`muster_core::Refusal::LastAdmin`].
    pub async fn dismiss(&self, caller: &Caller, id: AgentId, role_key: &'static str) -> Result<Profile> {
        caller.actor.require(Permission::SupervisorsManage)?;
        self.write(caller, move |work| Box::pin(dismiss(work, id, role_key))).await
    }
}

async fn appoint(work: &mut Work<'_>, id: AgentId, role_key: &str) -> Result<Profile> {
    let mut profile = edit::lock(work, id).await?;
    let role = roles::built_in(work.tx, role_key).await?;
    guard::check_reach(work, profile.granted(), std::slice::from_ref(&role))?;
    let effect = parts::add_role(work, &mut profile, role).await?;
    edit::save(work, &mut profile, effect).await?;
    agents::profile(work.tx, id).await
}

async fn dismiss(work: &mut Work<'_>, id: AgentId, role_key: &str) -> Result<Profile> {
    let before = edit::lock(work, id).await?;
    let role = roles::built_in(work.tx, role_key).await?;
    guard::check_reach(work, before.granted(), &[])?;
    let kept: Vec<_> = before.roles.iter().map(|held| held.id).filter(|held| *held != role.id).collect();
    let mut profile = before.clone();
    let kept = guard::load_roles(work, &kept).await?;
    let effect = parts::set_roles(work, &mut profile, &kept).await?;
    guard::keep_an_admin(work, &before, guard::is_usable_admin(&profile)).await?;
    edit::save(work, &mut profile, effect).await?;
    agents::profile(work.tx, id).await
}
