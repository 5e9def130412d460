//! The dialect the tests speak.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Body;
use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use muster_http::client::ClientAddr;
use muster_http::layers::{Layers, RequestId};
use muster_http::routes::{Built, Guard, RouteTable};
use muster_http::{Trouble, body};
use serde::{Deserialize, Serialize};
use tower::ServiceExt as _;
use utoipa::ToSchema;
use utoipa_axum::routes;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum May {
    Anyone,
    Holder(&'static str),
}

/// Who called, as the guard found out.
#[derive(Clone)]
struct Caller(String);

impl Guard<Toy> for May {
    async fn pass(&self, toy: &Toy, mut request: Request, next: Next) -> Response {
        toy.guarded.fetch_add(1, Ordering::Relaxed);
        let Self::Holder(wanted) = self else { return next.run(request).await };
        let key = request.headers().get("x-key").and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
        if key != *wanted {
            return refusal(StatusCode::FORBIDDEN, "key");
        }
        request.extensions_mut().insert(Caller(key));
        next.run(request).await
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Toy {
    /// How often a guard was asked.
    pub(crate) guarded: Arc<AtomicU32>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Note {
    text: String,
    tags: Option<serde_json::Value>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Refused {
    refused: String,
}

fn refusal(status: StatusCode, word: &str) -> Response {
    (status, Json(Refused { refused: word.to_owned() })).into_response()
}

pub(crate) fn envelope(trouble: Trouble) -> Response {
    match trouble {
        Trouble::MethodNotAllowed => refusal(StatusCode::METHOD_NOT_ALLOWED, "method"),
        Trouble::Panicked => refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        Trouble::TimedOut => refusal(StatusCode::SERVICE_UNAVAILABLE, "slow"),
        Trouble::HostNotAllowed => refusal(StatusCode::BAD_REQUEST, "host"),
        Trouble::Malformed => refusal(StatusCode::BAD_REQUEST, "malformed"),
    }
}

#[utoipa::path(get, path = "/notes", responses((status = 200, body = Vec<Note>)))]
async fn list(Extension(caller): Extension<Caller>) -> Json<Vec<Note>> {
    Json(vec![Note { text: caller.0, tags: None }])
}

#[utoipa::path(post, path = "/notes", responses((status = 200, body = Note)))]
async fn create(request: Request) -> Response {
    let kind = body::content_type(request.headers()).map(str::to_owned);
    match body::read_body(request).await {
        Ok(bytes) => match body::decode::<Note>(kind.as_deref(), &bytes) {
            Ok(note) => Json(note).into_response(),
            Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
        },
        Err(_) => refusal(StatusCode::PAYLOAD_TOO_LARGE, "body"),
    }
}

#[utoipa::path(get, path = "/notes/{id}", responses((status = 200, description = "The id.", body = String)))]
async fn show(Path(id): Path<String>) -> String {
    id
}

#[utoipa::path(delete, path = "/notes/{id}", responses((status = 204)))]
async fn delete() -> StatusCode {
    StatusCode::NO_CONTENT
}

#[utoipa::path(get, path = "/whoami", responses((status = 200, body = String)))]
async fn whoami(ClientAddr(address): ClientAddr, Extension(RequestId(id)): Extension<RequestId>) -> String {
    format!("{address} {id}")
}

#[utoipa::path(options, path = "/preflight", responses((status = 200)))]
async fn preflight() -> &'static str {
    "own answer"
}

#[utoipa::path(get, path = "/panic", responses((status = 200)))]
async fn panics() {
    panic!("this text is not for clients");
}

#[utoipa::path(get, path = "/hang", responses((status = 200)))]
async fn hangs() {
    std::future::pending::<()>().await;
}

async fn page() -> Response {
    ([(header::CACHE_CONTROL, "max-age=60")], "page").into_response()
}

async fn not_found(State(toy): State<Toy>, headers: HeaderMap) -> Response {
    let guarded = toy.guarded.load(Ordering::Relaxed);
    refusal(StatusCode::NOT_FOUND, &format!("path after {guarded} guards, accept {:?}", headers.get(header::ACCEPT)))
}

pub(crate) fn build(toy: Toy) -> Built<May> {
    RouteTable::new(toy)
        .add(May::Holder("red"), routes!(list))
        .add(May::Holder("blue"), routes!(create))
        .add(May::Anyone, routes!(show, delete))
        .add(May::Anyone, routes!(whoami))
        .add(May::Anyone, routes!(preflight))
        .add(May::Anyone, routes!(panics))
        .add(May::Anyone, routes!(hangs))
        .add_undocumented(May::Anyone, &[Method::GET], "/", axum::routing::get(page))
        .build(not_found, envelope)
}

/// The toy's router in the layers every listener has, with request ids `r1`, `r2` ….
pub(crate) fn served() -> Router {
    let layers = layers();
    layers.around("toy", envelope, build(Toy::default()).router)
}

pub(crate) fn layers() -> Layers {
    let next = AtomicU32::new(1);
    Layers::new(Arc::new(move || format!("r{}", next.fetch_add(1, Ordering::Relaxed))))
}

/// An answer with its body read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) async fn send(router: &Router, method: Method, uri: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut request = Request::builder().method(method).uri(uri);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "localhost");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Reply { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8(bytes.to_vec()).unwrap() }
}

pub(crate) async fn get(router: &Router, uri: &str) -> Reply {
    send(router, Method::GET, uri, &[], "").await
}
