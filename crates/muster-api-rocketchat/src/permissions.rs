//! The one table between this product's permissions and the desk's rights.

use muster_core::permission::Permission as P;

/// A permission of this product, and the desk's right that answers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// As the product names it.
    pub word: &'static str,
    pub atom: P,
}

macro_rules! rights {
    ($($name:ident = $word:literal -> $atom:ident),+ $(,)?) => {
        $(pub(crate) const $name: Right = Right { word: $word, atom: P::$atom };)+
    };
}

// Wire (documented): the words. Which right answers for which word is ours.
rights! {
    VIEW_L_ROOM = "view-l-room" -> ConversationsRead,
    VIEW_LIVECHAT_DEPARTMENTS = "view-livechat-departments" -> TeamsRead,
    MANAGE_LIVECHAT_DEPARTMENTS = "manage-livechat-departments" -> TeamsManage,
    REMOVE_LIVECHAT_DEPARTMENT = "remove-livechat-department" -> TeamsDelete,
    ADD_LIVECHAT_DEPARTMENT_AGENTS = "add-livechat-department-agents" -> TeamMembersManage,
    TRANSFER_LIVECHAT_GUEST = "transfer-livechat-guest" -> ConversationsUpdateUserAssignee,
    EDIT_OMNICHANNEL_CONTACT = "edit-omnichannel-contact" -> ContactsWrite,
    VIEW_LIVECHAT_MANAGER = "view-livechat-manager" -> DeskSupervise,
    MANAGE_LIVECHAT_AGENTS = "manage-livechat-agents" -> AgentsServe,
    CREATE_USER = "create-user" -> UsersManage,
    DELETE_USER = "delete-user" -> UsersManage,
    EDIT_OTHER_USER_ACTIVE_STATUS = "edit-other-user-active-status" -> UsersManage,
    VIEW_FULL_OTHER_USER_INFO = "view-full-other-user-info" -> UsersManage,
    API_BYPASS_RATE_LIMIT = "api-bypass-rate-limit" -> ApiUnlimited,
}
