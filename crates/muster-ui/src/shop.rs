//! A made-up shop's page with the widget on it, to try a chat on.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};

use crate::file::{Keep, find};
use crate::page::{escaped, html};
use crate::policy::policy;

const PAGE: &str = include_str!("../pages/shop.html");

/// The page, with the widget of the inbox of that UUID.
#[must_use]
pub fn shop(inbox: &str) -> Response {
    let mut page = html(PAGE.replace("{inbox}", &escaped(inbox))).into_response();
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy("'none'"));
    page
}

/// What lies below `/demo`, by its name there.
#[must_use]
pub fn shop_file(name: &str, request: &HeaderMap) -> Option<Response> {
    (name == "shop.css").then(|| find("pages/shop.css")).flatten().map(|file| file.answer(request, Keep::Checked))
}
