//! The agent's own fields: checked, compared with what they were, and told.

use muster_core::agent::{Agent, Attributes, NAME_MAX, Profile};
use muster_core::attribute::{self, Scope};
use muster_core::event::Event;
use muster_core::{Error, Result, Why, text};
use muster_store::attributes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::input::AgentExtension;
use super::parts::Effect;
use crate::{Work, skills};

const PHONE_MAX: usize = 20;
const JOB_MAX: usize = 255;
const TEXT_MAX: usize = 100;

/// What a write changed, by field: names for the event, values for the audit log.
#[derive(Debug, Default)]
pub(super) struct Changes {
    fields: Vec<String>,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

impl Changes {
    /// Puts a value in its place, and notes it if it is another one.
    pub(super) fn set<T: PartialEq + Serialize>(&mut self, name: &'static str, place: &mut T, value: T) {
        if *place != value {
            self.fields.push(name.to_owned());
            self.before.insert(name.to_owned(), json!(place));
            self.after.insert(name.to_owned(), json!(value));
            *place = value;
        }
    }

    fn set_if<T: PartialEq + Serialize>(&mut self, name: &'static str, place: &mut T, value: Option<T>) {
        if let Some(value) = value {
            self.set(name, place, value);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Records the update, if there was one.
    pub(super) fn record(self, work: &mut Work<'_>, agent: &Agent) {
        if !self.is_empty() {
            let event = Event::AgentUpdated { agent: agent.id, fields: self.fields };
            work.record_change(event, Value::Object(self.before), Value::Object(self.after));
        }
    }
}

/// A checked first name.
pub(crate) fn first_name(text: &str) -> Result<String> {
    text::bounded("first_name", text, 1, NAME_MAX)
}

/// A checked last name, which may be empty.
pub(crate) fn last_name(text: &str) -> Result<String> {
    text::bounded("last_name", text, 0, NAME_MAX)
}

/// Applies the fields that have no event of their own.
pub(super) fn apply(agent: &mut Agent, given: &AgentExtension, changes: &mut Changes) -> Result<()> {
    let phone = &mut agent.phone;
    changes.set_if("phone_country", &mut phone.country, country("phone_country", &given.phone_country)?);
    changes.set_if("phone_calling_code", &mut phone.calling_code, calling_code(&given.phone_calling_code)?);
    changes.set_if("phone_number", &mut phone.number, optional("phone_number", &given.phone_number, PHONE_MAX)?);
    changes.set_if("country", &mut agent.country, optional("country", &given.country, TEXT_MAX)?);
    let job = given.job_description.as_deref().map(|text| text::bounded("job_description", text, 0, JOB_MAX));
    changes.set_if("job_description", &mut agent.job_description, job.transpose()?);
    changes.set_if("login_using_email", &mut agent.login_using_email, given.login_using_email);
    if given.rank.is_some_and(|rank| !(1..=100).contains(&rank)) {
        return Err(Error::invalid("rank", Why::OutOfRange));
    }
    changes.set_if("rank", &mut agent.rank, given.rank);
    changes.set_if("auto_answer", &mut agent.auto_answer, given.auto_answer);
    if given.call_controls.as_ref().is_some_and(|controls| !controls.is_object()) {
        return Err(Error::invalid("call_controls", Why::Malformed));
    }
    changes.set_if("call_controls", &mut agent.call_controls, given.call_controls.clone());
    changes.set_if("sip_location", &mut agent.sip_location, optional("sip_location", &given.sip_location, TEXT_MAX)?);
    changes.set_if("screen_recording", &mut agent.screen_recording, given.screen_recording);
    changes.set_if("agent_data", &mut agent.agent_data, optional("agent_data", &given.agent_data, TEXT_MAX)?);
    Ok(())
}

/// Keeps the definitions as they are while values are written. Comes right after the agent's lock.
pub(super) async fn hold_definitions(work: &mut Work<'_>, given: &AgentExtension) -> Result<()> {
    if given.attributes.is_empty() && given.skill_attributes.is_empty() {
        return Ok(());
    }
    attributes::hold_definitions(work.tx).await
}

/// Applies attribute values, and the skills that follow from them. The definitions are held.
pub(super) async fn apply_attributes(
    work: &mut Work<'_>,
    profile: &mut Profile,
    given: &AgentExtension,
) -> Result<Effect> {
    let agent = &mut profile.agent;
    let custom = merge(work, Scope::AgentCustom, "attributes", &agent.attributes, &given.attributes).await?;
    let skill =
        merge(work, Scope::AgentSkill, "skill_attributes", &agent.skill_attributes, &given.skill_attributes).await?;
    let decides_skills = skill != agent.skill_attributes;
    let mut changes = Changes::default();
    changes.set("attributes", &mut agent.attributes, custom);
    changes.set("skill_attributes", &mut agent.skill_attributes, skill);
    if changes.is_empty() {
        return Ok(Effect::default());
    }
    let keys = given.attributes.keys().chain(given.skill_attributes.keys()).cloned().collect();
    let event = Event::AgentAttributesChanged { agent: agent.id, keys };
    work.record_change(event, Value::Object(changes.before), Value::Object(changes.after));
    let mut effect = Effect::CHANGED;
    if decides_skills {
        effect |= skills::derive(work, profile).await?;
    }
    Ok(effect)
}

async fn merge(
    work: &mut Work<'_>,
    scope: Scope,
    field: &'static str,
    values: &Attributes,
    given: &Attributes,
) -> Result<Attributes> {
    if given.is_empty() {
        return Ok(values.clone());
    }
    let definitions = attributes::definitions(work.tx, scope).await?;
    attribute::merge(field, values, given, &definitions)
}

/// A text that may be emptied. Blank is empty.
pub(crate) fn optional(
    field: &'static str,
    given: &Option<Option<String>>,
    max: usize,
) -> Result<Option<Option<String>>> {
    let Some(given) = given else { return Ok(None) };
    let text = text::bounded(field, given.as_deref().unwrap_or_default(), 0, max)?;
    Ok(Some(Some(text).filter(|text| !text.is_empty())))
}

pub(crate) fn country(field: &'static str, given: &Option<Option<String>>) -> Result<Option<Option<String>>> {
    let code = optional(field, given, TEXT_MAX)?.map(|code| code.map(|code| code.to_ascii_uppercase()));
    match code.as_ref().and_then(Option::as_ref) {
        Some(code) if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Err(Error::invalid(field, Why::Malformed))
        }
        _ => Ok(code),
    }
}

fn calling_code(given: &Option<Option<String>>) -> Result<Option<Option<String>>> {
    let field = "phone_calling_code";
    let code = optional(field, given, PHONE_MAX)?;
    let is_code = |code: &String| {
        let digits = code.strip_prefix('+').unwrap_or_default();
        (1..=7).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    match code.as_ref().and_then(Option::as_ref) {
        Some(code) if !is_code(code) => Err(Error::invalid(field, Why::Malformed)),
        _ => Ok(code),
    }
}
