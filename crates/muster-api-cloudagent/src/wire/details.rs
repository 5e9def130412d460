//! Agents as the reports of who is there show them.

use std::time::Duration;

use muster_core::Timestamp;
use muster_core::agent::{Mode, Profile};
use muster_core::presence::Shown;
use serde::Serialize;
use utoipa::ToSchema;

use super::agent::skill_names;
use crate::envelope::SuccessWord;

// Wire (documented, "Agent Details").
/// The answer about agents' states.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentDetails {
    pub(crate) message: Vec<AgentDetail>,
    pub(crate) status: SuccessWord,
}

/// An agent and what it does now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AgentDetail {
    state: StateWord,
    /// How long already, as hours, minutes and seconds: `00:06:54`.
    since: String,
    /// Names, with comma and blank between them.
    skill: String,
    agent_name: String,
    /// Where the agent is reached; null if the agent did not say.
    #[schema(required)]
    phone_number: Option<String>,
    agent_id: String,
    /// What the agent is signed in for; null if signed in where there are no modes, or not at all.
    #[schema(required)]
    mode: Option<ModeWord>,
}

// Wire (documented, "Get Agent Logins").
/// The answer about who is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentLogins {
    pub(crate) status: SuccessWord,
    pub(crate) message: Vec<AgentLogin>,
}

/// An agent who is there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AgentLogin {
    agent_id: String,
    agent_name: String,
    /// Null if the agent did not say.
    #[schema(required)]
    phone_number: Option<String>,
    agent_state: StateWord,
    /// Names, with comma and blank between them.
    skill_name: String,
}

// Wire (documented and observed): words of the product's states; those of calls stand for nothing here.
/// What an agent does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) enum StateWord {
    #[serde(rename = "READY")]
    Ready,
    #[serde(rename = "NOT READY")]
    NotReady,
    #[serde(rename = "PAUSED")]
    Paused,
    #[serde(rename = "ACW")]
    AfterWork,
    #[serde(rename = "LOGGED OUT")]
    LoggedOut,
}

/// What an agent is signed in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) enum ModeWord {
    Inbound,
    Manual,
    Preview,
    Progressive,
    Chat,
    Blended,
}

impl From<Mode> for ModeWord {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Inbound => Self::Inbound,
            Mode::Manual => Self::Manual,
            Mode::Preview => Self::Preview,
            Mode::Progressive => Self::Progressive,
            Mode::Chat => Self::Chat,
            Mode::Blended => Self::Blended,
        }
    }
}

/// Whether the agent is there, by whichever door.
pub(crate) fn is_there(profile: &Profile, now: Timestamp) -> bool {
    profile.agent.is_usable() && profile.state.is_live(now)
}

/// What an agent who may not be there does.
fn state(profile: &Profile, now: Timestamp) -> StateWord {
    if !is_there(profile, now) {
        return StateWord::LoggedOut;
    }
    match profile.state.shown(&profile.agent, now) {
        Shown::Ready => StateWord::Ready,
        Shown::Idle => StateWord::NotReady,
        Shown::Paused | Shown::Reassigning => StateWord::Paused,
        Shown::WrapUp => StateWord::AfterWork,
        Shown::Blocked | Shown::Offline | Shown::Declared { .. } => StateWord::LoggedOut,
    }
}

impl AgentDetail {
    pub(crate) fn new(profile: &Profile, now: Timestamp) -> Self {
        Self {
            state: state(profile, now),
            since: clock(now.since(profile.state.state_since)),
            skill: skill_names(profile),
            agent_name: profile.agent.name(),
            phone_number: profile.state.phone.clone(),
            agent_id: profile.agent.login.clone(),
            mode: profile.state.mode.map(Into::into),
        }
    }
}

impl AgentLogin {
    pub(crate) fn new(profile: &Profile, now: Timestamp) -> Self {
        Self {
            agent_id: profile.agent.login.clone(),
            agent_name: profile.agent.name(),
            phone_number: profile.state.phone.clone(),
            agent_state: state(profile, now),
            skill_name: skill_names(profile),
        }
    }
}

/// Hours, minutes and seconds; the hours may have more than two digits.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_shown_as_a_clock_does() {
        for (seconds, shown) in [(0, "00:00:00"), (414, "00:06:54"), (86_399, "23:59:59"), (360_061, "100:01:01")] {
            assert_eq!(clock(Duration::from_secs(seconds)), shown);
        }
    }
}
