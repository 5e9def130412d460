//! Teams. What other products call by another name is a team too.

use crate::agent::Membership;
use crate::id::{AgentId, BusinessHoursId, PublicId, TeamId};
use crate::time::Timestamp;
use crate::word::words;

pub const NAME_MAX: usize = 140;

words! {
    /// Whether the router gives out a team's conversations or its members take them.
    pub enum TeamMode { Auto = "auto", Manual = "manual" }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Team {
    pub id: TeamId,
    pub public_id: PublicId,
    pub name: String,
    pub emoji: Option<String>,
    pub description: String,
    pub email: Option<String>,
    pub enabled: bool,
    /// Archived implies not enabled.
    pub archived_at: Option<Timestamp>,
    pub mode: TeamMode,
    /// Name of a routing policy; `None`: the desk's.
    pub method: Option<String>,
    /// Open conversations of this team per member; `None`: no limit.
    pub member_cap: Option<u16>,
    /// IANA name.
    pub timezone: String,
    pub business_hours: Option<BusinessHoursId>,
    pub sla_policy: Option<i64>,
    pub fallback_team: Option<TeamId>,
    pub forward_to: Vec<TeamId>,
    pub accepts_when_absent: bool,
    pub offered_at_start: bool,
    pub offered_when_closed: bool,
    pub closing_tags: Vec<String>,
    pub tag_required: bool,
    pub wrap_up_ms: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

impl Team {
    /// Whether the team takes conversations at all.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.enabled && self.archived_at.is_none()
    }
}

/// A member, as seen from the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    pub agent: AgentId,
    /// The agent's; the membership has one of its own.
    pub public_id: PublicId,
    pub login: String,
    pub membership: Membership,
}
