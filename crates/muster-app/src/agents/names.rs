//! Login and e-mail: one name space of all agents.

use muster_core::agent::{Agent, generated_login};
use muster_core::{Entity, Error, Result, text};
use muster_store::agents;
use muster_store::db::lost_race;

use crate::Work;

/// A login made of the address that nobody has.
pub(super) async fn free_login(work: &mut Work<'_>, email: &str) -> Result<String> {
    agents::lock_names(work.tx).await?;
    let base = text::key(&generated_login(email, |_| true));
    let taken = agents::names_like(work.tx, &base).await?;
    Ok(generated_login(email, |login| !taken.contains(&text::key(login))))
}

/// Takes the agent's sign-in names, in place of those it had.
///
/// A name that is another's is a conflict; but a login that was generated for this agent has then just been taken, and
/// the transaction is run again.
pub(super) async fn take_names(work: &mut Work<'_>, agent: &Agent, login_is_generated: bool) -> Result<()> {
    agents::delete_sign_in_names(work.tx, agent.id).await?;
    let mut names = agent.sign_in_names();
    names.sort_by(|a, b| (b.is_email, &a.key).cmp(&(a.is_email, &b.key)));
    for name in names {
        if !agents::insert_sign_in_name(work.tx, agent.id, &name).await? {
            let was_raced = login_is_generated && !name.is_email;
            return Err(if was_raced { lost_race() } else { Error::Conflict(Entity::Agent) });
        }
    }
    Ok(())
}
