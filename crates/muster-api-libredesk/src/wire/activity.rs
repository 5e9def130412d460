//! The activity log.

use muster_core::activity::ActivityEntry;
use muster_core::actor::{ActorRef, Via};
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::{Entity, text};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::Time;

/// Something that was done to an account, a right, the configuration or a contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActivityLog {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    /// `agent_login`, `agent_logout`, `agent_password_set`, `agent_role_permissions_changed`, or the name of an event of
    /// this desk, such as `team.created`.
    pub(crate) activity_type: &'static str,
    /// In plain words.
    pub(crate) activity_description: String,
    /// The agent, or the contact, who did it; null for programs, commands and the desk itself.
    #[schema(required)]
    pub(crate) actor_id: Option<i64>,
    /// What kind of thing it was done to.
    pub(crate) target_model_type: &'static str,
    pub(crate) target_model_id: i64,
    #[schema(required)]
    pub(crate) ip: Option<String>,
    pub(crate) muster: ActivityExtension,
}

/// What this desk knows of an entry beyond the product's own fields.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActivityExtension {
    /// `agent:2`, `contact:7`, `integration:1`, `operator` or `system`.
    pub(crate) actor: String,
    #[schema(value_type = ActivityVia)]
    pub(crate) via: Via,
    /// A name for the credential that was used.
    #[schema(required)]
    pub(crate) credential: Option<String>,
    /// The values that changed, as they were; null where there were none.
    #[schema(required, value_type = Option<BTreeMap<String, Value>>)]
    pub(crate) before: Option<Map<String, Value>>,
    /// As they became.
    #[schema(required, value_type = Option<BTreeMap<String, Value>>)]
    pub(crate) after: Option<Map<String, Value>>,
}

/// The door it came in by.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes how Via is written")]
pub(crate) enum ActivityVia {
    Api,
    Widget,
    Cli,
    System,
}

/// What the log is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct ActivityParams {
    /// From 1.
    page: Option<u32>,
    /// 1 to 500; 30 when absent.
    page_size: Option<u32>,
    /// `asc` or `desc`; `desc` when absent.
    order: Option<String>,
    /// `activity_logs.activity_type`, `.actor_id`, `.ip` or `.created_at`; the last when absent.
    order_by: Option<String>,
    /// A JSON list of tests on the same fields, all of which must hold, or one group of them.
    filters: Option<String>,
}

impl From<&ActivityEntry> for ActivityLog {
    fn from(entry: &ActivityEntry) -> Self {
        let (entity, target) = entry.target;
        Self {
            id: entry.id,
            created_at: Time(entry.at),
            updated_at: Time(entry.at),
            activity_type: activity_type(&entry.action),
            activity_description: describe(entry),
            actor_id: match entry.actor {
                ActorRef::Agent(id) => Some(id.0),
                ActorRef::Contact(id) => Some(id.0),
                ActorRef::System if own_doing(entry).is_some() => Some(target),
                ActorRef::Integration(_) | ActorRef::Operator | ActorRef::System => None,
            },
            target_model_type: entity.as_str(),
            target_model_id: target,
            ip: entry.ip.clone(),
            muster: ActivityExtension {
                actor: entry.actor.to_string(),
                via: entry.via,
                credential: entry.credential.clone(),
                before: values(entry.before.as_ref()),
                after: values(entry.after.as_ref()),
            },
        }
    }
}

fn values(stored: Option<&Value>) -> Option<Map<String, Value>> {
    stored.and_then(Value::as_object).cloned()
}

/// Wire (documented): the product's words for what it has a word for; else the event's name.
pub(crate) fn activity_type(action: &str) -> &'static str {
    match action {
        "sign_in.succeeded" => "agent_login",
        "sign_in.ended" => "agent_logout",
        "password.set" => "agent_password_set",
        "role.updated" => "agent_role_permissions_changed",
        other => Event::KINDS.iter().map(|(name, _)| *name).find(|name| *name == other).unwrap_or("unknown"),
    }
}

/// What an agent has done to the own account by signing in or out. The desk itself stands for the actor where the agent
/// isn't known yet, or no more.
fn own_doing(entry: &ActivityEntry) -> Option<&'static str> {
    let is_own = entry.actor == ActorRef::System || entry.actor == ActorRef::Agent(AgentId(entry.target.1));
    match entry.action.as_str() {
        "sign_in.succeeded" if is_own => Some("signed in"),
        "sign_in.ended" if is_own => Some("signed out"),
        _ => None,
    }
}

/// A sentence: who, what, to whom.
fn describe(entry: &ActivityEntry) -> String {
    if let Some(doing) = own_doing(entry) {
        let who = entry.target_name.clone().unwrap_or_else(|| format!("Agent {}", entry.target.1));
        return format!("{who} {doing}");
    }
    let who = match (&entry.actor_name, entry.actor) {
        (Some(name), _) => name.clone(),
        (None, ActorRef::Agent(id)) => format!("Agent {id}"),
        (None, ActorRef::Contact(id)) => format!("Contact {id}"),
        (None, ActorRef::Integration(id)) => format!("Integration {id}"),
        (None, ActorRef::Operator) => "The operator".to_owned(),
        (None, ActorRef::System) => "The desk".to_owned(),
    };
    let target = target(entry);
    match phrase(&entry.action) {
        Some(phrase) => format!("{who} {}", phrase.replace("{}", &target)),
        None => format!("{who}: {} of {target}", entry.action),
    }
}

/// What it was done to, by its name as far as that is known.
fn target(entry: &ActivityEntry) -> String {
    let (entity, id) = entry.target;
    if entity == Entity::Desk {
        return "the desk".to_owned();
    }
    let name = |values: &Option<Value>| {
        let values = values.as_ref()?;
        let first = values["first_name"]
            .as_str()
            .map(|first| text::joined_name(first, values["last_name"].as_str().unwrap_or_default()));
        values["name"].as_str().map(str::to_owned).or(first)
    };
    let named = entry.target_name.clone().or_else(|| name(&entry.after)).or_else(|| name(&entry.before));
    let kind = match entity {
        Entity::BusinessHours => "business hours",
        Entity::Attribute => "custom attribute",
        other => other.as_str(),
    };
    match named.filter(|name| !name.is_empty()) {
        Some(name) => format!("{kind} {name} (#{id})"),
        None => format!("{kind} #{id}"),
    }
}

/// What was done, with `{}` in the place of what it was done to.
fn phrase(action: &str) -> Option<&'static str> {
    Some(match action {
        "agent.disabled" => "disabled {}",
        "agent.enabled" => "enabled {}",
        "agent.locked" => "locked {}",
        "agent.unlocked" => "unlocked {}",
        "agent.serving_changed" => "changed whether {} takes customer work",
        "agent.roles_changed" => "changed the roles of {}",
        "agent.channels_changed" => "changed the channels of {}",
        "agent.capacity_changed" => "changed the capacity of {}",
        "agent.skills_changed" => "changed the skills of {}",
        "agent.attributes_changed" => "changed the attributes of {}",
        "membership.added" => "added {} to a team",
        "membership.changed" => "changed the membership of {} in a team",
        "membership.removed" => "took {} out of a team",
        "credentials.revoked" => "ended the sign-ins of {}",
        "password.set" => "set the password of {}",
        "second_factor.enabled" => "turned the second factor of {} on",
        "second_factor.disabled" => "turned the second factor of {} off",
        "recovery_codes.replaced" => "replaced the recovery codes of {}",
        "recovery_code.used" => "used a recovery code of {}",
        "api_key.created" => "made an API key for {}",
        "api_key.revoked" => "revoked an API key of {}",
        "link.created" => "made a one-time link for {}",
        "sign_in.succeeded" => "signed in as {}",
        "sign_in.failed" => "failed to sign in as {}",
        "sign_in.ended" => "signed {} out",
        "integration.revoked" => "revoked {}",
        "contact.blocked" => "blocked {}",
        "contact.unblocked" => "unblocked {}",
        "contact.merged" => "merged {} into another contact",
        "contact.erased" => "erased {}",
        "job.retried" => "retried {}",
        "settings.changed" => "changed the settings of {}",
        _ => return common_phrase(action),
    })
}

/// What is done to things of every kind.
fn common_phrase(action: &str) -> Option<&'static str> {
    Some(match action.rsplit_once('.')?.1 {
        "created" => "created {}",
        "updated" => "changed {}",
        "deleted" => "deleted {}",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use muster_core::Timestamp;
    use muster_core::id::{ContactId, IntegrationId};
    use serde_json::json;

    use super::*;

    /// Events that the audit log leaves out, though others of their kind are in it.
    const LEFT_OUT: [&str; 6] = [
        "presence.changed",
        "contact.created",
        "contact.updated",
        "contact.noted",
        "contact.note_deleted",
        "mail.wanted",
    ];

    fn is_audited(name: &str, entity: Entity) -> bool {
        let quiet = [Entity::Message, Entity::Media, Entity::Note, Entity::Draft, Entity::Notification, Entity::Survey];
        let is_about_work = quiet.contains(&entity) || entity == Entity::Conversation && name != "conversation.deleted";
        !is_about_work && !LEFT_OUT.contains(&name)
    }

    fn entry(actor: ActorRef, action: &str, target: (Entity, i64)) -> ActivityEntry {
        ActivityEntry {
            id: 1,
            at: Timestamp::from_millis(0),
            actor,
            actor_name: None,
            via: Via::Api,
            ip: None,
            credential: None,
            action: action.to_owned(),
            target,
            target_name: None,
            before: None,
            after: None,
        }
    }

    #[test]
    fn every_audited_event_has_a_type_and_is_described() {
        let mut audited = 0;
        for (name, entity) in Event::KINDS.iter().filter(|(name, entity)| is_audited(name, *entity)) {
            let phrase = phrase(name).unwrap_or_else(|| panic!("{name} is not described"));
            assert_eq!(phrase.matches("{}").count(), 1, "{name}");
            assert_ne!(activity_type(name), "unknown", "{name}");
            let log = ActivityLog::from(&entry(ActorRef::Operator, name, (*entity, 7)));
            assert!(log.activity_description.starts_with("The operator "), "{}", log.activity_description);
            audited += 1;
        }
        assert!(audited > 60, "{audited}");
    }

    #[test]
    fn a_description_names_who_and_whom_as_far_as_they_are_known() {
        let described = |entry: &ActivityEntry| describe(entry);
        let blocked = entry(ActorRef::Agent(AgentId(2)), "contact.blocked", (Entity::Contact, 7));
        assert_eq!(described(&blocked), "Agent 2 blocked contact #7");
        let named = ActivityEntry { actor_name: Some("Ada".to_owned()), ..blocked };
        assert_eq!(described(&named), "Ada blocked contact #7");
        let made = entry(ActorRef::Integration(IntegrationId(1)), "team.created", (Entity::Team, 3));
        let made = ActivityEntry { after: Some(json!({"name": "Support"})), before: Some(json!(null)), ..made };
        assert_eq!(described(&made), "Integration 1 created team Support (#3)");
        let gone = entry(ActorRef::System, "business_hours.deleted", (Entity::BusinessHours, 4));
        let gone = ActivityEntry { before: Some(json!({"name": "Nights"})), ..gone };
        assert_eq!(described(&gone), "The desk deleted business hours Nights (#4)");
        let failed = entry(ActorRef::Contact(ContactId(9)), "sign_in.failed", (Entity::Agent, 2));
        let failed = ActivityEntry { target_name: Some("Kim Doe".to_owned()), ..failed };
        assert_eq!(described(&failed), "Contact 9 failed to sign in as agent Kim Doe (#2)");
        let signed = ActivityEntry { actor: ActorRef::System, action: "sign_in.succeeded".to_owned(), ..failed };
        assert_eq!(described(&signed), "Kim Doe signed in");
        assert_eq!(ActivityLog::from(&signed).actor_id, Some(2));
    }
}
