//! The body of "Update Agents of Department".
//!
//! Its handler looks at the parameters itself, in two steps with the department's look-up between
//! them, so the texts are those of handlers.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::department_request::{DepartmentAgentRequest, Whole};
use crate::error::{Failure, Result};
use crate::validate::whole;

/// What is sent, for the OpenAPI document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what Lists reads")]
pub(crate) struct DepartmentAgentsBody {
    /// The object that contains the agent details.
    upsert: Vec<UpsertedAgent>,
    /// The agents to take out. This happens before any is added.
    remove: Vec<RemovedAgent>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what Lists reads")]
pub(crate) struct UpsertedAgent {
    /// The agent ID.
    agent_id: String,
    /// The user name of the agent. Not looked at: the one of the agent's account holds.
    username: Option<String>,
    /// 0 when absent.
    count: Option<i32>,
    /// 0 when absent.
    order: Option<i32>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what Lists reads")]
pub(crate) struct RemovedAgent {
    /// The agent ID.
    agent_id: String,
    username: Option<String>,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Elements {
    pub(crate) upsert: Vec<DepartmentAgentRequest>,
    /// Ids of agents.
    pub(crate) remove: Vec<String>,
}

/// Both lists, their elements not yet looked at.
#[derive(Debug)]
pub(crate) struct Lists {
    upsert: Vec<Value>,
    remove: Vec<Value>,
}

impl Lists {
    /// # Errors
    /// 400 unless both lists are there. Further keys are as good as absent.
    pub(crate) fn read(mut fields: Map<String, Value>) -> Result<Self> {
        Ok(Self { upsert: list(&mut fields, "upsert")?, remove: list(&mut fields, "remove")? })
    }

    /// # Errors
    /// 400 for the first element that is not what it should be.
    pub(crate) fn elements(&self) -> Result<Elements> {
        let upsert = self.upsert.iter().enumerate().map(|(at, element)| read(element, &format!("upsert[{at}]")));
        let upsert = upsert.collect::<Result<Vec<_>>>()?;
        let remove = self.remove.iter().enumerate().map(|(at, element)| read(element, &format!("remove[{at}]")));
        let remove = remove.map(|agent| agent.map(|agent| agent.agent_id));
        Ok(Elements { upsert, remove: remove.collect::<Result<_>>()? })
    }
}

// Wire (documented): the texts for what is missing. Wire (inferred): those for wrong types.
fn list(fields: &mut Map<String, Value>, name: &str) -> Result<Vec<Value>> {
    match fields.remove(name) {
        None => Err(Failure::mismatch(&format!("Missing key '{name}'"))),
        Some(Value::Array(elements)) => Ok(elements),
        Some(_) => Err(Failure::mismatch(&format!("Expected Array in field {name}"))),
    }
}

// Wire (documented, "Update Agents of Department"): `username` is required there. Wire (observed):
// it may be absent, and the record's is used whatever is sent.
fn read(element: &Value, place: &str) -> Result<DepartmentAgentRequest> {
    let expected = |what: &str, got: &Value, place: &str| {
        Failure::mismatch(&format!("Expected {what}, got {} in field {place}", kind(got)))
    };
    let fields = element.as_object().ok_or_else(|| expected("object", element, place))?;
    let missing = || Failure::mismatch(&format!("Missing key 'agentId' in field {place}"));
    let agent_id = fields.get("agentId").ok_or_else(missing)?;
    let text = agent_id.as_str().ok_or_else(|| expected("string", agent_id, &format!("{place}.agentId")))?;
    if let Some(username) = fields.get("username").filter(|username| !username.is_string() && !username.is_null()) {
        return Err(expected("string", username, &format!("{place}.username")));
    }
    let number = |name| number(fields, name, place);
    Ok(DepartmentAgentRequest { agent_id: text.to_owned(), count: number("count")?, order: number("order")? })
}

fn number(fields: &Map<String, Value>, name: &str, place: &str) -> Result<Option<Whole>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => whole(value).map(|number| Some(Whole(number))).ok_or_else(|| {
            Failure::mismatch(&format!("Expected Integer, got {} in field {place}.{name}", kind(value)))
        }),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
