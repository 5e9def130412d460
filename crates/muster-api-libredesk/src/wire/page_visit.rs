//! The pages that a contact looks at.

use muster_app::hub::Visited;
use muster_app::page_visits;
use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageVisit {
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) time: Time,
}

impl From<&page_visits::PageVisit> for PageVisit {
    fn from(visit: &page_visits::PageVisit) -> Self {
        let page_visits::PageVisit { url, title, at } = visit;
        Self { url: url.clone(), title: title.clone(), time: Time(*at) }
    }
}

/// The frame that tells agents where a contact is.
#[derive(Debug, Serialize)]
pub(crate) struct VisitsUpdate {
    contact_id: i64,
    page_visits: Vec<PageVisit>,
}

impl From<&Visited> for VisitsUpdate {
    fn from(visited: &Visited) -> Self {
        let Visited { contact, visits } = visited;
        Self { contact_id: contact.0, page_visits: visits.iter().map(PageVisit::from).collect() }
    }
}
