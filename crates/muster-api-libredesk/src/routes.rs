//! The table: which guard stands before which handler. Methods and paths stand at the handlers.

use axum::http::Method;
use axum::routing::get;
use muster_core::permission::Permission as P;
use muster_http::routes::RouteTable;
use utoipa_axum::routes;

use crate::Api;
use crate::auth::{Access, Guard};
use crate::handlers::{
    account, activity, address_book, agent_access, agents, auth, bulk, business_hours, contacts, conversation_work,
    conversations, csat, csat_page, custom_attributes, drafts, health, imports, inboxes, integrations, jobs, keys,
    languages, macros, me, media, messages, notifications, roles, search, settings, setup, skills, sla, statuses, tags,
    teams, templates, transcript, views, widget,
};
use crate::limits::Rule;
use crate::{realtime, widget_socket};

const ALWAYS: Guard = Guard::new(Access::Always);
const OPEN: Guard = Guard::new(Access::Open);
const SIGNED_OUT: Guard = Guard::new(Access::SignedOut);
const SESSION: Guard = Guard::new(Access::Session);
const SESSION_PROOF: Guard = SESSION.limited(Rule::Auth);
const OWN_ACCOUNT: Guard = Guard::new(Access::OwnAccount);
const ANY_AGENT: Guard = Guard::new(Access::AnyAgent);
const PUBLIC: Guard = Guard::new(Access::Open).limited(Rule::Public);
const LINKED: Guard = Guard::new(Access::Linked);
const WIDGET: Guard = Guard::new(Access::Open).limited(Rule::Widget);

const fn may(permission: P) -> Guard {
    Guard::new(Access::May(permission))
}

pub(crate) fn table(api: Api) -> RouteTable<Api, Guard> {
    let table = health_table(api);
    let table = people(accounts(entrances(table)));
    let table = privacy(conversations(macros(settings(configuration(table)))));
    let table = search(views(table));
    let table = address_book(asides(table));
    let table = conversation_work(tags_and_statuses(table));
    sockets(files(ratings(widgets(table))))
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

fn accounts(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(OWN_ACCOUNT, routes!(me::profile))
        .add(SESSION_PROOF, routes!(account::change_password))
        .add(SESSION, routes!(account::sessions, account::end_sessions))
        .add(SESSION, routes!(account::end_session))
        .add(SESSION, routes!(account::second_factor))
        .add(SESSION_PROOF, routes!(account::begin_second_factor, account::end_second_factor))
        .add(SESSION_PROOF, routes!(account::confirm_second_factor))
        .add(SESSION_PROOF, routes!(account::renew_recovery_codes))
        .add(may(P::UsersManage), routes!(agent_access::invite))
        .add(may(P::UsersManage), routes!(agent_access::sessions, agent_access::end_sessions))
        .add(may(P::UsersManage), routes!(agent_access::end_session))
        .add(may(P::UsersManage), routes!(agent_access::reset_second_factor))
}

fn people(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(ANY_AGENT, routes!(me::teams))
        .add(ANY_AGENT, routes!(me::set_availability))
        .add(ANY_AGENT, routes!(me::pause_reasons))
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
        // Who runs a team changes it without a right of the whole desk.
        .add(ANY_AGENT, routes!(teams::members, teams::change_members))
        .add(ANY_AGENT, routes!(skills::list))
        .add(may(P::TeamsManage), routes!(skills::create))
        .add(ANY_AGENT, routes!(skills::get))
        .add(may(P::TeamsManage), routes!(skills::update, skills::delete))
}

fn configuration(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(ANY_AGENT, routes!(custom_attributes::list))
        .add(may(P::CustomAttributesManage), routes!(custom_attributes::create))
        .add(
            may(P::CustomAttributesManage),
            routes!(custom_attributes::get, custom_attributes::update, custom_attributes::delete),
        )
        .add(ANY_AGENT, routes!(inboxes::list))
        .add(may(P::InboxesManage), routes!(inboxes::create))
        .add(may(P::InboxesManage), routes!(inboxes::get, inboxes::update, inboxes::delete))
        .add(may(P::InboxesManage), routes!(inboxes::toggle))
        .add(may(P::GeneralSettingsManage), routes!(integrations::list, integrations::create))
        .add(may(P::GeneralSettingsManage), routes!(integrations::revoke))
        .add(may(P::GeneralSettingsManage), routes!(jobs::list))
        .add(may(P::GeneralSettingsManage), routes!(jobs::retry))
        .add(ANY_AGENT, routes!(statuses::list))
        .add(ANY_AGENT, routes!(statuses::priorities))
}

fn settings(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(OPEN, routes!(settings::config))
        .add(OPEN, routes!(languages::list))
        .add(OPEN, routes!(languages::texts))
        .add(ANY_AGENT, routes!(settings::general))
        .add(may(P::GeneralSettingsManage), routes!(settings::update_general))
        .add(may(P::NotificationSettingsManage), routes!(settings::mail, settings::update_mail))
        .add(ANY_AGENT, routes!(business_hours::list))
        .add(may(P::BusinessHoursManage), routes!(business_hours::create))
        .add(may(P::BusinessHoursManage), routes!(business_hours::get, business_hours::update, business_hours::delete))
        .add(may(P::TemplatesManage), routes!(templates::list, templates::create))
        .add(may(P::TemplatesManage), routes!(templates::get, templates::update, templates::delete))
        .add(ANY_AGENT, routes!(sla::list))
}

fn tags_and_statuses(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(may(P::StatusManage), routes!(statuses::create))
        .add(may(P::StatusManage), routes!(statuses::update, statuses::delete))
        .add(ANY_AGENT, routes!(tags::list))
        .add(may(P::TagsManage), routes!(tags::create))
        .add(may(P::TagsManage), routes!(imports::import_tags))
        .add(may(P::TagsManage), routes!(imports::tags_status))
        .add(may(P::TagsManage), routes!(tags::update, tags::delete))
        .add(may(P::ConversationsUpdateTags), routes!(tags::change))
}

fn conversation_work(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(may(P::ConversationsRead), routes!(conversation_work::participants))
        .add(may(P::ConversationsRead), routes!(conversation_work::mark_unread))
        .add(may(P::ConversationsRead), routes!(conversation_work::set_attributes))
        .add(may(P::ConversationsRead), routes!(conversation_work::merge_contact_attributes))
        .add(may(P::ConversationsRead), routes!(bulk::bulk))
        .add(may(P::MessagesRead), routes!(transcript::transcript))
        .add(may(P::MessagesWrite), routes!(messages::delete))
        .add(may(P::MessagesWrite), routes!(messages::retry))
}

fn macros(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(ANY_AGENT, routes!(macros::list))
        .add(may(P::MacrosManage), routes!(macros::create))
        .add(may(P::MacrosManage), routes!(macros::get, macros::update, macros::delete))
        .add(may(P::ConversationsRead), routes!(macros::apply))
}

fn conversations(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(may(P::ConversationsReadAll), routes!(conversations::all))
        .add(may(P::ConversationsReadUnassigned), routes!(conversations::unassigned))
        .add(may(P::ConversationsReadAssigned), routes!(conversations::assigned))
        .add(may(P::ConversationsRead), routes!(conversations::mentioned))
        .add(may(P::ConversationsReadTeamInbox), routes!(conversations::team_unassigned))
        .add(may(P::ConversationsWrite), routes!(conversations::create))
        .add(may(P::ConversationsRead), routes!(conversations::get))
        .add(may(P::ConversationsUpdateUserAssignee), routes!(conversations::assign_agent))
        .add(may(P::ConversationsUpdateUserAssignee), routes!(conversations::unassign_agent))
        .add(may(P::ConversationsUpdateTeamAssignee), routes!(conversations::assign_team))
        .add(may(P::ConversationsUpdateTeamAssignee), routes!(conversations::unassign_team))
        .add(may(P::ConversationsUpdatePriority), routes!(conversations::set_priority))
        .add(may(P::ConversationsUpdateStatus), routes!(conversations::set_status))
        .add(may(P::ConversationsRead), routes!(conversations::mark_seen))
        .add(may(P::ConversationsRead), routes!(conversations::routing))
        .add(may(P::MessagesRead), routes!(messages::list))
        .add(may(P::MessagesWrite), routes!(messages::send))
        .add(may(P::MessagesRead), routes!(messages::get))
}

fn views(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(may(P::ViewManage), routes!(views::own, views::create_own))
        .add(may(P::ViewManage), routes!(views::update_own, views::delete_own))
        .add(ANY_AGENT, routes!(views::shared_with_me))
        .add(may(P::ConversationsRead), routes!(views::conversations))
        .add(may(P::SharedViewsManage), routes!(views::list_shared, views::create_shared))
        .add(may(P::SharedViewsManage), routes!(views::get_shared, views::update_shared, views::delete_shared))
}

fn search(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(may(P::ConversationsRead), routes!(search::conversations))
        .add(may(P::MessagesRead), routes!(search::messages))
        .add(may(P::ContactsRead), routes!(search::contacts))
}

/// What each agent has for themselves.
fn asides(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(ANY_AGENT, routes!(drafts::list))
        .add(may(P::ConversationsRead), routes!(drafts::save, drafts::delete))
        .add(ANY_AGENT, routes!(notifications::list, notifications::delete_all))
        .add(ANY_AGENT, routes!(notifications::stats))
        .add(ANY_AGENT, routes!(notifications::read_all))
        .add(ANY_AGENT, routes!(notifications::read))
        .add(ANY_AGENT, routes!(notifications::delete))
}

fn address_book(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(may(P::ContactsReadAll), routes!(address_book::list))
        .add(may(P::ContactsRead), routes!(address_book::get))
        .add(may(P::ContactsWrite), routes!(address_book::update))
        .add(may(P::ContactsBlock), routes!(address_book::block))
        .add(may(P::ContactNotesRead), routes!(address_book::notes))
        .add(may(P::ContactNotesWrite), routes!(address_book::note))
        .add(may(P::ContactNotesDelete), routes!(address_book::delete_note))
        .add(may(P::ConversationsRead), routes!(address_book::page_visits))
        .add(may(P::ActivityLogsManage), routes!(activity::list))
}

fn privacy(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table.add(may(P::PrivacyManage), routes!(contacts::erase)).add(may(P::PrivacyManage), routes!(contacts::export))
}

fn widgets(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(WIDGET, routes!(widget::launcher))
        .add(WIDGET, routes!(widget::settings))
        .add(WIDGET, routes!(widget::exchange))
        .add(WIDGET, routes!(widget::me))
        .add(WIDGET, routes!(widget::start))
        .add(WIDGET, routes!(widget::list))
        .add(WIDGET, routes!(widget::get))
        .add(WIDGET, routes!(widget::send))
        .add(WIDGET, routes!(widget::seen))
}

fn ratings(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(PUBLIC, routes!(csat::respond))
        .add_undocumented(
            PUBLIC,
            &[Method::GET, Method::POST],
            "/csat/{survey_uuid}",
            get(csat_page::show).post(csat_page::submit),
        )
        .add_undocumented(PUBLIC, &[Method::GET], "/csat/{survey_uuid}/widget", get(csat_page::show_framed))
}

fn files(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table
        .add(ANY_AGENT, routes!(media::upload))
        .add(ANY_AGENT, routes!(media::set_avatar))
        .add(ANY_AGENT, routes!(media::remove_avatar))
        .add(WIDGET, routes!(media::upload_by_visitor))
        .add(may(P::UsersManage), routes!(imports::import_agents))
        .add(may(P::UsersManage), routes!(imports::agents_status))
        .add_undocumented(LINKED, &[Method::GET], "/uploads/{name}", get(media::download))
}

fn sockets(table: RouteTable<Api, Guard>) -> RouteTable<Api, Guard> {
    table.add_undocumented(ANY_AGENT, &[Method::GET], "/ws", get(realtime::open)).add_undocumented(
        WIDGET,
        &[Method::GET],
        "/widget/ws",
        get(widget_socket::open),
    )
}
