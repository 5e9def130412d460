//! From the wire's words to what the use cases take.

use std::collections::BTreeSet;

use muster_app::App;
use muster_app::agents::{AgentExtension, AgentPatch, MembershipPatch, NewAgent};
use muster_core::agent::{Attributes, MembershipRole};
use muster_core::attribute::{self, Definition, Scope, ValueKind};
use muster_core::id::TeamId;
use muster_core::role::{AGENT_KEY, ANALYST_KEY};
use muster_core::text;
use serde_json::Value;

use crate::Api;
use crate::auth::Client;
use crate::error::{Failure, Result, own_code};
use crate::handlers::teams;
use crate::wire::Status;
use crate::wire::user_request::{CreateUser, Privilege, UpdateUser};

/// Longest first and last name that this wire takes, in characters; longer ones are shown as they are.
const NAME_MAX: usize = 100;
const JOB_MAX: usize = 255;
const LOGIN_MIN: usize = 3;
const LOGIN_MAX: usize = 100;

/// A change that was asked for.
pub(super) struct Change {
    patch: AgentPatch,
    /// What is wrong with the business or the location: told only of users who exist.
    refused: Option<Failure>,
}

impl Change {
    pub(super) fn accepted(self) -> Result<AgentPatch> {
        match self.refused {
            Some(failure) => Err(failure),
            None => Ok(self.patch),
        }
    }
}

/// What the body of an update asks for.
///
/// # Errors
/// 3115 for whatever is wrong with it but the business and the location.
pub(super) async fn change(app: &App, request: UpdateUser) -> Result<Change> {
    if request == UpdateUser::default() {
        return Err(Failure::invalid("there is nothing to change"));
    }
    let values = Values::check(app, request.custom_attributes, request.skill_attributes).await?;
    let job = request.job_description.into_change().map(Option::unwrap_or_default);
    let patch = AgentPatch {
        first_name: request.first_name.map(|name| text::bounded("first_name", &name, 1, NAME_MAX)).transpose()?,
        last_name: request.last_name.map(|name| text::bounded("last_name", &name, 0, NAME_MAX)).transpose()?,
        enabled: request.status.map(|status| status == Status::Active),
        extension: AgentExtension {
            job_description: job.map(|job| text::bounded("job_description", &job, 0, JOB_MAX)).transpose()?,
            login_using_email: request.login_using_email,
            attributes: values.custom,
            skill_attributes: values.skill,
            ..AgentExtension::default()
        },
        ..AgentPatch::default()
    };
    Ok(Change { patch, refused: values.refused })
}

/// The agent that the body of a creation asks for.
pub(super) async fn new_agent(api: &Api, client: &Client, request: CreateUser) -> Result<NewAgent> {
    let teams = teams_of(api, client, &request.privileges).await?;
    let values = Values::check(&api.app, request.custom_attributes, request.skill_attributes).await?;
    let is_analyst = |privilege: &Privilege| MembershipRole::from(privilege.role) == MembershipRole::Analyst;
    let role = if request.privileges.iter().all(is_analyst) { ANALYST_KEY } else { AGENT_KEY };
    let job = request.job_description.into_value().unwrap_or_default();
    let new = NewAgent {
        login: Some(login(&request.login_id)?),
        email: request.email_id,
        first_name: text::bounded("first_name", &request.first_name, 1, NAME_MAX)?,
        last_name: text::bounded("last_name", request.last_name.as_deref().unwrap_or_default(), 0, NAME_MAX)?,
        roles: vec![api.app.role_by_key(role).await?.id],
        teams,
        enabled: true,
        password: Some(request.password),
        extension: AgentExtension {
            job_description: Some(text::bounded("job_description", &job, 0, JOB_MAX)?),
            login_using_email: request.login_using_email,
            attributes: values.custom,
            skill_attributes: values.skill,
            memberships: Some(request.privileges.iter().map(membership).collect()),
            ..AgentExtension::default()
        },
        ..NewAgent::default()
    };
    values.refused.map_or(Ok(new), Err)
}

// Wire (chosen): at least three characters. Which ones: the desk's rule for logins.
fn login(text: &str) -> Result<String> {
    let login = text::bounded("login", text, 1, LOGIN_MAX)?;
    if login.chars().count() < LOGIN_MIN {
        return Err(Failure::invalid("login_id is shorter than 3 characters"));
    }
    Ok(login)
}

/// The teams of the privileges: at least one, each once, all of them shared with the key.
async fn teams_of(api: &Api, client: &Client, privileges: &[Privilege]) -> Result<Vec<TeamId>> {
    let asked: BTreeSet<TeamId> = privileges.iter().map(|privilege| TeamId(privilege.teamid)).collect();
    if asked.is_empty() {
        return Err(Failure::invalid("privileges is empty"));
    }
    if asked.len() < privileges.len() {
        return Err(Failure::invalid("privileges name a team twice"));
    }
    let shared: BTreeSet<TeamId> = teams::shared(api, client).await?.iter().map(|team| team.id).collect();
    if !asked.is_subset(&shared) {
        return Err(Failure::invalid("privileges name a team that the key is not shared with"));
    }
    Ok(asked.into_iter().collect())
}

fn membership(privilege: &Privilege) -> MembershipPatch {
    MembershipPatch { team: TeamId(privilege.teamid), role: Some(privilege.role.into()), capacity: None, order: None }
}

/// Attribute values as they were sent, checked against what the desk defines.
struct Values {
    custom: Attributes,
    skill: Attributes,
    refused: Option<Failure>,
}

impl Values {
    async fn check(app: &App, custom: Option<Attributes>, skill: Option<Attributes>) -> Result<Self> {
        let (custom, skill) = (custom.unwrap_or_default(), skill.unwrap_or_default());
        let defined = definitions(app, Scope::AgentCustom, &custom).await?;
        let custom: Attributes = custom.into_iter().map(|(key, value)| meant(key, value, &defined)).collect();
        let (own, others): (Attributes, Attributes) =
            custom.clone().into_iter().partition(|(key, _)| own_code(key).is_some());
        attribute::check("attributes", &others, &defined)?;
        let skills = definitions(app, Scope::AgentSkill, &skill).await?;
        attribute::check("skill_attributes", &skill, &skills)?;
        Ok(Self { refused: first_refused(&own, &defined), custom, skill })
    }
}

/// What the desk defines, as far as there are values to be checked against it.
async fn definitions(app: &App, scope: Scope, values: &Attributes) -> Result<Vec<Definition>> {
    if values.is_empty() { Ok(Vec::new()) } else { Ok(app.attribute_definitions(scope).await?) }
}

/// What is wrong with the business, else with the location.
fn first_refused(own: &Attributes, defined: &[Definition]) -> Option<Failure> {
    let mut own: Vec<_> = own.iter().collect();
    own.sort_by_key(|(key, _)| text::key(key));
    own.into_iter().find_map(|(key, value)| {
        let one = Attributes::from([(key.clone(), value.clone())]);
        attribute::check("attributes", &one, defined).err().map(Failure::from)
    })
}

// Wire (chosen): the empty text clears, and an entry of a list may be written in any case.
fn meant(key: String, value: Value, defined: &[Definition]) -> (String, Value) {
    let Value::String(written) = &value else { return (key, value) };
    if written.is_empty() {
        return (key, Value::Null);
    }
    let definition = attribute::find(&key, defined).filter(|definition| definition.kind == ValueKind::List);
    let entry = text::key(written);
    let spelled = definition.and_then(|list| list.options.iter().find(|option| text::key(option) == entry));
    match spelled {
        Some(option) => (key, Value::String(option.clone())),
        None => (key, value),
    }
}
