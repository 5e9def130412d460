use std::sync::atomic::Ordering;

use axum::http::Method;
use muster_http::routes::RouteTable;
use utoipa_axum::routes;

use crate::toy::{self, May, Toy, get, send};

#[tokio::test]
async fn a_guard_runs_before_the_handlers_extractors_and_feeds_them() {
    let router = toy::served();
    let refused = get(&router, "/notes").await;
    assert_eq!((refused.status, &*refused.body), (403, r#"{"refused":"key"}"#));
    let reply = send(&router, Method::GET, "/notes", &[("x-key", "red")], "").await;
    assert_eq!((reply.status, &*reply.body), (200, r#"[{"text":"red","tags":null}]"#));
}

#[tokio::test]
async fn methods_on_one_path_have_their_own_guards() {
    let router = toy::served();
    let headers = [("x-key", "red"), ("content-type", "application/json")];
    let refused = send(&router, Method::POST, "/notes", &headers, r#"{"text":"x"}"#).await;
    assert_eq!(refused.status, 403);
    let headers = [("x-key", "blue"), ("content-type", "application/json")];
    let reply = send(&router, Method::POST, "/notes", &headers, r#"{"text":"x"}"#).await;
    assert_eq!((reply.status, &*reply.body), (200, r#"{"text":"x","tags":null}"#));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_before_any_guard() {
    let toy = Toy::default();
    let router = toy::build(toy.clone()).router;
    let reply = send(&router, Method::GET, "/nothing", &[("accept", "text/html")], "").await;
    assert_eq!((reply.status, &*reply.body), (404, r#"{"refused":"path after 0 guards, accept Some(\"text/html\")"}"#));
    for (method, path, allow) in [
        (Method::PUT, "/notes", "GET, POST, HEAD, OPTIONS"),
        (Method::POST, "/notes/7", "GET, DELETE, HEAD, OPTIONS"),
        (Method::GET, "/preflight", "OPTIONS"),
        (Method::CONNECT, "/whoami", "GET, HEAD, OPTIONS"),
    ] {
        let reply = send(&router, method.clone(), path, &[], "").await;
        assert_eq!((reply.status, reply.header("allow")), (405, allow), "{method} {path}");
        assert_eq!(reply.body, r#"{"refused":"method"}"#);
    }
    assert_eq!(toy.guarded.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn options_tells_the_methods_and_nothing_about_other_sites() {
    let toy = Toy::default();
    let router = toy::build(toy.clone()).router;
    let headers = [("origin", "https://other.example.com"), ("access-control-request-method", "POST")];
    let reply = send(&router, Method::OPTIONS, "/notes", &headers, "").await;
    assert_eq!((reply.status, reply.header("allow"), &*reply.body), (204, "GET, POST, HEAD, OPTIONS", ""));
    assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
    assert_eq!(toy.guarded.load(Ordering::Relaxed), 0);
    assert_eq!(send(&router, Method::OPTIONS, "/preflight", &[], "").await.body, "own answer");
    assert_eq!(send(&router, Method::OPTIONS, "/nothing", &[], "").await.status, 404);
}

#[tokio::test]
async fn head_is_served_where_get_is() {
    let reply = send(&toy::served(), Method::HEAD, "/notes/7", &[], "").await;
    assert_eq!((reply.status, &*reply.body), (200, ""));
}

#[test]
fn the_table_lists_every_route_with_its_guard() {
    let built = toy::build(Toy::default());
    let lines: Vec<String> =
        built.routes.iter().map(|r| format!("{} {} {:?} {}", r.method, r.path, r.guard, r.documented)).collect();
    assert_eq!(
        lines,
        [
            "GET /notes Holder(\"red\") true",
            "POST /notes Holder(\"blue\") true",
            "GET /notes/{id} Anyone true",
            "DELETE /notes/{id} Anyone true",
            "GET /whoami Anyone true",
            "OPTIONS /preflight Anyone true",
            "GET /panic Anyone true",
            "GET /hang Anyone true",
            "GET / Anyone false",
        ]
    );
}

#[utoipa::path(get, path = "/twice", responses((status = 200)))]
async fn once() {}

#[utoipa::path(get, path = "/twice", responses((status = 200)))]
async fn again() {}

#[test]
#[should_panic(expected = "GET /twice is served twice")]
fn a_route_is_served_once() {
    let _ = RouteTable::new(Toy::default()).add(May::Anyone, routes!(once)).add(May::Anyone, routes!(again));
}
