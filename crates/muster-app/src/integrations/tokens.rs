//! Tokens, which stand for an integration's key for a while.

use std::fmt;
use std::time::Duration;

use muster_core::actor::{Actor, Caller};
use muster_core::event::Event;
use muster_core::id::IntegrationId;
use muster_core::{Error, Refusal, Result, Timestamp};
use muster_store::integrations::{self, Token};
use serde_json::json;

use super::require_hand_out;
use crate::auth::secret_hash;
use crate::{App, Work};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// For how long a token that has run out is still told from one that never was.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How a product gives out tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRule {
    pub life: Duration,
    /// Whether the earlier ones die with a new one.
    pub replaces_earlier: bool,
    /// How many may be made within any 60 minutes.
    pub most_per_hour: Option<u32>,
}

/// A new token: the only time it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// 43 characters of URL-safe base64.
    pub token: String,
    pub expires_at: Timestamp,
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl App {
    /// Makes a token for an integration, at its own request or an administrator's.
    ///
    /// # Errors
    /// [`Error::Denied`] for others; [`Error::Unauthenticated`] if the integration is revoked;
    /// [`Refusal::TooManyTokens`].
    pub async fn issue_integration_token(
        &self,
        caller: &Caller,
        integration: IntegrationId,
        rule: TokenRule,
    ) -> Result<IssuedToken> {
        match &caller.actor {
            Actor::Integration(own) if own.id == integration => {}
            other => require_hand_out(other)?,
        }
        self.write(caller, move |work| Box::pin(issue(work, integration, rule))).await
    }
}

async fn issue(work: &mut Work<'_>, id: IntegrationId, rule: TokenRule) -> Result<IssuedToken> {
    let integration = integrations::lock(work.tx, id).await?.ok_or(Error::Unauthenticated)?;
    if let Some(most) = rule.most_per_hour
        && integrations::count_tokens_since(work.tx, id, work.now - HOUR).await? >= most
    {
        return Err(Refusal::TooManyTokens.into());
    }
    let mut generation = integration.generation;
    if rule.replaces_earlier {
        generation += 1;
        integrations::save_generation(work.tx, id, generation).await?;
        let event = Event::IntegrationUpdated { integration: id, fields: vec!["generation".to_owned()] };
        let (was, is) = (json!({ "generation": integration.generation }), json!({ "generation": generation }));
        work.record_change(event, was, is);
    }
    integrations::delete_tokens_expired_before(work.tx, id, work.now - REMEMBERED).await?;
    let issued = IssuedToken { token: work.draw.token(), expires_at: work.now + rule.life };
    let token = Token {
        token_hash: secret_hash(&issued.token),
        integration: id,
        generation,
        created_at: work.now,
        expires_at: issued.expires_at,
    };
    integrations::insert_token(work.tx, &token).await?;
    Ok(issued)
}
