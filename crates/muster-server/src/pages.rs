//! The program's own pages: the APIs' documentation, and a made-up shop to try a chat on.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use muster_http::Trouble;
use muster_http::layers::Layers;
use muster_http::query::Query;
use muster_http::routes::{Guard, RouteTable};
use utoipa::openapi::OpenApi;
use utoipa::openapi::server::Server;
use uuid::Uuid;

use crate::dialect::Dialect;

/// The shop of a demo, which opens once there is an inbox for its chat.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shop(Arc<OnceLock<String>>);

impl Shop {
    /// Opens the page, for the inbox of this UUID.
    pub(crate) fn open(&self, inbox: &str) {
        self.0.get_or_init(|| inbox.to_owned());
    }
}

/// What the pages are about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pages {
    documents: Arc<Vec<Document>>,
    shop: Option<Shop>,
}

/// The OpenAPI document of an API that this desk serves.
#[derive(Debug)]
pub(crate) struct Document {
    dialect: Dialect,
    json: muster_ui::Document,
}

impl Document {
    /// The document of a dialect that lies below `prefix`.
    pub(crate) fn new(dialect: Dialect, mut openapi: OpenApi, prefix: &str) -> Self {
        if !prefix.is_empty() {
            openapi.servers = Some(vec![Server::new(prefix)]);
        }
        let json = openapi.to_json().expect("a document of strings and numbers is JSON");
        Self { dialect, json: muster_ui::Document::new(json) }
    }
}

impl Pages {
    pub(crate) fn new(documents: Vec<Document>, shop: Option<Shop>) -> Self {
        Self { documents: Arc::new(documents), shop }
    }

    /// Whether one of the pages lies at an address. The shop of a desk that is no demo opens for the inbox that is named,
    /// where there is a widget.
    pub(crate) fn has(&self, uri: &Uri) -> bool {
        let path = uri.path();
        let is_below =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let has_widget = || self.documents.iter().any(|it| it.dialect == Dialect::Libredesk);
        let is_shop = self.shop.is_some() || (has_widget() && (path != "/demo" || inbox_named(uri).is_some()));
        (is_below("/docs") && !self.documents.is_empty()) || (is_below("/demo") && is_shop)
    }

    pub(crate) fn router(self, layers: &Layers) -> Router {
        let mut table = RouteTable::new(self);
        for (path, handler) in [
            ("/docs", get(docs)),
            ("/docs/{name}", get(docs_file)),
            ("/demo", get(shop)),
            ("/demo/{name}", get(shop_file)),
        ] {
            table = table.add_undocumented(Open, &[Method::GET], path, handler);
        }
        layers.around("pages", refusal, table.build(nothing, refusal).router)
    }
}

/// Everybody may read the pages.
#[derive(Debug, Clone)]
struct Open;

impl Guard<Pages> for Open {
    async fn pass(&self, _: &Pages, request: Request, next: Next) -> Response {
        next.run(request).await
    }
}

async fn docs(State(pages): State<Pages>, headers: HeaderMap) -> Response {
    let apis: Vec<_> = pages.documents.iter().map(|it| (it.dialect.word(), it.dialect.title())).collect();
    found(muster_ui::docs("", &apis, &headers))
}

async fn docs_file(State(pages): State<Pages>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let document = name.strip_suffix(".json");
    match pages.documents.iter().find(|it| Some(it.dialect.word()) == document) {
        Some(document) => document.json.answer(&headers),
        None => found(muster_ui::docs(&name, &[], &headers)),
    }
}

async fn shop(State(pages): State<Pages>, uri: Uri) -> Response {
    let inbox = inbox_named(&uri).map(|inbox| inbox.to_string()).or_else(|| pages.shop?.0.get().cloned());
    found(inbox.map(|inbox| muster_ui::shop(&inbox)))
}

async fn shop_file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    found(muster_ui::shop_file(&name, &headers))
}

/// The inbox that an address names as the widget's page does. Whether there is one the widget finds out.
fn inbox_named(uri: &Uri) -> Option<Uuid> {
    Query::of(uri).get("inbox_id")?.parse().ok()
}

fn found(page: Option<Response>) -> Response {
    page.unwrap_or_else(|| (StatusCode::NOT_FOUND, "There is no such page.\n").into_response())
}

async fn nothing() -> Response {
    found(None)
}

fn refusal(trouble: Trouble) -> Response {
    let (status, text) = match trouble {
        Trouble::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "This page can only be read.\n"),
        Trouble::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.\n"),
        Trouble::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "The desk is busy. Try again.\n"),
        Trouble::HostNotAllowed => (StatusCode::BAD_REQUEST, "This desk does not answer to that host.\n"),
        Trouble::Malformed => (StatusCode::BAD_REQUEST, "This address is malformed.\n"),
    };
    (status, text).into_response()
}
