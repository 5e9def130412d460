//! Users as they are shown.

use std::collections::BTreeMap;

use muster_core::Timestamp;
use muster_core::agent::{AgentKind, Profile};
use muster_core::role::Role;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Time;
use crate::presence::{self, Service, Status};
use crate::reply::Yes;
use crate::roles;

/// What everybody's document is made with.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) now: Timestamp,
    /// Where the desk is reached.
    pub(crate) public_url: &'a str,
    /// All roles of the desk.
    pub(crate) roles: Vec<Role>,
}

/// An address of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Email {
    address: String,
    verified: bool,
}

/// What holds for a user as an agent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Livechat {
    /// Open chats at a time; absent: no limit of the user's own.
    #[serde(rename = "maxNumberSimultaneousChat", skip_serializing_if = "Option::is_none")]
    max_number_simultaneous_chat: Option<u16>,
}

/// The part of a user that only agents have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentPart {
    status_livechat: Service,
    operator: bool,
    livechat: Livechat,
    open_business_hours: Vec<String>,
    /// Chats ever given to the user in departments.
    livechat_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_routing_time: Option<Time>,
}

impl AgentPart {
    fn of(profile: &Profile) -> Option<Self> {
        Some(Self {
            status_livechat: presence::service(profile)?,
            operator: true,
            livechat: livechat(profile),
            open_business_hours: Vec::new(),
            livechat_count: profile.teams.iter().map(|team| team.membership.assignment_count).sum(),
            last_routing_time: profile.state.last_assigned_at.map(Time),
        })
    }
}

pub(crate) fn livechat(profile: &Profile) -> Livechat {
    Livechat { max_number_simultaneous_chat: profile.agent.capacity }
}

pub(crate) fn emails(profile: &Profile) -> Vec<Email> {
    let verified = profile.agent.email_verified;
    profile.agent.email.iter().map(|address| Email { address: address.clone(), verified }).collect()
}

/// A user as everybody sees them, and what only administrators see.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    #[serde(rename = "_id")]
    id: String,
    username: String,
    name: String,
    r#type: UserType,
    status: Status,
    status_text: String,
    active: bool,
    utc_offset: i32,
    avatar_url: String,
    #[serde(flatten)]
    full: Option<FullUser>,
    #[serde(flatten)]
    agent: Option<AgentPart>,
}

/// What is shown of a user to administrators, and to the user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FullUser {
    status_connection: Status,
    emails: Vec<Email>,
    roles: Vec<String>,
    custom_fields: BTreeMap<String, Value>,
    require_password_change: bool,
    created_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login: Option<Time>,
    #[serde(rename = "_updatedAt")]
    updated_at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UserType {
    User,
    Bot,
}

impl User {
    /// With or without what only administrators see.
    pub(crate) fn new(profile: &Profile, scene: &Scene<'_>, full: bool) -> Self {
        let agent = &profile.agent;
        Self {
            id: agent.public_id.to_string(),
            username: agent.login.clone(),
            name: agent.name(),
            r#type: if agent.kind == AgentKind::Bot { UserType::Bot } else { UserType::User },
            status: presence::status(profile, scene.now),
            status_text: presence::text(profile).to_owned(),
            active: agent.enabled,
            utc_offset: 0,
            avatar_url: avatar_url(scene.public_url, &agent.login),
            full: full.then(|| FullUser::new(profile, scene)),
            agent: AgentPart::of(profile),
        }
    }
}

impl FullUser {
    fn new(profile: &Profile, scene: &Scene<'_>) -> Self {
        let agent = &profile.agent;
        Self {
            status_connection: presence::connection(profile, scene.now),
            emails: emails(profile),
            roles: roles::shown(profile, &scene.roles),
            custom_fields: agent.attributes.clone(),
            require_password_change: agent.must_change_password,
            created_at: Time(agent.created_at),
            last_login: agent.last_login_at.map(Time),
            updated_at: Time(agent.updated_at),
        }
    }
}

/// The signed-in user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Me {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    username: String,
    emails: Vec<Email>,
    status: Status,
    status_connection: Status,
    status_text: String,
    utc_offset: i32,
    active: bool,
    roles: Vec<String>,
    settings: UserSettings,
    custom_fields: BTreeMap<String, Value>,
    avatar_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(rename = "isOAuthUser")]
    is_oauth_user: bool,
    #[serde(flatten)]
    agent: Option<AgentPart>,
}

/// Always without preferences.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct UserSettings {
    preferences: Preferences,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Preferences {}

impl Me {
    pub(crate) fn new(profile: &Profile, scene: &Scene<'_>) -> Self {
        let agent = &profile.agent;
        Self {
            id: agent.public_id.to_string(),
            name: agent.name(),
            username: agent.login.clone(),
            emails: emails(profile),
            status: presence::status(profile, scene.now),
            status_connection: presence::connection(profile, scene.now),
            status_text: presence::text(profile).to_owned(),
            utc_offset: 0,
            active: agent.enabled,
            roles: roles::shown(profile, &scene.roles),
            settings: UserSettings::default(),
            custom_fields: agent.attributes.clone(),
            avatar_url: avatar_url(scene.public_url, &agent.login),
            email: agent.email.clone(),
            is_oauth_user: false,
            agent: AgentPart::of(profile),
        }
    }
}

/// What stands unescaped in an address.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn avatar_url(public_url: &str, username: &str) -> String {
    format!("{public_url}/avatar/{}", utf8_percent_encode(username, UNRESERVED))
}

/// A user by the two names that commands answer with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserRef {
    #[serde(rename = "_id")]
    id: String,
    username: String,
}

impl From<&Profile> for UserRef {
    fn from(profile: &Profile) -> Self {
        Self { id: profile.agent.public_id.to_string(), username: profile.agent.login.clone() }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeReply {
    #[serde(flatten)]
    pub(crate) me: Me,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserReply {
    pub(crate) user: User,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserRefReply {
    pub(crate) user: UserRef,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsersReply {
    pub(crate) users: Vec<User>,
    pub(crate) count: usize,
    pub(crate) offset: usize,
    pub(crate) total: usize,
    pub(crate) success: Yes,
}

/// Whether a user can sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActiveUser {
    #[serde(rename = "_id")]
    pub(crate) id: String,
    pub(crate) active: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActiveReply {
    pub(crate) user: ActiveUser,
    pub(crate) success: Yes,
}
