//! Business hours.

use axum::extract::State;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::business_hours::{BusinessHours, BusinessHoursRequest};

/// Lists the business hours, those changed last first.
#[utoipa::path(
    get,
    path = "/api/v1/business-hours",
    tag = "business hours",
    responses((status = 200, description = "Business hours", body = Envelope<Vec<BusinessHours>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent) -> Result<Reply<Vec<BusinessHours>>> {
    let hours = api.app.list_business_hours(&agent.caller).await?;
    Ok(Reply(hours.into_iter().map(BusinessHours::from).collect()))
}

/// Shows business hours.
#[utoipa::path(
    get,
    path = "/api/v1/business-hours/{id}",
    tag = "business hours",
    params(IdPath),
    responses(
        (status = 200, description = "The business hours", body = Envelope<BusinessHours>),
        (status = 404, description = "Business hours not found", body = ErrorBody)
    )
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<BusinessHours>> {
    let hours = api.app.business_hours(&agent.caller, ids::business_hours(id)?).await?;
    Ok(Reply(hours.into()))
}

/// Creates business hours.
#[utoipa::path(
    post,
    path = "/api/v1/business-hours",
    tag = "business hours",
    request_body = BusinessHoursRequest,
    responses((status = 200, description = "The new business hours", body = Envelope<BusinessHours>))
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<BusinessHoursRequest>,
) -> Result<Reply<BusinessHours>> {
    let hours = api.app.create_business_hours(&agent.caller, request.into_patch()?).await?;
    Ok(Reply(hours.into()))
}

/// Changes business hours. Absent fields stay as they are.
#[utoipa::path(
    put,
    path = "/api/v1/business-hours/{id}",
    tag = "business hours",
    params(IdPath),
    request_body = BusinessHoursRequest,
    responses(
        (status = 200, description = "The business hours as they are now", body = Envelope<BusinessHours>),
        (status = 404, description = "Business hours not found", body = ErrorBody)
    )
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<BusinessHoursRequest>,
) -> Result<Reply<BusinessHours>> {
    let id = ids::business_hours(id)?;
    let hours = api.app.update_business_hours(&agent.caller, id, request.into_patch()?).await?;
    Ok(Reply(hours.into()))
}

/// Deletes business hours that neither a team nor the desk itself uses.
#[utoipa::path(
    delete,
    path = "/api/v1/business-hours/{id}",
    tag = "business hours",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted", body = Envelope<bool>),
        (status = 404, description = "Business hours not found", body = ErrorBody),
        (status = 409, description = "A team or the desk uses them", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_business_hours(&agent.caller, ids::business_hours(id)?).await?;
    Ok(Done)
}
