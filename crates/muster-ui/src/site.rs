//! The addresses of console and widget: which of them there are, and what lies there.

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;

use crate::accept::accepts_html;
use crate::file::{File, Keep, find};
use crate::page::missing_page;
use crate::policy::policy;

/// First segments of the console's pages.
const PAGES: &[&str] = &[
    "",
    "login",
    "setup",
    "set-password",
    "reset-password",
    "inboxes",
    "views",
    "search",
    "queue",
    "agents",
    "teams",
    "account",
    "admin",
];

/// What lies at an address.
#[derive(Debug)]
pub enum Found {
    /// A page of the console.
    Page(Response),
    File(Response),
    /// Something that can only be read.
    ReadOnly,
}

/// Looks up what a request is for, outside of `/api`. A page is found by whoever accepts HTML, and also where there is
/// none: the console says so.
#[must_use]
pub fn site(head: &Parts) -> Option<Found> {
    let path = head.uri.path();
    let is_read = matches!(head.method, Method::GET | Method::HEAD);
    if let Some((file, keep)) = file_at(path) {
        return Some(if is_read { Found::File(file.answer(&head.headers, keep)) } else { Found::ReadOnly });
    }
    let mut segments = path.trim_start_matches('/').split('/');
    let first = segments.next().unwrap_or_default();
    if !accepts_html(&head.headers) || matches!(first, "api" | "assets" | "widget") {
        return None;
    }
    match (PAGES.contains(&first), is_read) {
        (true, true) => Some(Found::Page(console_page(&head.headers, StatusCode::OK))),
        (true, false) => Some(Found::ReadOnly),
        (false, true) => Some(Found::Page(console_page(&head.headers, StatusCode::NOT_FOUND))),
        (false, false) => None,
    }
}

/// The widget's page, for frames of `ancestors`.
#[must_use]
pub fn widget_page(request: &HeaderMap, ancestors: &str) -> Response {
    framed(find("widget/index.html"), request, ancestors)
}

fn console_page(request: &HeaderMap, status: StatusCode) -> Response {
    let mut page = framed(find("console/index.html"), request, "'none'");
    if status != StatusCode::OK {
        *page.status_mut() = status;
    }
    page
}

fn framed(page: Option<&File>, request: &HeaderMap, ancestors: &str) -> Response {
    let mut page = page.map_or_else(missing_page, |page| page.answer(request, Keep::Never));
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy(ancestors));
    page
}

fn file_at(path: &str) -> Option<(&'static File, Keep)> {
    if path == "/widget.js" {
        return Some((find("loader/widget.js")?, Keep::Checked));
    }
    let is_page = path.ends_with(".html");
    let name = if path.starts_with("/widget/") { path.to_owned() } else { format!("/console{path}") };
    let file = find(name.trim_start_matches('/')).filter(|_| !is_page)?;
    let is_hashed = path.starts_with("/assets/") || path.starts_with("/widget/assets/");
    Some((file, if is_hashed { Keep::Forever } else { Keep::Checked }))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn ask(method: Method, path: &str, accept: &str) -> Option<Found> {
        let request = Request::builder().method(method).uri(path).header(header::ACCEPT, accept).body(());
        site(&request.unwrap().into_parts().0)
    }

    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    #[test]
    fn a_browser_finds_pages_and_is_told_where_there_is_none() {
        for (path, is_there) in [
            ("/", true),
            ("/login", true),
            ("/inboxes/assigned/conversation/7?x=1", true),
            ("/admin/teams/1", true),
            ("/no/such/page", false),
            ("/index.html", false),
            ("/inboxes-of-others", false),
        ] {
            let Some(Found::Page(page)) = ask(Method::GET, path, BROWSER) else { panic!("{path}") };
            assert_eq!(page.status() != StatusCode::NOT_FOUND, is_there, "{path}");
            assert!(page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().ends_with("ancestors 'none'"));
        }
    }

    #[test]
    fn programs_find_no_pages() {
        for accept in ["*/*", "application/json", "text/html;q=0, */*", ""] {
            assert!(ask(Method::GET, "/", accept).is_none(), "{accept}");
        }
        for path in ["/api/v1/nothing", "/api", "/assets/nothing.js", "/widget/nothing"] {
            assert!(ask(Method::GET, path, BROWSER).is_none(), "{path}");
        }
    }

    #[test]
    fn pages_are_only_read() {
        assert!(matches!(ask(Method::POST, "/login", BROWSER), Some(Found::ReadOnly)));
        assert!(ask(Method::POST, "/no/such/page", BROWSER).is_none());
        assert!(ask(Method::POST, "/login", "*/*").is_none());
    }

    #[test]
    fn the_widget_s_page_names_who_may_frame_it() {
        let page = widget_page(&HeaderMap::new(), "'self' shop.example.org");
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.ends_with("frame-ancestors 'self' shop.example.org"), "{policy}");
    }
}
