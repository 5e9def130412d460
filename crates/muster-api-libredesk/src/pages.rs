//! Console and widget, which lie beside the API: whoever serves the dialect brings them.

use axum::extract::{FromRequestParts as _, State};
use axum::http::header::{ALLOW, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use muster_http::Trouble;
use muster_http::auth::{SetCookie, cookie};

use crate::Api;
use crate::auth::{CSRF_COOKIE, SESSION_COOKIE, csrf_token};
use crate::error::{Result, envelope, no_route};
use crate::visitor::ChatInbox;

const CSRF_LETTERS: usize = 32;

/// Where the pages come from.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    /// What lies at an address that isn't the API's, if anything does.
    pub at: fn(&Parts) -> Option<Page>,
    /// The widget's page, for frames of the ancestors that a content security policy names so.
    pub widget: fn(&HeaderMap, &str) -> Response,
}

/// What lies beside the API.
#[derive(Debug)]
pub enum Page {
    /// A page of the console.
    Console(Response),
    File(Response),
    /// Something that can only be read.
    ReadOnly,
}

/// Answers what no route is for.
pub(crate) async fn elsewhere(State(api): State<Api>, mut request: Parts) -> Response {
    let Some(pages) = api.pages else { return no_route().await };
    let found = match request.uri.path() {
        "/widget" if matches!(request.method, Method::GET | Method::HEAD) => {
            let page = widget(&api, pages, &mut request).await;
            Some(Page::File(page.unwrap_or_else(IntoResponse::into_response)))
        }
        "/widget" => Some(Page::ReadOnly),
        _ => (pages.at)(&request),
    };
    match found {
        Some(Page::Console(page)) => with_csrf_token(&api, &request, page),
        Some(Page::File(file)) => file,
        Some(Page::ReadOnly) if request.method == Method::OPTIONS => readable(StatusCode::NO_CONTENT.into_response()),
        Some(Page::ReadOnly) => readable(envelope(Trouble::MethodNotAllowed)),
        None => no_route().await,
    }
}

/// Shows the widget's page to whichever pages may frame it.
async fn widget(api: &Api, pages: Pages, request: &mut Parts) -> Result<Response> {
    let chat = ChatInbox::from_request_parts(request, api).await?;
    let ancestors = frame_ancestors(&chat.config.trusted_domains);
    Ok((pages.widget)(&request.headers, &ancestors))
}

/// Who may show an inbox's pages in a frame: anybody, unless it names domains.
pub(crate) fn frame_ancestors(trusted_domains: &[String]) -> String {
    match trusted_domains {
        [] => "*".to_owned(),
        domains => format!("'self' {}", domains.join(" ")),
    }
}

fn readable(mut response: Response) -> Response {
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    response
}

/// Gives the page's scripts the token that unsafe requests need, if they have none or that of another session.
///
/// Wire (observed, 2.7): the page sets it only where it is absent; it ends with the browser's session, and ours outlives that.
fn with_csrf_token(api: &Api, request: &Parts, mut page: Response) -> Response {
    let kept = cookie(&request.headers, CSRF_COOKIE).filter(|kept| !kept.is_empty());
    let session = cookie(&request.headers, SESSION_COOKIE).filter(|token| !token.is_empty());
    let token = match (session.map(csrf_token), kept) {
        (Some(own), kept) if kept != Some(own.as_str()) => own,
        (None, None) => api.app.draw().alphanumeric(CSRF_LETTERS),
        _ => return page,
    };
    let cookie = SetCookie { name: CSRF_COOKIE, value: &token, http_only: false, secure: api.secure, max_age: None };
    page.headers_mut().append(SET_COOKIE, cookie.header().expect("letters, digits and base64 are fit for a cookie"));
    page
}
