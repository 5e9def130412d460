//! What can be said about an agent.

use std::fmt;

use muster_core::agent::{Attributes, AutoAnswer, Channel, MembershipRole};
use muster_core::id::{RoleId, SkillId, TeamId};
use muster_core::presence::Wish;

use super::passwords::ProductPassword;

/// An agent to be created.
#[derive(Clone, Default, PartialEq)]
pub struct NewAgent {
    /// `None`: the e-mail's local part, made unique.
    pub login: Option<String>,
    pub email: String,
    pub email_verified: bool,
    pub first_name: String,
    pub last_name: String,
    /// Both names as one, in place of the two; split at the first blank.
    pub full_name: Option<String>,
    pub roles: Vec<RoleId>,
    pub teams: Vec<TeamId>,
    pub enabled: bool,
    pub presence: Option<Wish>,
    /// Writes the job that mails a link for choosing a password.
    pub send_welcome_email: bool,
    /// `None`: no password; the agent can't sign in before setting one by a link.
    pub password: Option<String>,
    pub product_password: Option<ProductPassword>,
    pub must_change_password: bool,
    pub extension: AgentExtension,
}

impl fmt::Debug for NewAgent {
    /// Without the passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAgent").field("email", &self.email).field("roles", &self.roles).finish_non_exhaustive()
    }
}

/// A change of an agent. What is `None` stays as it is; a list that is given replaces.
#[derive(Clone, Default, PartialEq)]
pub struct AgentPatch {
    pub login: Option<String>,
    pub email: Option<String>,
    /// Whether the address, as it is after this change, is known to be the agent's. A new address isn't.
    pub email_verified: Option<bool>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// Both names as one, in place of the two. One that reads as the two do together changes nothing; any other is split
    /// at its first blank.
    pub full_name: Option<String>,
    pub roles: Option<Vec<RoleId>>,
    /// Memberships that are kept stay untouched.
    pub teams: Option<Vec<TeamId>>,
    /// Teams to leave, of those that there would be otherwise; leaving others is no error.
    pub leave: Vec<TeamId>,
    /// Teams to be in, even if they are to be left too. A membership that exists stays untouched.
    pub join: Vec<TeamId>,
    /// Skills not to hold explicitly any more, of those that there would be otherwise; what is derived stays.
    pub drop_skills: Vec<SkillId>,
    /// Skills to hold explicitly, after some are dropped. `None`: the level that is held then, else 100.
    pub give_skills: Vec<(SkillId, Option<u8>)>,
    pub enabled: Option<bool>,
    pub presence: Option<Wish>,
    pub new_password: Option<String>,
    pub product_password: Option<ProductPassword>,
    pub extension: AgentExtension,
    /// The version that the change was made for.
    pub if_version: Option<i64>,
}

impl fmt::Debug for AgentPatch {
    /// Without the passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut patch = f.debug_struct("AgentPatch");
        patch.field("login", &self.login).field("email", &self.email).field("roles", &self.roles);
        patch.field("enabled", &self.enabled).field("presence", &self.presence).finish_non_exhaustive()
    }
}

/// What goes beyond the four products' common fields. `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AgentExtension {
    /// ISO 3166 alpha-2.
    pub phone_country: Option<Option<String>>,
    /// `+` and digits.
    pub phone_calling_code: Option<Option<String>>,
    pub phone_number: Option<Option<String>>,
    pub country: Option<Option<String>>,
    pub job_description: Option<String>,
    pub locked: Option<bool>,
    pub serves: Option<bool>,
    pub login_using_email: Option<bool>,
    pub capacity: Option<Option<u16>>,
    /// 1 to 100.
    pub rank: Option<u8>,
    /// The switches to move.
    pub channels: Vec<(Channel, bool)>,
    pub auto_answer: Option<AutoAnswer>,
    /// An object.
    pub call_controls: Option<serde_json::Value>,
    pub sip_location: Option<Option<String>>,
    pub screen_recording: Option<bool>,
    pub agent_data: Option<Option<String>>,
    /// Merged by key; null deletes.
    pub attributes: Attributes,
    /// Merged by key; null deletes.
    pub skill_attributes: Attributes,
    /// Replaces the skills held explicitly; levels 1 to 100.
    pub skills: Option<Vec<(SkillId, u8)>>,
    /// Changes of memberships that exist once the teams are as asked for.
    pub memberships: Option<Vec<MembershipPatch>>,
}

/// A change of one membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipPatch {
    pub team: TeamId,
    pub role: Option<MembershipRole>,
    pub capacity: Option<Option<u16>>,
    pub order: Option<i32>,
}
