//! Users as they are sent.

use std::collections::BTreeMap;
use std::fmt;

use muster_core::agent::MembershipRole;
use muster_http::patch::Patch;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Status, UnknownWord, given};

// Wire (documented, "Update user"): these fields, none of them required.
// Wire (chosen): null clears the job description and a key of the two objects; elsewhere it is invalid.
/// A change of a user. What is absent stays as it is; keys of other names are ignored.
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct UpdateUser {
    #[serde(deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    pub(crate) first_name: Option<String>,
    #[serde(deserialize_with = "given")]
    #[schema(nullable = false, max_length = 100)]
    pub(crate) last_name: Option<String>,
    #[serde(deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(crate) status: Option<Status>,
    #[schema(max_length = 255)]
    pub(crate) job_description: Patch<String>,
    /// Whether the e-mail address is a name to sign in with.
    #[serde(deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(crate) login_using_email: Option<bool>,
    /// Merged by key; null and the empty text delete.
    #[serde(deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(crate) custom_attributes: Option<BTreeMap<String, Value>>,
    /// Merged by key; null deletes.
    #[serde(deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(crate) skill_attributes: Option<BTreeMap<String, Value>>,
}

// Wire (documented, "Create user"): these fields but `custom_attributes`, which is ours.
/// A user to be created. Keys of other names are ignored.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CreateUser {
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) first_name: String,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 100)]
    pub(crate) last_name: Option<String>,
    #[schema(min_length = 3, max_length = 100)]
    pub(crate) login_id: String,
    pub(crate) email_id: String,
    pub(crate) password: String,
    #[serde(default)]
    #[schema(max_length = 255)]
    pub(crate) job_description: Patch<String>,
    /// True when absent.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(crate) login_using_email: Option<bool>,
    /// At least one, each team once.
    #[schema(min_items = 1)]
    pub(crate) privileges: Vec<Privilege>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(crate) custom_attributes: Option<BTreeMap<String, Value>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(crate) skill_attributes: Option<BTreeMap<String, Value>>,
}

impl fmt::Debug for CreateUser {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateUser").field("login_id", &self.login_id).finish_non_exhaustive()
    }
}

/// What a user is in a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Privilege {
    pub(crate) teamid: i64,
    pub(crate) role: TeamRole,
}

// Wire (documented, "Create user"): these words, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
pub(crate) enum TeamRole {
    #[serde(rename = "Team Manager")]
    Manager,
    #[serde(rename = "Team Agent")]
    Agent,
    #[serde(rename = "Team Analyst")]
    Analyst,
}

impl TryFrom<String> for TeamRole {
    type Error = UnknownWord;

    fn try_from(word: String) -> Result<Self, UnknownWord> {
        match word.as_str() {
            "Team Manager" => Ok(Self::Manager),
            "Team Agent" => Ok(Self::Agent),
            "Team Analyst" => Ok(Self::Analyst),
            _ => Err(UnknownWord),
        }
    }
}

impl From<TeamRole> for MembershipRole {
    fn from(role: TeamRole) -> Self {
        match role {
            TeamRole::Manager => Self::Manager,
            TeamRole::Agent => Self::Agent,
            TeamRole::Analyst => Self::Analyst,
        }
    }
}
