//! The table: which guard stands before which handler. Methods and paths stand at the handlers.

use muster_core::permission::Permission;
use muster_http::routes::RouteTable;
use utoipa_axum::routes;

use crate::Api;
use crate::auth::{Access, Guard};
use crate::handlers::{agents, department_agents, department_changes, departments, session, status, users};
use crate::permissions::{
    ADD_LIVECHAT_DEPARTMENT_AGENTS, CREATE_USER, DELETE_USER, EDIT_OTHER_USER_ACTIVE_STATUS, MANAGE_LIVECHAT_AGENTS,
    MANAGE_LIVECHAT_DEPARTMENTS, REMOVE_LIVECHAT_DEPARTMENT, VIEW_L_ROOM, VIEW_LIVECHAT_DEPARTMENTS,
    VIEW_LIVECHAT_MANAGER,
};

const OPEN: Guard = Guard::new(Access::Open);
const OWN_ACCOUNT: Guard = Guard::new(Access::OwnAccount);
const SIGNED_IN: Guard = Guard::new(Access::SignedIn);

const fn any(rights: &'static [Permission]) -> Guard {
    Guard::new(Access::Any(rights))
}

const VIEW: Guard = any(&[VIEW_LIVECHAT_DEPARTMENTS, VIEW_L_ROOM]);
const MANAGE: Guard = any(&[MANAGE_LIVECHAT_DEPARTMENTS]);
const MANAGE_OR_ADD: Guard = any(&[MANAGE_LIVECHAT_DEPARTMENTS, ADD_LIVECHAT_DEPARTMENT_AGENTS]);

pub(crate) fn table(api: Api) -> RouteTable<Api, Guard> {
    agents(departments(users(session(RouteTable::new(api)))))
}

fn session(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(OPEN, routes!(session::login))
        .add(OWN_ACCOUNT, routes!(session::logout, session::logout_by_get))
        .add(OWN_ACCOUNT, routes!(session::me))
        .add(OPEN, routes!(session::info))
        .add(OPEN, routes!(session::info_at_root))
}

fn users(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(any(&[CREATE_USER]).declared(), routes!(users::create))
        .add(SIGNED_IN, routes!(users::info))
        .add(SIGNED_IN, routes!(users::list))
        .add(any(&[EDIT_OTHER_USER_ACTIVE_STATUS]).declared(), routes!(users::set_active))
        .add(any(&[DELETE_USER]).declared(), routes!(users::delete))
        .add(SIGNED_IN, routes!(status::get))
        .add(SIGNED_IN, routes!(status::set))
}

fn departments(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(VIEW.declared(), routes!(departments::list))
        .add(MANAGE.declared(), routes!(department_changes::create))
        .add(
            any(&[VIEW_LIVECHAT_DEPARTMENTS, MANAGE_LIVECHAT_DEPARTMENTS]),
            routes!(departments::is_creation_available),
        )
        .add(VIEW, routes!(departments::get))
        .add(MANAGE_OR_ADD, routes!(department_changes::update))
        .add(any(&[MANAGE_LIVECHAT_DEPARTMENTS, REMOVE_LIVECHAT_DEPARTMENT]), routes!(department_changes::delete))
        .add(MANAGE, routes!(department_changes::archive))
        .add(MANAGE, routes!(department_changes::unarchive))
        .add(MANAGE, routes!(department_changes::archive_alias))
        .add(MANAGE, routes!(department_changes::unarchive_alias))
        .add(VIEW.declared(), routes!(departments::archived))
        .add(VIEW, routes!(departments::autocomplete))
        .add(VIEW, routes!(departments::list_by_ids))
        .add(VIEW.declared(), routes!(department_agents::list))
        .add(MANAGE_OR_ADD, routes!(department_agents::update))
}

fn agents(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(SIGNED_IN, routes!(agents::list))
        .add(any(&[VIEW_LIVECHAT_MANAGER]).declared(), routes!(agents::add))
        .add(any(&[VIEW_LIVECHAT_MANAGER]), routes!(agents::get, agents::remove))
        .add(any(&[MANAGE_LIVECHAT_AGENTS]).declared(), routes!(agents::save_info))
        .add(any(&[VIEW_L_ROOM]).declared(), routes!(status::set_service))
        .add(any(&[VIEW_L_ROOM]), routes!(department_agents::of_agent))
}
