//! One user at a time.

mod translate;

use axum::extract::State;
use muster_app::is_store_failure;
use muster_core::agent::Profile;
use muster_core::{Entity, Error};
use muster_http::failure::log_causes;

use crate::Api;
use crate::auth::Client;
use crate::codes;
use crate::envelope::{Envelope, Reply};
use crate::error::{Failure, Result};
use crate::extract::{Body, TeamHeader, UserPath, UserRef};
use crate::wire::user::{CreatedUser, Light, User};
use crate::wire::user_request::{CreateUser, UpdateUser};

/// Shows a user.
#[utoipa::path(
    get,
    path = "/v3.1/users/{user_id}",
    tag = "users",
    params(TeamHeader, UserPath),
    responses((status = 200, description = "4306", body = Envelope<User>))
)]
pub(crate) async fn get(State(api): State<Api>, client: Client, user: UserRef) -> Result<Reply<User>> {
    let profile = find(&api, &client, &user).await?;
    Ok(Reply(codes::USER_FOUND, User::new(&profile, &Light::of(&api))))
}

/// Changes a user; both methods leave as it is what the body doesn't name.
#[utoipa::path(
    method(patch, put),
    path = "/v3.1/users/{user_id}",
    tag = "users",
    params(TeamHeader, UserPath),
    request_body = UpdateUser,
    responses((status = 200, description = "4309", body = Envelope<User>))
)]
pub(crate) async fn update(
    State(api): State<Api>,
    client: Client,
    user: UserRef,
    Body(request): Body<UpdateUser>,
) -> Result<Reply<User>> {
    let change = translate::change(&api.app, request).await?;
    let profile = find(&api, &client, &user).await?;
    if !client.actor.may_change(&profile) {
        return Err(codes::NO_USER.into());
    }
    let patch = change.accepted()?;
    let updated = api.app.update_agent(&client.caller, profile.agent.id, patch).await;
    let profile = updated.map_err(update_failure)?;
    Ok(Reply(codes::USER_UPDATED, User::new(&profile, &Light::of(&api))))
}

/// Creates a user who takes care of customers.
#[utoipa::path(
    post,
    path = "/v3.1/users",
    tag = "users",
    params(TeamHeader),
    request_body = CreateUser,
    responses((status = 200, description = "4305", body = Envelope<CreatedUser>))
)]
pub(crate) async fn create(
    State(api): State<Api>,
    client: Client,
    Body(request): Body<CreateUser>,
) -> Result<Reply<CreatedUser>> {
    let privileges = request.privileges.clone();
    let new = translate::new_agent(&api, &client, request).await?;
    let profile = api.app.create_agent(&client.caller, new).await.map_err(creation_failure)?;
    let user = User::new(&profile, &Light::of(&api));
    Ok(Reply(codes::USER_CREATED, CreatedUser { user, privileges }))
}

/// The user in the path, if the key can see them.
async fn find(api: &Api, client: &Client, user: &UserRef) -> Result<Profile> {
    match user {
        UserRef::Id(id) => Ok(api.app.agent(&client.caller, *id).await?),
        UserRef::Login(login) => Ok(api.app.agent_by_login(&client.caller, login).await?),
        UserRef::Nobody => Err(codes::NO_USER.into()),
    }
}

/// Wire (documented, "Update user"): a write that the store failed has a code of its own.
fn update_failure(error: Error) -> Failure {
    if is_store_failure(&error) {
        log_causes(&error);
        return codes::UPDATE_FAILED.into();
    }
    error.into()
}

/// Within the body of a new user a team, a name or a role that can't be used is a fault of the body.
fn creation_failure(error: Error) -> Failure {
    match error {
        Error::NotFound(Entity::Team) => Failure::invalid("privileges name a team that the key is not shared with"),
        Error::Denied(_) => Failure::invalid("privileges ask for a role that is beyond the key"),
        other => other.into(),
    }
}
