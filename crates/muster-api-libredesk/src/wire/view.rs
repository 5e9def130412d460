//! Saved views.

use muster_core::filter::Filter;
use muster_core::saved_view::{SavedView, SeenBy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use super::filter::{Filters, illegal, parse};
use crate::error::Result;

/// A filter of conversations under a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct View {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) name: String,
    pub(crate) filters: Filters,
    pub(crate) visibility: Visibility,
    /// Whose own it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_id: Option<i64>,
    /// Whom it is shared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) team_id: Option<i64>,
}

// Wire (observed, 2.7): three words.
/// Who sees a view: its agent, a team, or every agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Visibility {
    User,
    Team,
    All,
}

impl From<SavedView> for View {
    fn from(view: SavedView) -> Self {
        let SavedView { id, name, filter, seen_by, created_at, updated_at, version: _ } = view;
        let (visibility, user_id, team_id) = match seen_by {
            SeenBy::Agent(agent) => (Visibility::User, Some(agent.0), None),
            SeenBy::Team(team) => (Visibility::Team, None, Some(team.0)),
            SeenBy::Everybody => (Visibility::All, None, None),
        };
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            name,
            filters: filter.into(),
            visibility,
            user_id,
            team_id,
        }
    }
}

/// One's own view to be written.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"name": "Open", "filters": [{"model": "conversations", "field": "status_id", "operator": "equals", "value": "1"}]}))]
pub(crate) struct ViewRequest {
    #[schema(min_length = 1, max_length = 140, required)]
    pub(crate) name: Option<String>,
    #[schema(value_type = Filters, required)]
    pub(crate) filters: Option<serde_json::Value>,
}

/// A shared view to be written.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"name": "Open", "visibility": "all", "filters": [{"model": "conversations", "field": "status_id", "operator": "equals", "value": "1"}]}))]
pub(crate) struct SharedViewRequest {
    #[schema(min_length = 1, max_length = 140, required)]
    pub(crate) name: Option<String>,
    #[schema(value_type = Filters, required)]
    pub(crate) filters: Option<serde_json::Value>,
    /// `all`, or `team`, which needs `team_id`.
    #[schema(value_type = Visibility, required)]
    pub(crate) visibility: Option<String>,
    pub(crate) team_id: Option<i64>,
}

/// The filters of a body; `None` where there is nothing in them. A form has them as text.
pub(crate) fn filters(given: Option<serde_json::Value>) -> Result<Option<Filter>> {
    let filter = match given {
        None => return Ok(None),
        Some(serde_json::Value::String(text)) => parse(Some(&text))?,
        Some(value) if value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty) => return Ok(None),
        Some(value) => serde_json::from_value::<Filters>(value).map_err(|_| illegal())?.read()?,
    };
    let is_blank = matches!(&filter, Filter::All(rules) | Filter::Any(rules) if rules.is_empty());
    Ok((!is_blank).then_some(filter))
}
