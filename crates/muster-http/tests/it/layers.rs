use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Method;
use muster_http::client::TrustedProxies;
use muster_http::layers::{BodyLimit, Layers};
use muster_http::origin::AllowedHosts;

use crate::toy::{self, Toy, get, send};

fn around(layers: &Layers) -> Router {
    layers.around("toy", toy::envelope, toy::build(Toy::default()).router)
}

#[tokio::test]
async fn every_answer_carries_the_common_headers() {
    let router = toy::served();
    let headers = [("x-request-id", "mine")];
    let first = send(&router, Method::GET, "/notes/7", &headers, "").await;
    assert_eq!(first.header("x-request-id"), "r1");
    assert_eq!(first.header("cache-control"), "no-store");
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    assert_eq!(first.header("referrer-policy"), "same-origin");
    let page = get(&router, "/").await;
    assert_eq!((page.header("x-request-id"), page.header("cache-control")), ("r2", "max-age=60"));
    assert_eq!(get(&router, "/nothing").await.header("x-request-id"), "r3");
}

#[tokio::test]
async fn paths_are_routed_in_their_one_form() {
    let router = toy::served();
    for path in ["//notes//7/", "/notes/7", "/%6Eotes/%37"] {
        assert_eq!(get(&router, path).await.body, "7", "{path}");
    }
    assert_eq!(get(&router, "/notes/a%2Fb").await.body, "a/b");
}

#[tokio::test]
async fn a_foreign_host_is_refused_in_the_dialects_words() {
    let mut layers = toy::layers();
    layers.hosts = Arc::new(AllowedHosts::loopback().public_url("https://desk.example.org").unwrap());
    let router = around(&layers);
    let reply = send(&router, Method::GET, "/notes/7", &[("host", "evil.example.com")], "").await;
    assert_eq!((reply.status, &*reply.body), (400, r#"{"refused":"host"}"#));
    assert_eq!(reply.header("x-request-id"), "r1");
    assert_eq!(send(&router, Method::GET, "/notes/7", &[("host", "desk.example.org")], "").await.status, 200);
}

#[tokio::test]
async fn an_encoded_nul_is_malformed() {
    let router = toy::served();
    for path in ["/notes/a%00", "/notes/7?q=%00"] {
        let reply = get(&router, path).await;
        assert_eq!((reply.status, &*reply.body), (400, r#"{"refused":"malformed"}"#), "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_that_says_nothing() {
    let router = toy::served();
    let reply = get(&router, "/panic").await;
    assert_eq!((reply.status, &*reply.body), (500, r#"{"refused":"internal"}"#));
    assert_eq!(get(&router, "/notes/7").await.status, 200);
}

#[tokio::test]
async fn a_handler_that_hangs_is_cut() {
    let mut layers = toy::layers();
    layers.timeout = Duration::from_millis(20);
    let reply = get(&around(&layers), "/hang").await;
    assert_eq!((reply.status, &*reply.body), (503, r#"{"refused":"slow"}"#));
}

#[tokio::test]
async fn a_large_body_is_refused_in_the_dialects_words() {
    let mut layers = toy::layers();
    layers.body_limit = BodyLimit(20);
    let headers = [("x-key", "blue"), ("content-type", "application/json")];
    let router = around(&layers);
    assert_eq!(send(&router, Method::POST, "/notes", &headers, r#"{"text":"x"}"#).await.status, 200);
    let reply = send(&router, Method::POST, "/notes", &headers, r#"{"text":"0123456789"}"#).await;
    assert_eq!((reply.status, &*reply.body), (413, r#"{"refused":"body"}"#));
}

#[tokio::test]
async fn handlers_see_the_clients_address() {
    let mut layers = toy::layers();
    layers.proxies = Arc::new(TrustedProxies::parse(["10.0.0.0/8"]).unwrap());
    let peer: SocketAddr = "10.0.0.1:9".parse().unwrap();
    let router = around(&layers).layer(axum::Extension(ConnectInfo(peer)));
    let headers = [("x-forwarded-for", "6.6.6.6, 203.0.113.5")];
    assert_eq!(send(&router, Method::GET, "/whoami", &headers, "").await.body, "203.0.113.5 r1");
    assert_eq!(send(&toy::served(), Method::GET, "/whoami", &headers, "").await.body, "0.0.0.0 r1");
}
