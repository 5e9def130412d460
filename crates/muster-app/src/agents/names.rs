//! Login and e-mail: one name space of all agents.

use muster_core::agent::{Agent, generated_login};
use muster_core::{Refusal, Result, text};
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
/// A name that is another's is refused; but a login that was generated for this agent has then just been taken, and the
/// transaction is run again.
pub(super) async fn take_names(work: &mut Work<'_>, agent: &Agent, login_is_generated: bool) -> Result<()> {
    agents::delete_sign_in_names(work.tx, agent.id).await?;
    let mut names = agent.sign_in_names();
    names.sort_by_key(|name| name.is_email);
    for name in names {
        if !agents::insert_sign_in_name(work.tx, agent.id, &name).await? {
            return Err(match name.is_email {
                true => Refusal::EmailTaken.into(),
                false if login_is_generated => lost_race(),
                false => Refusal::LoginTaken.into(),
            });
        }
    }
    Ok(())
}
