//! What callers send about conversations. Unknown keys are ignored.

use muster_core::agent::Attributes;
use muster_http::patch::Patch;
use serde::Deserialize;
use utoipa::ToSchema;

use super::agent_request::Reference;

/// A conversation to be started in somebody's name.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"inbox_id": 1, "contact_email": "pat@example.com", "first_name": "Pat", "content": "<p>Hello</p>", "initiator": "contact"}))]
pub(crate) struct ConversationRequest {
    #[schema(required, value_type = i64)]
    pub(crate) inbox_id: Option<i64>,
    /// A known contact of this address is taken as it is.
    #[schema(required, value_type = String, format = Email)]
    pub(crate) contact_email: Option<String>,
    #[schema(required, value_type = String)]
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) subject: Option<String>,
    /// HTML.
    #[schema(required, value_type = String)]
    pub(crate) content: Option<String>,
    /// `contact`: the content is the contact's message, which chat inboxes take (this desk's extension).
    /// `agent` is for mail.
    #[schema(required, value_type = String)]
    pub(crate) initiator: Option<String>,
    pub(crate) agent_id: Option<i64>,
    /// Set before the agent.
    pub(crate) team_id: Option<i64>,
    /// Keys that aren't defined are dropped.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub(crate) custom_attributes: Option<Attributes>,
    /// Ids of files that the caller uploaded and that were not sent yet, at most 100.
    pub(crate) attachments: Option<Vec<i64>>,
    pub(crate) muster: Option<ConversationExtensionRequest>,
}

/// What Libredesk's conversations don't have.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct ConversationExtensionRequest {
    /// An agent has to have all of them to be given the conversation.
    pub(crate) required_skills: Option<Vec<SkillDemand>>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SkillDemand {
    /// Its name or id.
    pub(crate) skill: Reference,
    /// 1 to 100; 1 when absent.
    pub(crate) level: Option<u8>,
}

/// Who is given a conversation.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"assignee_id": 2}))]
pub(crate) struct AssigneeRequest {
    #[schema(required, value_type = i64)]
    pub(crate) assignee_id: Option<i64>,
    /// Who has it now, null or 0 for nobody (this desk's extension): refused with 409 if that is no
    /// longer so. Looked at for agents only.
    #[serde(default)]
    pub(crate) expected_assignee_id: Patch<i64>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"priority": "High"}))]
pub(crate) struct PriorityRequest {
    /// A name, in any case.
    #[schema(required, value_type = String)]
    pub(crate) priority: Option<String>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"status": "Open"}))]
pub(crate) struct StatusRequest {
    /// A name.
    #[schema(required, value_type = String)]
    pub(crate) status: Option<String>,
    /// How long, such as `90m` or `2h30m`; needed for `Snoozed`.
    pub(crate) snoozed_until: Option<String>,
}
