//! The table: which guard stands before which handler. Methods and paths stand at the handlers.

use muster_core::permission::Permission as P;
use muster_http::routes::RouteTable;
use utoipa_axum::routes;

use crate::Api;
use crate::auth::{Access, Guard};
use crate::handlers::{agents, auth, health, inboxes, keys, me, roles, setup, skills, statuses, teams};
use crate::limits::Rule;

const ALWAYS: Guard = Guard::new(Access::Always);
const OPEN: Guard = Guard::new(Access::Open);
const SIGNED_OUT: Guard = Guard::new(Access::SignedOut);
const SESSION: Guard = Guard::new(Access::Session);
const ANY_AGENT: Guard = Guard::new(Access::AnyAgent);

const fn may(permission: P) -> Guard {
    Guard::new(Access::May(permission))
}

pub(crate) fn table(api: Api) -> RouteTable<Api, Guard> {
    let table = health_table(api);
    let table = people(entrances(table));
    configuration(table)
}

/// The health checks alone.
pub(crate) fn health_table(api: Api) -> RouteTable<Api, Guard> {
    RouteTable::new(api).add(ALWAYS, routes!(health::health)).add(ALWAYS, routes!(health::ready))
}

fn entrances(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(ALWAYS.limited(Rule::Auth), routes!(setup::set_up))
        .add(OPEN.limited(Rule::Auth), routes!(auth::login))
        .add(SESSION, routes!(auth::logout))
        .add(SIGNED_OUT.limited(Rule::Auth), routes!(auth::reset_password))
        .add(SIGNED_OUT.limited(Rule::Auth), routes!(auth::set_password))
}

fn people(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(ANY_AGENT, routes!(me::profile))
        .add(ANY_AGENT, routes!(me::teams))
        .add(ANY_AGENT, routes!(me::set_availability))
        .add(ANY_AGENT, routes!(agents::compact))
        .add(may(P::UsersManage), routes!(agents::list, agents::create))
        .add(may(P::UsersManage), routes!(agents::get, agents::update, agents::delete))
        .add(may(P::UsersManage), routes!(keys::create, keys::revoke))
        .add(ANY_AGENT, routes!(roles::list))
        .add(may(P::RolesManage), routes!(roles::create))
        .add(may(P::RolesManage), routes!(roles::get, roles::update, roles::delete))
        .add(ANY_AGENT, routes!(teams::compact))
        .add(may(P::TeamsManage), routes!(teams::list, teams::create))
        .add(may(P::TeamsManage), routes!(teams::get, teams::update, teams::delete))
        .add(ANY_AGENT, routes!(skills::list))
        .add(may(P::TeamsManage), routes!(skills::create))
        .add(ANY_AGENT, routes!(skills::get))
        .add(may(P::TeamsManage), routes!(skills::update, skills::delete))
}

fn configuration(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(ANY_AGENT, routes!(inboxes::list))
        .add(may(P::InboxesManage), routes!(inboxes::create))
        .add(may(P::InboxesManage), routes!(inboxes::get, inboxes::update))
        .add(ANY_AGENT, routes!(statuses::list))
        .add(ANY_AGENT, routes!(statuses::priorities))
}
