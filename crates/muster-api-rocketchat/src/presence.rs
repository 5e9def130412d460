//! The product's words for presence, each a function of the desk's facts.

use muster_core::Timestamp;
use muster_core::agent::Profile;
use muster_core::presence::{Intent, Link, Shown};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Online,
    Away,
    Busy,
    Offline,
}

/// Whether an agent takes chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Service {
    Available,
    NotAvailable,
}

/// Whether somebody is a livechat agent here: may answer customers, and takes customer work.
pub(crate) fn is_agent(profile: &Profile) -> bool {
    profile.agent.serves && profile.answers()
}

/// What is shown as `status`.
pub(crate) fn status(profile: &Profile, now: Timestamp) -> Status {
    match connection(profile, now) {
        Status::Online if profile.state.dnd => Status::Busy,
        status => status,
    }
}

/// What is shown as `statusConnection`: the same without `busy`.
///
/// Somebody else's word about an agent is no connection; the agent's own sign-in is, for a while.
pub(crate) fn connection(profile: &Profile, now: Timestamp) -> Status {
    let state = &profile.state;
    let is_running = state.lease_until.is_some_and(|until| until > now);
    let is_own_word = state.declared_by.is_none_or(|by| by == profile.agent.id);
    let is_there = match state.link {
        Link::Live => is_running,
        Link::Declared => is_running && is_own_word,
        Link::Absent | Link::Hidden => false,
    };
    match (state.shown(&profile.agent, now), is_there) {
        (Shown::Blocked, _) | (_, false) => Status::Offline,
        (_, true) if state.idle => Status::Away,
        (_, true) => Status::Online,
    }
}

/// What is shown as `statusLivechat`, of agents.
pub(crate) fn service(profile: &Profile) -> Option<Service> {
    let is_ready = profile.agent.is_usable() && profile.state.intent == Intent::Ready;
    is_agent(profile).then_some(if is_ready { Service::Available } else { Service::NotAvailable })
}

/// What is shown as `statusText`: what the agent said, else why they pause.
pub(crate) fn text(profile: &Profile) -> &str {
    let state = &profile.state;
    state.pause_note.as_deref().or(state.pause_reason.as_deref()).unwrap_or_default()
}
