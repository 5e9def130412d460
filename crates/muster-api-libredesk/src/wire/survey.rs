//! Ratings, as messages tell of them, and as customers give them.

use muster_core::survey::Survey;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What a message's `meta` says of the rating that it asks for. Wire (observed, 2.7): the keys.
pub(crate) fn facts(survey: &Survey) -> Vec<(String, Value)> {
    let mut facts = vec![("is_csat", true.into()), ("csat_submitted", survey.responded_at.is_some().into())];
    if survey.responded_at.is_some() {
        facts.push(("submitted_rating", survey.rating.unwrap_or(0).into()));
        facts.push(("submitted_feedback", survey.feedback.clone().unwrap_or_default().into()));
    }
    facts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// By what it can be given.
pub(crate) fn link(survey: &Survey) -> (String, Value) {
    ("csat_uuid".to_owned(), survey.uuid.to_string().into())
}

/// A customer's rating.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"rating": 5, "feedback": "Quick and friendly"}))]
pub(crate) struct RatingRequest {
    /// 1, the worst, to 5; 0 or absent for words alone.
    #[schema(minimum = 0, maximum = 5)]
    pub(crate) rating: Option<i64>,
    /// Needed without a rating.
    #[schema(max_length = 1000)]
    pub(crate) feedback: Option<String>,
}
