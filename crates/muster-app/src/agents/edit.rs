//! What all changes of an agent begin and end with.

use muster_core::Result;
use muster_core::agent::Profile;
use muster_core::id::AgentId;
use muster_store::agents;

use super::guard;
use super::parts::Effect;
use crate::Work;

/// Locks an agent whom the caller may change at all.
pub(super) async fn lock(work: &mut Work<'_>, id: AgentId) -> Result<Profile> {
    let profile = agents::lock_profile(work.tx, id).await?;
    guard::check_served(work.actor(), &profile)?;
    guard::check_not_system(&profile)?;
    Ok(profile)
}

/// Saves what a change did to the agent's own row, and to the epoch that guards claims.
pub(super) async fn save(work: &mut Work<'_>, profile: &mut Profile, effect: Effect) -> Result<()> {
    if effect.takes_away {
        profile.state.epoch += 1;
        agents::raise_epochs(work.tx, &[profile.agent.id]).await?;
    }
    if effect.changed {
        profile.agent.version += 1;
        profile.agent.updated_at = work.now;
        agents::save_agent(work.tx, &profile.agent).await?;
    }
    Ok(())
}
