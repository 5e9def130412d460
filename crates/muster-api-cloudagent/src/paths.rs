//! Paths in any case: the product's own pages spell them in several ways.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use muster_http::path::with_path;
use tower::Layer as _;

/// The documented spelling by the one in small letters.
type Spellings = BTreeMap<String, String>;

// Wire (chosen; observed: clients write `caToken` for `CAToken`).
/// Lets a router find its paths however their ASCII letters are written.
pub(crate) fn in_any_case<'p>(paths: impl IntoIterator<Item = &'p str>, router: Router) -> Router {
    let spellings: Spellings = paths.into_iter().map(|path| (path.to_ascii_lowercase(), path.to_owned())).collect();
    Router::new().fallback_service(from_fn_with_state(Arc::new(spellings), spell).layer(router))
}

async fn spell(State(spellings): State<Arc<Spellings>>, mut request: Request, next: Next) -> Response {
    let documented = spellings.get(&request.uri().path().to_ascii_lowercase());
    if let Some(uri) = documented.and_then(|path| with_path(request.uri(), path)) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}
