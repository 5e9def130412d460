//! How credentials end: one place for every reason.

use muster_core::Result;
use muster_core::event::{Event, RevokedScope};
use muster_core::id::AgentId;
use muster_store::{agents, credentials, presence};

use crate::Work;

/// Why an agent's credentials end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Every sign-in ends; API keys and presence stay.
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
pub(crate) async fn revoke(work: &mut Work<'_>, agent: AgentId, ending: Ending) -> Result<()> {
    credentials::delete_links_of_agent(work.tx, agent).await?;
    match ending {
        Ending::PasswordChanged => credentials::delete_sessions(work.tx, agent).await?,
        Ending::Disabled | Ending::Locked => {
            credentials::end_sessions(work.tx, agent, ending.as_str()).await?;
            presence::delete_leases(work.tx, agent).await?;
        }
        Ending::Deleted => {
            credentials::delete_sessions(work.tx, agent).await?;
            credentials::delete_keys(work.tx, agent).await?;
            credentials::delete_passwords(work.tx, agent).await?;
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
