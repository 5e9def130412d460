//! Agents as an edit shows them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use muster_core::agent::{Channel, Profile};
use muster_core::id::TeamId;
use serde::Serialize;
use utoipa::ToSchema;

use super::agent_request::AutoAnswerWord;
use super::call_controls::CallControls;
use super::sent::Priority;
use crate::envelope::{CapitalSuccess, SuccessWord};

// Wire (chosen): the pages show no success of an edit; this is the one of its neighbours, and the older page's text.
/// The answer to an edit, which has `Data` if it was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Edited {
    pub(crate) status: CapitalSuccess,
    pub(crate) message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) data: Option<AgentData>,
}

/// The same in small letters.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditedLower {
    pub(crate) status: SuccessWord,
    pub(crate) message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) data: Option<AgentData>,
}

// Wire (chosen).
/// An agent as it is after an edit.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentData {
    agent_id: String,
    agent_name: String,
    #[schema(required)]
    email: Option<String>,
    auto_answer: AutoAnswerWord,
    inbound: bool,
    manual: bool,
    preview: bool,
    progressive: bool,
    chat: bool,
    blended: bool,
    blended_inbound: bool,
    blended_manual: bool,
    blended_preview: bool,
    blended_progressive: bool,
    blended_chat: bool,
    call_controls: CallControls,
    #[schema(required)]
    agent_data: Option<String>,
    #[schema(required)]
    sip_location: Option<String>,
    screen_recording: bool,
    skills: Vec<Skill>,
    agent_groups: Vec<String>,
    locked: bool,
    /// Names of what was changed.
    updated_fields: Vec<String>,
}

/// A skill that an agent has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Skill {
    skill_name: String,
    /// 1 is served first.
    priority: u8,
}

impl AgentData {
    /// The agent with the teams that are shown.
    pub(crate) fn new(profile: &Profile, shown: &BTreeSet<TeamId>) -> Self {
        let agent = &profile.agent;
        let has = |channel| agent.channels.has(channel);
        let groups = profile.teams.iter().filter(|team| shown.contains(&team.id));
        Self {
            agent_id: agent.login.clone(),
            agent_name: agent.name(),
            email: agent.email.clone(),
            auto_answer: agent.auto_answer.into(),
            inbound: has(Channel::Inbound),
            manual: has(Channel::Manual),
            preview: has(Channel::Preview),
            progressive: has(Channel::Progressive),
            chat: has(Channel::Chat),
            blended: has(Channel::Blended),
            blended_inbound: has(Channel::BlendedInbound),
            blended_manual: has(Channel::BlendedManual),
            blended_preview: has(Channel::BlendedPreview),
            blended_progressive: has(Channel::BlendedProgressive),
            blended_chat: has(Channel::BlendedChat),
            call_controls: CallControls::of(&agent.call_controls),
            agent_data: agent.agent_data.clone(),
            sip_location: agent.sip_location.clone(),
            screen_recording: agent.screen_recording,
            skills: skills(profile),
            agent_groups: groups.map(|team| team.name.clone()).collect(),
            locked: agent.locked,
            updated_fields: Vec::new(),
        }
    }

    /// The same with the names of what differs from before; a password is never shown, so it is told of beside.
    pub(crate) fn after(self, before: &Self, sets_password: bool) -> Self {
        let fields = |data: &Self| serde_json::to_value(data).expect("a struct with text keys");
        let (was, is) = (fields(before), fields(&self));
        let differs = |field: &&str| was[*field] != is[*field];
        let mut updated: Vec<String> = FIELDS.into_iter().filter(differs).map(ToOwned::to_owned).collect();
        if sets_password {
            updated.push("password".to_owned());
        }
        Self { updated_fields: updated, ..self }
    }
}

/// What can be updated, in order.
const FIELDS: [&str; 22] = [
    "agentId",
    "agentName",
    "email",
    "autoAnswer",
    "inbound",
    "manual",
    "preview",
    "progressive",
    "chat",
    "blended",
    "blendedInbound",
    "blendedManual",
    "blendedPreview",
    "blendedProgressive",
    "blendedChat",
    "callControls",
    "agentData",
    "sipLocation",
    "screenRecording",
    "skills",
    "agentGroups",
    "locked",
];

/// The skills an agent has, by name, each once: at the explicit level if there is one.
fn skills(profile: &Profile) -> Vec<Skill> {
    let levels = profile.levels();
    let mut seen = BTreeSet::new();
    let once = profile.skills.iter().filter(|held| seen.insert(held.skill));
    let shown = once.filter_map(|held| {
        let priority = Priority::of_level(*levels.get(&held.skill)?);
        Some(Skill { skill_name: held.name.clone(), priority })
    });
    shown.collect()
}

/// The names of the skills an agent has, with comma and blank between them.
pub(crate) fn skill_names(profile: &Profile) -> String {
    let names: Vec<String> = skills(profile).into_iter().map(|skill| skill.skill_name).collect();
    names.join(", ")
}
