//! What handlers take from a query string.

use muster_core::conversation::{Order, OrderBy};
use muster_core::filter::Filter;
use muster_core::view::{self, PageRequest};
use muster_http::paging::{Page, Paging};
use muster_http::query::Query;
use utoipa::IntoParams;

use crate::error::{Failure, Result};
use crate::wire::custom_attribute::AppliesTo;
use crate::wire::filter::{self, illegal};
use crate::wire::template::TemplateType;

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
    /// The JSON of `Filters`.
    filters: Option<String>,
}

/// What a search is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct SearchParams {
    /// At least three bytes.
    query: String,
}

/// What a list of conversations with a filter of its own is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct PageParams {
    /// From 1.
    page: Option<u32>,
    /// 1 to 500; 30 when absent.
    page_size: Option<u32>,
    /// `asc` or `desc`.
    order: Option<String>,
    /// `<model>.<field>`, such as `conversations.created_at`; `conversations.last_message_at` when absent.
    order_by: Option<String>,
}

/// What the list of attributes is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct AttributeParams {
    /// All when absent.
    applies_to: Option<AppliesTo>,
}

/// What the list of templates is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct TemplateParams {
    r#type: TemplateType,
}

/// What an export is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct ExportParams {
    /// Whether private notes and activities, which the contact never saw, are handed out too; they aren't when absent.
    notes: Option<bool>,
}

/// What reading in a list takes, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct ImportParams {
    /// Only tells what would come of the list, and writes nothing (this desk's extension).
    preview: Option<bool>,
}

/// What the lists of this dialect read of a query string.
pub(crate) trait ListQuery {
    fn paging(&self) -> Paging;

    /// `true` or `false`; 400 for anything else.
    fn flag(&self, name: &str) -> Result<Option<bool>>;

    /// The order of a list of conversations.
    fn order(&self) -> Result<Order>;

    /// The filters of a list of conversations.
    fn filter(&self) -> Result<Filter>;
}

impl ListQuery for Query {
    fn paging(&self) -> Paging {
        Paging::parse(self.get("page"), self.get("page_size"))
    }

    fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Failure::invalid(name)),
        }
    }

    fn order(&self) -> Result<Order> {
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

    fn filter(&self) -> Result<Filter> {
        filter::parse(self.get("filters"))
    }
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
    page_of(page, paging, W::from)
}

/// The same where more than an item decides how it is shown.
pub(crate) fn page_of<'a, T, W>(page: &'a view::Page<T>, paging: Paging, shown: impl Fn(&'a T) -> W) -> Page<W> {
    let total = u64::try_from(page.total).unwrap_or(0);
    Page::new(page.items.iter().map(shown).collect(), total, paging)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::of(&format!("/?{text}").parse().unwrap())
    }

    #[test]
    fn flags_and_pages_are_the_last_ones_given() {
        let query = query("private=&page=2&page=3&held=true&open=yes");
        assert_eq!((query.flag("private").unwrap(), query.flag("held").unwrap()), (None, Some(true)));
        assert!(query.flag("open").is_err());
        assert_eq!(query.paging().page, 3);
    }

    #[test]
    fn an_order_is_a_known_column_and_a_direction() {
        assert_eq!(query("").order().unwrap(), Order::default());
        let order = query("order=ASC&order_by=conversations.created_at").order().unwrap();
        assert_eq!(order, Order { by: OrderBy::CreatedAt, descending: false });
        for bad in ["order=up", "order_by=created_at", "order_by=users.password", "order_by=conversations.id;--"] {
            assert!(query(bad).order().is_err(), "{bad}");
        }
    }
}
