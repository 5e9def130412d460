//! Roles.

use muster_core::permission::{Permission, Permissions};
use muster_core::role;
use muster_http::body::null_as_default;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Role {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) name: String,
    pub(crate) description: String,
    /// Of the product's 44, sorted.
    pub(crate) permissions: Vec<&'static str>,
}

impl From<role::Role> for Role {
    fn from(role: role::Role) -> Self {
        let role::Role { id, public_id: _, key: _, name, description, permissions, created_at, updated_at, version: _ } =
            role;
        let mut words: Vec<&str> =
            permissions.iter().filter(|permission| !permission.is_fine()).map(Permission::as_str).collect();
        words.sort_unstable();
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            name,
            description,
            permissions: words,
        }
    }
}

/// A role to be written. On an update it replaces everything.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct RoleRequest {
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required, min_length = 1, max_length = 50)]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(max_length = 300)]
    pub(crate) description: String,
    /// Words that are not known are dropped; one has to be left.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required)]
    pub(crate) permissions: Vec<String>,
}

impl RoleRequest {
    pub(crate) fn permissions(&self) -> Permissions {
        let known = self.permissions.iter().filter_map(|word| Permission::parse(word));
        known.filter(|permission| !permission.is_fine()).collect()
    }
}
