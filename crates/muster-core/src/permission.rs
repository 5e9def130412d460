//! What an actor may do: a closed set of atoms. The 44 that the native API shows, and nine finer
//! ones: eight that other products distinguish, and the desk's own over what it knows of people.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($variant:ident = $word:literal),+ $(,)?) => {
        /// One right. The words are the native API's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($variant),+
        }

        impl Permission {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }
    };
}

permissions! {
    ConversationsReadAll = "conversations:read_all",
    ConversationsReadUnassigned = "conversations:read_unassigned",
    ConversationsReadAssigned = "conversations:read_assigned",
    ConversationsReadTeamInbox = "conversations:read_team_inbox",
    ConversationsReadTeamAll = "conversations:read_team_all",
    ConversationsRead = "conversations:read",
    ConversationsUpdateUserAssignee = "conversations:update_user_assignee",
    ConversationsUpdateTeamAssignee = "conversations:update_team_assignee",
    ConversationsUpdatePriority = "conversations:update_priority",
    ConversationsUpdateStatus = "conversations:update_status",
    ConversationsUpdateTags = "conversations:update_tags",
    ConversationsWrite = "conversations:write",
    MessagesRead = "messages:read",
    MessagesWrite = "messages:write",
    MessagesWriteAsContact = "messages:write_as_contact",
    ViewManage = "view:manage",
    SharedViewsManage = "shared_views:manage",
    ContactsReadAll = "contacts:read_all",
    ContactsRead = "contacts:read",
    ContactsWrite = "contacts:write",
    ContactsBlock = "contacts:block",
    ContactNotesRead = "contact_notes:read",
    ContactNotesWrite = "contact_notes:write",
    ContactNotesDelete = "contact_notes:delete",
    StatusManage = "status:manage",
    TagsManage = "tags:manage",
    MacrosManage = "macros:manage",
    UsersManage = "users:manage",
    TeamsManage = "teams:manage",
    AutomationsManage = "automations:manage",
    InboxesManage = "inboxes:manage",
    RolesManage = "roles:manage",
    WebhooksManage = "webhooks:manage",
    ContextLinksManage = "context_links:manage",
    TemplatesManage = "templates:manage",
    ReportsManage = "reports:manage",
    BusinessHoursManage = "business_hours:manage",
    SlaManage = "sla:manage",
    GeneralSettingsManage = "general_settings:manage",
    NotificationSettingsManage = "notification_settings:manage",
    OidcManage = "oidc:manage",
    AiManage = "ai:manage",
    CustomAttributesManage = "custom_attributes:manage",
    ActivityLogsManage = "activity_logs:manage",
    TeamMembersManage = "team_members:manage",
    TeamsRead = "teams:read",
    TeamsDelete = "teams:delete",
    DeskSupervise = "desk:supervise",
    AgentsServe = "agents:serve",
    SupervisorsManage = "supervisors:manage",
    ConversationsActForOthers = "conversations:act_for_others",
    ApiUnlimited = "api:unlimited",
    PrivacyManage = "privacy:manage",
}

impl Permission {
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == word)
    }

    /// Whether it is one of the nine finer atoms, which the native API keeps out of its list.
    #[must_use]
    pub const fn is_fine(self) -> bool {
        matches!(
            self,
            Self::TeamMembersManage
                | Self::TeamsRead
                | Self::TeamsDelete
                | Self::DeskSupervise
                | Self::AgentsServe
                | Self::SupervisorsManage
                | Self::ConversationsActForOthers
                | Self::ApiUnlimited
                | Self::PrivacyManage
        )
    }

    /// Whether holding it makes an agent one whose account only equals may touch: the `:manage`
    /// atoms without those for views and reports.
    #[must_use]
    pub const fn is_administration(self) -> bool {
        matches!(
            self,
            Self::StatusManage
                | Self::TagsManage
                | Self::MacrosManage
                | Self::UsersManage
                | Self::TeamsManage
                | Self::AutomationsManage
                | Self::InboxesManage
                | Self::RolesManage
                | Self::WebhooksManage
                | Self::ContextLinksManage
                | Self::TemplatesManage
                | Self::BusinessHoursManage
                | Self::SlaManage
                | Self::GeneralSettingsManage
                | Self::NotificationSettingsManage
                | Self::OidcManage
                | Self::AiManage
                | Self::CustomAttributesManage
                | Self::ActivityLogsManage
                | Self::PrivacyManage
        )
    }

    const fn bit(self) -> u64 {
        1 << (self as u64)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Permissions(u64);

impl Permissions {
    pub const NONE: Self = Self(0);

    /// Everything but writing in a customer's name.
    #[must_use]
    pub fn admin() -> Self {
        Permission::ALL.iter().copied().filter(|p| *p != Permission::MessagesWriteAsContact).collect()
    }

    /// What every integration may do, as long as it serves the agent in question.
    #[must_use]
    pub fn integration() -> Self {
        [Permission::UsersManage, Permission::TeamsManage].into_iter().collect::<Self>().closure()
    }

    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn insert(&mut self, permission: Permission) {
        self.0 |= permission.bit();
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }

    /// The administration atoms of this set.
    #[must_use]
    pub fn administration(self) -> Self {
        self.iter().filter(|permission| permission.is_administration()).collect()
    }

    /// The set with everything that its atoms imply. Checks use this; roles store what was granted.
    #[must_use]
    pub fn closure(self) -> Self {
        use Permission as P;
        let mut set = self;
        let imply = |set: &mut Self, when: bool, then: P| {
            if when {
                set.insert(then);
            }
        };
        imply(&mut set, self.contains(P::TeamsManage), P::TeamMembersManage);
        imply(&mut set, self.contains(P::TeamsManage), P::TeamsDelete);
        imply(&mut set, self.contains(P::UsersManage), P::DeskSupervise);
        imply(&mut set, self.contains(P::UsersManage), P::AgentsServe);
        imply(&mut set, self.contains(P::UsersManage) && self.contains(P::RolesManage), P::SupervisorsManage);
        let reads_teams = [P::TeamsManage, P::TeamMembersManage, P::DeskSupervise].iter().any(|p| set.contains(*p));
        imply(&mut set, reads_teams, P::TeamsRead);
        let acts = set.contains(P::ConversationsReadAll) && set.contains(P::DeskSupervise);
        imply(&mut set, acts, P::ConversationsActForOthers);
        set
    }

    /// Whether an agent with these rights can answer customers.
    #[must_use]
    pub fn answers(self) -> bool {
        use Permission as P;
        let set = self.closure();
        set.contains(P::MessagesWrite)
            && set.contains(P::ConversationsRead)
            && (set.contains(P::ConversationsReadAssigned) || set.contains(P::ConversationsReadAll))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(iter: I) -> Self {
        let mut set = Self::NONE;
        for permission in iter {
            set.insert(permission);
        }
        set
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}

impl Serialize for Permissions {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Permission::as_str))
    }
}

impl<'de> Deserialize<'de> for Permissions {
    /// Words that are not known (from a newer desk) are dropped.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        Ok(words.iter().filter_map(|word| Permission::parse(word)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_has_44_documented_and_nine_fine_atoms() {
        let fine = Permission::ALL.iter().filter(|p| p.is_fine()).count();
        assert_eq!((Permission::ALL.len() - fine, fine), (44, 9));
    }

    #[test]
    fn every_word_parses_back() {
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.as_str()), Some(*permission));
        }
    }

    #[test]
    fn managing_teams_implies_their_members_and_reading_them() {
        let set = Permissions::from_iter([Permission::TeamsManage]).closure();
        for implied in [Permission::TeamMembersManage, Permission::TeamsRead, Permission::TeamsDelete] {
            assert!(set.contains(implied), "{implied}");
        }
        assert!(!set.contains(Permission::UsersManage));
    }
}
