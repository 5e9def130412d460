//! The smaller requests, and what they are answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sent::Sent;
use crate::extract::Wire;

macro_rules! request {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),* $(,)? }) => {
        #[derive(Default, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        $(#[$doc])*
        pub(crate) struct $name {
            /// The username of the account.
            #[schema(required, value_type = String)]
            #[expect(dead_code, reason = "the guard reads it")]
            #[serde(default)]
            user_name: Sent<String>,
            $($(#[$field_doc])* #[serde(default)] pub(crate) $field: Sent<String>,)*
        }

        impl Wire for $name {}

        muster_http::debug_without_fields!($name);
    };
}

request! {
    // Wire (documented, "Generate Token", "Get Agent Logins").
    /// Names the account.
    #[schema(example = json!({"userName": "acme"}))]
    Account {}
}

request! {
    // Wire (documented, "Delete Agent").
    /// The agent to be deleted.
    #[schema(example = json!({"userName": "acme", "agentId": "kim"}))]
    DeleteAgent {
        #[schema(required, value_type = String)]
        agent_id,
    }
}

request! {
    // Wire (documented, "Agent Details"; chosen: all agents without an agent's ID).
    /// The agent to be shown.
    #[schema(example = json!({"userName": "acme", "agentId": "kim"}))]
    AgentDetailsRequest {
        /// All agents where it is absent or empty.
        #[schema(value_type = Option<String>)]
        agent_id,
        /// There are none here: refused unless empty.
        #[schema(value_type = Option<String>)]
        campaign_name,
    }
}

request! {
    // Wire (documented, "Change Agent State").
    /// What an agent who is there is to do.
    #[schema(example = json!({"userName": "acme", "agentId": "kim", "state": "Pause", "pauseReason": "Lunch"}))]
    ChangeStateRequest {
        #[schema(required, value_type = String)]
        agent_id,
        /// `Ready` or `Pause`, in any case.
        #[schema(required, value_type = String)]
        state,
        /// One of the desk's reasons; needed to pause.
        #[schema(value_type = Option<String>)]
        pause_reason,
        /// Not looked at.
        #[schema(value_type = Option<String>)]
        #[expect(dead_code, reason = "for the document only")]
        phone_name,
    }
}

request! {
    // Wire (documented, "Agent Login/Logout").
    /// An agent's way in or out. The agent's ID and password come by the Basic scheme.
    #[schema(example = json!({"userName": "acme", "apiKey": "0123456789abcdef0123456789abcdef", "action": "login", "phoneNumber": "5550100", "mode": "blended"}))]
    AgentAuthenticationRequest {
        #[schema(required, value_type = String)]
        #[expect(dead_code, reason = "the guard reads it")]
        api_key,
        /// `login` or `logout`, in any case.
        #[schema(required, value_type = String)]
        action,
        /// Where the agent is reached; needed to log in.
        #[schema(value_type = Option<String>)]
        phone_number,
        /// One of the modes the agent may work in; the first of blended, inbound, chat, progressive, preview and manual
        /// where it is absent.
        #[schema(value_type = Option<String>)]
        mode,
        /// `Ready` or `Pause`, in any case; `Ready` where it is absent.
        #[schema(value_type = Option<String>)]
        state,
    }
}

// Wire (documented, "Generate Token": no `status` here).
/// A new token. It is shown this once, and all earlier ones of the account are dead.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    pub(crate) token: String,
    /// Always empty.
    pub(crate) message: &'static str,
}

muster_http::debug_without_fields!(Token);

// Wire (documented, "Change Agent State": this goes as JSON in a text).
/// What the telephony's own protocol says of a change of state.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StateChanged<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) utid: String,
    pub(crate) resp: String,
    pub(crate) agent_status: &'static str,
    pub(crate) agent_id: &'a str,
    pub(crate) user: &'a str,
}
