//! The documentation of the APIs: a reader that asks nobody else, over the documents that the desk serves.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};

use crate::file::{Keep, find};
use crate::page::{escaped, html, missing_page};
use crate::policy::policy;

const PAGE: &str = include_str!("../pages/docs.html");
const READER: &str = "docs/swagger-ui-bundle.js";

/// What lies below `/docs`, by its name there; the page itself has none. `apis` are the names of the documents, which
/// lie beside it as `<name>.json`, and what people call them.
#[must_use]
pub fn docs(name: &str, apis: &[(&str, &str)], request: &HeaderMap) -> Option<Response> {
    if !name.is_empty() {
        let own = ["docs.js", "docs.css"].contains(&name).then(|| find(&format!("pages/{name}")));
        let file = own.unwrap_or_else(|| find(&format!("docs/{name}")))?;
        return Some(file.answer(request, Keep::Checked));
    }
    let mut page = match find(READER) {
        Some(_) => html(PAGE.replace("{apis}", &links(apis))).into_response(),
        None => missing_page(),
    };
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy("'none'"));
    Some(page)
}

fn links(apis: &[(&str, &str)]) -> String {
    let link = |(name, title): &(&str, &str)| {
        let (name, title) = (escaped(name), escaped(title));
        format!("<a href=\"/docs?api={name}\" data-api=\"{name}\">{title}</a>")
    };
    apis.iter().map(link).collect()
}
