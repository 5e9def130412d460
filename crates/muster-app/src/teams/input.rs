//! What can be said about a team.

use muster_core::agent::email;
use muster_core::id::{BusinessHoursId, TeamId};
use muster_core::team::{NAME_MAX, Team, TeamMode};
use muster_core::{Error, Result, Timestamp, Why, text, time};
use serde_json::{Map, Value, json};

use super::members::MembersPatch;

pub(super) use crate::work::changed_fields as fields;

const TEXT_MAX: usize = 1000;
const EMOJI_MAX: usize = 16;
const WRAP_UP_MAX_MS: i64 = 24 * 3600 * 1000;

/// A team to be created; `settings.name` is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTeam {
    pub name: String,
    pub settings: TeamPatch,
}

/// A change of a team. `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamPatch {
    pub name: Option<String>,
    pub emoji: Option<Option<String>>,
    pub description: Option<String>,
    pub email: Option<Option<String>>,
    /// Enabling an archived team brings it back, unless that is refused.
    pub enabled: Option<bool>,
    /// Refuses to enable a team that is archived.
    pub refuse_archived: bool,
    /// Archiving disables.
    pub archived: Option<bool>,
    pub mode: Option<TeamMode>,
    pub method: Option<Option<String>>,
    /// Open conversations of this team per member.
    pub member_cap: Option<Option<u16>>,
    /// IANA name.
    pub timezone: Option<String>,
    pub business_hours: Option<Option<BusinessHoursId>>,
    pub sla_policy: Option<Option<i64>>,
    pub fallback_team: Option<Option<TeamId>>,
    pub forward_to: Option<Vec<TeamId>>,
    pub accepts_when_absent: Option<bool>,
    pub offered_at_start: Option<bool>,
    pub offered_when_closed: Option<bool>,
    pub closing_tags: Option<Vec<String>>,
    pub tag_required: Option<bool>,
    /// Up to a day.
    pub wrap_up_ms: Option<i64>,
    /// What one product keeps with the team.
    pub extras: Option<Extras>,
    /// Who is to be a member and who isn't.
    pub members: Option<MembersPatch>,
}

/// A change of what one product keeps with a thing and the desk doesn't know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extras {
    /// The product's word.
    pub dialect: &'static str,
    /// Merged by key; null deletes. What is kept has up to 100 keys and 64 KiB.
    pub values: Map<String, Value>,
}

/// Applies a patch to a team in hand.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn apply(team: &mut Team, patch: &TeamPatch, now: Timestamp) -> Result<()> {
    apply_texts(team, patch)?;
    apply_flags(team, patch, now);
    put(&mut team.mode, patch.mode);
    put(&mut team.member_cap, patch.member_cap.map(|cap| cap.filter(|cap| *cap > 0)));
    put(&mut team.business_hours, patch.business_hours);
    put(&mut team.sla_policy, patch.sla_policy);
    put(&mut team.fallback_team, patch.fallback_team);
    put(&mut team.forward_to, patch.forward_to.clone());
    if patch.wrap_up_ms.is_some_and(|wrap_up| !(0..=WRAP_UP_MAX_MS).contains(&wrap_up)) {
        return Err(Error::invalid("wrap_up_ms", Why::OutOfRange));
    }
    put(&mut team.wrap_up_ms, patch.wrap_up_ms);
    Ok(())
}

fn apply_texts(team: &mut Team, patch: &TeamPatch) -> Result<()> {
    if let Some(name) = &patch.name {
        team.name = text::bounded("name", name, 1, NAME_MAX)?;
    }
    if let Some(emoji) = &patch.emoji {
        team.emoji = optional("emoji", emoji.as_deref(), EMOJI_MAX)?;
    }
    if let Some(description) = &patch.description {
        team.description = text::bounded("description", description, 0, TEXT_MAX)?;
    }
    if let Some(address) = &patch.email {
        let address = optional("email", address.as_deref(), TEXT_MAX)?;
        team.email = address.map(|address| email("email", &address)).transpose()?;
    }
    if let Some(method) = &patch.method {
        team.method = optional("method", method.as_deref(), NAME_MAX)?;
    }
    if let Some(timezone) = &patch.timezone {
        team.timezone = time::zone("timezone", timezone)?;
    }
    if let Some(tags) = &patch.closing_tags {
        let tags = tags.iter().map(|tag| text::bounded("closing_tags", tag, 1, NAME_MAX));
        team.closing_tags = tags.collect::<Result<_>>()?;
    }
    Ok(())
}

fn apply_flags(team: &mut Team, patch: &TeamPatch, now: Timestamp) {
    if let Some(enabled) = patch.enabled {
        team.enabled = enabled;
        if enabled {
            team.archived_at = None;
        }
    }
    match patch.archived {
        Some(true) => {
            team.enabled = false;
            team.archived_at = team.archived_at.or(Some(now));
        }
        Some(false) => team.archived_at = None,
        None => {}
    }
    put(&mut team.accepts_when_absent, patch.accepts_when_absent);
    put(&mut team.offered_at_start, patch.offered_at_start);
    put(&mut team.offered_when_closed, patch.offered_when_closed);
    put(&mut team.tag_required, patch.tag_required);
}

fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn optional(field: &'static str, given: Option<&str>, max: usize) -> Result<Option<String>> {
    let text = text::bounded(field, given.unwrap_or_default(), 0, max)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// What the audit log keeps of a team.
pub(super) fn shown(team: &Team) -> Value {
    json!({
        "name": team.name,
        "emoji": team.emoji,
        "description": team.description,
        "email": team.email,
        "enabled": team.enabled,
        "archived_at": team.archived_at,
        "mode": team.mode,
        "method": team.method,
        "member_cap": team.member_cap,
        "timezone": team.timezone,
        "business_hours": team.business_hours,
        "sla_policy": team.sla_policy,
        "fallback_team": team.fallback_team,
        "forward_to": team.forward_to,
        "accepts_when_absent": team.accepts_when_absent,
        "offered_at_start": team.offered_at_start,
        "offered_when_closed": team.offered_when_closed,
        "closing_tags": team.closing_tags,
        "tag_required": team.tag_required,
        "wrap_up_ms": team.wrap_up_ms,
    })
}
