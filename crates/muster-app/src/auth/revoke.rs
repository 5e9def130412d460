//! How credentials end: one place for every reason.

use muster_core::Result;
use muster_core::agent::Profile;
use muster_core::event::{Event, RevokedScope};
use muster_store::{agents, credentials, presence};

use super::SessionKind;
use crate::Work;
use crate::presence::leave_desk;

/// Why an agent's credentials end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Every sign-in ends, at desk programs too; API keys stay, and so does what else had proven presence, as long as it
    /// holds.
    PasswordChanged,
    /// Sign-ins, links and proofs of presence end; API keys stay and are refused. Sessions remember why.
    Disabled,
    Locked,
    /// Everything goes, the sign-in names too.
    Deleted,
}

impl Ending {
    /// The word that sessions keep.
    const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password",
            Self::Disabled => "disabled",
            Self::Locked => "locked",
            Self::Deleted => "deleted",
        }
    }
}

/// Ends the credentials of an agent whose row is locked.
pub(crate) async fn revoke(work: &mut Work<'_>, profile: &mut Profile, ending: Ending) -> Result<()> {
    let agent = profile.agent.id;
    credentials::delete_links_of_agent(work.tx, agent).await?;
    match ending {
        Ending::PasswordChanged => {
            credentials::delete_sessions(work.tx, agent).await?;
            leave_desk(work, profile, "password_changed").await?;
        }
        Ending::Disabled | Ending::Locked => {
            // Only a browser is told why it has been signed out.
            credentials::delete_sessions_of_kind(work.tx, agent, SessionKind::Token.as_str()).await?;
            credentials::end_sessions(work.tx, agent, ending.as_str()).await?;
            presence::delete_leases(work.tx, agent).await?;
        }
        Ending::Deleted => {
            credentials::delete_sessions(work.tx, agent).await?;
            credentials::delete_keys(work.tx, agent).await?;
            credentials::delete_passwords(work.tx, agent).await?;
            credentials::delete_second_factor(work.tx, agent).await?;
            presence::delete_leases(work.tx, agent).await?;
            agents::delete_sign_in_names(work.tx, agent).await?;
        }
    }
    let scope = match ending {
        Ending::PasswordChanged => RevokedScope::SignIns,
        Ending::Disabled | Ending::Locked | Ending::Deleted => RevokedScope::Account,
    };
    work.record(Event::CredentialsRevoked { agent, scope });
    Ok(())
}
