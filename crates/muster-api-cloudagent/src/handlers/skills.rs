//! Skills.

use axum::extract::State;
use muster_app::skills::NewSkill;
use muster_core::id::AgentId;
use muster_core::skill::NAME_MAX;
use muster_core::{Entity, Error, text};
use serde_json::Value;

use super::agents::find_all;
use crate::auth::Call;
use crate::envelope::{Changed, CredentialRefusal, Faults, Refusal, Reply, SkillRefusal};
use crate::error::{Failure, Result};
use crate::extract::Body;
use crate::wire::sent::{Priority, Sent};
use crate::wire::skill_request::CreateSkill;
use crate::wire::skills::{ITEMS_MAX, PRIORITY_RANGE};
use crate::{Api, Settings};

// Wire (documented).
const RECORDS: [&str; 3] = ["Record the call in Full", "Record only the Conversation", "Do not record calls"];

/// Creates a skill and gives it to agents.
#[utoipa::path(
    post,
    path = "/ca_apis/skill",
    tag = "skills",
    request_body = CreateSkill,
    responses(
        (status = 200, description = "Created", body = Changed),
        (status = 400, description = "The body can't be read, or fields can't be accepted", body = SkillRefusal),
        (status = 401, description = "No or a wrong key, token or account", body = CredentialRefusal),
        (status = 429, description = "More than 10 calls in a minute", body = Refusal)
    )
)]
pub(crate) async fn create(
    State(api): State<Api>,
    call: Call,
    Body(request): Body<CreateSkill>,
) -> Result<Reply<Changed>> {
    let mut faults = Faults::default();
    check(&request, &api.settings, &mut faults);
    let holders = holders(&api, &call, request.agents.as_ref(), &mut faults).await?;
    if !faults.is_empty() {
        return Err(Failure::faulty_message_first(faults));
    }
    let text = |sent: &Sent<String>| sent.filled().unwrap_or_default().to_owned();
    let new = NewSkill {
        name: text(&request.skill_name),
        description: text(&request.skill_detail1),
        holders,
        ..NewSkill::default()
    };
    match api.app.create_skill(&call.caller, new).await {
        Ok(_) => Ok(Reply(Changed::new("Skill Created Successfully"))),
        // Wire (chosen): the text.
        Err(Error::Conflict(Entity::Skill)) => Err(fault("skillName", "skillName already exists")),
        Err(Error::NotFound(Entity::Agent)) => Err(fault("agents", "agentId not found")),
        Err(Error::Invalid { field: "description", .. }) => Err(fault("skillDetail1", "skillDetail1 is too long")),
        Err(error) => Err(error.into()),
    }
}

fn fault(field: &str, why: &'static str) -> Failure {
    let mut faults = Faults::default();
    faults.add(field, why);
    Failure::faulty_message_first(faults)
}

// Wire (documented: the texts; chosen: those for values that are too long).
fn check(request: &CreateSkill, settings: &Settings, faults: &mut Faults) {
    match request.skill_name.filled() {
        None => faults.add("skillName", "skillName is required"),
        Some(name) if name.chars().count() < 3 => {
            faults.add("skillName", "skillName must be at least 3 characters long");
        }
        Some(name) if name.chars().count() > NAME_MAX => faults.add("skillName", "skillName is too long"),
        Some(_) => {}
    }
    if !request.skill_detail1.is_absent() && request.skill_detail1.filled().is_none_or(|text| text.chars().count() < 3)
    {
        faults.add("skillDetail1", "skillDetail1 must be greater than 2 characters long");
    }
    match request.skill_location.filled() {
        None => faults.add("skillLocation", "skillLocation is required"),
        Some(location) if !settings.is_location(location) => faults.add("skillLocation", "skillLocation not found"),
        Some(_) => {}
    }
    match request.record.filled() {
        None => faults.add("record", "record is required"),
        Some(word) if RECORDS.contains(&word) => {}
        Some(_) => faults.add(
            "record",
            "record must be Record the call in Full, Record only the Conversation or Do not record calls",
        ),
    }
    check_numbers(request.phone_numbers.as_ref(), faults);
}

// Wire (documented: the text of one that doesn't exist). No number does here.
fn check_numbers(sent: Option<&Value>, faults: &mut Faults) {
    match sent {
        None => {}
        Some(Value::Array(numbers)) if numbers.len() <= ITEMS_MAX => {
            for number in 0..numbers.len() {
                faults.add(format!("phoneNumbers[{number}]"), "phoneNumber not found");
            }
        }
        Some(_) => faults.add("phoneNumbers", format!("phoneNumbers must be an array of at most {ITEMS_MAX}")),
    }
}

/// The agents who get the skill, with their levels.
async fn holders(api: &Api, call: &Call, sent: Option<&Value>, faults: &mut Faults) -> Result<Vec<(AgentId, u8)>> {
    let agents = match sent {
        None => {
            faults.add("agents", "agents is required");
            return Ok(Vec::new());
        }
        Some(Value::Array(agents)) if agents.len() <= ITEMS_MAX => agents,
        Some(_) => {
            faults.add("agents", format!("agents must be an array of at most {ITEMS_MAX}"));
            return Ok(Vec::new());
        }
    };
    let asked: Vec<_> = agents.iter().map(|entry| Sent::<String>::of(entry.get("agentId"))).collect();
    let logins: Vec<String> = asked.iter().filter_map(Sent::filled).map(ToOwned::to_owned).collect();
    let known = find_all(api, call, &logins).await?;
    let mut holders = Vec::new();
    for (number, (entry, id)) in agents.iter().zip(&asked).enumerate() {
        let level = match Sent::<Priority>::of(entry.get("priority")) {
            Sent::Given(priority) => priority.level(),
            Sent::Absent => Priority::FIRST.level(),
            Sent::Null | Sent::Wrong => {
                faults.add(format!("agents[{number}].priority"), PRIORITY_RANGE);
                continue;
            }
        };
        match id.filled().and_then(|login| known.get(&text::key(login))) {
            Some(agent) => holders.push((*agent, level)),
            None => faults.add(format!("agents[{number}].agentId"), "agentId not found"),
        }
    }
    Ok(holders)
}
