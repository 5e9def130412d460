//! What handlers take from a query string.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use muster_core::conversation::{Order, OrderBy};
use muster_core::view::{self, PageRequest};
use muster_http::paging::{Page, Paging};
use utoipa::IntoParams;

use crate::error::{Failure, Result};

/// What a list of conversations is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct ListParams {
    /// From 1.
    page: Option<u32>,
    /// 1 to 500; 30 when absent.
    page_size: Option<u32>,
    /// `asc` or `desc`.
    order: Option<String>,
    /// `<model>.<field>`, such as `conversations.created_at`; `conversations.last_message_at` when absent.
    order_by: Option<String>,
    /// Not supported yet: refused unless empty.
    filters: Option<String>,
}

/// The query string as it was sent: a name may come twice, and one without a value is as good as absent.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let pairs = axum::extract::Query::try_from_uri(&parts.uri);
        Ok(Self(pairs.map(|axum::extract::Query(pairs)| pairs).unwrap_or_default()))
    }
}

impl Query {
    /// All values of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The last value of a name.
    pub(crate) fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).last()
    }

    pub(crate) fn paging(&self) -> Paging {
        Paging::parse(self.get("page"), self.get("page_size"))
    }

    /// `true` or `false`; 400 for anything else.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Failure::invalid(name)),
        }
    }

    /// The order of a list of conversations.
    pub(crate) fn order(&self) -> Result<Order> {
        let by = match self.get("order_by") {
            Some(column) => order_by(column).ok_or_else(illegal)?,
            None => OrderBy::LastMessageAt,
        };
        match self.get("order").map(str::to_ascii_lowercase).as_deref() {
            None | Some("desc") => Ok(Order { by, descending: true }),
            Some("asc") => Ok(Order { by, descending: false }),
            Some(_) => Err(illegal()),
        }
    }

    /// Refuses filters, which can't be had yet; an empty list of them is none.
    pub(crate) fn check_unfiltered(&self) -> Result<()> {
        match self.get("filters").map(str::trim) {
            None | Some("[]" | "{}" | "null") => Ok(()),
            Some(_) => Err(illegal()),
        }
    }
}

/// Wire (observed, 2.7): 500 there. Ours is 400.
fn illegal() -> Failure {
    Failure::input("Invalid filters.")
}

/// Wire (observed, 2.7): `<model>.<field>`.
fn order_by(column: &str) -> Option<OrderBy> {
    Some(match column {
        "conversations.last_message_at" => OrderBy::LastMessageAt,
        "conversations.last_interaction_at" => OrderBy::LastInteractionAt,
        "conversations.last_interaction_sender" => OrderBy::LastInteractionSender,
        "conversations.created_at" => OrderBy::CreatedAt,
        "conversations.waiting_since" => OrderBy::WaitingSince,
        "conversations.snoozed_until" => OrderBy::SnoozedUntil,
        "conversations.priority_id" => OrderBy::Priority,
        "conversations.status_id" | "conversation_statuses.id" => OrderBy::Status,
        "conversation_statuses.name" => OrderBy::StatusName,
        "conversations.assigned_team_id" => OrderBy::Team,
        "conversations.assigned_user_id" => OrderBy::Assignee,
        "conversations.inbox_id" => OrderBy::Inbox,
        "inboxes.channel" => OrderBy::Medium,
        // No conversation has a deadline yet: all are equal in both.
        "conversations.sla_policy_id" | "conversations.next_sla_deadline_at" => OrderBy::SlaPolicy,
        "users.email" => OrderBy::ContactEmail,
        "users.external_user_id" => OrderBy::ContactExternalId,
        _ => return None,
    })
}

pub(crate) fn request(paging: Paging) -> PageRequest {
    PageRequest { page: paging.page.into(), size: paging.per_page.into() }
}

/// A page of the desk's as a page of the wire's.
pub(crate) fn page<'a, T, W: From<&'a T>>(page: &'a view::Page<T>, paging: Paging) -> Page<W> {
    let total = u64::try_from(page.total).unwrap_or(0);
    Page::new(page.items.iter().map(W::from).collect(), total, paging)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn query(text: &str) -> Query {
        let request = axum::http::Request::builder().uri(format!("/?{text}")).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let Ok(query) = Query::from_request_parts(&mut parts, &()).await;
        query
    }

    #[tokio::test]
    async fn names_may_repeat_and_empty_ones_do_not_count() {
        let query = query("type=incoming&type=&type=a%20b&private=&page=2&page=3").await;
        assert_eq!(query.all("type").collect::<Vec<_>>(), ["incoming", "a b"]);
        assert_eq!(query.flag("private").unwrap(), None);
        assert_eq!(query.paging().page, 3);
    }

    #[tokio::test]
    async fn an_order_is_a_known_column_and_a_direction() {
        assert_eq!(query("").await.order().unwrap(), Order::default());
        let order = query("order=ASC&order_by=conversations.created_at").await.order().unwrap();
        assert_eq!(order, Order { by: OrderBy::CreatedAt, descending: false });
        for bad in ["order=up", "order_by=created_at", "order_by=users.password", "order_by=conversations.id;--"] {
            assert!(query(bad).await.order().is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn filters_are_refused_rather_than_ignored() {
        for none in ["", "filters=", "filters=[]", "filters=%5B%5D"] {
            assert!(query(none).await.check_unfiltered().is_ok(), "{none}");
        }
        let leaf =
            "filters=[{\"model\":\"conversations\",\"field\":\"status_id\",\"operator\":\"set\",\"value\":\"\"}]";
        assert!(query(&leaf.replace('"', "%22")).await.check_unfiltered().is_err());
        assert!(query("filters=nonsense").await.check_unfiltered().is_err());
    }
}
