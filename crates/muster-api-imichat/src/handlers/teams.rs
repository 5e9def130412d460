//! Teams.

use axum::extract::State;
use muster_core::team;

use crate::Api;
use crate::auth::Client;
use crate::codes;
use crate::envelope::{Envelope, Reply};
use crate::error::Result;
use crate::wire::team::{Team, Teams};

/// Lists the teams that the key is shared with. Archived ones are hidden.
#[utoipa::path(
    get,
    path = "/v3.1/teams",
    tag = "teams",
    responses((status = 200, description = "4303", body = Envelope<Teams>))
)]
pub(crate) async fn list(State(api): State<Api>, client: Client) -> Result<Reply<Teams>> {
    let shared = shared(&api, &client).await?;
    Ok(Reply(codes::TEAMS_FOUND, Teams { teams: shared.iter().map(Team::from).collect() }))
}

/// The teams that the key is shared with, but archived ones.
pub(super) async fn shared(api: &Api, client: &Client) -> Result<Vec<team::Team>> {
    let mut teams = api.app.teams_compact(&client.caller).await?;
    teams.retain(|team| client.actor.teams.serves(team.id) && team.archived_at.is_none());
    Ok(teams)
}
