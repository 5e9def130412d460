//! Notifications.

use muster_core::notification::{Notification as Told, NotificationCounts, NotificationKind, NotificationView};
use muster_http::query::Query;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Time;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotificationType {
    Mention,
    Assignment,
}

impl From<NotificationKind> for NotificationType {
    fn from(kind: NotificationKind) -> Self {
        match kind {
            NotificationKind::Mention => Self::Mention,
            NotificationKind::Assignment => Self::Assignment,
        }
    }
}

/// What the caller is told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Notification {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) user_id: i64,
    pub(crate) notification_type: NotificationType,
    /// Plain text.
    pub(crate) title: String,
    /// Plain text: the beginning of a note, the subject of a conversation.
    #[schema(required)]
    pub(crate) body: Option<String>,
    pub(crate) is_read: bool,
    #[schema(required)]
    pub(crate) conversation_id: Option<i64>,
    #[schema(required)]
    pub(crate) message_id: Option<i64>,
    /// The agent whose doing it was; null for the desk's own.
    #[schema(required)]
    pub(crate) actor_id: Option<i64>,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) meta: Map<String, Value>,
    #[schema(required)]
    pub(crate) actor_first_name: Option<String>,
    #[schema(required)]
    pub(crate) actor_last_name: Option<String>,
    #[schema(required)]
    pub(crate) actor_avatar_url: Option<String>,
    #[schema(required)]
    pub(crate) conversation_uuid: Option<Uuid>,
    #[schema(required)]
    pub(crate) message_uuid: Option<Uuid>,
}

impl From<&NotificationView> for Notification {
    fn from(view: &NotificationView) -> Self {
        let NotificationView { notification, actor, conversation_uuid, message_uuid, subject: _ } = view;
        let Told { id, agent, kind, title, body, conversation, message, .. } = notification;
        Self {
            id: id.0,
            created_at: Time(notification.created_at),
            updated_at: Time(notification.updated_at),
            user_id: agent.0,
            notification_type: (*kind).into(),
            title: title.clone(),
            body: body.clone(),
            is_read: notification.read_at.is_some(),
            conversation_id: conversation.map(|id| id.0),
            message_id: message.map(|id| id.0),
            actor_id: notification.actor.map(|id| id.0),
            meta: notification.meta.clone(),
            actor_first_name: actor.as_ref().map(|actor| actor.first_name.clone()),
            actor_last_name: actor.as_ref().map(|actor| actor.last_name.clone()),
            actor_avatar_url: actor.as_ref().and_then(|actor| actor.avatar_url.clone()),
            conversation_uuid: *conversation_uuid,
            message_uuid: *message_uuid,
        }
    }
}

/// How many notifications the caller has.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct NotificationStats {
    pub(crate) unread_count: i64,
    pub(crate) total_count: i64,
}

impl From<NotificationCounts> for NotificationStats {
    fn from(counts: NotificationCounts) -> Self {
        Self { unread_count: counts.unread, total_count: counts.total }
    }
}

const LIMIT: i64 = 20;
const LIMIT_MAX: i64 = 100;

/// Which notifications to list, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct NotificationParams {
    /// 1 to 100; 20 when absent.
    limit: Option<u32>,
    /// How many of the newest to pass over; none when absent.
    offset: Option<u32>,
}

/// Limit and offset: what is none counts as absent, more than the most as the most.
pub(crate) fn window(query: &Query) -> (i64, i64) {
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<i64>().ok());
    let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(LIMIT).min(LIMIT_MAX);
    (limit, number("offset").unwrap_or(0).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_bounded() {
        let window = |text: &str| window(&Query::of(&format!("/?{text}").parse().unwrap()));
        assert_eq!(window(""), (20, 0));
        assert_eq!(window("limit=7&offset=3"), (7, 3));
        for senseless in ["limit=0&offset=-1", "limit=abc&offset=9223372036854775808", "limit=-5&offset=1.5"] {
            assert_eq!(window(senseless), (20, 0), "{senseless}");
        }
        assert_eq!(window("limit=101").0, 100);
    }
}
