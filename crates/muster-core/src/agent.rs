//! Agents: people, bots and the system account that work on the desk, with everything that any of
//! the four products knows about them.

mod channels;

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{AgentId, PublicId, RoleId, SkillId, TeamId};
use crate::permission::{Permission, Permissions};
use crate::presence::State;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Refusal, Result, Why};
use crate::{phone, text};

pub use channels::{Channel, Channels, Mode};

/// Longest first and last name, in characters.
pub const NAME_MAX: usize = 140;

words! {
    pub enum AgentKind { Human = "human", Bot = "bot", System = "system" }
}

words! {
    /// Which contacts are answered without the agent's doing. Stored until offers exist.
    pub enum AutoAnswer { None = "none", Inbound = "inbound", Outbound = "outbound", All = "all" }
}

words! {
    /// What a member is within a team. Analysts never get conversations.
    pub enum MembershipRole { Agent = "agent", Manager = "manager", Analyst = "analyst" }
}

words! {
    /// Where a skill comes from. The effective level is the explicit one if there is one.
    pub enum SkillSource { Explicit = "explicit", Derived = "derived" }
}

/// A telephone number in parts. `number` is kept as given, up to 20 characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phone {
    /// ISO 3166 alpha-2, upper case.
    pub country: Option<String>,
    /// `+` and digits.
    pub calling_code: Option<String>,
    pub number: Option<String>,
}

impl Phone {
    /// Country and calling code, each derived from the other where only one is stored.
    #[must_use]
    pub fn codes(&self) -> (Option<String>, Option<String>) {
        let Self { country, calling_code, number: _ } = self;
        let derived_country = || calling_code.as_deref().and_then(phone::country).map(ToOwned::to_owned);
        let derived_code = || country.as_deref().and_then(phone::calling_code);
        (country.clone().or_else(derived_country), calling_code.clone().or_else(derived_code))
    }
}

/// The agent's own row.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    pub id: AgentId,
    pub public_id: PublicId,
    pub kind: AgentKind,
    /// Unique sign-in name; case is kept, compared by key.
    pub login: String,
    /// Lower case; `None` only for accounts made elsewhere without one.
    pub email: Option<String>,
    pub email_verified: bool,
    pub first_name: String,
    pub last_name: String,
    pub phone: Phone,
    pub country: Option<String>,
    pub avatar_url: Option<String>,
    pub job_description: String,
    pub enabled: bool,
    /// A second flag beside `enabled`; each is moved only by its own words.
    pub locked: bool,
    /// Takes customer work.
    pub serves: bool,
    pub login_using_email: bool,
    pub must_change_password: bool,
    /// `None`: the desk's default.
    pub capacity: Option<u16>,
    /// 1 first, up to 100. Stored only; the router's order has no place for it yet.
    pub rank: u8,
    pub channels: Channels,
    pub auto_answer: AutoAnswer,
    pub call_controls: serde_json::Value,
    pub sip_location: Option<String>,
    pub screen_recording: bool,
    pub agent_data: Option<String>,
    pub external_id: Option<String>,
    pub attributes: Attributes,
    pub skill_attributes: Attributes,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_active_at: Option<Timestamp>,
    pub last_login_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub version: i64,
}

/// Values by attribute key.
pub type Attributes = BTreeMap<String, serde_json::Value>;

impl Agent {
    #[must_use]
    pub fn name(&self) -> String {
        text::joined_name(&self.first_name, &self.last_name)
    }

    /// The first and last name that a name written as one stands for. `None` if it is how the agent's names read
    /// together already: then the place where they are parted stays.
    #[must_use]
    pub fn renamed(&self, full_name: &str) -> Option<(String, String)> {
        (text::joined_name(full_name, "") != self.name()).then(|| text::split_name(full_name))
    }

    /// Whether the account may be used at all.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        self.enabled && !self.locked && self.deleted_at.is_none()
    }

    /// The keys under which the agent may sign in, as rows of the one name space.
    #[must_use]
    pub fn sign_in_names(&self) -> Vec<SignInName> {
        let login = text::key(&self.login);
        let mut names = vec![SignInName { key: login.clone(), is_login: true, is_email: false }];
        match self.email.as_deref().map(text::key) {
            Some(email) if email == login => names[0].is_email = true,
            Some(email) => names.push(SignInName { key: email, is_login: false, is_email: true }),
            None => {}
        }
        names
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInName {
    pub key: String,
    pub is_login: bool,
    pub is_email: bool,
}

/// An agent's place in a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub team: TeamId,
    pub public_id: PublicId,
    pub role: MembershipRole,
    /// Open conversations of this team at a time; `None`: no limit of its own.
    pub capacity: Option<u16>,
    /// Lower first.
    pub order: i32,
    pub assignment_count: i64,
    /// Open conversations of this team that the agent holds.
    pub load: u16,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A skill that an agent holds, from one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSkill {
    pub skill: SkillId,
    pub name: String,
    pub source: SkillSource,
    /// 1 to 100, 100 best.
    pub level: u8,
}

/// A role as it stands on an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRole {
    pub id: RoleId,
    /// Built-in roles have one.
    pub key: Option<String>,
    pub name: String,
    pub permissions: Permissions,
}

/// A team as it stands on an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTeam {
    pub id: TeamId,
    pub name: String,
    pub emoji: Option<String>,
    pub membership: Membership,
}

/// The API key named `default`: its public half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeySummary {
    pub key_id: String,
    pub last_used_at: Option<Timestamp>,
}

/// An agent with all that belongs to the aggregate.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub agent: Agent,
    /// In order of name.
    pub roles: Vec<HeldRole>,
    /// In order of id.
    pub teams: Vec<HeldTeam>,
    /// In order of name, then source.
    pub skills: Vec<HeldSkill>,
    pub state: State,
    pub api_key: Option<ApiKeySummary>,
}

impl Profile {
    /// What the agent's roles grant, without what that implies.
    #[must_use]
    pub fn granted(&self) -> Permissions {
        self.roles.iter().fold(Permissions::NONE, |all, role| all.union(role.permissions))
    }

    /// What the agent may do.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.granted().closure()
    }

    /// Whether the agent can answer customers.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.granted().answers()
    }

    /// Whether the agent is one who works with customers: may answer them, and serves.
    #[must_use]
    pub fn takes_work(&self) -> bool {
        self.agent.serves && self.answers()
    }

    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role.key.as_deref() == Some(crate::role::ADMIN_KEY))
    }

    /// Effective level by skill: explicit if there is one, else derived.
    #[must_use]
    pub fn levels(&self) -> BTreeMap<SkillId, u8> {
        let mut levels = BTreeMap::new();
        for held in &self.skills {
            match held.source {
                SkillSource::Explicit => levels.insert(held.skill, held.level),
                SkillSource::Derived => Some(*levels.entry(held.skill).or_insert(held.level)),
            };
        }
        levels
    }

    #[must_use]
    pub fn role_ids(&self) -> BTreeSet<RoleId> {
        self.roles.iter().map(|role| role.id).collect()
    }
}

/// Checks a bare address (no display name) and returns it in lower case.
///
/// # Errors
/// [`Error::Invalid`] with [`Why::Empty`] or [`Why::Malformed`].
pub fn email(field: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(field, Why::Empty));
    }
    let options = email_address::Options::default().without_display_text().without_domain_literal();
    let valid = text.len() <= 320
        && !text.contains('\0')
        && email_address::EmailAddress::parse_with_options(text, options).is_ok();
    if valid { Ok(text.to_lowercase()) } else { Err(Error::invalid(field, Why::Malformed)) }
}

/// Whether `c` may stand in a login.
#[must_use]
pub fn is_login_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$'*+-/=?^_`.{}~@".contains(c)
}

/// Checks a login. One with `@` must be the agent's own e-mail.
///
/// # Errors
/// [`Error::Invalid`].
pub fn login(text: &str, email: Option<&str>) -> Result<String> {
    let login = text::bounded("login", text, 1, 100)?;
    let well_formed = login.chars().all(is_login_char);
    let own = !login.contains('@') || email.is_some_and(|email| text::key(email) == text::key(&login));
    if well_formed && own { Ok(login) } else { Err(Error::invalid("login", Why::Malformed)) }
}

/// The login an agent gets where none is given: the e-mail's local part without foreign
/// characters, then `-2`, `-3` … until `is_free`.
pub fn generated_login(email: &str, is_free: impl Fn(&str) -> bool) -> String {
    let local = email.split('@').next().unwrap_or_default();
    let mut base: String = local.chars().filter(|c| is_login_char(*c) && *c != '@').take(90).collect();
    if base.is_empty() {
        base.push_str("agent");
    }
    if is_free(&base) {
        return base;
    }
    (2u32..).map(|n| format!("{base}-{n}")).find(|login| is_free(login)).expect("numbers don't end before names do")
}

/// Whether `actor_permissions` suffice to touch the account of an agent who holds `target`, and to
/// grant roles that carry `granted`: without `roles:manage` one can't reach above oneself.
///
/// # Errors
/// [`Error::Denied`] with the first administration right the actor lacks.
pub fn check_ceiling(actor: Permissions, target: Permissions, granted: Permissions) -> Result<()> {
    if actor.contains(Permission::RolesManage) {
        return Ok(());
    }
    let beyond = target.closure().union(granted.closure()).administration().minus(actor.closure());
    match beyond.iter().next() {
        Some(permission) => Err(Error::Denied(permission)),
        None => Ok(()),
    }
}

/// Refuses a change that would leave the desk without a usable administrator.
///
/// `other_admins` counts enabled, unlocked, undeleted human administrators besides the one changed.
///
/// # Errors
/// [`Refusal::LastAdmin`].
pub fn check_last_admin(was_usable_admin: bool, stays_usable_admin: bool, other_admins: i64) -> Result<()> {
    if was_usable_admin && !stays_usable_admin && other_admins == 0 { Err(Refusal::LastAdmin.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_shows_both_codes_where_one_tells_the_other() {
        let codes = |country: Option<&str>, code: Option<&str>| {
            let own = |text: Option<&str>| text.map(ToOwned::to_owned);
            Phone { country: own(country), calling_code: own(code), number: None }.codes()
        };
        let pair = |country: &str, code: &str| (Some(country.to_owned()), Some(code.to_owned()));
        assert_eq!(codes(Some("US"), None), pair("US", "+1"));
        assert_eq!(codes(None, Some("+49")), pair("DE", "+49"));
        assert_eq!(codes(None, Some("+1")), (None, Some("+1".to_owned())));
        assert_eq!(codes(Some("ZZ"), None), (Some("ZZ".to_owned()), None));
        assert_eq!(codes(None, None), (None, None));
    }

    #[test]
    fn a_generated_login_is_the_local_part_made_unique() {
        let taken = ["jane", "jane-2"];
        assert_eq!(generated_login("jane@example.org", |l| !taken.contains(&l)), "jane-3");
        assert_eq!(generated_login("j\"a ne@example.org", |_| true), "jane");
        assert_eq!(generated_login("\"\"@example.org", |_| true), "agent");
    }

    #[test]
    fn addresses_are_bare_and_lower_case() {
        assert_eq!(email("email", " Jane@Example.ORG ").unwrap(), "jane@example.org");
        for bad in ["", "jane", "Jane <jane@example.org>", "jane@", "a b@example.org", "jane@[127.0.0.1]"] {
            assert!(email("email", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_login_with_an_at_sign_is_the_own_address() {
        assert!(login("kim@example.org", Some("kim@example.org")).is_ok());
        assert!(login("kim@example.org", Some("lee@example.org")).is_err());
        assert!(login("kim lee", None).is_err());
    }

    #[test]
    fn without_roles_manage_nobody_reaches_above_himself() {
        use Permission as P;
        let lead = Permissions::from_iter([P::UsersManage]);
        let admin = Permissions::admin();
        assert!(check_ceiling(lead, admin, Permissions::NONE).is_err());
        assert!(check_ceiling(lead, Permissions::NONE, admin).is_err());
        assert!(check_ceiling(lead, lead, Permissions::from_iter([P::MessagesWrite, P::ReportsManage])).is_ok());
        assert!(check_ceiling(Permissions::from_iter([P::UsersManage, P::RolesManage]), admin, admin).is_ok());
    }
}
