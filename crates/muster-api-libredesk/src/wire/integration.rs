//! Integrations: a resource of ours in the product's manner.

use muster_app::integrations::CreatedIntegration;
use muster_core::integration::{self, Proof, TeamScope};
use muster_http::body::null_as_default;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// A program of another product's clients with a key of its own. Ours, not the product's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Integration {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    /// Which product's clients it is for.
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Under which name its client signs in.
    pub(crate) account: String,
    /// The teams it serves; null: the whole desk. Empty once the last of them is deleted: nobody.
    #[schema(required)]
    pub(crate) team_ids: Option<Vec<i64>>,
    #[schema(value_type = Auth)]
    pub(crate) auth: Proof,
    /// The agent who made it; null: the command line.
    #[schema(required)]
    pub(crate) created_by: Option<i64>,
}

/// What an integration's calls prove themselves with.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes how Proof is written")]
pub(crate) enum Auth {
    Key,
    Token,
    Either,
}

impl From<integration::Integration> for Integration {
    fn from(integration: integration::Integration) -> Self {
        let integration::Integration {
            id,
            kind,
            account,
            name,
            teams,
            proof,
            generation: _,
            created_by,
            created_at,
            revoked_at: _,
        } = integration;
        Self {
            id: id.0,
            created_at: Time(created_at),
            kind,
            name,
            account,
            team_ids: match teams {
                TeamScope::All => None,
                TeamScope::Listed(teams) => Some(teams.into_iter().map(|team| team.0).collect()),
            },
            auth: proof,
            created_by: created_by.map(|agent| agent.0),
        }
    }
}

/// A new integration with its key, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewKey {
    #[serde(flatten)]
    pub(crate) integration: Integration,
    /// 64 hexadecimal digits.
    pub(crate) api_key: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("integration", &self.integration).finish_non_exhaustive()
    }
}

impl From<CreatedIntegration> for NewKey {
    fn from(created: CreatedIntegration) -> Self {
        Self { integration: created.integration.into(), api_key: created.key }
    }
}

/// An integration to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct IntegrationRequest {
    /// A product that this desk speaks as: the name of its section in the configuration.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required)]
    pub(crate) kind: String,
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required, min_length = 1, max_length = 140)]
    pub(crate) name: String,
    /// The teams it serves, where the product knows such a limit; absent or null: the whole desk.
    #[schema(min_items = 1)]
    pub(crate) team_ids: Option<Vec<i64>>,
    /// Absent: `either`.
    #[schema(value_type = Option<Auth>)]
    pub(crate) auth: Option<String>,
}
