//! What stands on every answer: the instance, and that pages of any origin may read it. No cookie is
//! ever read, so a page gets nothing but what its own token opens.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

const INSTANCE: HeaderName = HeaderName::from_static("x-instance-id");
const ANY: HeaderValue = HeaderValue::from_static("*");
// Wire (documented): the request headers a page may send.
const ALLOWED: HeaderValue = HeaderValue::from_static(
    "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token, x-visitor-token, x-2fa-code, \
     x-2fa-method",
);

/// Puts the headers around a finished router. `instance` names this process.
pub(crate) fn around(router: Router, instance: &str) -> Router {
    let instance = HeaderValue::from_str(instance).unwrap_or_else(|_| HeaderValue::from_static("-"));
    router.layer(from_fn_with_state(instance, dress))
}

async fn dress(State(instance): State<HeaderValue>, request: Request, next: Next) -> Response {
    let asks_for_methods = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(INSTANCE, instance);
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    if asks_for_methods && let Some(methods) = headers.get(ALLOW).cloned() {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED);
    }
    response
}
