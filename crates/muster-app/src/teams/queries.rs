//! Reading teams: for everybody who works here.

use std::collections::BTreeMap;
use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::id::TeamId;
use muster_core::team::{Team, TeamMember};
use muster_core::{Entity, Error, Result, text};
use muster_store::{agents, extras, teams};
use serde_json::{Map, Value};

use crate::App;

impl App {
    /// The team of this public id.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors; [`Error::NotFound`].
    pub async fn team_by_public_id(&self, caller: &Caller, public_id: &str) -> Result<Team> {
        caller.actor.require_staff()?;
        if !text::is_storable(public_id) {
            return Err(Error::NotFound(Entity::Team));
        }
        let public_id: Arc<str> = public_id.into();
        self.read(move |tx| {
            let public_id = Arc::clone(&public_id);
            Box::pin(async move { teams::team_by_public_id(tx, &public_id).await })
        })
        .await
    }

    /// The members of a team, by id; none if there is no such team.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn team_members(&self, caller: &Caller, id: TeamId) -> Result<Vec<TeamMember>> {
        caller.actor.require_staff()?;
        self.read(move |tx| Box::pin(agents::team_members(tx, id))).await
    }

    /// How many members each team has.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn team_sizes(&self, caller: &Caller) -> Result<BTreeMap<TeamId, i64>> {
        caller.actor.require_staff()?;
        self.read(|tx| Box::pin(agents::team_sizes(tx))).await
    }

    /// What one product keeps with each team; teams with which it keeps nothing may be missing.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn team_extras(
        &self,
        caller: &Caller,
        dialect: &'static str,
    ) -> Result<BTreeMap<TeamId, Map<String, Value>>> {
        caller.actor.require_staff()?;
        let found = self.read(move |tx| Box::pin(extras::list(tx, Entity::Team, dialect))).await?;
        Ok(found.into_iter().map(|(team, values)| (TeamId(team), values)).collect())
    }
}
