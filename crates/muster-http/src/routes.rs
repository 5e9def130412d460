//! The table of a dialect's endpoints: one line each with its guard and its handler, out of which
//! come the router, the list of routes and the OpenAPI document, so that the three cannot disagree.
//!
//! ```
//! # use axum::{extract::Request, http::StatusCode, middleware::Next, response::{IntoResponse, Response}};
//! # use muster_http::{Trouble, routes::{Guard, RouteTable}};
//! # use utoipa_axum::routes;
//! #[derive(Debug, Clone)]
//! struct Open;
//!
//! impl Guard<()> for Open {
//!     async fn pass(&self, _: &(), request: Request, next: Next) -> Response {
//!         next.run(request).await
//!     }
//! }
//!
//! #[utoipa::path(get, path = "/api/teams", responses((status = 200, body = Vec<String>)))]
//! async fn list() -> axum::Json<Vec<String>> {
//!     axum::Json(vec![])
//! }
//!
//! fn envelope(_: Trouble) -> Response {
//!     StatusCode::BAD_REQUEST.into_response()
//! }
//!
//! let built = RouteTable::new(()).add(Open, routes!(list)).build(|| async { StatusCode::NOT_FOUND }, envelope);
//! assert_eq!(built.routes[0].path, "/api/teams");
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::header::ALLOW;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use muster_app::App;
use muster_core::Error;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::{Components, Info, OpenApi, Paths};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::metrics::{RouteMetrics, Taken};
use crate::{Envelope, Trouble, layers};

/// What stands before a handler: a dialect's own type, one value per route.
pub trait Guard<S>: fmt::Debug + Clone + Send + Sync + 'static {
    /// Runs before the handler's extractors: authenticates, checks what the route asks for, and
    /// either answers itself or passes the request on with whatever the handler wants to find in
    /// its extensions.
    fn pass(&self, state: &S, request: Request, next: Next) -> impl Future<Output = Response> + Send;
}

/// Begins a guard: until the desk has an administrator `refusal` is all that is answered.
///
/// # Errors
/// The refusal; those of the store.
pub async fn check_set_up<F: From<Error>>(app: &App, refusal: impl FnOnce() -> F) -> Result<(), F> {
    if app.needs_set_up().await? { Err(refusal()) } else { Ok(()) }
}

/// Ends a guard: passes the request on with whoever was let in among its extensions (`None`: nobody
/// had to be), or answers the refusal.
pub async fn admit<T, F>(admitted: Result<Option<T>, F>, (mut parts, body): (Parts, Body), next: Next) -> Response
where
    T: Clone + Send + Sync + 'static,
    F: IntoResponse,
{
    match admitted {
        Ok(Some(caller)) => drop(parts.extensions.insert(caller)),
        Ok(None) => {}
        Err(refusal) => return refusal.into_response(),
    }
    next.run(Request::from_parts(parts, body)).await
}

/// One method on one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<G> {
    pub method: Method,
    /// With parameters as `{id}`.
    pub path: String,
    pub guard: G,
    /// Whether the OpenAPI document has it; pages and files are left out.
    pub documented: bool,
}

/// Collects routes over the state `S`, each behind a guard `G`.
pub struct RouteTable<S, G> {
    state: S,
    routes: Vec<Route<G>>,
    handlers: BTreeMap<String, MethodRouter<S>>,
    openapi: OpenApi,
}

/// What a table comes to.
pub struct Built<G> {
    pub router: Router,
    /// In the order in which they were added.
    pub routes: Vec<Route<G>>,
    /// Paths and schemas only; [`crate::openapi::finish`] adds the rest.
    pub openapi: OpenApi,
}

impl<S, G> RouteTable<S, G>
where
    S: Clone + Send + Sync + 'static,
    G: Guard<S>,
{
    #[must_use]
    pub fn new(state: S) -> Self {
        let openapi = OpenApi::new(Info::new("", ""), Paths::new());
        Self { state, routes: Vec::new(), handlers: BTreeMap::new(), openapi }
    }

    /// Adds handlers that share one path and one guard, as `utoipa_axum::routes!` packs them.
    ///
    /// # Panics
    /// If the handlers have different paths, or one of their methods is served already.
    #[must_use]
    pub fn add(mut self, guard: G, (schemas, paths, handlers): UtoipaMethodRouter<S>) -> Self {
        let mut paths = paths.paths.into_iter();
        let (Some((path, item)), None) = (paths.next(), paths.next()) else {
            panic!("handlers added together share one path");
        };
        self.list(&guard, &path, &methods(&item), true);
        self.document(&path, item);
        self.mount(guard, path, handlers);
        self.openapi.components.get_or_insert_with(Components::new).schemas.extend(schemas);
        self
    }

    /// Adds what the OpenAPI document leaves out: pages, files, redirects.
    ///
    /// # Panics
    /// If one of the methods is served already on this path.
    #[must_use]
    pub fn add_undocumented(mut self, guard: G, methods: &[Method], path: &str, handlers: MethodRouter<S>) -> Self {
        self.list(&guard, path, methods, false);
        self.mount(guard, path.to_owned(), handlers);
        self
    }

    /// Closes the table. `not_found` answers paths that are not in it. A served path answers other
    /// methods with [`Trouble::MethodNotAllowed`] and `OPTIONS` with 204, both with `Allow` and both
    /// before any guard; `HEAD` is served wherever `GET` is.
    #[must_use]
    pub fn build<H, T>(self, not_found: H, envelope: Envelope) -> Built<G>
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let mut router = Router::new();
        for (path, handlers) in self.handlers {
            let served: Vec<&Method> =
                self.routes.iter().filter(|route| route.path == path).map(|route| &route.method).collect();
            router = router.route(&path, close(handlers, &served, envelope));
        }
        let router = router.fallback(not_found).with_state(self.state);
        Built { router, routes: self.routes, openapi: self.openapi }
    }

    fn list(&mut self, guard: &G, path: &str, methods: &[Method], documented: bool) {
        for method in methods {
            let is_taken = self.routes.iter().any(|route| route.path == path && route.method == *method);
            assert!(!is_taken, "{method} {path} is served twice");
            self.routes.push(Route { method: method.clone(), path: path.to_owned(), guard: guard.clone(), documented });
        }
    }

    fn document(&mut self, path: &str, item: PathItem) {
        match self.openapi.paths.paths.get_mut(path) {
            Some(known) => known.merge_operations(item),
            None => drop(self.openapi.paths.paths.insert(path.to_owned(), item)),
        }
    }

    fn mount(&mut self, guard: G, path: String, handlers: MethodRouter<S>) {
        let entry = Arc::new(Entry { state: self.state.clone(), guard, metrics: Arc::new(RouteMetrics::new(&path)) });
        let handlers = handlers.route_layer(from_fn_with_state(entry, enter));
        let known = self.handlers.remove(&path).unwrap_or_default();
        self.handlers.insert(path, known.merge(handlers));
    }
}

struct Entry<S, G> {
    state: S,
    guard: G,
    metrics: Arc<RouteMetrics>,
}

async fn enter<S, G>(State(entry): State<Arc<Entry<S, G>>>, request: Request, next: Next) -> Response
where
    S: Send + Sync + 'static,
    G: Guard<S>,
{
    layers::note_route(entry.metrics.path());
    if let Some(taken) = request.extensions().get::<Taken>() {
        taken.set(&entry.metrics);
    }
    entry.guard.pass(&entry.state, request, next).await
}

fn methods(item: &PathItem) -> Vec<Method> {
    let served = [
        (Method::GET, item.get.is_some()),
        (Method::POST, item.post.is_some()),
        (Method::PUT, item.put.is_some()),
        (Method::PATCH, item.patch.is_some()),
        (Method::DELETE, item.delete.is_some()),
        (Method::HEAD, item.head.is_some()),
        (Method::OPTIONS, item.options.is_some()),
        (Method::TRACE, item.trace.is_some()),
    ];
    served.into_iter().filter_map(|(method, is_served)| is_served.then_some(method)).collect()
}

/// Adds the answers to methods a path does not serve, and to `OPTIONS` unless it serves that itself.
fn close<S>(handlers: MethodRouter<S>, served: &[&Method], envelope: Envelope) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let allow = allow(served);
    let refusal_allow = allow.clone();
    let refuse = async move || with_allow(envelope(Trouble::MethodNotAllowed), refusal_allow);
    let handlers = handlers.fallback(refuse);
    if served.contains(&&Method::OPTIONS) {
        return handlers;
    }
    handlers.options(async move || with_allow(StatusCode::NO_CONTENT.into_response(), allow))
}

fn with_allow(mut response: Response, allow: HeaderValue) -> Response {
    response.headers_mut().insert(ALLOW, allow);
    response
}

fn allow(served: &[&Method]) -> HeaderValue {
    let serves = |method: &Method| served.contains(&method);
    let implied =
        [(Method::HEAD, serves(&Method::GET) && !serves(&Method::HEAD)), (Method::OPTIONS, !serves(&Method::OPTIONS))];
    let implied = implied.iter().filter(|(_, is_implied)| *is_implied).map(|(method, _)| method.as_str());
    let names: Vec<&str> = served.iter().map(|method| method.as_str()).chain(implied).collect();
    HeaderValue::from_str(&names.join(", ")).expect("method names are tokens, which header values can hold")
}

impl<S, G: fmt::Debug> fmt::Debug for RouteTable<S, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteTable").field("routes", &self.routes).finish_non_exhaustive()
    }
}

impl<G: fmt::Debug> fmt::Debug for Built<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Built").field("routes", &self.routes).finish_non_exhaustive()
    }
}
