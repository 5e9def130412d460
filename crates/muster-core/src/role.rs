//! Roles: named sets of permissions.

use crate::id::{PublicId, RoleId};
use crate::permission::{Permission, Permissions};
use crate::text;
use crate::time::Timestamp;
use crate::{Entity, Refusal, Result};

pub const ADMIN_KEY: &str = "admin";
pub const AGENT_KEY: &str = "agent";
pub const MANAGER_KEY: &str = "manager";
pub const ANALYST_KEY: &str = "analyst";

/// Longest name and description, in characters.
pub const NAME_MAX: usize = 50;
pub const DESCRIPTION_MAX: usize = 300;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    pub id: RoleId,
    pub public_id: PublicId,
    /// Built-in roles have one; they can't be deleted or renamed.
    pub key: Option<String>,
    pub name: String,
    pub description: String,
    /// As granted; checks use the closure.
    pub permissions: Permissions,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

impl Role {
    #[must_use]
    pub const fn is_built_in(&self) -> bool {
        self.key.is_some()
    }

    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.key.as_deref() == Some(ADMIN_KEY)
    }

    /// # Errors
    /// [`Refusal::BuiltIn`] for the administrators' role, whose permissions are all by definition.
    pub fn check_editable(&self) -> Result<()> {
        if self.is_admin() { Err(Refusal::BuiltIn(Entity::Role).into()) } else { Ok(()) }
    }

    /// # Errors
    /// [`Refusal::BuiltIn`].
    pub fn check_deletable(&self) -> Result<()> {
        if self.is_built_in() { Err(Refusal::BuiltIn(Entity::Role).into()) } else { Ok(()) }
    }
}

/// Name and description within their bounds.
///
/// # Errors
/// [`crate::Error::Invalid`].
pub fn check_names(name: &str, description: &str) -> Result<(String, String)> {
    Ok((text::bounded("name", name, 1, NAME_MAX)?, text::bounded("description", description, 0, DESCRIPTION_MAX)?))
}

/// A role that every desk starts with.
#[derive(Debug, Clone)]
pub struct BuiltIn {
    pub key: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub permissions: Permissions,
}

/// The roles of a new desk, in order.
#[must_use]
pub fn built_ins() -> Vec<BuiltIn> {
    use Permission as P;
    let agent: Permissions = [
        P::ConversationsReadAll,
        P::ConversationsReadUnassigned,
        P::ConversationsReadAssigned,
        P::ConversationsReadTeamInbox,
        P::ConversationsReadTeamAll,
        P::ConversationsRead,
        P::ConversationsUpdateUserAssignee,
        P::ConversationsUpdateTeamAssignee,
        P::ConversationsUpdatePriority,
        P::ConversationsUpdateStatus,
        P::ConversationsUpdateTags,
        P::MessagesRead,
        P::MessagesWrite,
        P::ViewManage,
    ]
    .into_iter()
    .collect();
    let manager = agent.union(
        [
            P::TeamsManage,
            P::DeskSupervise,
            P::AgentsServe,
            P::ConversationsActForOthers,
            P::ReportsManage,
            P::ContactsReadAll,
            P::ContactsRead,
            P::ContactsWrite,
            P::ContactsBlock,
            P::MacrosManage,
            P::TagsManage,
            P::BusinessHoursManage,
        ]
        .into_iter()
        .collect(),
    );
    let analyst =
        [P::ConversationsRead, P::ConversationsReadTeamAll, P::MessagesRead, P::ReportsManage].into_iter().collect();
    vec![
        BuiltIn { key: AGENT_KEY, name: "Agent", description: "Answers customers.", permissions: agent },
        BuiltIn { key: ADMIN_KEY, name: "Admin", description: "May do everything.", permissions: Permissions::admin() },
        BuiltIn {
            key: MANAGER_KEY,
            name: "Manager",
            description: "Leads teams and watches the desk.",
            permissions: manager,
        },
        BuiltIn { key: ANALYST_KEY, name: "Analyst", description: "Reads and reports.", permissions: analyst },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_agent_answers_and_administers_nothing() {
        let roles = built_ins();
        let agent = &roles[0];
        assert!(agent.permissions.answers());
        assert!(agent.permissions.closure().administration().is_empty());
        assert_eq!(agent.permissions.iter().count(), 14);
    }

    #[test]
    fn analysts_never_answer() {
        assert!(!built_ins()[3].permissions.answers());
    }
}
