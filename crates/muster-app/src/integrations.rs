//! Integrations: somebody's programs, each with a key of its own. How they are made, listed and revoked; how a call of
//! theirs is authenticated (`authenticate`), the tokens that stand for a key (`tokens`), and how their calls are counted
//! (`calls`).

mod authenticate;
mod calls;
mod tokens;

use std::fmt;
use std::sync::Arc;

use muster_core::actor::{Actor, Caller};
use muster_core::event::Event;
use muster_core::id::{IntegrationId, TeamId};
use muster_core::integration::{Integration, NAME_MAX, Proof, TeamScope, account_name};
use muster_core::permission::{Permission, Permissions};
use muster_core::{Entity, Error, Result, Why, text};
use muster_store::integrations;
use serde_json::{Value, json};

use crate::auth::secret_hash;
use crate::{App, Work};

pub(crate) use authenticate::Known;
pub use calls::DailyCount;
pub use tokens::{IssuedToken, TokenRule};

/// An integration to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIntegration {
    /// The word of the dialect whose clients will use it.
    pub kind: &'static str,
    /// 1–140 characters, unique among those of its kind that aren't revoked.
    pub name: String,
    /// Which teams it serves, at least one; `None`: the whole desk.
    pub teams: Option<Vec<TeamId>>,
    pub proof: Proof,
}

/// A new integration: the only time its key is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct CreatedIntegration {
    pub integration: Integration,
    /// 64 hexadecimal digits.
    pub key: String,
}

impl fmt::Debug for CreatedIntegration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedIntegration").field("integration", &self.integration).finish_non_exhaustive()
    }
}

impl App {
    /// Makes an integration, under an account name made of its name.
    ///
    /// # Errors
    /// [`Error::Denied`] without `general_settings:manage` or a right that integrations have; [`Error::Invalid`] for the
    /// name or the teams; [`Error::NotFound`] for a team; [`Error::Conflict`] for a name that is taken.
    pub async fn create_integration(&self, caller: &Caller, new: NewIntegration) -> Result<CreatedIntegration> {
        require_hand_out(&caller.actor)?;
        let name = text::bounded("name", &new.name, 1, NAME_MAX)?;
        if new.teams.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::invalid("team_ids", Why::Empty));
        }
        let new = Arc::new(NewIntegration { name, ..new });
        self.write(caller, move |work| {
            let new = Arc::clone(&new);
            Box::pin(async move { create(work, &new).await })
        })
        .await
    }

    /// Those that aren't revoked, by id.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn list_integrations(&self, caller: &Caller) -> Result<Vec<Integration>> {
        caller.actor.require(Permission::GeneralSettingsManage)?;
        self.read(|tx| Box::pin(integrations::list(tx))).await
    }

    /// Puts an end to an integration: its key and its tokens are refused from now on, and its name is free again.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`].
    pub async fn revoke_integration(&self, caller: &Caller, kind: &str, name: &str) -> Result<()> {
        caller.actor.require(Permission::GeneralSettingsManage)?;
        let wanted: Arc<(String, String)> = Arc::new((kind.to_owned(), name.to_owned()));
        self.write(caller, move |work| {
            let wanted = Arc::clone(&wanted);
            Box::pin(async move {
                let found = integrations::find_by_name(work.tx, &wanted.0, &wanted.1).await?;
                revoke(work, found.ok_or(Error::NotFound(Entity::Integration))?.id).await
            })
        })
        .await
    }

    /// As [`Self::revoke_integration`].
    ///
    /// # Errors
    /// As [`Self::revoke_integration`].
    pub async fn revoke_integration_by_id(&self, caller: &Caller, id: IntegrationId) -> Result<()> {
        caller.actor.require(Permission::GeneralSettingsManage)?;
        self.write(caller, move |work| Box::pin(revoke(work, id))).await
    }
}

/// Whether this actor may hand out what integrations prove themselves with: nobody gains by it.
fn require_hand_out(actor: &Actor) -> Result<()> {
    actor.require(Permission::GeneralSettingsManage)?;
    Permissions::integration().iter().try_for_each(|permission| actor.require(permission))
}

async fn create(work: &mut Work<'_>, new: &NewIntegration) -> Result<CreatedIntegration> {
    let taken = integrations::account_names(work.tx, new.kind).await?;
    let mut integration = Integration {
        id: IntegrationId(0),
        kind: new.kind.to_owned(),
        account: account_name(new.kind, &new.name, &taken),
        name: new.name.clone(),
        teams: new.teams.as_ref().map_or(TeamScope::All, |teams| TeamScope::Listed(teams.iter().copied().collect())),
        proof: new.proof,
        generation: 1,
        created_by: match work.actor() {
            Actor::Agent(agent) => Some(agent.id),
            _ => None,
        },
        created_at: work.now,
        revoked_at: None,
    };
    let key = hex::encode(work.draw.bytes());
    integration.id = integrations::insert(work.tx, &integration, &secret_hash(&key)).await?;
    let event = Event::IntegrationCreated { integration: integration.id };
    work.record_change(event, json!(null), shown(&integration));
    Ok(CreatedIntegration { integration, key })
}

async fn revoke(work: &mut Work<'_>, id: IntegrationId) -> Result<()> {
    let integration = integrations::lock(work.tx, id).await?.ok_or(Error::NotFound(Entity::Integration))?;
    integrations::revoke(work.tx, id, work.now).await?;
    work.record_change(Event::IntegrationRevoked { integration: id }, shown(&integration), json!(null));
    Ok(())
}

/// Takes a team that is being deleted out of every list; whoever served it alone serves nobody then.
pub(crate) async fn forget_team(work: &mut Work<'_>, team: TeamId) -> Result<()> {
    for id in integrations::forget_team(work.tx, team).await? {
        let Some(after) = integrations::lock(work.tx, id).await? else { continue };
        let mut before = after.clone();
        if let TeamScope::Listed(teams) = &mut before.teams {
            teams.insert(team);
        }
        let event = Event::IntegrationUpdated { integration: id, fields: vec!["teams".to_owned()] };
        work.record_change(event, shown(&before), shown(&after));
    }
    Ok(())
}

fn shown(integration: &Integration) -> Value {
    let teams = match &integration.teams {
        TeamScope::All => json!(null),
        TeamScope::Listed(teams) => json!(teams),
    };
    json!({
        "kind": integration.kind,
        "account": integration.account,
        "name": integration.name,
        "teams": teams,
        "proof": integration.proof,
    })
}
