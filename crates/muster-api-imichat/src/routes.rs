//! The table: which guard stands before which handler. Methods and paths stand at the handlers.

use muster_http::routes::RouteTable;
use utoipa::openapi::path::Paths;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::auth::{Access, Guard};
use crate::handlers::{authorize, search, teams, users};

const KEY: Guard = Guard { access: Access::Key };
const TOKEN: Guard = Guard { access: Access::Token };
const TEAM: Guard = Guard { access: Access::Team };

pub(crate) fn table(api: Api) -> RouteTable<Api, Guard> {
    let table = RouteTable::new(api);
    let table = add(table, KEY, routes!(authorize::authorize));
    let table = add(table, TOKEN, routes!(teams::list));
    let table = add(table, TEAM, routes!(search::list, users::create));
    let table = add(table, TEAM, routes!(search::search));
    add(table, TEAM, routes!(users::get, users::update))
}

/// Serves the same under both versions' prefixes. Handlers are annotated with that of 3.1.
fn add(
    table: RouteTable<Api, Guard>,
    guard: Guard,
    (schemas, paths, handlers): UtoipaMethodRouter<Api>,
) -> RouteTable<Api, Guard> {
    let mut earlier = Paths::new();
    let renamed = paths.paths.iter().map(|(path, item)| (path.replacen("/v3.1/", "/v3.0/", 1), item.clone()));
    earlier.paths.extend(renamed);
    table.add(guard, (schemas.clone(), paths, handlers.clone())).add(guard, (schemas, earlier, handlers))
}
