//! Teams as they are shown.

use muster_core::team;
use serde::Serialize;
use utoipa::ToSchema;

// Wire (chosen): no source tells the shape.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Teams {
    pub(crate) teams: Vec<Team>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Team {
    teamid: i64,
    team_name: String,
    /// Always empty: the desk has no groups of teams.
    group: &'static str,
}

impl From<&team::Team> for Team {
    fn from(team: &team::Team) -> Self {
        Self { teamid: team.id.0, team_name: team.name.clone(), group: "" }
    }
}
