//! Customers' ratings, as widgets and programs give them. The pages are in `csat_page`.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::request::Parts;
use muster_app::auth::Origin;
use muster_core::actor::Via;
use muster_core::survey::Answer;
use muster_core::{Error, Why};
use muster_http::request::origin;

use crate::Api;
use crate::error::{ErrorBody, Failure, RateLimitBody, Result};
use crate::extract::Body;
use crate::ids::SurveyUuid;
use crate::reply::{Done, Envelope};
use crate::wire::survey::RatingRequest;

/// Takes a customer's rating, once. Whoever knows the survey's UUID may give it.
#[utoipa::path(
    post,
    path = "/api/v1/csat/{survey_uuid}/response",
    tag = "csat",
    security(()),
    params(("survey_uuid" = uuid::Uuid, Path, description = "`csat_uuid` of the message that asks")),
    request_body = RatingRequest,
    responses(
        (status = 200, description = "Done", body = Envelope<bool>),
        (status = 403, description = "The customer is blocked", body = ErrorBody),
        (status = 429, description = "Too many calls from this address", body = RateLimitBody)
    )
)]
pub(crate) async fn respond(
    State(api): State<Api>,
    survey: Result<SurveyUuid>,
    parts: Parts,
    body: Result<Body<RatingRequest>>,
) -> Result<Done> {
    // Wire (observed, 2.7): the body is looked at before the address.
    let Body(RatingRequest { rating, feedback }) = body.map_err(|failure| failure.reworded("Invalid JSON"))?;
    let answer = checked(rating.unwrap_or(0), &feedback.unwrap_or_default(), BTreeMap::new())?;
    api.app.answer_survey(&from(&parts), survey?.0, answer).await?;
    Ok(Done)
}

pub(super) fn from(parts: &Parts) -> Origin {
    Origin { via: Via::Widget, ..origin(parts) }
}

/// Wire (observed, 2.7): the texts.
pub(super) fn checked(rating: i64, feedback: &str, fields: BTreeMap<String, String>) -> Result<Answer> {
    Answer::checked(rating, feedback, fields).map_err(|error| match error {
        Error::Invalid { field: "rating", .. } => Failure::input("Rating must be between 0 and 5 (0 means no rating)"),
        Error::Invalid { field: "answer", why: Why::Empty } => {
            Failure::input("Either rating or feedback must be provided")
        }
        other => other.into(),
    })
}
