//! The table: which endpoint each handler is. Methods and paths stand at the handlers.

use muster_http::routes::RouteTable;
use utoipa_axum::routes;

use crate::Api;
use crate::auth::{Endpoint, Guard};
use crate::handlers::{agents, desk, reports, skills, state, tokens};

const fn of(endpoint: Endpoint) -> Guard {
    Guard { endpoint }
}

pub(crate) fn table(api: Api) -> RouteTable<Api, Guard> {
    RouteTable::new(api)
        .add(of(Endpoint::GenerateToken), routes!(tokens::generate))
        .add(of(Endpoint::UpdateAgent), routes!(agents::edit))
        .add(of(Endpoint::CreateAgent), routes!(agents::create))
        .add(of(Endpoint::DeleteAgent), routes!(agents::delete))
        .add(of(Endpoint::AgentDetails), routes!(reports::details))
        .add(of(Endpoint::AgentLogins), routes!(reports::logins))
        .add(of(Endpoint::ChangeAgentState), routes!(state::change))
        .add(of(Endpoint::AgentAuthentication), routes!(desk::authenticate))
        .add(of(Endpoint::CreateSkill), routes!(skills::create))
}
