//! Who somebody is: sign-in and its second factor, sessions, API keys and one-time links, and how each of them ends.
//!
//! Secrets are stored as SHA-256 of 256 random bits and compared in constant time; what was checked is remembered
//! until an event makes it untrue (`cache`). Every ending goes through `revoke`.

mod attempts;
mod cache;
mod desk;
mod keys;
mod links;
mod own_password;
mod own_sessions;
mod proven;
mod revoke;
mod second_factor;
mod sessions;
mod sign_in;
mod stamps;
mod tokens;

use muster_core::actor::{Actor, Caller, Via};
use sha2::{Digest as _, Sha256};

pub use crate::passwords::Typed;
pub(crate) use attempts::Attempts;
pub(crate) use cache::{Cache, Credential, Remembered};
pub use desk::DeskSignIn;
pub use keys::NewApiKey;
pub(crate) use links::{LINK_LIFE, create_link, url as link_url};
pub use links::{OneTimeLink, Purpose};
pub use own_sessions::{OpenSession, Whose};
pub(crate) use revoke::{Ending, revoke};
pub use second_factor::{Enrolment, SecondFactorState};
pub use sessions::SessionActor;
pub(crate) use sessions::SessionKind;
pub(crate) use sign_in::open_session;
pub use sign_in::{Code, Presented, SignedIn};
pub(crate) use stamps::Stamps;

/// Where a request came from whose sender isn't known yet.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address.
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
    pub via: Via,
}

impl Origin {
    pub(crate) fn caller(&self, actor: Actor) -> Caller {
        Caller { actor, via: self.via, request_id: self.request_id.clone(), ip: self.ip.clone(), credential: None }
    }
}

/// What is stored of a secret: its SHA-256 in hexadecimal.
pub(crate) fn secret_hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}
