//! The one extra object on an agent: what the desk knows of agents and the product has no word for.

use muster_core::Timestamp;
use muster_core::agent::{
    Attributes, AutoAnswer, Channel, Channels, HeldSkill, HeldTeam, Membership, MembershipRole, Mode, Profile,
    SkillSource,
};
use muster_core::permission::Permission;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// What the desk keeps of an agent beyond the product's own fields. Ours, not the product's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentExtension {
    /// The agent's opaque id of 17 characters.
    pub(crate) public_id: String,
    /// Raised by every change of the profile.
    pub(crate) version: i64,
    pub(crate) login: String,
    pub(crate) login_using_email: bool,
    /// As stored; the same key outside is derived where it is not.
    #[schema(required)]
    pub(crate) phone_number_country_code: Option<String>,
    /// As stored.
    #[schema(required)]
    pub(crate) phone_number_calling_code: Option<String>,
    pub(crate) job_description: String,
    /// A second flag beside `enabled`.
    pub(crate) locked: bool,
    /// Takes customer work.
    pub(crate) serves: bool,
    /// Open conversations at a time; null: the desk's default.
    #[schema(required)]
    pub(crate) capacity: Option<u16>,
    /// 1 first, up to 100.
    pub(crate) rank: u8,
    pub(crate) channels: ChannelSwitches,
    pub(crate) auto_answer: AutoAnswerWord,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) call_controls: serde_json::Map<String, serde_json::Value>,
    #[schema(required)]
    pub(crate) sip_location: Option<String>,
    pub(crate) screen_recording: bool,
    #[schema(required)]
    pub(crate) agent_data: Option<String>,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) custom_attributes: Attributes,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) skill_attributes: Attributes,
    /// Rights finer than the product's list.
    pub(crate) permissions: Vec<&'static str>,
    pub(crate) memberships: Vec<MembershipView>,
    /// Held explicitly.
    pub(crate) skills: Vec<SkillLevel>,
    /// Following from attributes; an explicit level goes before.
    pub(crate) derived_skills: Vec<SkillLevel>,
    /// Presence in the desk's own words: `ready`, `idle`, `wrap_up`, `paused`, `reassigning`,
    /// `declared`, `offline`, `blocked`.
    pub(crate) state: &'static str,
    pub(crate) state_since: Time,
    #[schema(required)]
    pub(crate) pause_reason: Option<String>,
    /// The kind of work signed in for; null: all that is permitted.
    #[schema(required)]
    pub(crate) mode: Option<ModeWord>,
    /// Open conversations held.
    pub(crate) load: u16,
    #[schema(required)]
    pub(crate) last_assigned_at: Option<Time>,
}

impl AgentExtension {
    pub(crate) fn new(profile: &Profile, now: Timestamp) -> Self {
        let Profile { agent, roles: _, teams, skills, state, api_key: _ } = profile;
        let fine = profile.permissions().iter().filter(|permission| permission.is_fine());
        let levels = |source| skills.iter().filter(move |held| held.source == source).map(SkillLevel::from).collect();
        Self {
            public_id: agent.public_id.as_str().to_owned(),
            version: agent.version,
            login: agent.login.clone(),
            login_using_email: agent.login_using_email,
            phone_number_country_code: agent.phone.country.clone(),
            phone_number_calling_code: agent.phone.calling_code.clone(),
            job_description: agent.job_description.clone(),
            locked: agent.locked,
            serves: agent.serves,
            capacity: agent.capacity,
            rank: agent.rank,
            channels: agent.channels.into(),
            auto_answer: agent.auto_answer.into(),
            call_controls: agent.call_controls.as_object().cloned().unwrap_or_default(),
            sip_location: agent.sip_location.clone(),
            screen_recording: agent.screen_recording,
            agent_data: agent.agent_data.clone(),
            custom_attributes: agent.attributes.clone(),
            skill_attributes: agent.skill_attributes.clone(),
            permissions: fine.map(Permission::as_str).collect(),
            memberships: teams.iter().map(MembershipView::from).collect(),
            skills: levels(SkillSource::Explicit),
            derived_skills: levels(SkillSource::Derived),
            state: state.shown(agent, now).as_str(),
            state_since: Time(state.state_since),
            pause_reason: state.pause_reason.clone(),
            mode: state.mode.map(ModeWord::from),
            load: state.load,
            last_assigned_at: state.last_assigned_at.map(Time),
        }
    }
}

macro_rules! switches {
    ($($field:ident = $channel:ident),+ $(,)?) => {
        /// Which kinds of work an agent may do, and which of them within blended mode.
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct ChannelSwitches {
            $(pub(crate) $field: bool),+
        }

        impl From<Channels> for ChannelSwitches {
            fn from(channels: Channels) -> Self {
                Self { $($field: channels.has(Channel::$channel)),+ }
            }
        }

        /// The switches to be moved; the others stay.
        #[derive(Debug, Default, Deserialize, ToSchema)]
        pub(crate) struct ChannelsRequest {
            $(pub(crate) $field: Option<bool>),+
        }

        impl ChannelsRequest {
            pub(crate) fn moved(&self) -> Vec<(Channel, bool)> {
                let all = [$((Channel::$channel, self.$field)),+];
                all.into_iter().filter_map(|(channel, on)| Some((channel, on?))).collect()
            }
        }
    };
}

switches! {
    inbound = Inbound,
    manual = Manual,
    preview = Preview,
    progressive = Progressive,
    chat = Chat,
    blended = Blended,
    blended_inbound = BlendedInbound,
    blended_manual = BlendedManual,
    blended_preview = BlendedPreview,
    blended_progressive = BlendedProgressive,
    blended_chat = BlendedChat,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident of $domain:ident { $($variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name {
            $($variant),+
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value {
                    $($domain::$variant => Self::$variant),+
                }
            }
        }

        impl From<$name> for $domain {
            fn from(word: $name) -> Self {
                match word {
                    $($name::$variant => Self::$variant),+
                }
            }
        }
    };
}

pub(super) use words;

words! {
    /// Which contacts are answered without the agent's doing.
    AutoAnswerWord of AutoAnswer { None, Inbound, Outbound, All }
}

words! {
    /// A kind of work.
    ModeWord of Mode { Inbound, Manual, Preview, Progressive, Chat, Blended }
}

words! {
    /// What a member is within a team; analysts get no conversations.
    MembershipRoleWord of MembershipRole { Agent, Manager, Analyst }
}

/// An agent's place in a team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MembershipView {
    pub(crate) team_id: i64,
    pub(crate) name: String,
    pub(crate) public_id: String,
    pub(crate) role: MembershipRoleWord,
    /// Open conversations of this team at a time; null: no limit of its own.
    #[schema(required)]
    pub(crate) capacity: Option<u16>,
    /// Lower first.
    pub(crate) order: i32,
    pub(crate) assignment_count: i64,
    /// Open conversations of this team held.
    pub(crate) load: u16,
}

impl From<&HeldTeam> for MembershipView {
    fn from(held: &HeldTeam) -> Self {
        let HeldTeam { id, name, emoji: _, membership } = held;
        let Membership { team: _, public_id, role, capacity, order, assignment_count, load, .. } = membership;
        Self {
            team_id: id.0,
            name: name.clone(),
            public_id: public_id.as_str().to_owned(),
            role: (*role).into(),
            capacity: *capacity,
            order: *order,
            assignment_count: *assignment_count,
            load: *load,
        }
    }
}

/// A skill and how well it is held: 1 to 100, 100 best.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SkillLevel {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) level: u8,
}

impl From<&HeldSkill> for SkillLevel {
    fn from(held: &HeldSkill) -> Self {
        let HeldSkill { skill, name, source: _, level } = held;
        Self { id: skill.0, name: name.clone(), level: *level }
    }
}
