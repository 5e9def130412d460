//! Definitions of custom attributes.

use axum::extract::State;
use muster_app::attributes::{AttributePatch, NewAttribute};
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::{Body, IdPath, PathId};
use crate::ids;
use crate::query::AttributeParams;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::custom_attribute::{AppliesTo, CustomAttribute, CustomAttributeRequest, DataType};

/// Lists the attributes, by key.
#[utoipa::path(
    get,
    path = "/api/v1/custom-attributes",
    tag = "custom attributes",
    params(AttributeParams),
    responses((status = 200, description = "Attributes", body = Envelope<Vec<CustomAttribute>>))
)]
pub(crate) async fn list(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<Vec<CustomAttribute>>> {
    let scope = known("applies_to", query.get("applies_to"), AppliesTo::parse)?;
    let attributes = api.app.list_attributes(&agent.caller, scope).await?;
    Ok(Reply(attributes.into_iter().map(CustomAttribute::from).collect()))
}

/// Shows an attribute.
#[utoipa::path(
    get,
    path = "/api/v1/custom-attributes/{id}",
    tag = "custom attributes",
    params(IdPath),
    responses((status = 200, description = "The attribute", body = Envelope<CustomAttribute>))
)]
pub(crate) async fn get(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Reply<CustomAttribute>> {
    let attribute = api.app.attribute(&agent.caller, ids::attribute(id)?).await?;
    Ok(Reply(attribute.into()))
}

/// Defines an attribute.
#[utoipa::path(
    post,
    path = "/api/v1/custom-attributes",
    tag = "custom attributes",
    request_body = CustomAttributeRequest,
    responses((status = 200, description = "The new attribute", body = Envelope<CustomAttribute>))
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<CustomAttributeRequest>,
) -> Result<Reply<CustomAttribute>> {
    let attribute = api.app.create_attribute(&agent.caller, new(request)?).await?;
    Ok(Reply(attribute.into()))
}

/// Changes an attribute. Absent fields stay as they are.
#[utoipa::path(
    put,
    path = "/api/v1/custom-attributes/{id}",
    tag = "custom attributes",
    params(IdPath),
    request_body = CustomAttributeRequest,
    responses((status = 200, description = "The attribute as it is now", body = Envelope<CustomAttribute>))
)]
pub(crate) async fn update(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    Body(request): Body<CustomAttributeRequest>,
) -> Result<Reply<CustomAttribute>> {
    let id = ids::attribute(id)?;
    let attribute = api.app.update_attribute(&agent.caller, id, patch(request)?).await?;
    Ok(Reply(attribute.into()))
}

/// Deletes an attribute with all its values.
#[utoipa::path(
    delete,
    path = "/api/v1/custom-attributes/{id}",
    tag = "custom attributes",
    params(IdPath),
    responses(
        (status = 200, description = "Deleted", body = Envelope<bool>),
        (status = 409, description = "The rule of a skill needs it", body = ErrorBody)
    )
)]
pub(crate) async fn delete(State(api): State<Api>, agent: Agent, id: PathId) -> Result<Done> {
    api.app.delete_attribute(&agent.caller, ids::attribute(id)?).await?;
    Ok(Done)
}

fn new(request: CustomAttributeRequest) -> Result<NewAttribute> {
    let CustomAttributeRequest { name, description, applies_to, key, data_type, values, regex, regex_hint } = request;
    let name = needed("name", name)?;
    let applies_to = needed("applies_to", applies_to)?;
    // Wire (observed, 2.7): the field is called so when it is empty.
    let data_type = needed("type", data_type)?;
    Ok(NewAttribute {
        name,
        scope: AppliesTo::parse(&applies_to).ok_or_else(|| Failure::invalid("applies_to"))?,
        kind: DataType::parse(&data_type).ok_or_else(|| Failure::invalid("data_type"))?,
        description: needed("description", description)?,
        key: needed("key", key)?,
        options: values.unwrap_or_default(),
        regex: regex.unwrap_or_default(),
        regex_hint: regex_hint.unwrap_or_default(),
    })
}

fn patch(request: CustomAttributeRequest) -> Result<AttributePatch> {
    let CustomAttributeRequest { name, description, applies_to, key, data_type, values, regex, regex_hint } = request;
    if description.as_ref().is_some_and(|description| description.trim().is_empty()) {
        return Err(Failure::empty("description"));
    }
    Ok(AttributePatch {
        name,
        description,
        scope: known("applies_to", applies_to.as_deref(), AppliesTo::parse)?,
        key,
        kind: known("data_type", data_type.as_deref(), DataType::parse)?,
        options: values,
        regex,
        regex_hint,
    })
}

fn needed(field: &str, given: Option<String>) -> Result<String> {
    given.filter(|given| !given.trim().is_empty()).ok_or_else(|| Failure::empty(field))
}

/// What a word means, if one was sent.
fn known<T>(field: &str, word: Option<&str>, parse: fn(&str) -> Option<T>) -> Result<Option<T>> {
    word.map(|word| parse(word).ok_or_else(|| Failure::invalid(field))).transpose()
}
