//! A made-up shop's page with the widget on it, for the demo.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};

use crate::file::{Keep, find};
use crate::page::{escaped, html};
use crate::policy::policy;

const PAGE: &str = include_str!("../pages/shop.html");

/// What lies below `/demo`, by its name there; the page itself has none. The widget stands for the inbox of that UUID.
#[must_use]
pub fn shop(name: &str, inbox: &str, request: &HeaderMap) -> Option<Response> {
    match name {
        "" => {
            let mut page = html(PAGE.replace("{inbox}", &escaped(inbox))).into_response();
            page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy("'none'"));
            Some(page)
        }
        "shop.css" => Some(find("pages/shop.css")?.answer(request, Keep::Checked)),
        _ => None,
    }
}
