//! Service levels, which the desk doesn't have.

use crate::auth::Agent;
use crate::reply::{Envelope, Reply};

/// Lists the service levels: there are none.
#[utoipa::path(
    get,
    path = "/api/v1/sla",
    tag = "service levels",
    responses((status = 200, description = "Always empty", body = Envelope<Vec<String>>))
)]
pub(crate) async fn list(_: Agent) -> Reply<Vec<String>> {
    Reply(Vec::new())
}
