//! The one table between this product's permissions and the desk's rights.

use muster_core::permission::Permission as P;

// Wire (documented): the names, in lower case and with hyphens. Which right answers for which name is ours.
pub(crate) const VIEW_L_ROOM: P = P::ConversationsRead;
pub(crate) const VIEW_LIVECHAT_DEPARTMENTS: P = P::TeamsRead;
pub(crate) const MANAGE_LIVECHAT_DEPARTMENTS: P = P::TeamsManage;
pub(crate) const REMOVE_LIVECHAT_DEPARTMENT: P = P::TeamsDelete;
pub(crate) const ADD_LIVECHAT_DEPARTMENT_AGENTS: P = P::TeamMembersManage;
pub(crate) const TRANSFER_LIVECHAT_GUEST: P = P::ConversationsUpdateUserAssignee;
pub(crate) const EDIT_OMNICHANNEL_CONTACT: P = P::ContactsWrite;
pub(crate) const VIEW_LIVECHAT_MANAGER: P = P::DeskSupervise;
pub(crate) const MANAGE_LIVECHAT_AGENTS: P = P::AgentsServe;
pub(crate) const CREATE_USER: P = P::UsersManage;
pub(crate) const DELETE_USER: P = P::UsersManage;
pub(crate) const EDIT_OTHER_USER_ACTIVE_STATUS: P = P::UsersManage;
pub(crate) const VIEW_FULL_OTHER_USER_INFO: P = P::UsersManage;
pub(crate) const API_BYPASS_RATE_LIMIT: P = P::ApiUnlimited;
