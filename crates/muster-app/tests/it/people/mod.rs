//! People: agents with their roles, teams and skills, how they sign in, and who is there.

mod agents;
mod attributes;
mod authority;
mod configuration;
mod derived_skills;
mod desk_programs;
mod integrations;
mod keys;
mod links;
mod lookups;
mod mail;
mod members;
mod modes;
mod patches;
mod presence;
mod product_passwords;
mod provisioning;
mod roles;
mod roster;
mod second_factor;
mod service;
mod setup;
mod sign_in;
mod skills;
mod statuses;
mod supervisors;
mod teams;
mod tokens;

use muster_app::agents::{AgentPatch, NewAgent};
use muster_app::attributes::AttributePatch;
use muster_app::auth::Origin;
use muster_app::conversations::{Initiator, NewConversation};
use muster_app::roles::NewRole;
use muster_app::teams::{NewTeam, TeamPatch};
use muster_core::actor::{Actor, AgentActor, Caller, Via};
use muster_core::agent::{Attributes, Profile};
use muster_core::attribute::Scope;
use muster_core::event::EventRecord;
use muster_core::id::{AgentId, InboxId, RoleId, TeamId};
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Refusal, Result};
use muster_store::outbox;
use muster_testkit::{Digest, TestDesk, TestEngine};
use uuid::Uuid;

/// Meets the desk's rule.
const PASSWORD: &str = "Correct-horse-1";

/// A desk and its only administrator.
async fn desk(engine: TestEngine) -> (TestDesk, Caller) {
    let desk = TestDesk::new(engine).await;
    desk.app.ensure_built_ins().await.unwrap();
    let admin = admin(&desk, "ada@example.org").await;
    (desk, admin)
}

async fn admin(desk: &TestDesk, email: &str) -> Caller {
    let operator = Caller::operator();
    let created = desk.app.create_admin(&operator, email, "Ada", Some(PASSWORD.to_owned())).await;
    caller(&created.unwrap().0)
}

/// Who asks, with the rights the agent has now.
fn caller(profile: &Profile) -> Caller {
    Caller {
        actor: Actor::Agent(AgentActor::from(profile)),
        via: Via::Api,
        request_id: None,
        ip: None,
        credential: Some("key:test".to_owned()),
    }
}

fn id(caller: &Caller) -> AgentId {
    caller.actor.agent().unwrap().id
}

fn origin() -> Origin {
    Origin { ip: Some("203.0.113.7".to_owned()), user_agent: None, request_id: None, via: Via::Api }
}

fn new_agent(email: &str) -> NewAgent {
    NewAgent {
        email: email.to_owned(),
        first_name: "Kim".to_owned(),
        last_name: "Lee".to_owned(),
        enabled: true,
        password: Some(PASSWORD.to_owned()),
        ..NewAgent::default()
    }
}

async fn agent(desk: &TestDesk, email: &str) -> Profile {
    desk.app.create_agent(&Caller::operator(), new_agent(email)).await.unwrap()
}

async fn agent_with_roles(desk: &TestDesk, email: &str, roles: &[RoleId]) -> Profile {
    let new = NewAgent { roles: roles.to_vec(), ..new_agent(email) };
    desk.app.create_agent(&Caller::operator(), new).await.unwrap()
}

/// An agent who may administer people and nothing else.
async fn lead(desk: &TestDesk, email: &str) -> Caller {
    let role = role(desk, "Lead", &[Permission::UsersManage]).await;
    caller(&agent_with_roles(desk, email, &[role]).await)
}

async fn role(desk: &TestDesk, name: &str, permissions: &[Permission]) -> RoleId {
    let permissions = permissions.iter().copied().collect();
    let new = NewRole { name: name.to_owned(), description: String::new(), permissions };
    desk.app.create_role(&Caller::operator(), new).await.unwrap().id
}

async fn built_in(desk: &TestDesk, key: &str) -> RoleId {
    let roles = desk.app.list_roles(&Caller::operator()).await.unwrap();
    roles.iter().find(|role| role.key.as_deref() == Some(key)).unwrap().id
}

async fn team(desk: &TestDesk, name: &str) -> TeamId {
    let new = NewTeam { name: name.to_owned(), settings: TeamPatch::default() };
    desk.app.create_team(&Caller::operator(), new).await.unwrap().id
}

async fn update(desk: &TestDesk, id: AgentId, patch: AgentPatch) -> Result<Profile> {
    desk.app.update_agent(&Caller::operator(), id, patch).await
}

async fn read(desk: &TestDesk, id: AgentId) -> Profile {
    desk.app.agent(&Caller::operator(), id).await.unwrap()
}

/// Gives a list of agents' own attributes its options.
async fn offer(desk: &TestDesk, key: &str, options: &[&str]) {
    let lists = desk.app.attribute_definitions(Scope::AgentCustom).await.unwrap();
    let list = lists.iter().find(|list| list.key == key).unwrap();
    let options = Some(options.iter().map(ToString::to_string).collect());
    let patch = AttributePatch { options, ..AttributePatch::default() };
    desk.app.update_attribute(&Caller::operator(), list.id, patch).await.unwrap();
}

async fn inbox(desk: &TestDesk) -> InboxId {
    let new = crate::conversations::chat("Website", serde_json::json!({}));
    desk.app.create_inbox(&Caller::operator(), new).await.unwrap().id
}

/// A conversation that waits.
async fn conversation(
    desk: &TestDesk,
    admin: &Caller,
    inbox: InboxId,
    change: impl FnOnce(&mut NewConversation),
) -> Uuid {
    let mut new = NewConversation {
        inbox,
        contact_email: "customer@example.com".to_owned(),
        first_name: "Customer".to_owned(),
        last_name: String::new(),
        subject: None,
        content: "Hello".to_owned(),
        initiator: Initiator::Contact,
        agent: None,
        team: None,
        priority: None,
        required_skills: Vec::new(),
        attributes: Attributes::new(),
        attachments: Vec::new(),
    };
    change(&mut new);
    desk.app.start_conversation(admin, new).await.unwrap().conversation.uuid
}

/// What stands in the tables, once all that was written has been followed.
async fn digest(desk: &TestDesk) -> Digest {
    desk.quiet().await;
    desk.digest().await
}

/// The names of all events so far.
async fn event_names(desk: &TestDesk) -> Vec<&'static str> {
    events(desk).await.iter().map(|record| record.event.name()).collect()
}

async fn events(desk: &TestDesk) -> Vec<EventRecord> {
    desk.quiet().await;
    desk.app.store().read(|tx| Box::pin(outbox::events_after(tx, 0, 10_000))).await.unwrap()
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "callers hand over what a use case returned")]
fn assert_refused<T: std::fmt::Debug>(outcome: Result<T>, refusal: Refusal) {
    match outcome {
        Err(Error::Refused(found)) if found == refusal => {}
        other => panic!("{refusal:?} was expected, not {other:?}"),
    }
}

#[track_caller]
fn assert_denied<T: std::fmt::Debug>(outcome: Result<T>, permission: Permission) {
    match outcome {
        Err(Error::Denied(found)) if found == permission => {}
        other => panic!("{permission} was to be missing, not {other:?}"),
    }
}

#[track_caller]
fn assert_conflict<T: std::fmt::Debug>(outcome: Result<T>, entity: Entity) {
    match outcome {
        Err(Error::Conflict(found)) if found == entity => {}
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

#[track_caller]
fn assert_not_found<T: std::fmt::Debug>(outcome: Result<T>, entity: Entity) {
    match outcome {
        Err(Error::NotFound(found)) if found == entity => {}
        other => panic!("{entity} was not to be found, not {other:?}"),
    }
}

#[track_caller]
fn assert_invalid<T: std::fmt::Debug>(outcome: Result<T>, field: &str) {
    match outcome {
        Err(Error::Invalid { field: found, .. }) if found == field => {}
        other => panic!("{field} was to be invalid, not {other:?}"),
    }
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "callers hand over what a use case returned")]
fn assert_unauthenticated<T: std::fmt::Debug>(outcome: Result<T>) {
    assert!(matches!(outcome, Err(Error::Unauthenticated)), "{outcome:?}");
}
