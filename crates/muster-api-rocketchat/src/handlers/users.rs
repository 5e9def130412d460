//! Users: everybody who works on the desk.

use axum::extract::State;
use muster_app::agents::{AgentExtension, AgentPatch, NewAgent};
use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::{Entity, Error};
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{Failure, Result};
use crate::extract::Body;
use crate::listing::{ListParams, Listing, Page};
use crate::params::UserParams;
use crate::permissions::VIEW_FULL_OTHER_USER_INFO;
use crate::reply::{Done, Reply, Yes};
use crate::roles;
use crate::validate::Broken;
use crate::wire::user::{ActiveReply, ActiveUser, Scene, User, UserReply, UsersReply};
use crate::wire::user_request::{CreateUser, DeleteUser, SetActiveStatus, neither};

/// What documents of users are made with.
pub(crate) async fn scene(api: &Api) -> Result<Scene<'_>> {
    let roles = api.app.list_roles(&Caller::system()).await?;
    Ok(Scene { now: api.app.now(), public_url: &api.app.settings().public_url, roles })
}

/// Creates a user.
#[utoipa::path(
    post,
    path = "/api/v1/users.create",
    tag = "users",
    request_body = CreateUser,
    responses((status = 200, description = "The new user", body = UserReply))
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<CreateUser>,
) -> Result<Reply<UserReply>> {
    let scene = scene(&api).await?;
    let new = new_agent(request, &scene)?;
    let profile = api.app.create_agent(&agent.caller, new).await?;
    Ok(Reply(UserReply { user: User::new(&profile, &scene, true), success: Yes }))
}

fn new_agent(request: CreateUser, scene: &Scene<'_>) -> Result<NewAgent> {
    let no_password = request.set_random_password == Some(true);
    Ok(NewAgent {
        login: Some(request.username),
        email: request.email,
        full_name: Some(request.name),
        roles: roles::resolve(&request.roles.unwrap_or_default(), &scene.roles)?,
        enabled: request.active.unwrap_or(true),
        // Without a password of one's own there is no way in but the mailed link.
        send_welcome_email: request.send_welcome_email == Some(true) || no_password,
        password: Some(request.password).filter(|_| !no_password),
        must_change_password: request.require_password_change == Some(true),
        email_verified: request.verified == Some(true),
        extension: AgentExtension {
            attributes: request.custom_fields.unwrap_or_default(),
            ..AgentExtension::default()
        },
        ..NewAgent::default()
    })
}

/// Shows a user. What only administrators see of others is shown to them, and of oneself.
#[utoipa::path(
    get,
    path = "/api/v1/users.info",
    tag = "users",
    params(UserParams),
    responses((status = 200, description = "The user", body = UserReply))
)]
pub(crate) async fn info(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<UserReply>> {
    let profile = match (query.get("userId"), query.get("username")) {
        (Some(id), _) => api.app.colleague_by_public_id(&agent.caller, id).await,
        (None, Some(username)) => api.app.colleague_by_login(&agent.caller, username).await,
        (None, None) => {
            let Broken(text) = neither(["userId", "username"]);
            return Err(Failure::parameters(format!("{text} [invalid-params]")));
        }
    };
    let profile = profile.map_err(|error| match error {
        Error::NotFound(Entity::Agent) => Failure::plain("User not found."),
        other => other.into(),
    })?;
    let full = sees_all_of(&agent, &profile);
    Ok(Reply(UserReply { user: User::new(&profile, &scene(&api).await?, full), success: Yes }))
}

fn sees_all_of(agent: &Agent, profile: &Profile) -> bool {
    let is_self = agent.caller.actor.agent().is_ok_and(|actor| actor.id == profile.agent.id);
    is_self || agent.may(VIEW_FULL_OTHER_USER_INFO)
}

/// Lists the users.
#[utoipa::path(
    get,
    path = "/api/v1/users.list",
    tag = "users",
    params(ListParams),
    responses((status = 200, description = "Users, by username unless asked otherwise", body = UsersReply))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent, listing: Listing) -> Result<Reply<UsersReply>> {
    let scene = scene(&api).await?;
    let profiles = api.app.colleagues(&agent.caller).await?;
    let users = profiles.iter().map(|profile| User::new(profile, &scene, sees_all_of(&agent, profile)));
    let Page { items, count, offset, total } = listing.page(users.collect(), "username");
    Ok(Reply(UsersReply { users: items, count, offset, total, success: Yes }))
}

/// Enables or disables a user. Places in departments are kept.
#[utoipa::path(
    post,
    path = "/api/v1/users.setActiveStatus",
    tag = "users",
    request_body = SetActiveStatus,
    responses((status = 200, description = "Done", body = ActiveReply))
)]
pub(crate) async fn set_active(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<SetActiveStatus>,
) -> Result<Reply<ActiveReply>> {
    let profile = api.app.agent_by_public_id(&agent.caller, &request.user_id).await?;
    let patch = AgentPatch { enabled: Some(request.active_status), ..AgentPatch::default() };
    let profile = api.app.update_agent(&agent.caller, profile.agent.id, patch).await?;
    let user = ActiveUser { id: profile.agent.public_id.to_string(), active: profile.agent.enabled };
    Ok(Reply(ActiveReply { user, success: Yes }))
}

/// Deletes a user.
#[utoipa::path(
    post,
    path = "/api/v1/users.delete",
    tag = "users",
    request_body = DeleteUser,
    responses((status = 200, description = "Deleted", body = Done))
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, Body(request): Body<DeleteUser>) -> Result<Done> {
    let profile = match (&request.user_id, &request.username) {
        (Some(id), _) => api.app.agent_by_public_id(&agent.caller, id).await?,
        (None, username) => api.app.agent_by_login(&agent.caller, username.as_deref().unwrap_or_default()).await?,
    };
    api.app.delete_agent(&agent.caller, profile.agent.id).await?;
    Ok(Done::default())
}
