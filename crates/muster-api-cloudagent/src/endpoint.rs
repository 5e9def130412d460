//! What differs from endpoint to endpoint before the handler runs: the limit, how the body is written, and the texts
//! that refuse whoever does not say for which account it is.

use muster_http::body::{decode, decode_json};
use muster_http::query::Query;
use serde_json::{Map, Value};

use crate::credentials::Denial;
use crate::error::Failure;
use crate::limits::Exceeded;

const MAX_LIMIT_EXCEEDED: &str = "Max limit exceeded";
const INVALID_USER_DETAILS: &str = "Invalid User Details";
pub(crate) const INVALID_USER_OR_KEY: &str = "Invalid userName or apiKey";

/// An endpoint of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    GenerateToken,
    UpdateAgent,
    CreateAgent,
    DeleteAgent,
    AgentDetails,
    AgentLogins,
    ChangeAgentState,
    AgentAuthentication,
    CreateSkill,
}

impl Endpoint {
    pub const ALL: [Self; 9] = [
        Self::GenerateToken,
        Self::UpdateAgent,
        Self::CreateAgent,
        Self::DeleteAgent,
        Self::AgentDetails,
        Self::AgentLogins,
        Self::ChangeAgentState,
        Self::AgentAuthentication,
        Self::CreateSkill,
    ];

    // Wire (documented; chosen for state and sign-in). Tokens are limited by the hour, with the tokens themselves.
    /// Calls of one account in any minute; `None`: no limit of this kind.
    #[must_use]
    pub const fn calls_a_minute(self) -> Option<usize> {
        match self {
            Self::UpdateAgent | Self::CreateAgent | Self::DeleteAgent | Self::AgentLogins => Some(5),
            Self::AgentDetails | Self::CreateSkill => Some(10),
            Self::ChangeAgentState | Self::AgentAuthentication => Some(60),
            Self::GenerateToken => None,
        }
    }

    /// The fields of a body; `None` if it can't be read.
    pub(crate) fn decode(self, content_type: Option<&str>, body: &[u8], query: &Query) -> Option<Map<String, Value>> {
        match self {
            // Wire (documented): a form.
            Self::AgentAuthentication => decode(content_type, body).ok(),
            // Wire (chosen): some programs can't send a body with DELETE.
            Self::DeleteAgent => {
                let mut fields: Map<String, Value> =
                    if body.is_empty() { Map::new() } else { decode_json(body).ok()? };
                for name in ["userName", "agentId"] {
                    if let Some(value) = query.get(name) {
                        fields.entry(name).or_insert_with(|| value.into());
                    }
                }
                Some(fields)
            }
            _ => decode_json(body).ok(),
        }
    }

    /// The refusal of a call above a limit.
    pub(crate) fn exceeded(self, Exceeded { retry_after }: Exceeded) -> Failure {
        let failure = match self {
            Self::AgentDetails | Self::AgentLogins => Failure::message_first(MAX_LIMIT_EXCEEDED),
            _ => Failure::refusal(MAX_LIMIT_EXCEEDED),
        };
        failure.too_many(retry_after)
    }

    /// The refusal of a call that does not say for which account it is.
    pub(crate) fn denied(self, denial: Denial) -> Failure {
        let failure = match self {
            Self::UpdateAgent | Self::CreateAgent | Self::DeleteAgent => Self::agents_page(denial),
            Self::GenerateToken => Self::token_page(denial),
            Self::AgentDetails | Self::AgentLogins => Self::reports_page(denial),
            Self::ChangeAgentState => Self::state_page(denial),
            Self::AgentAuthentication => Failure::refusal(INVALID_USER_OR_KEY),
            Self::CreateSkill => Self::skill_page(denial),
        };
        if denial == Denial::Malformed { failure } else { failure.unauthenticated() }
    }

    // Wire (documented, "Edit Agent Details").
    fn agents_page(denial: Denial) -> Failure {
        match denial {
            Denial::KeyMissing => Failure::credential("Api Key Should Not be Null or Empty."),
            Denial::KeyWrong | Denial::UserMissing | Denial::UserWrong | Denial::TokensOff => {
                Failure::credential(INVALID_USER_DETAILS)
            }
            Denial::TokenMissing => Failure::credential("Token Should Not be Null or Empty."),
            Denial::TokenWrong => Failure::credential("Invalid Token"),
            Denial::TokenExpired => Failure::credential("Token Expired"),
            Denial::Malformed => Failure::malformed(),
        }
    }

    // Wire (documented, "Generate Token"; chosen for a wrong key).
    fn token_page(denial: Denial) -> Failure {
        match denial {
            Denial::UserMissing => Failure::credential("UserName is null"),
            Denial::KeyWrong | Denial::UserWrong => Failure::credential(INVALID_USER_OR_KEY),
            other => Self::agents_page(other),
        }
    }

    // Wire (documented, "Agent Details"; chosen: the order of the keys, which is that of the page's other bodies).
    fn reports_page(denial: Denial) -> Failure {
        match denial {
            Denial::KeyMissing => Failure::message_first("apiKey should not be empty"),
            Denial::UserMissing => Failure::message_first("userName should not be empty"),
            Denial::KeyWrong | Denial::UserWrong => Failure::message_first("userName or apiKey is Invalid"),
            other => Self::agents_page(other),
        }
    }

    // Wire (documented, "Change Agent State").
    fn state_page(denial: Denial) -> Failure {
        match denial {
            Denial::KeyMissing => Failure::refusal("apiKey should not be empty"),
            Denial::KeyWrong => Failure::refusal("userName or apiKey is Invalid"),
            Denial::UserMissing => Failure::refusal("Please provide UserName"),
            Denial::UserWrong => Failure::refusal("user_name or api_Key is Invalid"),
            other => Self::agents_page(other),
        }
    }

    // Wire (documented, "Create Skill").
    fn skill_page(denial: Denial) -> Failure {
        match denial {
            Denial::KeyMissing => Failure::credential(INVALID_USER_DETAILS),
            Denial::UserMissing => Failure::credential("Username Should Not be Null or Empty."),
            other => Self::agents_page(other),
        }
    }
}
