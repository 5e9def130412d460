//! Teams.

use muster_app::teams::{Place, RosterPatch};
use muster_core::id::AgentId;
use muster_core::team::{self, TeamMode};
use muster_core::view::MemberListing;
use muster_http::body::null_as_default;
use muster_http::patch::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use super::availability::AvailabilityStatus;
use super::extension::MembershipRoleWord;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Team {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    #[schema(required)]
    pub(crate) emoji: Option<String>,
    pub(crate) name: String,
    pub(crate) conversation_assignment_type: AssignmentType,
    /// IANA name.
    pub(crate) timezone: String,
    #[schema(required)]
    pub(crate) business_hours_id: Option<i64>,
    #[schema(required)]
    pub(crate) sla_policy_id: Option<i64>,
    /// Open conversations of this team per member; 0: no limit.
    pub(crate) max_auto_assigned_conversations: u16,
    pub(crate) muster: TeamExtension,
}

/// Whether conversations are given out or taken.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) enum AssignmentType {
    #[serde(rename = "Round robin")]
    RoundRobin,
    Manual,
}

impl AssignmentType {
    pub(crate) fn parse(word: &str) -> Option<TeamMode> {
        match word {
            "Round robin" => Some(TeamMode::Auto),
            "Manual" => Some(TeamMode::Manual),
            _ => None,
        }
    }
}

/// What the desk keeps of a team beyond the product's own fields. Ours, not the product's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamExtension {
    pub(crate) public_id: String,
    pub(crate) version: i64,
    pub(crate) description: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    /// Takes conversations.
    pub(crate) enabled: bool,
    #[schema(required)]
    pub(crate) archived_at: Option<Time>,
    /// Name of a routing policy; null: the desk's.
    #[schema(required)]
    pub(crate) method: Option<String>,
    #[schema(required)]
    pub(crate) fallback_team_id: Option<i64>,
    pub(crate) forward_to: Vec<i64>,
    pub(crate) accepts_when_absent: bool,
    pub(crate) offered_at_start: bool,
    pub(crate) offered_when_closed: bool,
    pub(crate) closing_tags: Vec<String>,
    pub(crate) tag_required: bool,
    pub(crate) wrap_up_ms: i64,
}

impl From<team::Team> for Team {
    fn from(team: team::Team) -> Self {
        let team::Team {
            id,
            public_id,
            name,
            emoji,
            description,
            email,
            enabled,
            archived_at,
            mode,
            method,
            member_cap,
            timezone,
            business_hours,
            sla_policy,
            fallback_team,
            forward_to,
            accepts_when_absent,
            offered_at_start,
            offered_when_closed,
            closing_tags,
            tag_required,
            wrap_up_ms,
            created_at,
            updated_at,
            version,
        } = team;
        let muster = TeamExtension {
            public_id: public_id.as_str().to_owned(),
            version,
            description,
            email,
            enabled,
            archived_at: archived_at.map(Time),
            method,
            fallback_team_id: fallback_team.map(|team| team.0),
            forward_to: forward_to.iter().map(|team| team.0).collect(),
            accepts_when_absent,
            offered_at_start,
            offered_when_closed,
            closing_tags,
            tag_required,
            wrap_up_ms,
        };
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            emoji,
            name,
            conversation_assignment_type: match mode {
                TeamMode::Auto => AssignmentType::RoundRobin,
                TeamMode::Manual => AssignmentType::Manual,
            },
            timezone,
            business_hours_id: business_hours.map(|hours| hours.0),
            sla_policy_id: sla_policy,
            max_auto_assigned_conversations: member_cap.unwrap_or(0),
            muster,
        }
    }
}

/// A team for choosing from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamCompact {
    pub(crate) id: i64,
    pub(crate) name: String,
    #[schema(required)]
    pub(crate) emoji: Option<String>,
}

impl From<team::Team> for TeamCompact {
    fn from(team: team::Team) -> Self {
        Self { id: team.id.0, name: team.name, emoji: team.emoji }
    }
}

/// A member of a team. Ours, not the product's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamMember {
    pub(crate) agent_id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    pub(crate) enabled: bool,
    pub(crate) availability_status: AvailabilityStatus,
    pub(crate) role: MembershipRoleWord,
    /// Open conversations of this team at a time; null: no limit of its own.
    #[schema(required)]
    pub(crate) capacity: Option<u16>,
    /// Lower first.
    pub(crate) order: i32,
    /// Open conversations of this team held.
    pub(crate) load: u16,
}

impl From<MemberListing> for TeamMember {
    fn from(member: MemberListing) -> Self {
        let MemberListing { summary, membership } = member;
        Self {
            agent_id: summary.id.0,
            first_name: summary.first_name,
            last_name: summary.last_name,
            email: summary.email,
            avatar_url: summary.avatar_url,
            enabled: summary.enabled,
            availability_status: summary.shown.into(),
            role: membership.role.into(),
            capacity: membership.capacity,
            order: membership.order,
            load: membership.load,
        }
    }
}

/// Who is to be a member of a team and who isn't. Who isn't named stays as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct TeamMembersRequest {
    /// At most 500. Whoever isn't a member becomes one; the last word on an agent counts.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) set: Vec<TeamMemberRequest>,
    /// Ids, at most 500. They leave before others join; whoever isn't a member is passed over.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) remove: Vec<i64>,
}

/// A member's place in the team. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TeamMemberRequest {
    pub(crate) agent_id: i64,
    pub(crate) role: Option<MembershipRoleWord>,
    #[serde(default)]
    pub(crate) capacity: Patch<u16>,
    pub(crate) order: Option<i32>,
}

impl From<TeamMembersRequest> for RosterPatch {
    fn from(request: TeamMembersRequest) -> Self {
        let place = |member: TeamMemberRequest| {
            let TeamMemberRequest { agent_id, role, capacity, order } = member;
            Place { agent: AgentId(agent_id), role: role.map(Into::into), capacity: capacity.into_change(), order }
        };
        let TeamMembersRequest { set, remove } = request;
        Self { set: set.into_iter().map(place).collect(), remove: remove.into_iter().map(AgentId).collect() }
    }
}

/// A team to be written. On an update an absent field stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct TeamRequest {
    /// Needed on creation.
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) emoji: Patch<String>,
    #[schema(value_type = Option<AssignmentType>)]
    pub(crate) conversation_assignment_type: Option<String>,
    pub(crate) timezone: Option<String>,
    #[serde(default)]
    pub(crate) business_hours_id: Patch<i64>,
    #[serde(default)]
    pub(crate) sla_policy_id: Patch<i64>,
    pub(crate) max_auto_assigned_conversations: Option<u16>,
    pub(crate) muster: Option<TeamExtensionRequest>,
}

/// The desk's own fields of a team to be written; absent ones stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct TeamExtensionRequest {
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) email: Patch<String>,
    pub(crate) enabled: Option<bool>,
    #[serde(default)]
    pub(crate) fallback_team_id: Patch<i64>,
    pub(crate) forward_to: Option<Vec<i64>>,
    pub(crate) accepts_when_absent: Option<bool>,
    pub(crate) offered_at_start: Option<bool>,
    pub(crate) offered_when_closed: Option<bool>,
    pub(crate) closing_tags: Option<Vec<String>>,
    pub(crate) tag_required: Option<bool>,
    pub(crate) wrap_up_ms: Option<i64>,
}
